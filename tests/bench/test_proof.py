"""A proof that finds nothing wrong must be able to find it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.bench.proof import faults_of, faults_of_people, lost
from tests.training import making
from training.models import Attempt, AttemptItem
from training.services import quizzes
from training.services.quizzes import Given

ONE = {"answers": {"1": [2, "a"]}, "asked": {"1": [2, "a"]}, "finished": False}


@pytest.mark.parametrize(
    ("there", "asked", "fine"),
    [
        ((2, "a"), [2, "a"], True),
        ((1, "a"), [2, "a"], False),
        ((2, "b"), [2, "a"], False),
        (None, [2, "a"], False),
        # A third was on its way when the connection broke: both may be there, and nothing else.
        ((3, "b"), [3, "b"], True),
        ((2, "a"), [3, "b"], True),
        ((3, "a"), [3, "b"], False),
    ],
)
def test_what_had_its_yes_is_there(there: Any, asked: list[Any], fine: bool) -> None:
    saved = {} if there is None else {1: there}
    assert (lost({**ONE, "asked": {"1": asked}}, saved) == []) is fine


def test_people_have_one_open_attempt_and_numbers_without_gaps() -> None:
    assert faults_of_people([(1, 1, "finished"), (1, 2, "open"), (2, 1, "open")]) == []
    assert faults_of_people([(1, 1, "open"), (1, 2, "open")]) == ["person 1: 2 open attempts"]
    assert faults_of_people([(1, 1, "finished"), (1, 3, "finished")]) == ["person 1: attempts numbered [1, 3]"]
    assert faults_of_people([(1, 1, "finished"), (1, 1, "finished")]) == ["person 1: attempts numbered [1, 1]"]


@pytest.fixture
def attempt(db: None) -> Attempt:
    """Finished: one answer of two given, and right."""
    making.course()
    making.pool(count=2)
    made = making.start(making.quiz(), factories.person("trainee"), timezone.now())
    first = made.items.get(position=1)
    quizzes.answer_all(made, [Given(1, making.right_answer(first.document), 1, 3)], now=timezone.now())
    quizzes.finish(made, now=timezone.now())
    return Attempt.objects.get(pk=made.pk)


def promise(attempt: Attempt) -> dict[str, Any]:
    said = {"1": [1, attempt.items.get(position=1).answer]}
    return {"answers": said, "asked": said, "finished": True}


def test_a_sound_attempt_has_no_faults(attempt: Attempt) -> None:
    assert faults_of(attempt, promise(attempt)) == []
    assert faults_of(attempt, None) == []


def test_points_that_the_questions_do_not_give_are_found(attempt: Attempt) -> None:
    said = promise(attempt)
    AttemptItem.objects.filter(attempt=attempt, position=2).update(points=1)
    Attempt.objects.filter(pk=attempt.pk).update(points=Decimal(2), passed=True)
    assert faults_of(Attempt.objects.get(pk=attempt.pk), said) == [
        f"attempt {attempt.pk}: question 2: 1.000 points, 0.000 when graded again",
        f"attempt {attempt.pk}: 2.000 of 2.000 points, 1.000 of 2.000 again",
    ]


def test_a_result_that_is_gone_is_found(attempt: Attempt) -> None:
    said = promise(attempt)
    Attempt.objects.filter(pk=attempt.pk).update(state="open", points=None, finished_at=None)
    AttemptItem.objects.filter(attempt=attempt).update(points=None)
    found = faults_of(Attempt.objects.get(pk=attempt.pk), said)
    assert found == [f"attempt {attempt.pk}: handed in, and open again"]
