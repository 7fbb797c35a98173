"""Lessons and questions take the same road as cards: draft, approval, history, restore."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry
from accounts.roles import MANAGER, TRAINER
from knowledge.services import workflow
from tests import factories
from tests.knowledge.admin.conftest import signed_in
from tests.training.admin.conftest import address, blank, changed, fresh, opened, said, save
from training.models import Lesson, Question

WORDS = {"lesson": "title", "question": "prompt"}


@pytest.fixture
def writer(db: None) -> Any:
    return factories.person(TRAINER, publishes=False, locale="en", display_name="Li")


@pytest.fixture
def as_writer(writer: Any) -> Client:
    return signed_in(writer)


@pytest.fixture
def items(lesson: Lesson, question: Question) -> dict[str, Any]:
    return {"lesson": lesson, "question": question}


@pytest.fixture(params=WORDS)
def item(request: pytest.FixtureRequest, items: dict[str, Any]) -> Any:
    return items[request.param]


def word(item: Any) -> str:
    return WORDS[item.search_kind]


def test_without_the_right_it_is_a_draft(as_writer: Client, item: Any) -> None:
    """The form comes back with the draft, whichever button was forged; status is only read."""
    before = item.to_document()
    assert "status" not in opened(as_writer, item)
    response = as_writer.post(
        address(item), opened(as_writer, item) | {word(item): "改过的文字。", "_save": "x", "status": "retired"}
    )
    assert response.headers["Location"] == address(item)
    assert (fresh(item).to_document(), fresh(item).status) == (before, "published")
    assert opened(as_writer, item)[word(item)] == "改过的文字。"


def test_an_untouched_draft_stays_as_it_is(as_writer: Client, item: Any) -> None:
    """Rows, options and pairs of a draft survive the form that shows them."""
    save(as_writer, item, **{word(item): "改过的文字。"}, _draft="x")
    before = workflow.open_revision(item).document  # type: ignore[union-attr]
    save(as_writer, item, _draft="x")
    assert workflow.open_revision(item).document == before  # type: ignore[union-attr]


def test_rows_of_a_draft(as_writer: Client, lesson: Lesson) -> None:
    response = save(as_writer, lesson, takeaways__0__text="换了一条", takeaways__1__DELETE="on", _draft="x")
    assert response.status_code == 302
    draft = workflow.open_revision(lesson)
    assert draft
    assert draft.document["takeaways"][0] == "换了一条"
    assert opened(as_writer, lesson)["takeaways-0-text"] == "换了一条"
    assert fresh(lesson).takeaways == lesson.takeaways


def test_sent_and_approved(as_writer: Client, as_trainer: Client, trainer: Any, item: Any) -> None:
    save(as_writer, item, **{word(item): "改过的文字。"}, _send="x")
    draft = workflow.open_revision(item)
    assert draft
    assert draft.state == "waiting"
    page = as_trainer.get(f"/admin/knowledge/revision/{draft.pk}/change/").content.decode()
    assert "<ins>" in page
    data = {"act": "approve", "seen": workflow.seen_mark(draft)}
    as_trainer.post(f"/admin/knowledge/revision/{draft.pk}/decide/", data)
    assert getattr(fresh(item), word(item)) == "改过的文字。"
    assert [one.action for one in AuditEntry.objects.order_by("pk")] == ["sent", "published"]


def test_the_second_is_told(as_writer: Client, as_trainer: Client, item: Any) -> None:
    """A newer draft counts; on top of it knowingly, with the tick."""
    mine = changed(opened(as_trainer, item), {word(item): "我的文字。", "_draft": "x"})
    save(as_writer, item, **{word(item): "她的文字。"}, _draft="x")
    response = as_trainer.post(address(item), mine)
    assert response.status_code == 200
    assert "<del>她的文字</del><ins>我的文字</ins>" in response.content.decode()
    over = response.context["overtaken"].state
    assert as_trainer.post(address(item), mine | {"over": over}).status_code == 302
    assert workflow.open_revision(item).document[word(item)] == "我的文字。"  # type: ignore[union-attr]


def test_a_new_question(as_writer: Client, question: Question) -> None:
    """Nobody is asked it until it is approved."""
    data = blank(as_writer, "question", "?type=fill") | {"course": "language", "competency": "language"}
    data |= {"prompt": "您好，____。", "answers": "在", "feedback": "先应声。", "explanation": "先应声。", "_send": "x"}
    assert as_writer.post("/admin/training/question/add/?type=fill", data).status_code == 302
    made = Question.objects.exclude(pk=question.pk).get()
    draft = workflow.open_revision(made)
    assert draft
    assert (made.status, draft.state) == ("draft", "waiting")


def test_restore(as_trainer: Client, as_writer: Client, item: Any) -> None:
    """One page of versions for every kind, and any of them back."""
    before = item.to_document()
    save(as_trainer, item, **{word(item): "第二版的文字。"})
    history = as_writer.get(address(item, "history")).content.decode()
    restore = address(item, "restore") + "1/"
    assert restore in history
    response = as_writer.post(restore, follow=True)
    assert said(response) == ["Version 1 is a draft now. Look through it, then send it for approval."]
    workflow.discard(workflow.open_revision(item), by=None)  # type: ignore[arg-type]
    assert said(as_trainer.post(restore, follow=True))[-1:] == ["Version 1 is live again."]
    assert (fresh(item).to_document(), fresh(item).version) == (before, 3)
    assert signed_in(factories.person(MANAGER)).post(restore).status_code == 403


def test_status_in_the_list_needs_the_right(as_writer: Client, as_trainer: Client, trainer: Any, item: Any) -> None:
    """And is written down."""
    retire = {"action": "retire", "_selected_action": [item.pk]}
    folder = address(item).removesuffix(f"{item.pk}/change/")
    as_writer.post(folder, retire)
    assert fresh(item).status == "published"
    as_trainer.post(folder, retire)
    assert fresh(item).status == "retired"
    assert [(one.action, one.actor) for one in AuditEntry.objects.all()] == [("changed", trainer)]


def test_a_lesson_verified_in_its_form(as_trainer: Client, trainer: Any, lesson: Lesson) -> None:
    """A day typed into the form is a look as good as the button's."""
    save(as_trainer, lesson, verified_on="2026-01-05")
    assert (fresh(lesson).verified_by, str(fresh(lesson).verified_on)) == (trainer, "2026-01-05")
