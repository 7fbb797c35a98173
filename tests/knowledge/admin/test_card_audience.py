"""Choosing the teams a card is for: by their names, losing none, published or as a draft."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Team
from accounts.roles import MANAGER, TRAINER
from knowledge.models import Card, Revision
from tests import factories
from tests.knowledge.admin.conftest import address, fresh, signed_in
from tests.knowledge.admin.page import form_data


@pytest.fixture(autouse=True)
def teams(db: None) -> None:
    for code, name in (("s2", "二店"), ("s1", "一店"), ("s3", "三店")):
        Team.objects.create(code=code, name=name)


def test_ticked_teams_are_a_version_of_the_text(as_trainer: Client, card: Card, opened: Any) -> None:
    response = as_trainer.post(address(card), opened(card) | {"audience": ["s2", "s1"]})
    assert response.status_code == 302
    assert (fresh(card).audience, fresh(card).version) == (["s1", "s2"], 2)
    assert Revision.objects.get(object_id=card.pk, number=2).document["audience"] == ["s1", "s2"]
    assert not Card.objects.visible_to(factories.person("agent")).exists()


def test_an_untouched_form_keeps_what_it_was_given(as_trainer: Client, card: Card, opened: Any) -> None:
    """A team that has gone since is ticked under its code: whoever saves the card for another reason keeps it shut."""
    as_trainer.post(address(card), opened(card) | {"audience": ["s1", "s3"]})
    Team.objects.filter(code="s3").delete()
    page = as_trainer.get(address(card)).content.decode()
    assert "s3 (deleted)" in page
    assert as_trainer.post(address(card), opened(card)).status_code == 302
    assert (fresh(card).audience, fresh(card).version) == (["s1", "s3"], 2)


def test_no_tick_is_everybody(as_trainer: Client, card: Card, opened: Any) -> None:
    as_trainer.post(address(card), opened(card) | {"audience": ["s1"]})
    as_trainer.post(address(card), opened(card) | {"audience": []})
    assert (fresh(card).audience, fresh(card).version) == ([], 3)


def test_a_team_nobody_knows_is_refused(as_trainer: Client, card: Card, opened: Any) -> None:
    response = as_trainer.post(address(card), opened(card) | {"audience": ["nowhere"]})
    assert (response.status_code, fresh(card).version) == (200, 1)


def test_a_draft_opens_nothing_until_it_is_published(card: Card) -> None:
    """Who may not publish alone narrows the audience in a draft: readers keep what they had until it is approved."""
    writer = signed_in(factories.person(TRAINER, publishes=False, locale="en"))
    data = form_data(writer.get(address(card)), "card_form")
    assert writer.post(address(card), data | {"audience": ["s1"], "_draft": "1"}).status_code == 302
    agent = factories.person("agent")
    assert (fresh(card).audience, Card.objects.visible_to(agent).count()) == ([], 1)
    draft = Revision.objects.open().get(object_id=card.pk)
    assert draft.document["audience"] == ["s1"]


def test_whoever_looks_reads_the_names(as_trainer: Client, card: Card, opened: Any) -> None:
    as_trainer.post(address(card), opened(card) | {"audience": ["s1"]})
    leader = factories.person(MANAGER, locale="en")
    Team.objects.get(code="s1").leaders.add(leader)
    page = signed_in(leader).get(address(card)).content.decode()
    assert ("一店" in page, "二店" in page) == (True, False)
