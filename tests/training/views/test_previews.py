"""Previews: a trainer sees and answers what a learner would, and nothing of it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.models import WordingRule
from knowledge.services import rules
from tests import factories
from tests.training import making
from tests.training.services.test_rewriting import GUESSING, REPLY
from tests.training.views.test_attempts import KINDS
from tests.training.views.test_doors import signed_in
from training.models import Attempt, AttemptItem
from training.services import questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(db: None) -> Any:
    return factories.person("trainer", locale="en")


@pytest.fixture(autouse=True)
def pool(db: None) -> None:
    factories.card("a", code="aa")
    for kind in KINDS:
        questions.save_document(making.document(kind), "language", status="draft")


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_is_asked_and_told(author: Any, kind: str) -> None:
    """Drafts too: that is what a preview is for. The answer is graded as a learner's would be."""
    client = signed_in(author)
    address = f"/questions/language-{kind}/preview/"
    asked = client.get(address).context["asked"]
    right = making.right_answer(dict(asked.document))
    name = "a1"
    sent: dict[str, Any] = {name: right}
    if kind == "ordering":
        sent = {f"{name}-{key}": str(at) for at, key in enumerate(right, 1)}
    if kind == "matching":
        sent = {f"{name}-{key}": chosen for key, chosen in right.items()}
    told = client.post(address, sent).context["graded"]
    assert (told.state, told.earned) == ("right", "1")
    assert client.post(address, {}).context["graded"].state == "none"
    assert AttemptItem.objects.count() == 0


def test_what_does_not_fit_is_told(author: Any) -> None:
    """With the sentence a learner would read."""
    got = signed_in(author).post("/questions/language-fill/preview/", {"a1": "七" * 101})
    assert (got.status_code, got.context["graded"]) == (422, None)
    assert "longer than the field takes" in got.content.decode()


def test_a_rewrite_is_judged_by_the_rules_of_this_moment(author: Any) -> None:
    """A trainer who has just edited a rule tries it on the question, before anybody is asked."""
    rules.save_document(GUESSING)
    questions.save_document(making.document("rewrite", forbids=["guessing"]), "language", status="draft")
    client = signed_in(author)
    page = client.post("/questions/language-rewrite/preview/", {"a1": REPLY})
    told = page.context["graded"]
    assert (told.state, [fault.text for fault in told.faults]) == ("wrong", ["应该能"])
    assert "<q>应该能</q>" in page.content.decode()
    rules.set_status(WordingRule.objects.all(), "retired")
    assert client.post("/questions/language-rewrite/preview/", {"a1": REPLY}).context["graded"].state == "right"


def test_a_good_reply_that_is_none_any_more_is_told(author: Any) -> None:
    """After a rule was edited, the answer we recommend may be one that we forbid."""
    questions.save_document(
        making.document("rewrite", forbids=["guessing"], model="抱歉，应该能到货。"), "language", status="draft"
    )
    client = signed_in(author)
    assert client.get("/questions/language-rewrite/preview/").context["model"] is None
    rules.save_document(GUESSING)
    page = client.get("/questions/language-rewrite/preview/")
    assert [fault.text for fault in page.context["model"].faults] == ["应该能"]
    assert "does not get full marks any more" in page.content.decode()
    assert client.get("/questions/language-single/preview/").context["model"] is None


def test_a_quiz_is_drawn_once(author: Any) -> None:
    """Published questions by its rules; an empty pool says so."""
    quiz = making.quiz()
    client = signed_in(author)
    assert "There are no questions in this quiz yet." in client.get("/quizzes/language/preview/").content.decode()
    making.pool(count=4)
    assert len(client.get("/quizzes/language/preview/").context["questions"]) == 2
    assert Attempt.objects.filter(quiz=quiz).count() == 0


@pytest.mark.parametrize("role", ["trainee", "agent", "manager"])
def test_nobody_else_sees_the_answers(role: str) -> None:
    """A preview tells the right answer: whoever may not write questions must not find it."""
    making.quiz()
    client = signed_in(factories.person(role))
    assert client.get("/questions/language-fill/preview/").status_code == 404
    assert client.post("/questions/language-fill/preview/", {"a1": "x"}).status_code == 404
    assert client.get("/quizzes/language/preview/").status_code == 404
