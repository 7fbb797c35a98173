"""Who has to finish what by when, computed from assignments, teams, agreements and what has been passed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Team, User
from tests import factories
from tests.training import making
from training.models import Assignment, Path
from training.services import assignments

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)


@pytest.fixture
def path() -> Path:
    """One course with its quiz, and an exam."""
    course = making.course("language")
    making.quiz("language", course=course)
    return making.path("onboarding", course, exam=making.quiz("exam", kind="exam"))


@pytest.fixture
def team() -> Team:
    return Team.objects.create(code="team-1", name="一班")


def member(team: Team | None, joined: date | None = TODAY, **values: Any) -> User:
    return factories.person("trainee", team=team, joined_team_on=joined, **values)


def of(person: User, today: date = TODAY) -> list[tuple[str, str, str]]:
    """Path, day and state of everything due."""
    found = assignments.dues(User.objects.filter(pk=person.pk), today)[person.pk]
    return [(due.slug, due.due_on.isoformat(), due.state) for due in found]


def test_a_team_inherits(path: Path, team: Team) -> None:
    """Whoever joins later counts from joining, and who has left the team or was never in it has nothing to do."""
    Assignment.objects.create(path=path, team=team, due_days=14, assigned_on=TODAY)
    first, late, outside = member(team), member(team, TODAY + timedelta(5)), member(None, None)
    assert [of(one) for one in (first, late, outside)] == [
        [("onboarding", "2026-12-09", "open")],
        [("onboarding", "2026-12-14", "open")],
        [],
    ]
