"""The queue of approvals: what stands first, what an approver reads, and what each button does or refuses."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from accounts.roles import MANAGER, TRAINER
from knowledge.admin.changes import changes
from knowledge.enums import Status
from knowledge.models import Card, Revision
from knowledge.services import cards, workflow
from tests import factories
from tests.knowledge.admin.conftest import fresh, signed_in

QUEUE = "/admin/knowledge/revision/"


@pytest.fixture
def writer(db: None) -> Any:
    return factories.person(TRAINER, publishes=False, locale="en", display_name="Li")


@pytest.fixture
def approver(db: None) -> Any:
    return factories.person(TRAINER, publishes=False, locale="en", display_name="Zhao")


@pytest.fixture
def as_approver(approver: Any) -> Client:
    return signed_in(approver)


@pytest.fixture
def waiting(card: Card, writer: Any) -> Revision:
    document = fresh(card).to_document() | {"title": "邮费多少"}
    return workflow.save_draft(card, document, author=writer, reason="说得更准", send=True)


def page(client: Client, revision: Revision) -> Any:
    return client.get(f"{QUEUE}{revision.pk}/change/")


def acts(client: Client, revision: Revision) -> list[str]:
    return re.findall(r'name="act" value="([a-z_]+)"', page(client, revision).content.decode())


def decide(client: Client, revision: Revision, act: str, **data: Any) -> Any:
    """Press a button of the page as it is now."""
    seen = {"seen": workflow.seen_mark(Revision.objects.get(pk=revision.pk))}
    return client.post(f"{QUEUE}{revision.pk}/decide/", {**seen, "act": act, **data}, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def wrong(response: Any) -> dict[str, list[str]]:
    return {name: [str(one) for one in told] for name, told in response.context["form"].errors.items()}


def test_what_waits_stands_first(as_approver: Client, approver: Any, writer: Any) -> None:
    """Then what has its hour, what went back, and drafts; published versions are a filter away."""
    made = [factories.card(f"c{at}") for at in range(4)]
    drafts = [
        workflow.save_draft(one, one.to_document() | {"title": f"题{at}"}, author=writer, send=at != 0)
        for at, one in enumerate(made)
    ]
    workflow.give_back(drafts[1], by=approver, comment="再改")
    workflow.approve(drafts[2], by=approver, publish_at=timezone.now() + timedelta(hours=1))
    rows = as_approver.get(QUEUE).context["cl"].result_list
    assert [(row.state, row.shown_title) for row in rows] == [
        ("waiting", "题3"),
        ("approved", "题2"),
        ("returned", "题1"),
        ("draft", "题0"),
    ]
    filtered = as_approver.get(f"{QUEUE}?state=returned").context["cl"].result_list
    assert [row.shown_title for row in filtered] == ["题1"]
    assert as_approver.get(f"{QUEUE}?state=published").context["cl"].result_count == 4
    assert as_approver.get(f"{QUEUE}?state=nonsense&kind=card").context["cl"].result_count == 4


def test_queries_do_not_grow_with_rows(as_approver: Client, writer: Any) -> None:
    def waiting(slug: str) -> None:
        one = factories.card(slug)
        workflow.save_draft(one, one.to_document() | {"title": "新"}, author=writer, send=True)

    waiting("one")
    as_approver.get(QUEUE)
    with CaptureQueriesContext(connection) as at_one:
        as_approver.get(QUEUE)
    waiting("two")
    waiting("three")
    with CaptureQueriesContext(connection) as at_three:
        as_approver.get(QUEUE)
    assert len(at_three) == len(at_one)


def test_buttons_by_person_and_state(
    as_approver: Client, approver: Any, writer: Any, as_trainer: Client, by_role: dict[str, Client], waiting: Revision
) -> None:
    """Nobody approves their own; a manager reads; what is live has no button."""
    every = ["approve", "return", "discard", "schedule"]
    assert acts(as_approver, waiting) == every
    assert acts(as_trainer, waiting) == every
    assert acts(signed_in(writer), waiting) == ["discard"]
    assert acts(by_role[MANAGER], waiting) == []
    workflow.give_back(waiting, by=approver, comment="再改")
    assert acts(signed_in(writer), waiting) == ["send", "discard"]
    assert acts(as_approver, Revision.objects.published().get()) == []


def test_forged_buttons(writer: Any, by_role: dict[str, Client], waiting: Revision) -> None:
    """A hidden button is no lock."""
    for client in (signed_in(writer), by_role[MANAGER]):
        for act in ("approve", "schedule", "return", "take_back", "nonsense", ""):
            assert decide(client, waiting, act, comment="x").status_code == 403, act
    assert Revision.objects.open().get().state == "waiting"


def test_approve(as_approver: Client, approver: Any, waiting: Revision, card: Card) -> None:
    response = decide(as_approver, waiting, "approve", comment="很好")
    assert said(response) == ["“邮费多少” is published: readers see this text now."]
    assert (fresh(card).title, fresh(card).version) == ("邮费多少", 2)
    live = Revision.objects.get(number=2)
    assert (live.state, live.decided_by, live.comment, live.reason) == ("published", approver, "很好", "说得更准")


def test_return_needs_a_comment(as_approver: Client, waiting: Revision) -> None:
    told = wrong(decide(as_approver, waiting, "return", comment=" "))
    assert told == {"__all__": ["Say what should be different, so that the author can go on."]}
    assert said(decide(as_approver, waiting, "return", comment="再软一点")) == [
        "“邮费多少” is back with its author, and your comment with it."
    ]
    assert "再软一点" in page(as_approver, waiting).content.decode()


def test_schedule_in_local_time(as_approver: Client, waiting: Revision) -> None:
    """What is typed is the clock on the wall in Shanghai."""
    assert wrong(decide(as_approver, waiting, "schedule")) == {"publish_at": ["Name the day and the hour."]}
    late = decide(as_approver, waiting, "schedule", publish_at="2020-01-01T09:00")
    assert wrong(late) == {"publish_at": ["This moment has passed. Choose a later one, or publish now."]}
    for odd in ("tomorrow", "0001-01-01T00:00", "99999-01-01T00:00", "2030-02-30T09:00"):
        assert list(wrong(decide(as_approver, waiting, "schedule", publish_at=odd))) == ["publish_at"], odd
    decide(as_approver, waiting, "schedule", publish_at="2099-11-11T00:30")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.publish_at.isoformat()) == ("approved", "2099-11-10T16:30:00+00:00")
    assert "Will be published at 2099-11-11 00:30." in page(as_approver, waiting).content.decode()
    decide(as_approver, waiting, "take_back")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.publish_at) == ("waiting", None)


def test_a_failed_schedule_says_why(as_approver: Client, approver: Any, waiting: Revision, card: Card) -> None:
    hour = timezone.now() + timedelta(hours=1)
    workflow.approve(waiting, by=approver, publish_at=hour)
    cards.publish_document(fresh(card).to_document() | {"trigger": "抢先"})
    with override("en"):
        workflow.publish_due(hour)
    for html in (as_approver.get(QUEUE).content.decode(), page(as_approver, waiting).content.decode()):
        assert "The published text has changed since this draft was begun" in html


def test_overtaken(as_approver: Client, waiting: Revision, card: Card) -> None:
    """No button to approve, the way out in its place; a forged one is told the same."""
    cards.publish_document(fresh(card).to_document() | {"trigger": "抢先"})
    assert acts(as_approver, waiting) == ["return", "discard"]
    assert (
        f'href="/admin/knowledge/card/{card.pk}/change/">open the form' in page(as_approver, waiting).content.decode()
    )
    told = wrong(decide(as_approver, waiting, "approve"))
    assert told == {"__all__": ["The published text has changed since this draft was begun: bring the two together."]}
    assert fresh(card).title == "运费多少"


def test_a_text_nobody_has_read(as_approver: Client, writer: Any, waiting: Revision, card: Card) -> None:
    """The author saved while the approver read: told, and the page shows the newer text."""
    seen = workflow.seen_mark(waiting)
    workflow.save_draft(card, fresh(card).to_document() | {"title": "另一个意思"}, author=writer, send=True)
    response = as_approver.post(f"{QUEUE}{waiting.pk}/decide/", {"act": "approve", "seen": seen})
    assert wrong(response) == {"__all__": ["This draft has changed since you opened the page. Read it once more."]}
    assert "另一个意思" in response.content.decode()
    assert fresh(card).title == "运费多少"


def test_an_approver_who_does_not_say_what_they_read(as_approver: Client, waiting: Revision, card: Card) -> None:
    response = as_approver.post(f"{QUEUE}{waiting.pk}/decide/", {"act": "approve"})
    assert wrong(response) == {
        "__all__": ["This draft has changed since you opened the page. Read it once more."],
    }
    assert fresh(card).title == "运费多少"


def test_what_the_database_refuses_is_told(
    as_approver: Client, waiting: Revision, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two trainers taking the same code at the same moment: the draft stays in the queue."""
    monkeypatch.setattr(cards, "record", lambda *_args, **_values: (_ for _ in ()).throw(IntegrityError("twice")))
    assert wrong(decide(as_approver, waiting, "approve")) == {"__all__": ["Another text has the same code or words."]}
    assert (fresh(card).title, Revision.objects.open().get().state) == ("运费多少", "waiting")


def test_decided_meanwhile(as_approver: Client, approver: Any, waiting: Revision, card: Card) -> None:
    """Two approvers, one button each: the second reads a sentence."""
    seen = {"act": "approve", "seen": workflow.seen_mark(waiting)}
    workflow.approve(waiting, by=approver)
    response = as_approver.post(f"{QUEUE}{waiting.pk}/decide/", seen, follow=True)
    assert said(response) == ["This draft was published or discarded meanwhile."]
    assert fresh(card).version == 2


def test_discard_leads_back_to_the_form(as_approver: Client, waiting: Revision, card: Card) -> None:
    response = decide(as_approver, waiting, "discard", back="form")
    assert response.redirect_chain == [(f"/admin/knowledge/card/{card.pk}/change/", 302)]
    assert said(response) == ["The draft of “邮费多少” is discarded. Readers see what they saw before."]
    assert workflow.open_revision(card) is None


def test_deciding_is_a_post(as_approver: Client, waiting: Revision) -> None:
    assert as_approver.get(f"{QUEUE}{waiting.pk}/decide/").status_code == 405


# What an approver reads


def test_the_difference_in_words(as_approver: Client, waiting: Revision) -> None:
    html = page(as_approver, waiting).content.decode()
    assert "<del>运费多少</del><ins>邮费多少</ins>" in html
    assert "What it changes: from version 1, which readers see" in html


def test_every_part_of_a_card_has_its_word(card: Card) -> None:
    """Codes as words, lines by their codes, what moved and what came or went as such; the rest is folded away."""
    factories.card("near", title="邻近的卡")
    old = fresh(card).to_document()
    new = old | {
        "stage": "after",
        "groups": ["potential", "haggling"],
        "neighbours": ["near"],
        "aliases": ["全新的问法", old["aliases"][1], old["aliases"][0]],
        "do": [old["do"][1], {**old["do"][0], "text": "您好，freight这件事我马上帮您查。"}],
        "dont": [old["dont"][0]],
    }
    with override("en"):
        shown = changes(workflow.kind_of(card), old, new)
    drawn = {
        str(box.label): [
            (part.label, part.state, part.moved, [piece.text for piece in part.pieces]) for part in box.parts
        ]
        for box in shown.changed
    }
    assert list(drawn) == ["stage", "customer groups", "easily confused with", "customers say", "Say", "Don't say"]
    assert drawn["customer groups"] == [("", "added", False, ["Haggling (yellow)"])]
    assert drawn["easily confused with"] == [("", "added", False, ["邻近的卡"])]
    assert [(state, moved) for _label, state, moved, _text in drawn["customers say"]] == [
        ("added", False),
        ("same", True),
    ]
    assert [(label, state, moved) for label, state, moved, _text in drawn["Say"]] == [
        ("fr2", "same", True),
        ("fr1", "changed", False),
    ]
    assert [(label, state) for label, state, _moved, _text in drawn["Don't say"]] == [("fr52", "removed")]
    assert shown.same == ("slug", "title", "course", "competency", "principle")


def test_long_text_is_folded(card: Card) -> None:
    old = fresh(card).to_document() | {"principle": "很长的一段。" * 100 + "结尾。"}
    shown = changes(workflow.kind_of(card), old, old | {"principle": old["principle"] + "又一句。"})
    (kept, added) = shown.changed[0].pieces
    assert (len(kept.fold) > 400, kept.rest.endswith("结尾。"), added.text) == (True, True, "又一句。")
    assert kept.text + kept.fold + kept.rest == old["principle"]


def test_a_new_card_is_read_as_a_whole(as_approver: Client, writer: Any) -> None:
    draft = workflow.begin(Card(slug="new"), factories.document("new", title="新卡"), author=writer, send=True)
    html = page(as_approver, draft).content.decode()
    assert ("A new text" in html, "<ins>新卡</ins>" in html) == (True, True)


def test_markup_in_a_text_is_text(as_approver: Client, writer: Any, card: Card) -> None:
    draft = workflow.save_draft(card, fresh(card).to_document() | {"title": "<script>x</script>"}, author=writer)
    html = page(as_approver, draft).content.decode()
    assert ("<script>x" in html, "&lt;script&gt;x" in html) == (False, True)


# Any two versions


def test_compare(as_approver: Client, waiting: Revision, card: Card) -> None:
    """The older first, whichever way they were chosen; of two objects there is nothing to compare."""
    first = Revision.objects.published().get()
    for a, b in ((first.pk, waiting.pk), (waiting.pk, first.pk)):
        response = as_approver.get(f"{QUEUE}compare/", {"a": a, "b": b})
        assert "<del>运费多少</del><ins>邮费多少</ins>" in response.content.decode()
        assert (response.context["older"], response.context["revision"]) == (first, waiting)
    factories.card("other")
    strange = Revision.objects.get(slug="other").pk
    for a, b in ((first.pk, strange), ("x", first.pk), ("", ""), ("9" * 30, first.pk)):
        assert as_approver.get(f"{QUEUE}compare/", {"a": a, "b": b}).status_code == 404


def test_an_approver_is_told_that_it_is_retired(as_approver: Client, waiting: Revision, card: Card) -> None:
    """Approving brings it back, so nobody does that unawares."""
    told = "It is retired: readers see nothing of it now"
    before = told in page(as_approver, waiting).content.decode()
    cards.set_status([card], Status.RETIRED)
    assert (before, told in page(as_approver, waiting).content.decode()) == (False, True)


def test_a_version_of_what_was_deleted(as_approver: Client, card: Card) -> None:
    """The history stays readable."""
    revision = Revision.objects.get()
    cards.delete([card])
    response = page(as_approver, revision)
    assert (response.status_code, "has been deleted" in response.content.decode()) == (200, True)
