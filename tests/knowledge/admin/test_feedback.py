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

from accounts.models import AuditEntry
from knowledge.models import Card, Feedback
from knowledge.services import feedback
from tests import factories
from tests.knowledge.admin.conftest import signed_in
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


def test_only_state_and_answer_can_be_changed(as_trainer: Client, trainer: Any, remarks: list[Feedback]) -> None:
    """What somebody wrote is not put into other words; who settled it and when is kept."""
    address = f"{QUEUE}{remarks[1].pk}/change/"
    data = form_data(as_trainer.get(address), "feedback_form")
    assert {name for name in data if name != "csrfmiddlewaretoken"} == {"state", "answer", "base"}
    as_trainer.post(address, data | {"state": "done", "answer": "改好了 ", "text": "改写"})
    remarks[1].refresh_from_db()
    assert (remarks[1].state, remarks[1].answer, remarks[1].text) == ("done", "改好了", "第1条")
    assert remarks[1].closed_by == trainer
    assert timezone.now() - remarks[1].closed_at < timedelta(minutes=1)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.kind, entry.slug) == (trainer, "changed", "feedback", "freight")
    assert entry.detail == f"{remarks[1].pk} Done"


def test_opened_again_it_is_settled_by_nobody(as_trainer: Client, remarks: list[Feedback]) -> None:
    address = f"{QUEUE}{remarks[1].pk}/change/"
    for state in ("declined", "open"):
        as_trainer.post(address, form_data(as_trainer.get(address), "feedback_form") | {"state": state})
    remarks[1].refresh_from_db()
    assert (remarks[1].state, remarks[1].closed_by, remarks[1].closed_at) == ("open", None, None)


def test_the_second_to_settle_is_told(as_trainer: Client, by_role: dict[str, Client], remarks: list[Feedback]) -> None:
    """Two trainers on one remark: nothing is overwritten without a word, and what was typed is still there."""
    address = f"{QUEUE}{remarks[1].pk}/change/"
    data = form_data(as_trainer.get(address), "feedback_form")
    by_role["trainer"].post(address, data | {"state": "done", "answer": "甲"})
    response = as_trainer.post(address, data | {"state": "declined", "answer": "乙"})
    assert response.status_code == 200
    told = response.context["adminform"].form.non_field_errors()
    assert list(told) == ["Wang has settled this meanwhile. Nothing was saved and your answer is still below."]
    assert "乙" in response.content.decode()
    remarks[1].refresh_from_db()
    assert (remarks[1].state, remarks[1].answer) == ("done", "甲")


def test_an_owner_sees_their_own_queue_first(as_trainer: Client, trainer: Any, card: Card) -> None:
    """Theirs and nobody's; whoever owns no card sees all."""
    li = factories.person("trainer")
    left = factories.person("trainer", is_active=False)
    cards = {"mine": trainer, "lis": li, "nobodys": None, "leavers": left}
    for slug, owner in cards.items():
        made = factories.card(slug)
        Card.objects.filter(pk=made.pk).update(owner=owner)
        Feedback.objects.create(card=made, line=made.say[0], kind="error", text=slug)
    found = {query: {one.text for one in as_trainer.get(f"{QUEUE}?{query}").context["cl"].result_list} for query in (
        "", "whose=mine", "whose=all", "whose=nonsense")}  # fmt: skip
    mine = {"mine", "nobodys", "leavers"}
    assert found == {"": mine, "whose=mine": mine, "whose=all": set(cards), "whose=nonsense": set(cards)}
    newcomer = signed_in(factories.person("trainer"))
    assert set(listed(newcomer)) == set(cards)


def test_the_list_leads_to_the_marked_line(as_trainer: Client, card: Card, remarks: list[Feedback]) -> None:
    code = card.say[1].code
    assert as_trainer.get(QUEUE).content.decode().count(f'href="/phrases/freight/?line={code}#{code}"') == 4
    page = as_trainer.get(f"/phrases/freight/?line={code}").content.decode()
    assert page.count('class="target"') == 1


def test_the_author_reads_what_became_of_it(as_agent: Client, card: Card, remarks: list[Feedback]) -> None:
    """A small, kind line on their own page, in the answerer's words; nobody else's remarks."""
    li = factories.person("trainer", display_name="Li")
    feedback.settle([remarks[1]], "declined", by=li, now=timezone.now(), answer="先这样，下周再看。")
    Feedback.objects.create(card=card, kind="error", text="别人的", author=li)
    html = as_agent.get("/me/").content.decode()
    assert html.count("Li：先这样，下周再看。") + html.count("Li: 先这样，下周再看。") == 1
    assert ("第3条" in html, "别人的" in html) == (True, False)


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
