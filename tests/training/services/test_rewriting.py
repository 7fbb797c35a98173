"""Rewritten replies are judged by the rules of /check/: by those in force when they are graded, and for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.models import WordingRule
from knowledge.services import checking, rules
from tests import factories
from tests.knowledge.admin.test_rule_form import DOCUMENT
from tests.training import making
from tests.training.making import NOW
from training.models import Attempt, AttemptItem, RecallItem
from training.services import questions, quizzes, recall_sessions, results, rewriting, wrong_answers
from training.services.recall_live import live
from training.services.wrong_answers import Wanted

pytestmark = pytest.mark.django_db
GUESSING = DOCUMENT | {
    "code": "guessing",
    "severity": "warning",
    "about": "猜测不是答复。",
    "better": ["我去问清楚，10分钟内回您。"],
    "clues": [{"match": ["应该(能|会)"]}],
    "catches": ["应该能"],
    "passes": ["能"],
}
REPLY = "抱歉，应该能换一件。"


def rewrite(**changes: Any) -> Any:
    changes = {"forbids": ["guessing", "没有"]} | changes
    return questions.save_document(making.document("rewrite", **changes), "language")


@pytest.fixture
def learner() -> Any:
    return factories.person("trainee")


@pytest.fixture(autouse=True)
def rule() -> WordingRule:
    return rules.save_document(GUESSING)


def attempted(user: Any, answer: str, at: int = 0) -> AttemptItem:
    """A quiz of one rewrite, answered and graded `at` minutes after the first."""
    quiz = making.Quiz.objects.filter(slug="rewrites").first() or making.quiz("rewrites")
    attempt = making.start(quiz, user, NOW + timedelta(minutes=at))
    AttemptItem.objects.filter(attempt=attempt).update(answer=answer)
    return quizzes.finish(attempt, now=NOW + timedelta(minutes=at + 1)).items.get()


def test_a_broken_rule_takes_the_points_and_says_why(learner: Any) -> None:
    """What was found, where, why it matters and what to write instead: all of it stands with the answer."""
    rewrite()
    item = attempted(learner, REPLY)
    told = results.told_item(item)
    assert (item.points, told.state, told.grade.broken, told.grade.made) == (
        0,
        "wrong",
        ("guessing",),
        ("致歉", "出路"),
    )
    [fault] = told.faults
    assert (fault.text, fault.about, fault.instead, fault.counts) == (
        "应该能", "猜测不是答复。", ("我去问清楚，10分钟内回您。",), True,
    )  # fmt: skip
    assert [(piece.text, piece.numbers) for piece in told.pieces] == [
        ("抱歉，", ()),
        ("应该能", (1,)),
        ("换一件。", ()),
    ]


def test_the_findings_are_those_of_the_checker(learner: Any) -> None:
    """Two opinions of one reply would make both worthless."""
    rules.save_document(DOCUMENT)
    text = "抱歉😀，最好能换一件，应该会到货，保证三天到。"
    [found] = rewriting.found_in([(making.document("rewrite"), text)])
    kept = [(one["code"], one["severity"], one["start"], one["end"], one["better"]) for one in found]
    said, _verdict = checking.judge(text)
    assert kept == [(one.code, one.severity.value, one.start, one.end, one.better) for one in said]
    assert found


def test_a_rule_that_the_question_does_not_forbid_is_told_and_costs_nothing(learner: Any) -> None:
    """The question is about something else; that this reply would not be sent is worth knowing all the same."""
    rewrite(forbids=["cold"])
    item = attempted(learner, REPLY)
    [fault] = results.told_item(item).faults
    assert (item.points, fault.label != "", fault.counts) == (1, True, False)


def test_a_rule_edited_later_changes_new_attempts_only(learner: Any, rule: WordingRule) -> None:
    """A result that stands may stand on a certificate; the next attempt is judged by what holds then."""
    rewrite()
    before = attempted(learner, REPLY)
    edited = GUESSING | {"clues": [{"match": ["大概"]}], "catches": ["大概"], "about": "改过的理由。"}
    rules.publish_draft(edited, rule, author=None, reason="改")
    after = attempted(learner, REPLY, at=5)
    assert (before.points, after.points) == (0, 1)
    old = results.told_item(AttemptItem.objects.get(pk=before.pk))
    assert (old.points, [fault.about for fault in old.faults], old.grade.points) == (0, ["猜测不是答复。"], 0)
    assert Attempt.objects.get(pk=before.attempt_id).points == 0
    assert results.told_item(after).faults == []


def test_a_rule_retired_judges_no_more(learner: Any, rule: WordingRule) -> None:
    rewrite()
    rules.set_status([rule], "retired")
    assert (attempted(learner, REPLY).points, RecallItem.objects.count()) == (1, 0)


def test_recall_asks_again_by_the_same_rules(learner: Any, rule: WordingRule) -> None:
    """A mistake that could be repeated in recall and be right there would be learnt, not mended."""
    rewrite()
    attempted(learner, REPLY)
    [item] = RecallItem.objects.all()
    later = NOW + timedelta(days=1)
    answered = recall_sessions.answer(
        item, learner, REPLY, recall_sessions.token(live(item, learner), later), now=later
    )
    assert (answered.lapses, answered.front["reply"], [one["code"] for one in answered.front["found"]]) == (
        2, REPLY, ["guessing"],
    )  # fmt: skip
    rules.set_status([rule], "retired")
    [entry] = wrong_answers.entries([answered], learner)
    assert entry.told is not None
    assert (entry.told.state, [fault.text for fault in entry.told.faults]) == ("wrong", ["应该能"])


def test_the_rules_are_read_once_for_all_answers(learner: Any) -> None:
    """And not at all where nothing was rewritten."""
    asked = making.document("rewrite")
    checking.current_rules()
    counts = []
    for answers in (
        [(asked, REPLY)],
        [(asked, REPLY)] * 3,
        [(making.frozen("single"), "1"), (asked, None), (asked, "")],
    ):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = rewriting.found_in(answers)
        counts.append((len(queries), [len(one) for one in found]))
    assert counts == [(1, [1]), (1, [1, 1, 1]), (0, [0, 0, 0])]


def test_an_erased_answer_keeps_its_points_and_tells_nothing(learner: Any) -> None:
    """Places in a text that is gone are no places."""
    rewrite()
    item = attempted(learner, REPLY)
    AttemptItem.objects.update(answer=None)
    told = results.told_item(AttemptItem.objects.get(pk=item.pk))
    assert (told.state, told.points, told.faults) == ("none", 0, [])


@pytest.mark.parametrize("text", ["\ud83d应该能", "😀应该能。", "应\u200b该能", "应该能" * 180, "\x00", "　"])
def test_any_text_is_judged(text: str) -> None:
    """Half a character, what cannot be seen, a long one: findings stand where they are, and nothing fails."""
    asked = making.document("rewrite", forbids=["guessing"])
    told = results.told_by_rules(asked, text)
    assert "".join(piece.text for piece in told.pieces) == text


def test_the_book_asks_nothing_of_the_rules(learner: Any) -> None:
    """Its pages tell what was found then."""
    rewrite()
    attempted(learner, REPLY)
    items = list(wrong_answers.items(learner, Wanted("", False)))
    WordingRule.objects.all().delete()
    [entry] = wrong_answers.entries(items, learner)
    assert entry.told is not None
    assert [fault.label for fault in entry.told.faults] != []
