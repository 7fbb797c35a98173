"""That what people do leaves a line in the audit log: one row for each deed the log is there for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import AuditEntry
from accounts.services import slips
from knowledge.models import Card, SynonymGroup
from knowledge.services import workflow
from tests import factories
from tests.accounts.conftest import signed_in
from tests.training import making
from training.models import Certificate, Course, Enrolment
from training.services import questions

pytestmark = pytest.mark.django_db


def noted() -> list[tuple[Any, ...]]:
    """Actor, action, kind and slug of each entry, the oldest first."""
    return list(AuditEntry.objects.order_by("pk").values_list("actor", "action", "kind", "slug"))


@pytest.fixture
def page(trainer: Any) -> Client:
    return signed_in(trainer)


def act(client: Client, model: str, action: str, item: Any, **more: Any) -> None:
    client.post(f"/admin/{model}/", {"action": action, "_selected_action": [item.pk], **more})


def test_status_by_the_lists(page: Client, trainer: Any) -> None:
    """Publishing, retiring and deleting from a list touches what every reader sees."""
    card = factories.card("fee")
    course = making.course("intro")
    question = questions.save_document(making.single(), "language") if making.course("language") else None
    act(page, "knowledge/card", "retire", card)
    act(page, "training/course", "retire", course)
    act(page, "training/question", "retire", question)
    act(page, "knowledge/card", "delete_selected", card, post="yes")
    assert noted() == [
        (trainer.pk, "changed", "card", "fee"),
        (trainer.pk, "changed", "course", "intro"),
        (trainer.pk, "changed", "question", "language-01"),
        (trainer.pk, "changed", "card", "fee"),
    ]
    assert (Card.objects.count(), Course.objects.get(code="intro").status) == (0, "retired")


def test_synonyms(page: Client, trainer: Any) -> None:
    page.post("/admin/knowledge/synonymgroup/add/", {"words": "运费 邮费", "note": ""})
    group = SynonymGroup.objects.get()
    page.post(f"/admin/knowledge/synonymgroup/{group.pk}/change/", {"words": "运费 邮费 快递费", "note": ""})
    page.post(f"/admin/knowledge/synonymgroup/{group.pk}/delete/", {"post": "yes"})
    assert noted() == [
        (trainer.pk, "changed", "synonymgroup", "运费 邮费"),
        (trainer.pk, "changed", "synonymgroup", "运费 邮费 快递费"),
        (trainer.pk, "changed", "synonymgroup", "运费 邮费 快递费"),
    ]


def test_the_road_of_a_text(trainer: Any) -> None:
    writer = factories.person("trainer", publishes=False)
    card = factories.card("fee")
    document = card.to_document() | {"title": "别的"}
    draft = workflow.save_draft(card, document, author=writer, send=True)
    workflow.give_back(draft, by=trainer, comment="再想想")
    draft = workflow.save_draft(card, document, author=writer, send=True)
    workflow.approve(draft, by=trainer)
    workflow.restore(Card.objects.get(), 1, by=trainer)
    assert noted() == [
        (writer.pk, "sent", "card", "fee"),
        (trainer.pk, "returned", "card", "fee"),
        (writer.pk, "sent", "card", "fee"),
        (trainer.pk, "published", "card", "fee"),
        (trainer.pk, "restored", "card", "fee"),
    ]


def test_slips(trainer: Any, agent: Any) -> None:
    """Whoever hands out a slip could sign in with it."""
    slips.issue([agent], trainer)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.kind, entry.person) == (trainer, "changed", "slip", agent)


def test_a_revoked_certificate(page: Client, trainer: Any, agent: Any) -> None:
    certificate = Certificate.objects.create(
        user=agent, path=making.path("x"), name="x", title="y", valid_until=date(2099, 1, 1)
    )
    act(page, "training/certificate", "revoke", certificate, confirmed="yes")
    entry = AuditEntry.objects.get(action="changed")
    assert (entry.actor, entry.kind, entry.slug, entry.person) == (trainer, "certificate", certificate.code, agent)


def test_looking_at_others_papers(page: Client, trainer: Any, agent: Any) -> None:
    """Once a day each for the list and for the person, and never for one's own."""
    certificate = Certificate.objects.create(
        user=agent, path=making.path("x"), name="x", title="y", valid_until=date(2099, 1, 1)
    )
    for _again in range(2):
        page.get("/admin/training/certificate/")
        page.get(f"/certificates/{certificate.code}/pdf/")
    signed_in(agent).get(f"/certificates/{certificate.code}/pdf/")
    assert list(AuditEntry.objects.order_by("pk").values_list("actor", "action", "kind", "person")) == [
        (trainer.pk, "viewed", "certificates", None),
        (trainer.pk, "viewed", "results", agent.pk),
    ]


@pytest.mark.parametrize("model", ["attempt", "certificate", "enrolment"])
def test_looking_at_what_somebody_has_earned(page: Client, trainer: Any, agent: Any, model: str) -> None:
    """The list, and the page of one of them, which is about a person."""
    path = making.path("x")
    made: Any = {
        "attempt": lambda: making.result(agent, making.quiz(), "1", "2"),
        "certificate": lambda: Certificate.objects.create(
            user=agent, path=path, name="x", title="y", valid_until=date(2099, 1, 1)
        ),
        "enrolment": lambda: Enrolment.objects.create(user=agent, path=path),
    }[model]()
    for _again in range(2):
        page.get(f"/admin/training/{model}/")
        page.get(f"/admin/training/{model}/{made.pk}/change/")
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "kind", "person")) == [
        ("viewed", f"{model}s", None),
        ("viewed", "results", agent.pk),
    ]


def test_the_commands_are_the_site_itself(tmp_path: Path, starter_content: None, settings: Any) -> None:
    call_command("load_content", settings.CONTENT_DIR)
    call_command("export_content", tmp_path)
    assert noted() == [(None, "exported", "content", "")]  # the same content again is no news
