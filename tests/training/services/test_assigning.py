"""Assigning, ending, agreeing: what is written, what is refused, and two trainers at once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection

from accounts.models import AuditEntry, Team, User
from accounts.services import people, teams
from tests import factories
from tests.training import making
from training.models import Assignment, Course, DeadlineChange, Path
from training.services import assigning, assignments

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


def path(slug: str = "onboarding") -> Path:
    course = Course.objects.first()
    if course is None:
        course = making.course("language")
        making.quiz("language", course=course)
    return making.path(slug, course)


def audit() -> list[tuple[str, str, str, str]]:
    """Action, path, whom and what, oldest first."""
    rows = AuditEntry.objects.order_by("pk").select_related("person")
    return [(row.action, row.slug, row.person.username if row.person else "", row.detail) for row in rows]


def test_teams_and_people(trainer: User) -> None:
    """One assignment each, with who gave it; the log names codes and days, and nobody's name."""
    team, person = factories.team("shop"), factories.person("agent", username="zhou")
    outcome = assigning.assign(path(), [team, person], due_days=14, by=trainer, today=TODAY)
    assert [(one.team_id, one.person, one.due_days, one.assigned_on, one.created_by) for one in outcome.made] == [
        ("shop", None, 14, TODAY, trainer),
        (None, person, 14, TODAY, trainer),
    ]
    assert audit() == [("assigned", "onboarding", "", "shop +14"), ("assigned", "onboarding", "zhou", "+14")]


def test_what_is_there_stays(trainer: User) -> None:
    """A second assignment must not move a day people count on; the others are assigned all the same."""
    here, new, given = factories.team("here"), factories.team("new"), path()
    assigning.assign(given, [here], due_days=14, by=trainer, today=TODAY)
    outcome = assigning.assign(given, [here, new], due_on=date(2026, 12, 1), by=trainer, today=TODAY)
    assert (outcome.there, [one.team for one in outcome.made]) == ([here], [new])
    assert sorted(Assignment.objects.values_list("team", "due_days")) == [("here", 14), ("new", None)]


def test_an_ended_one_can_be_given_again(trainer: User) -> None:
    team, given = factories.team("shop"), path()
    (first,) = assigning.assign(given, [team], due_days=14, by=trainer, today=TODAY).made
    ended = [assigning.end(first, by=trainer, now=NOON), assigning.end(first, by=trainer, now=NOON)]
    outcome = assigning.assign(given, [team], due_days=7, by=trainer, today=TODAY)
    assert (ended, len(outcome.made), Assignment.objects.running().count()) == ([True, False], 1, 1)
    assert audit()[1] == ("changed", "onboarding", "", "shop +14 ended")


@pytest.mark.parametrize(
    "days",
    [
        {},
        {"due_days": 14, "due_on": TODAY},
        {"due_days": 0},
        {"due_days": -3},
        {"due_days": 731},
        {"due_days": 10**9},
        {"due_on": TODAY - timedelta(1)},
        {"due_on": date(1, 1, 1)},
        {"due_on": date.max},
    ],
)
def test_days_that_cannot_be(trainer: User, days: dict[str, Any]) -> None:
    """Nothing is assigned, not even to the first of several."""
    with pytest.raises(ValidationError):
        assigning.assign(path(), [factories.team("shop")], by=trainer, today=TODAY, **days)
    assert (Assignment.objects.count(), audit()) == (0, [])


@pytest.mark.parametrize("days", [{"due_days": 1}, {"due_days": 730}, {"due_on": TODAY}])
def test_days_at_the_edge(trainer: User, days: dict[str, Any]) -> None:
    assert len(assigning.assign(path(), [factories.team("shop")], by=trainer, today=TODAY, **days).made) == 1


@pytest.mark.django_db(transaction=True)
def test_two_trainers_at_once(transactional_db: None) -> None:
    """Both mean the same team and path: one assignment, one told that it was there, nobody an error."""
    given, team = path(), factories.team("shop")
    trainers = [factories.person("trainer"), factories.person("trainer")]
    gate, made, there = threading.Barrier(2), [], []

    def run(trainer: User, days: int) -> None:
        gate.wait()
        try:
            outcome = assigning.assign(given, [team], due_days=days, by=trainer, today=TODAY)
            made.extend(outcome.made)
            there.extend(outcome.there)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(trainer, 7 * at)) for at, trainer in enumerate(trainers, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), there, Assignment.objects.count()) == (1, [team], 1)


# Agreements


def due_of(person: User, today: date = TODAY) -> assignments.Due:
    (due,) = assignments.dues(User.objects.filter(pk=person.pk), today)[person.pk]
    return due


@pytest.fixture
def person(trainer: User) -> User:
    """Has a path to finish by 9 December."""
    found = factories.person("trainee", username="zhou")
    assigning.assign(path(), [found], due_days=14, by=trainer, today=TODAY)
    return found


def test_more_time_with_a_reason(trainer: User, person: User) -> None:
    """The reason stays with the agreement: the log outlives an erasure, and it may say something about a life."""
    due = due_of(person)
    assigning.agree(due, person, "extension", due_on=date(2026, 12, 20), reason=" 产假 ", by=trainer, now=NOON)
    change = DeadlineChange.objects.get()
    assert (change.kind, change.due_on, change.reason, change.by) == ("extension", date(2026, 12, 20), "产假", trainer)
    assert audit()[-1] == ("extended", "onboarding", "zhou", "extension 2026-12-20")
    assert due_of(person).due_on == date(2026, 12, 20)


def test_an_extension_may_be_shortened(trainer: User, person: User) -> None:
    """A slip of the pen, 2027 for 2026, is put right by a second one; it still takes nothing away."""
    for day in (date(2027, 12, 20), date(2026, 12, 20)):
        assigning.agree(due_of(person), person, "extension", due_on=day, reason="病假", by=trainer, now=NOON)
    assert due_of(person).due_on == date(2026, 12, 20)


@pytest.mark.parametrize(
    ("kind", "day", "reason"),
    [
        ("extension", None, "病假"),
        ("extension", date(2026, 12, 9), "病假"),
        ("extension", date(2026, 12, 1), "病假"),
        ("extension", date.max, "病假"),
        ("extension", date(2026, 12, 20), "  "),
        ("exemption", None, ""),
    ],
)
def test_agreements_that_cannot_be(trainer: User, person: User, kind: str, day: date | None, reason: str) -> None:
    with pytest.raises(ValidationError):
        assigning.agree(due_of(person), person, kind, due_on=day, reason=reason, by=trainer, now=NOON)
    assert DeadlineChange.objects.count() == 0


def test_overdue_work_gets_a_day_from_today_on(trainer: User, person: User) -> None:
    """A day between the missed one and today would be over when it is agreed."""
    late = NOON + timedelta(30)
    with pytest.raises(ValidationError):
        assigning.agree(
            due_of(person), person, "extension", due_on=date(2026, 12, 20), reason="病假", by=trainer, now=late
        )


def test_an_unknown_kind_is_no_agreement(trainer: User, person: User) -> None:
    with pytest.raises(ValueError, match="holiday"):
        assigning.agree(due_of(person), person, "holiday", reason="病假", by=trainer, now=NOON)


# Leaving


def test_what_somebody_alone_had_to_finish_ends_when_they_leave(trainer: User, person: User) -> None:
    """What their team has to finish goes on for the others."""
    team = factories.team("shop", person)
    assigning.assign(path("more"), [team], due_days=14, by=trainer, today=TODAY)
    people.close(person, by=trainer, now=NOON)
    assert [one.team_id for one in Assignment.objects.running()] == ["shop"]


def test_a_team_with_paths_to_finish_does_not_go(trainer: User) -> None:
    """Deleting it would take the assignment along without a word."""
    team = factories.team("shop")
    (one,) = assigning.assign(path(), [team], due_days=14, by=trainer, today=TODAY).made
    with pytest.raises(ValidationError, match="全员入门"):
        teams.delete(team, by=trainer)
    assigning.end(one, by=trainer, now=NOON)
    teams.delete(team, by=trainer)
    assert Team.objects.count() == 0
