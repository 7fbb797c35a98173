"""How many questions wait behind a door: as many as a draw would bring, without drawing."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.training import making
from training.services import drawing, pools, questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock(db: None) -> None:
    """Three of a course at difficulty 1, two at 3, one of another course, one nobody may see."""
    making.pool(count=3)
    for code, values, status in (
        ("language-11", {"difficulty": "3"}, "published"), ("language-12", {"difficulty": "3"}, "published"),
        ("rules-01", {"competency": "rules"}, "published"), ("rules-02", {}, "draft"),
    ):  # fmt: skip
        questions.save_document(making.single(code, **values), code.split("-")[0], status=status)


@pytest.mark.parametrize(
    ("rules", "count"),
    [
        ([], 0), ([{"course": "language", "count": 2}], 2), ([{"course": "language", "count": 9}], 5),
        ([{"course": "language", "count": 3}] * 2, 5), ([{"difficulty": 3, "count": 9}], 2),
        ([{"difficulty": "3", "count": "1"}, {"course": "rules", "count": 9}], 2), ([{"count": 99}], 6),
        ([{"competency": "rules", "difficulty": 1, "course": "", "count": 5}], 1),
    ],
)  # fmt: skip
def test_as_many_as_are_drawn(stock: None, trainee: Any, rules: list[dict[str, Any]], count: int) -> None:
    """The door promises a number; the attempt asks that many."""
    assert pools.drawn(rules, trainee) == count == len(drawing.draw(rules, trainee, random.Random(1)))


@given(counts=st.lists(st.integers(1, 9), max_size=4))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rules_share_a_pool(stock: None, trainee: Any, counts: list[int]) -> None:
    """What one rule has taken is not there for the next."""
    rules = [{"course": "language", "count": count} for count in counts]
    assert pools.drawn(rules, trainee) == len(drawing.draw(rules, trainee, random.Random(1)))
