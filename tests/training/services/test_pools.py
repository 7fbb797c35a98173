"""How many questions a rule can draw from, and which rules might draw too few."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.training import making
from training.models import Question
from training.services import pools, questions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stock() -> None:
    """Four easy ones of one course, one middling, one of another course, one retired."""
    making.pool(count=4)
    questions.save_document(making.document("single"), "language")
    questions.save_document(making.single("rules-01", competency="rules"), "rules")
    Question.objects.filter(code="language-04").update(status="retired")


@pytest.mark.parametrize(
    ("rule", "size"),
    [
        ({}, 5),
        ({"course": "language"}, 4),
        ({"course": "language", "difficulty": 1}, 3),
        ({"course": "language", "difficulty": "2"}, 1),
        ({"competency": "rules", "difficulty": ""}, 1),
        ({"course": "social"}, 0),
    ],
)
def test_sizes(rule: dict[str, Any], size: int) -> None:
    assert pools.sizes([rule]) == [size]


def test_one_query_for_all_rules() -> None:
    with CaptureQueriesContext(connection) as asked:
        pools.sizes([{"course": "language"}, {"course": "rules"}, {}])
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([{"course": "language", "count": 4}, {"course": "rules", "count": 1}], []),
        ([{"course": "language", "count": 5}], [(0, 5, 4)]),
        ([{"difficulty": 1, "count": 3}, {"course": "language", "count": 2}], [(1, 2, 1)]),
        ([{"difficulty": 1, "count": 3}, {"difficulty": 2, "count": 1}], []),
        ([{"count": 5}, {"course": "rules", "count": 1}], [(1, 1, 0)]),
        ([], []),
    ],
)
def test_short(rules: Any, told: Any) -> None:
    """A question is drawn once: what an earlier rule may have taken is not there for a later one."""
    assert pools.short(rules) == told
