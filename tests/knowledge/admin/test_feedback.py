"""报错 / 建议: the queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Card, Feedback
from tests.knowledge.admin.page import form_data

QUEUE = "/admin/knowledge/feedback/"


@pytest.fixture
def remarks(card: Card, agent: Any) -> list[Feedback]:
    """Done, open, declined, open: in that order of time."""
    states = ("done", "open", "declined", "open")
    now = timezone.now()
    return [
        Feedback.objects.create(
            card=card,
            line=card.say[1],
            kind="error",
            text=f"第{at}条",
            state=state,
            author=agent,
            created_at=now + timedelta(minutes=at),
        )
        for at, state in enumerate(states)
    ]


def listed(client: Client) -> list[str]:
    return [remark.text for remark in client.get(QUEUE).context["cl"].result_list]


def test_open_ones_first(as_trainer: Client, remarks: list[Feedback]) -> None:
    """What nobody has settled must not sink under what somebody has."""
    assert listed(as_trainer) == ["第3条", "第1条", "第2条", "第0条"]


def test_page_shows_the_line_and_leads_to_it(as_trainer: Client, card: Card, remarks: list[Feedback]) -> None:
    page = as_trainer.get(f"{QUEUE}{remarks[1].pk}/change/").content.decode()
    assert page.count(f"<mark>{card.say[1].text}</mark>") == 1
    assert page.count(f'href="/admin/knowledge/card/{card.pk}/change/#do-1"') == 1
    form = as_trainer.get(f"/admin/knowledge/card/{card.pk}/change/").content.decode()
    row = form[form.index('id="do-1"') : form.index('id="do-2"')]
    assert f'value="{card.say[1].code}"' in row


def test_only_the_state_can_be_changed(as_trainer: Client, remarks: list[Feedback]) -> None:
    """What somebody wrote is not put into other words."""
    address = f"{QUEUE}{remarks[1].pk}/change/"
    data = form_data(as_trainer.get(address), "feedback_form")
    assert {name for name in data if name != "csrfmiddlewaretoken"} == {"state"}
    as_trainer.post(address, {"state": "done", "text": "改写"})
    remarks[1].refresh_from_db()
    assert (remarks[1].state, remarks[1].text) == ("done", "第1条")


@pytest.mark.parametrize(("action", "state"), [("close", "done"), ("decline", "declined")])
def test_actions(as_trainer: Client, remarks: list[Feedback], action: str, state: str) -> None:
    chosen = [remarks[1].pk, remarks[3].pk]
    response = as_trainer.post(QUEUE, {"action": action, "_selected_action": chosen}, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["2 remarks settled."]
    assert set(Feedback.objects.filter(pk__in=chosen).values_list("state", flat=True)) == {state}
    assert LogEntry.objects.count() == 2


def test_line_that_is_gone(as_trainer: Client, card: Card, remarks: list[Feedback]) -> None:
    card.say[1].delete()
    response = as_trainer.get(f"{QUEUE}{remarks[1].pk}/change/")
    assert response.content.decode().count("The line was deleted.") == 1
    assert as_trainer.get(QUEUE).status_code == 200


def test_nobody_adds_or_deletes_here(as_trainer: Client, remarks: list[Feedback]) -> None:
    assert as_trainer.get(f"{QUEUE}add/").status_code == 403
    assert as_trainer.post(f"{QUEUE}{remarks[0].pk}/delete/", {"post": "yes"}).status_code == 403
    assert Feedback.objects.count() == 4


def test_queries_do_not_grow_with_rows(as_trainer: Client, remarks: list[Feedback]) -> None:
    """One more remark must not cost a query more."""
    with CaptureQueriesContext(connection) as at_four:
        as_trainer.get(QUEUE)
    Feedback.objects.exclude(pk=remarks[0].pk).delete()
    with CaptureQueriesContext(connection) as at_one:
        as_trainer.get(QUEUE)
    assert len(at_four) == len(at_one)
