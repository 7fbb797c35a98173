"""Moving people between teams, and what keeps a team from being deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Team, User
from accounts.services import teams
from tests import factories

pytestmark = pytest.mark.django_db
MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)


def stand(person: User) -> tuple[str | None, date | None]:
    found = User.objects.get(pk=person.pk)
    return found.team_id, found.joined_team_on


@pytest.fixture
def team() -> Team:
    return Team.objects.create(code="team-1", name="一班")


def test_joining_sets_the_day(team: Team, trainer: User) -> None:
    """The instance is told too: whoever saves it afterwards must not undo it."""
    person = factories.person("agent")
    assert teams.move([person], team, MONDAY, by=trainer) == 1
    assert (stand(person), person.team, person.joined_team_on) == (("team-1", MONDAY), team, MONDAY)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.kind, entry.slug, entry.person, entry.detail) == (
        trainer, "changed", "team", "team-1", person, "– → team-1",
    )  # fmt: skip


def test_who_is_there_keeps_the_day(team: Team) -> None:
    """An import of the whole staff every Friday must not start everybody's deadlines anew."""
    person = factories.person("agent")
    teams.move([person], team, MONDAY)
    assert (teams.move([person], team, FRIDAY), stand(person), AuditEntry.objects.count()) == (
        0, ("team-1", MONDAY), 1,
    )  # fmt: skip


def test_changing_and_leaving(team: Team) -> None:
    person, other = factories.person("agent"), Team.objects.create(code="team-2", name="二班")
    teams.move([person], team, MONDAY)
    teams.move([person], other, FRIDAY)
    changed = stand(person)
    teams.move([person], None, FRIDAY)
    assert (changed, stand(person)) == (("team-2", FRIDAY), (None, None))
    details = list(AuditEntry.objects.order_by("pk").values_list("slug", "detail"))
    assert details == [("team-1", "– → team-1"), ("team-2", "team-1 → team-2"), ("team-2", "team-2 → –")]


def test_saving_a_person_moves_nobody(team: Team) -> None:
    """The day is set on purpose or not at all."""
    person = factories.person("agent")
    person.team = team
    person.save()
    assert stand(person) == ("team-1", None)


def test_many_cost_as_few_queries_as_one(team: Team) -> None:
    """A staff file moves thousands."""
    counts = []
    for number in (1, 30):
        people = [factories.person("agent") for _ in range(number)]
        with CaptureQueriesContext(connection) as asked:
            teams.move(people, team, MONDAY)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_somebody_else_changed_meanwhile_stays(team: Team) -> None:
    """Two trainers with the same page open: neither undoes what the other has just done."""
    seen, added, taken = (factories.person("agent") for _ in range(3))
    teams.move([seen, taken], team, MONDAY)
    other = Team.objects.create(code="team-2", name="二班")
    teams.move([added], team, MONDAY)  # by the first trainer, after the second opened the page
    teams.move([taken], other, MONDAY)  # and this one
    teams.change_members(team, seen=[seen.pk, taken.pk], chosen=[], day=FRIDAY)
    assert [stand(person)[0] for person in (seen, added, taken)] == [None, "team-1", "team-2"]


def test_who_moves_whom(team: Team, trainer: User, manager: User) -> None:
    """A manager who could take anybody into a team of theirs could read anybody's results."""
    team.leaders.add(manager)
    theirs, nobodys, others = (factories.person("agent") for _ in range(3))
    teams.move([theirs], team, MONDAY)
    teams.move([others], Team.objects.create(code="team-2", name="二班"), MONDAY)
    people = (theirs, nobodys, others)
    assert [teams.may_move(manager, person) for person in people] == [True, True, False]
    assert [teams.may_move(trainer, person) for person in people] == [True, True, True]


@pytest.fixture
def objections(monkeypatch: Any) -> Iterator[list[Any]]:
    found: list[Any] = []
    monkeypatch.setattr(teams, "OBJECTIONS", found)
    return found


def test_deleting_is_refused_with_every_reason(team: Team, objections: list[Any]) -> None:
    objections += [lambda team: [f"{team} ist da."], lambda team: [], lambda team: ["Noch etwas."]]
    with pytest.raises(ValidationError) as refused:
        teams.delete(team)
    assert (refused.value.messages, Team.objects.count()) == (["一班 ist da.", "Noch etwas."], 1)


def test_a_deleted_team_leaves_its_people(team: Team, trainer: User) -> None:
    """In no team, with no day that would count towards the next one."""
    person = factories.person("agent")
    teams.move([person], team, MONDAY)
    teams.delete(team, by=trainer)
    assert (stand(person), Team.objects.count()) == ((None, None), 0)
    assert AuditEntry.objects.latest("pk").detail == "deleted"


def test_a_team_with_cards_of_its_own_does_not_go(team: Team) -> None:
    """Its words would be nobody's; each card is named."""
    factories.card("fee", audience=["team-1"], title="运费")
    factories.card("other", audience=[])
    with pytest.raises(ValidationError, match="运费"):
        teams.delete(team)
