"""Item analysis from stored answers: which count, version by version, and which flags they raise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from tests import factories
from tests.training.making import NOW, document, frozen, quiz, right_answer, single
from training.enums import ItemFlag
from training.grading import grade
from training.models import Attempt, AttemptItem, Question
from training.services import analysis, questions
from training.services.analysis import guessing

pytestmark = pytest.mark.django_db

KEY, SECOND, THIRD = "0", "1", "2"


@pytest.fixture
def question() -> Question:
    return questions.save_document(single(), "language")


def asked(
    question: Question | None, given: Sequence[Any], rests: Sequence[float] = (), *, kind: str = "", **values: Any
) -> None:
    """One finished attempt a person: this question and others worth nine points, of which a share is earned."""
    of = quiz(f"quiz{Attempt.objects.count()}")
    shown = frozen(kind) if kind else question and {**frozen("single"), "options": keyed(question)}
    assert shown
    for at, answer in enumerate(given):
        person = factories.person("trainee")
        points = grade(shown, answer).points
        rest = 9 * (rests[at] if rests else at / len(given))
        attempt = Attempt.objects.create(
            user=person,
            quiz=of,
            number=1,
            state="finished",
            finished_at=NOW,
            points=float(points) + rest,
            max_points=10,
        )
        AttemptItem.objects.create(
            attempt=attempt,
            position=1,
            question=question,
            question_version=values.get("version", question.version if question else 1),
            competency="language",
            document=shown,
            answer=answer,
            points=points,
            max_points=1,
            seconds=values.get("seconds", 10),
            first=values.get("first", True),
        )


def keyed(question: Question) -> list[dict[str, Any]]:
    return [{"key": str(at), **option} for at, option in enumerate(question.body["options"])]


def only() -> Any:
    (item,) = analysis.items()
    return item.measured


# Which answers count


def test_hidden_under_twenty(question: Question) -> None:
    """Nineteen tell nothing, and say how many are missing; the twentieth brings the numbers."""
    asked(question, [KEY] * 19)
    assert (only().count, only().missing, only().facility, only().flags) == (19, 1, None, ())
    live = analysis.versions(question)[0]
    assert (live.parts, live.measured.enough) == ((), False)
    asked(question, [SECOND])
    assert (only().count, only().missing, only().facility) == (20, 0, 0.95)


def test_only_first_finished_answers(question: Question) -> None:
    """A second go, an attempt still open, and a question that is gone say nothing of it."""
    asked(question, [KEY] * 20)
    asked(question, [SECOND] * 5, first=False)
    asked(question, [SECOND] * 3)
    Attempt.objects.filter(pk__in=Attempt.objects.order_by("-pk")[:3].values("pk")).update(state="open")
    asked(None, [SECOND] * 4, kind="single")
    assert (only().count, only().facility) == (20, 1.0)


def test_every_version_by_itself(question: Question) -> None:
    """An edited question starts anew; what was answered before stands apart, as it was asked then."""
    asked(question, [KEY] * 12 + [SECOND] * 8)
    edited = single(options=[*single()["options"][:2], {"text": "新的", "right": "no", "feedback": "x"}])
    questions.save_document(edited, "language")
    question.refresh_from_db()
    assert only().count == 0
    asked(question, [THIRD] * 21)
    assert (only().count, only().facility) == (21, 0.0)
    live, before = analysis.versions(question)
    assert [(one.number, one.measured.count) for one in (live, before)] == [(question.version, 21), (1, 20)]
    assert [(part.text, part.choice.count) for part in live.parts][-1] == ("新的", 21)
    assert [part.choice.count for part in before.parts] == [12, 8, 0]


def test_a_question_nobody_was_asked(question: Question) -> None:
    """Its page shows how it would be asked."""
    (live,) = analysis.versions(question)
    assert (live.number, live.measured.count, live.document["prompt"]) == (question.version, 0, question.prompt)


def test_nobody_answers_what_nobody_sees(question: Question) -> None:
    """Drafts are no part of the list; retired ones when asked for."""
    Question.objects.update(status="draft")
    assert analysis.items(retired=True) == []
    Question.objects.update(status="retired")
    assert (len(analysis.items()), len(analysis.items(retired=True))) == (0, 1)


# Options


def test_options_in_the_order_of_the_document(question: Question) -> None:
    """Count, share, and both thirds: whatever order each person saw them in."""
    asked(question, [SECOND] * 10 + [KEY] * 20)
    live = analysis.versions(question)[0]
    assert [
        (part.text, part.right, part.choice.count, part.percent, part.upper, part.lower) for part in live.parts
    ] == [
        ("问好，报上自己", True, 20, 67, 100, 0),
        ("等他说完再回", False, 10, 33, 0, 100),
        ("发一段活动介绍", False, 0, 0, 0, 0),
    ]
    assert live.chosen
    assert [part.unused for part in live.parts] == [False, False, True]


def test_no_answer_is_an_answer(question: Question) -> None:
    """Who left it open earned nothing; the page says how many they were."""
    asked(question, [KEY] * 15 + [None] * 5)
    live = analysis.versions(question)[0]
    assert (only().facility, live.unanswered, [part.choice.count for part in live.parts]) == (0.75, 5, [15, 0, 0])


@pytest.mark.parametrize(
    ("kind", "other", "counts"),
    [
        ("multiple", ["0", "2"], [20, 10, 10, 0]),
        ("matching", {"0": "0", "1": "2", "2": "1"}, [20, 10, 10]),
        ("ordering", ["1", "0", "2", "3"], [10, 10, 20, 20]),
        ("fill", "八天", [10]),
        ("rewrite", "抱歉。", [20, 10]),
    ],
)
def test_parts_of_every_type(kind: str, other: Any, counts: list[int]) -> None:
    """Ten do it right, ten in another way: how many chose each option, or got each part right."""
    question = questions.save_document(document(kind), "language")
    asked(question, [right_answer(frozen(kind))] * 10 + [other] * 10, kind=kind)
    live = analysis.versions(question)[0]
    assert [part.choice.count for part in live.parts] == counts
    assert live.chosen is (kind == "multiple")
    assert only().count == 20


# Flags


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        # the weak right, the strong as often wrong, and both distractors used
        ([KEY] * 12 + [KEY, SECOND, KEY, THIRD] * 3, [ItemFlag.NEGATIVE]),
        # the strong prefer one distractor to the key
        ([KEY] * 14 + [THIRD] * 2 + [SECOND] * 8, [ItemFlag.KEY, ItemFlag.NEGATIVE]),
        ([KEY] * 40, [ItemFlag.EASY, ItemFlag.UNUSED]),
        ([SECOND, THIRD] * 9 + [KEY] * 6, [ItemFlag.HARD]),
        ([SECOND, THIRD] * 5 + [KEY] * 14, []),
        ([SECOND] * 10 + [KEY] * 14, [ItemFlag.UNUSED]),
        # right and wrong alike among weak and strong
        ([KEY, SECOND, KEY, THIRD, KEY, KEY] * 4, [ItemFlag.LOW]),
    ],
)
def test_flags(question: Question, given: list[str], flags: list[ItemFlag]) -> None:
    """From the weakest attempt to the strongest; most pressing first."""
    asked(question, given)
    assert list(only().flags) == flags


def test_flags_wait_for_twenty(question: Question) -> None:
    """A few odd answers accuse nothing."""
    asked(question, [KEY] * 9 + [SECOND] * 10)
    assert only().flags == ()


@pytest.mark.parametrize(
    ("kind", "earned"),
    [
        ("single", 1 / 3),
        ("truefalse", 1 / 2),
        ("better", 1 / 2),
        # 15 ways to choose some of four
        ("multiple", (1 + 2 * 0.5 + 2 * 0.5) / 15),
        ("ordering", 1 / 2),
        # of six ways one is right; one right of three earns (1 - 2) / 3, which is 0
        ("matching", 1 / 6),
        ("fill", 0),
        ("rewrite", 0),
    ],
)
def test_what_guessing_earns(kind: str, earned: float) -> None:
    """By hand. Of two right (a b) and two wrong (c d): ab 1, a .5, b .5, abc .5, abd .5, all else 0."""
    assert guessing(frozen(kind)) == pytest.approx(earned)


def test_comparing_takes_twenty_too(question: Question) -> None:
    """Answers that were alone in their attempt count for the facility; nineteen with a rest accuse nothing."""
    asked(question, [KEY] * 10 + [SECOND] * 9)
    asked(question, [SECOND] * 5)
    Attempt.objects.filter(pk__in=Attempt.objects.order_by("-pk")[:5].values("pk")).update(points=0, max_points=1)
    assert (only().count, only().discrimination, only().flags) == (24, None, (ItemFlag.UNUSED,))
    assert {part.upper for part in analysis.versions(question)[0].parts} == {None}


# The list


def test_filters_and_orders(question: Question) -> None:
    """By course, by flag, by any flag; the unknown stands last whatever the order."""
    easy = questions.save_document(single("rules-01"), "rules")
    questions.save_document(single("rules-02"), "rules")
    asked(question, [SECOND, THIRD] * 5 + [KEY] * 14)
    asked(easy, [KEY] * 30)

    def codes(**chosen: Any) -> list[str]:
        return [item.question.code for item in analysis.items(**chosen)]

    assert codes() == ["language-01", "rules-01", "rules-02"]
    assert codes(course="rules") == ["rules-01", "rules-02"]
    assert codes(flag="easy") == ["rules-01"]
    assert codes(flag="any") == ["rules-01"]
    assert codes(flag="negative") == []
    assert codes(sort="answers") == ["rules-01", "language-01", "rules-02"]
    assert codes(sort="facility") == ["language-01", "rules-01", "rules-02"]
    assert codes(sort="discrimination") == ["language-01", "rules-01", "rules-02"]
    assert codes(sort="flags") == ["rules-01", "language-01", "rules-02"]


def test_queries_stay_the_same() -> None:
    """One question or three, with answers to each: two for the list, three for a page."""
    counts = []
    for at in range(3):
        one = questions.save_document(single(f"language-{at:02d}"), "language")
        asked(one, [KEY] * 20)
        with CaptureQueriesContext(connection) as listed:
            analysis.items()
        with CaptureQueriesContext(connection) as page:
            analysis.versions(one)
        counts.append((len(listed), len(page)))
    assert counts == [(2, 2)] * 3


# Doing something about it


def test_retire(question: Question, trainer: Any) -> None:
    """No quiz draws it, the answers stay, the log says who."""
    asked(question, [KEY] * 20)
    analysis.retire(question, by=trainer)
    question.refresh_from_db()
    assert (question.status, AttemptItem.objects.count()) == ("retired", 20)
    entry = AuditEntry.objects.get(kind="question")
    assert (entry.actor, entry.action, entry.slug, entry.detail) == (trainer, "changed", "language-01", "已停用")


def test_seconds(question: Question) -> None:
    """Median of those that were measured."""
    asked(question, [KEY] * 10, seconds=12)
    asked(question, [KEY] * 9, seconds=20)
    asked(question, [KEY] * 9, seconds=0)
    assert only().times == analysis.Times(12, 12, 20)
