"""Looking at people's results leaves a trace: one a day, not one a click."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from accounts.services import audit
from tests import factories

pytestmark = pytest.mark.django_db

# Ten minutes before midnight in Shanghai.
EVENING = datetime(2026, 11, 25, 15, 50, tzinfo=UTC)


def entries() -> list[tuple[Any, str, Any]]:
    return list(AuditEntry.objects.order_by("pk").values_list("actor", "kind", "person"))


def test_once_a_day(trainer: Any, trainee: Any) -> None:
    """Again the same evening adds nothing; after midnight in Shanghai it is another day."""
    with time_machine.travel(EVENING, tick=False) as clock:
        audit.viewed(trainer, person=trainee)
        clock.shift(9 * 60 + 59)
        audit.viewed(trainer, person=trainee)
        assert entries() == [(trainer.pk, "results", trainee.pk)]
        clock.shift(1)
        audit.viewed(trainer, person=trainee)
    assert entries() == [(trainer.pk, "results", trainee.pk)] * 2


def test_each_viewer_person_and_list(trainer: Any, manager: Any, trainee: Any) -> None:
    """Nobody's look stands for somebody else's, and a list of many for no single person."""
    other = factories.person("trainee")
    for _time in range(2):
        audit.viewed(trainer, person=trainee)
        audit.viewed(trainer, person=other)
        audit.viewed(manager, person=trainee)
        audit.viewed(trainer, kind="board")
        audit.viewed(trainer, kind="attempts")
    assert entries() == [
        (trainer.pk, "results", trainee.pk),
        (trainer.pk, "results", other.pk),
        (manager.pk, "results", trainee.pk),
        (trainer.pk, "board", None),
        (trainer.pk, "attempts", None),
    ]


def test_one_s_own_is_nobody_s_business(trainer: Any) -> None:
    """Looking at oneself is no viewing of people's results."""
    audit.viewed(trainer, person=trainer)
    assert entries() == []


def test_another_look_costs_one_query(trainer: Any, trainee: Any) -> None:
    """And writes nothing."""
    audit.viewed(trainer, person=trainee)
    with CaptureQueriesContext(connection) as queries:
        audit.viewed(trainer, person=trainee)
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]
