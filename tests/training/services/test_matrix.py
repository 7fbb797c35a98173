"""The skills matrix by hand: somebody's readiness is read off these numbers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from knowledge.enums import Competency
from tests.training.making import NOW, quiz, result
from tests.training.services.test_curriculum import rows_read
from training.enums import QuizKind
from training.models import Attempt, Quiz
from training.services.matrix import Cell, Evidence, matrix

pytestmark = pytest.mark.django_db


def cell(user: Any, code: str = "language", now: Any = NOW) -> Cell:
    return next(one for one in matrix(user, now) if one.competency == code)


def test_nothing_done_shows_nothing(trainee: Any) -> None:
    """No evidence is not zero percent."""
    assert [(one.competency, one.percent, one.evidence) for one in matrix(trainee, NOW)] == [
        (competency, None, ()) for competency in Competency
    ]


def test_one_fresh_quiz_counts_as_it_is(trainee: Any) -> None:
    """3 of 4 points today: 75."""
    result(trainee, quiz(), "3", "4")
    found = cell(trainee)
    assert (found.percent, found.undecayed, len(found.evidence)) == (75, 75, 1)


def test_a_quiz_counts_half_after_ninety_days(trainee: Any) -> None:
    """3/4 · 0.5 = 0.375, rounded down as scores are; the number before fading stands beside it."""
    result(trainee, quiz(), "3", "4", NOW - timedelta(days=90))
    found = cell(trainee)
    assert (found.percent, found.undecayed, found.evidence[0].kept, found.evidence[0].age) == (37, 75, 50, 90)


def test_an_exam_weighs_twice(trainee: Any) -> None:
    """(1·2 + 2·1) / (1·4 + 2·2) = 4/8."""
    result(trainee, quiz(), "2", "4")
    result(trainee, quiz("exam-x", kind=QuizKind.EXAM), "1", "2")
    assert cell(trainee).percent == 50
    assert [item.weight for item in cell(trainee).evidence] == [2, 1]


def test_each_age_fades_by_itself(trainee: Any) -> None:
    """(1·0.5·4 + 2·1·2) / (1·4 + 2·2) = 6/8."""
    result(trainee, quiz(), "4", "4", NOW - timedelta(days=90))
    result(trainee, quiz("exam-x", kind=QuizKind.EXAM), "2", "2")
    assert (cell(trainee).percent, cell(trainee).undecayed) == (75, 100)


def test_only_the_last_attempt_at_a_quiz_counts(trainee: Any) -> None:
    """A better day takes the place of a bad one, and a worse one of a good one."""
    of = quiz()
    result(trainee, of, "4", "4", NOW - timedelta(days=2))
    result(trainee, of, "1", "4", NOW - timedelta(days=1))
    assert (cell(trainee).undecayed, len(cell(trainee).evidence)) == (25, 1)


def test_practice_and_others_count_nothing(trainee: Any, agent: Any) -> None:
    """Practising wrong answers must not lower anybody, nor a neighbour raise them."""
    result(trainee, quiz("practice", kind=QuizKind.PRACTICE), "0", "4")
    result(agent, quiz(), "4", "4")
    assert cell(trainee).evidence == ()


def test_a_day_is_whole(trainee: Any) -> None:
    """The number changes once a day, not under the reader's eyes."""
    result(trainee, quiz(), "4", "4", NOW)
    assert cell(trainee, now=NOW + timedelta(hours=23)).percent == 100
    assert cell(trainee, now=NOW + timedelta(hours=24)).percent == 99


@pytest.mark.parametrize(("points", "shown"), [("3.2", True), ("3.19", False), ("4", True)])
def test_the_pass_line_itself_counts(trainee: Any, points: str, shown: bool) -> None:
    """80 of 100 is there; 79.75 is not yet."""
    result(trainee, quiz(), points, "4")
    assert cell(trainee).shown is shown
    assert not cell(trainee, "rules").shown


@pytest.mark.parametrize(("points", "shown"), [("4", "4"), ("3.5", "3.5"), ("0", "0"), ("10", "10"), ("0.333", "0.33")])
def test_points_read_as_people_write_them(trainee: Any, points: str, shown: str) -> None:
    """Not 3.500, and not 1E+1."""
    result(trainee, quiz(), points, "10")
    found = cell(trainee).evidence[0]
    assert (found.earned, found.most) == (shown, "10")


RECORD = st.lists(
    st.tuples(st.sampled_from(["course", "exam"]), st.integers(1, 40), st.integers(0, 100), st.integers(0, 2000)),
    min_size=1,
    max_size=12,
)


@given(RECORD)
def test_fading_by_law(record: list[tuple[str, int, int, int]]) -> None:
    """Time only takes: never under nothing, never over what was earned, and a day later never more."""
    now, later = (
        Cell(
            Competency.LANGUAGE,
            tuple(
                Evidence(Attempt(quiz=Quiz(kind=kind)), 1, Decimal(most * share) / 100, Decimal(most), age + more)
                for kind, most, share, age in record
            ),
        )
        for more in (0, 1)
    )
    assert now.value is not None
    assert later.value is not None
    assert 0 <= later.value <= now.value <= 1
    assert 0 <= (now.percent or 0) <= (now.undecayed or 0) <= 100


def test_practising_costs_no_more_than_once(trainee: Any) -> None:
    """Only the last attempt at each quiz says anything: the earlier ones stay in the database."""
    rows, often = [], quiz("a")
    for _time in range(3):
        result(trainee, often, "1", "2")
        rows.append(rows_read(lambda: matrix(trainee, NOW)))
    assert rows == [2, 2, 2]


def test_queries_stay_the_same(trainee: Any) -> None:
    """One quiz or three: three queries, the desk's among them."""
    counts = []
    for slugs in (["a"], ["b", "c"]):
        for slug in slugs:
            result(trainee, quiz(slug), "1", "2")
        with CaptureQueriesContext(connection) as queries:
            matrix(trainee, NOW)
        counts.append(len(queries))
    assert counts == [3, 3]
