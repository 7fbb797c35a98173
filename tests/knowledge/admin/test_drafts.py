"""A card's form with a draft: what it shows, where its buttons lead, who is told what."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.roles import MANAGER, TRAINER
from knowledge.models import Card, Line, Revision
from knowledge.services import cards, workflow
from tests import factories
from tests.knowledge.admin.conftest import address, errors, fresh, signed_in
from tests.knowledge.admin.page import form_data

Filled = Callable[..., Any]


@pytest.fixture
def writer(db: None) -> Any:
    return factories.person(TRAINER, publishes=False, locale="en", display_name="Li")


@pytest.fixture
def as_writer(writer: Any) -> Client:
    return signed_in(writer)


def form_of(client: Client, card: Card) -> dict[str, Any]:
    return form_data(client.get(address(card)), "card_form")


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def draft_of(card: Card) -> Revision:
    found = workflow.open_revision(card)
    assert found
    return found


# The buttons


def test_buttons_by_right(as_writer: Client, as_trainer: Client, card: Card) -> None:
    """Without the permission there is no 发布, and a forged one keeps a draft."""
    names = {who: set(re.findall(r'name="(_[a-z]+)"', page(client, card))) for who, client in
             (("writer", as_writer), ("trainer", as_trainer))}  # fmt: skip
    assert names == {"writer": {"_draft", "_send"}, "trainer": {"_draft", "_send", "_save", "_continue"}}
    data = form_of(as_writer, card) | {"title": "偷偷发布", "_save": "x"}
    as_writer.post(address(card), data)
    assert (fresh(card).title, draft_of(card).document["title"]) == ("运费多少", "偷偷发布")


def page(client: Client, card: Card) -> str:
    return str(client.get(address(card)).content.decode())


def test_keep_a_draft_and_write_on(as_writer: Client, writer: Any, card: Card) -> None:
    """The form comes back with the draft; readers' rows have not moved."""
    before = fresh(card).to_document()
    data = form_of(as_writer, card) | {"title": "新题", "do-0-text": "改了。", "reason": "更准", "_draft": "x"}
    response = as_writer.post(address(card), data, follow=True)
    assert response.redirect_chain == [(address(card), 302)]
    assert said(response) == ["“新题” is kept as a draft. Readers do not see it yet."]
    again = form_data(response, "card_form")
    assert (again["title"], again["do-0-text"], again["reason"]) == ("新题", "改了。", "更准")
    assert (fresh(card).to_document(), fresh(card).version) == (before, 1)
    assert (draft_of(card).author, draft_of(card).reason, draft_of(card).state) == (writer, "更准", "draft")


def test_the_banner(as_writer: Client, trainer: Any, card: Card) -> None:
    """Whose draft, its state, the approver's comment, and what readers see."""
    draft = workflow.save_draft(card, fresh(card).to_document() | {"title": "二稿"}, author=trainer, send=True)
    workflow.give_back(draft, by=trainer, comment="再软一点")
    shown = re.sub(r"\s+", " ", page(as_writer, card))
    for words in (
        "Returned",
        "Wang",
        "再软一点",
        "Readers still see version 1.",
        "See what it changes",
        "Discard the draft",
    ):
        assert words in shown, words
    cards.publish_document(fresh(card).to_document() | {"trigger": "先说"}, author=trainer)
    assert "has changed since this draft was begun" in page(as_writer, card)
    assert "Readers still see version 3." in page(as_writer, card)


def test_send_for_approval(as_writer: Client, writer: Any, card: Card) -> None:
    response = as_writer.post(address(card), form_of(as_writer, card) | {"title": "新题", "_send": "x"}, follow=True)
    assert said(response) == ["“新题” waits for approval. Readers see it once somebody else has approved it."]
    assert (draft_of(card).state, fresh(card).title) == ("waiting", "运费多少")
    assert list(AuditEntry.objects.values_list("action", "actor", "slug")) == [("sent", writer.pk, "freight")]


def test_publish(as_trainer: Client, trainer: Any, writer: Any, card: Card) -> None:
    """What a colleague has drafted, published from the form: draft and text become one version."""
    workflow.save_draft(card, fresh(card).to_document() | {"title": "她的草稿"}, author=writer)
    response = as_trainer.post(address(card), form_of(as_trainer, card) | {"_save": "x"}, follow=True)
    assert said(response) == ["“她的草稿” is published: readers see this text now."]
    assert (fresh(card).title, fresh(card).version, workflow.open_revision(card)) == ("她的草稿", 2, None)
    assert list(AuditEntry.objects.values_list("action", "actor")) == [("published", trainer.pk)]


def test_publish_means_readers_see_it(as_trainer: Client, card: Card) -> None:
    """发布 on a card that is a draft, its status left alone, publishes; a status that was chosen is kept."""
    cards.set_status([card], "draft")
    as_trainer.post(address(card), form_of(as_trainer, card) | {"_save": "x"})
    assert fresh(card).status == "published"
    data = form_of(as_trainer, card) | {"status": "retired", "_save": "x"}
    response = as_trainer.post(address(card), data, follow=True)
    assert said(response) == ["“运费多少” is saved. Its status is “Retired”: readers do not see it."]
    assert fresh(card).status == "retired"


@pytest.mark.parametrize("button", ["_draft", "_send"])
def test_status_is_not_part_of_a_draft(as_trainer: Client, card: Card, button: str) -> None:
    """Who has chosen another one is told."""
    data = form_of(as_trainer, card) | {"status": "retired", button: "x"}
    told = said(as_trainer.post(address(card), data, follow=True))
    assert (fresh(card).status, told[1:]) == (
        *("published", ["The status stays as it is: it changes when the text is published."]),
    )


def test_what_is_no_text_is_saved_at_once(as_writer: Client, writer: Any, card: Card) -> None:
    """Owner and verification are no draft of anything; the page says so."""
    data = form_of(as_writer, card) | {"owner": writer.pk, "verify_days": "30", "verified_on": "2026-01-05"}
    response = as_writer.post(address(card), data | {"title": "新题", "_draft": "x"}, follow=True)
    assert said(response) == [
        "“新题” is kept as a draft. Readers do not see it yet.",
        "Changed at once, being no part of the text: Owner、Verified on、Verify every (days).",
    ]
    live = fresh(card)
    assert (live.owner, live.verify_days, live.verified_by, live.title) == (writer, 30, writer, "运费多少")


def test_a_new_card_of_who_may_not_publish(as_writer: Client, writer: Any) -> None:
    data = form_data(as_writer.get("/admin/knowledge/card/add/"), "card_form")
    data |= {"title": "蓝莓压坏了", "slug": "crushed", "stage": "after", "course": "rules", "competency": "rules"}
    data |= {"principle": "先道歉。", "do-0-code": "lm1", "do-0-text": "抱歉。", "do-0-why": "先认。", "_send": "x"}
    assert as_writer.post("/admin/knowledge/card/add/", data).status_code == 302
    card = Card.objects.get(slug="crushed")
    assert (card.status, card.owner, draft_of(card).state) == ("draft", writer, "waiting")


# Rows of a draft


def drafted(client: Client, card: Card, **changes: Any) -> dict[str, Any]:
    """Save the form as a draft with these changes (`do__0__text`); the form as it comes back."""
    changed = {name.replace("__", "-"): value for name, value in changes.items()}
    response = client.post(address(card), form_of(client, card) | changed | {"_draft": "x"}, follow=True)
    assert response.redirect_chain == [(address(card), 302)], errors(response)
    return form_data(response, "card_form")


def test_rows_of_the_draft(as_writer: Client, card: Card) -> None:
    """A line that no reader has seen, one taken out, one moved: all as they were left, with the identity they had."""
    last = int(form_of(as_writer, card)["do-TOTAL_FORMS"]) - 1
    new = {f"do__{last}__{name}": value for name, value in (("code", "fr9"), ("text", "新句。"), ("why", "新。"))}
    form = drafted(as_writer, card, do__0__DELETE="on", do__1__position="5", **new, **{f"do__{last}__position": "1"})
    assert [form[f"do-{at}-code"] for at in range(2)] == ["fr9", "fr2"]
    assert [form[f"do-{at}-id"] for at in range(2)] == ["", str(Line.objects.get(code="fr2").pk)]
    lines = draft_of(card).document["do"]
    drafted(as_writer, card, title="再改一次")
    assert draft_of(card).document["do"] == lines
    assert [line.code for line in fresh(card).say] == ["fr1", "fr2"]
    workflow.approve(workflow.save_draft(card, draft_of(card).document, author=None, send=True), by=fresh_trainer())
    assert next((line.code, str(line.uuid)) for line in fresh(card).say) == ("fr9", lines[0]["id"])


def fresh_trainer() -> Any:
    return factories.person(TRAINER)


def test_an_untouched_draft_stays_as_it_is(as_writer: Client, card: Card) -> None:
    """A form that loses or reorders anything of a draft would show here."""
    last = int(form_of(as_writer, card)["aliases-TOTAL_FORMS"]) - 1
    drafted(
        as_writer, card, groups=["haggling", "potential"], **{f"aliases__{last}__text": "新问法"}, keywords="词甲 词乙"
    )
    before = draft_of(card).document
    drafted(as_writer, card)
    assert draft_of(card).document == before


def test_a_row_of_a_draft_can_be_taken_out_and_emptied(as_writer: Client, card: Card) -> None:
    last = int(form_of(as_writer, card)["aliases-TOTAL_FORMS"]) - 1
    drafted(as_writer, card, **{f"aliases__{last}__text": "新问法"})
    drafted(as_writer, card, **{f"aliases__{last}__DELETE": "on"})
    assert "新问法" not in draft_of(card).document["aliases"]
    drafted(as_writer, card, **{f"aliases__{last}__text": "又一个"})
    drafted(as_writer, card, **{f"aliases__{last}__text": ""})
    assert "又一个" not in draft_of(card).document["aliases"]


# Two editors


def overtaken(mine: Client, theirs: Client, card: Card) -> tuple[dict[str, Any], Any]:
    """I open the form, they save a draft, I save: what I sent, and the answer."""
    data = form_of(mine, card) | {"title": "我的题目", "_draft": "x"}
    theirs.post(address(card), form_of(theirs, card) | {"title": "她的题目", "_draft": "x"})
    return data, mine.post(address(card), data)


def test_the_second_is_told_of_a_draft(as_trainer: Client, as_writer: Client, card: Card) -> None:
    """A draft counts like a published text: nothing is saved, my text stays, and the difference is shown."""
    _data, response = overtaken(as_trainer, as_writer, card)
    (sentence,) = errors(response)
    assert sentence.startswith("Li changed this card at ")
    html = response.content.decode()
    assert 'value="我的题目"' in html
    assert "<del>她的题目</del><ins>我的题目</ins>" in html
    assert draft_of(card).document["title"] == "她的题目"


def test_saved_on_top_knowingly(as_trainer: Client, as_writer: Client, card: Card) -> None:
    """With the tick, on the state the page spoke of; a third change in between is told again."""
    data, response = overtaken(as_trainer, as_writer, card)
    over = response.context["overtaken"].state
    as_writer.post(address(card), form_of(as_writer, card) | {"title": "她又改了", "_draft": "x"})
    (sentence,) = errors(as_trainer.post(address(card), data | {"over": over}))
    assert sentence.startswith("Li changed this card at ")
    response = as_trainer.post(address(card), data)
    assert as_trainer.post(address(card), data | {"over": response.context["overtaken"].state}).status_code == 302
    assert draft_of(card).document["title"] == "我的题目"


def test_told_when_the_draft_was_published(as_trainer: Client, as_writer: Client, trainer: Any, card: Card) -> None:
    """The approver was faster than the author's next save."""
    drafted(as_writer, card, title="一稿")
    data = form_of(as_writer, card) | {"title": "二稿", "_draft": "x"}
    workflow.publish(fresh(card), draft_of(card).document, author=trainer)
    (sentence,) = errors(as_writer.post(address(card), data))
    assert sentence.startswith("Wang changed this card at ")
    assert workflow.open_revision(card) is None


def test_half_a_text_shows_no_difference(as_trainer: Client, as_writer: Client, card: Card) -> None:
    """What is wrong is said first; the page is no crash."""
    data, _response = overtaken(as_trainer, as_writer, card)
    response = as_trainer.post(address(card), data | {"do-0-code": "X", "stage": ""})
    assert response.context["overtaken_changes"] is None


def test_brought_back(as_trainer: Client, card: Card) -> None:
    """What the browser had kept is in the form again, rows and all, and nothing is saved."""
    data = form_of(as_trainer, card) | {"title": "没保存的", "do-2-text": "写到一半", "_back": "1"}
    response = as_trainer.post(address(card), data)
    assert "What you had not saved is back in the form. It is not saved yet." in errors(response)
    again = form_data(response, "card_form")
    assert (again["title"], again["do-2-text"], fresh(card).title) == ("没保存的", "写到一半", "运费多少")


# Who sees what


def test_a_manager_reads_what_is_live(by_role: dict[str, Client], writer: Any, card: Card) -> None:
    workflow.save_draft(card, fresh(card).to_document() | {"title": "二稿"}, author=writer)
    shown = page(by_role[MANAGER], card)
    assert ("运费多少" in shown, "Discard the draft" in shown) == (True, False)
    assert 'value="二稿"' not in shown


@pytest.mark.parametrize("action", ["publish", "retire"])
def test_status_in_the_list_needs_the_right(as_writer: Client, card: Card, action: str) -> None:
    response = as_writer.post("/admin/knowledge/card/", {"action": action, "_selected_action": [card.pk]}, follow=True)
    assert (fresh(card).status, "No action selected" in response.content.decode()) == ("published", True)


def test_what_readers_see_is_not_deleted_without_the_right(as_writer: Client, card: Card) -> None:
    """Neither by its page nor by the list; a draft of one's own may go."""
    draft = factories.card("draft", status="draft")
    chosen = {"action": "delete_selected", "_selected_action": [card.pk], "post": "yes"}
    for one, data in ((f"{card.pk}/delete/", {"post": "yes"}), ("", chosen), (f"{draft.pk}/delete/", {"post": "yes"})):
        as_writer.post(f"/admin/knowledge/card/{one}", data)
    assert list(Card.objects.values_list("slug", flat=True)) == ["freight"]


def test_status_in_the_list_is_written_down(as_trainer: Client, trainer: Any, card: Card) -> None:
    for action in ("retire", "publish"):
        as_trainer.post("/admin/knowledge/card/", {"action": action, "_selected_action": [card.pk]})
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor", "slug")) == [
        ("changed", trainer.pk, "freight"),
        ("published", trainer.pk, "freight"),
    ]


def test_restoring_makes_a_draft_of_it(as_writer: Client, writer: Any, trainer: Any, card: Card) -> None:
    cards.publish_document(fresh(card).to_document() | {"title": "第二版"}, author=trainer)
    response = as_writer.post(f"/admin/knowledge/card/{card.pk}/restore/1/", follow=True)
    assert said(response) == ["Version 1 is a draft now. Look through it, then send it for approval."]
    assert (fresh(card).title, draft_of(card).document["title"], draft_of(card).author) == (
        "第二版",
        "运费多少",
        writer,
    )
    response = as_writer.post(f"/admin/knowledge/card/{card.pk}/restore/1/", follow=True)
    assert said(response) == ["A draft of this is being written. Publish it or discard it first."]


def test_history_tells_the_whole_road(as_trainer: Client, trainer: Any, writer: Any, card: Card) -> None:
    """Live, approved by whom, and what is being written."""
    draft = workflow.save_draft(card, fresh(card).to_document() | {"title": "二"}, author=writer, reason="r", send=True)
    workflow.approve(draft, by=trainer, comment="很好")
    workflow.save_draft(card, fresh(card).to_document() | {"title": "三"}, author=writer, reason="接着写")
    shown = as_trainer.get(f"/admin/knowledge/card/{card.pk}/history/")
    rows = [(row.number, row.state, row.reason, row.decided_by) for row in shown.context["revisions"]]
    assert rows == [(3, "draft", "接着写", None), (2, "published", "r", trainer), (1, "published", "test", None)]
    html = shown.content.decode()
    assert (html.count("Restore version 1"), html.count("Restore version 2"), html.count("很好")) == (1, 0, 1)


def test_verifying_keeps_the_draft(as_trainer: Client, writer: Any, card: Card) -> None:
    """One click that says the live text holds is no opinion about the draft."""
    draft = workflow.save_draft(card, fresh(card).to_document() | {"title": "二稿"}, author=writer)
    as_trainer.post("/admin/knowledge/card/", {"action": "verify", "_selected_action": [card.pk]})
    assert (fresh(card).verified_on, draft_of(card)) == (timezone.localdate(), draft)
