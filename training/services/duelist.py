"""The list of everything due: filtered, most pressing first, and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User, plain
from training.enums import DueState
from training.services import assignments
from training.services.assignments import Due

# Everything that is still to be done; every state is a choice of its own beside it.
PRESSING, ALL = "pressing", "all"
STATES = [(PRESSING, gettext_lazy("Due and overdue")), *DueState.choices, (ALL, gettext_lazy("All"))]
# How the people of no team are asked for: no code of a team, which are slugs.
NO_TEAM = "~"
ORDER = {state: at for at, state in enumerate(DueState)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see: a team's code, a path's slug, a state, part of a name or number; empty means all."""

    team: str = ""
    path: str = ""
    state: str = PRESSING
    query: str = ""
    leavers: bool = False

    @property
    def filtered(self) -> bool:
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Line:
    person: User
    due: Due


def lines(viewer: Any, wanted: Wanted, today: date) -> list[Line]:
    """What is due of the people whose results `viewer` may see: overdue first, then by day and name."""
    people = _people(viewer, wanted)
    found = assignments.dues(people, today)
    chosen = [
        Line(person, due)
        for person in people.select_related("team")
        for due in found.get(person.pk, ())
        if _fits(due, wanted)
    ]
    return sorted(chosen, key=lambda line: (ORDER[line.due.state], line.due.due_on, str(line.person), line.person.pk))


def _people(viewer: Any, wanted: Wanted) -> QuerySet[User]:
    people = User.objects.results_visible_to(viewer)
    if not wanted.leavers:
        people = people.filter(is_active=True)
    if wanted.team:
        people = people.filter(team=None if wanted.team == NO_TEAM else wanted.team)
    if query := plain(wanted.query):
        people = people.filter(
            Q(display_name__icontains=query) | Q(username__icontains=query) | Q(staff_number__icontains=query)
        )
    return people


def _fits(due: Due, wanted: Wanted) -> bool:
    if wanted.path and due.slug != wanted.path:
        return False
    return wanted.state == ALL or (due.pressing if wanted.state == PRESSING else due.state == wanted.state)


def counts(found: Iterable[Line]) -> list[tuple[str, int]]:
    """How many of each state there are, named, most pressing first."""
    seen = Counter(line.due.state for line in found)
    return [(str(state.label), seen[state]) for state in DueState if seen[state]]


def table(found: Iterable[Line]) -> Iterator[list[str]]:
    """The rows of a spreadsheet, with their heading. Days as 2026-12-31."""
    yield [
        _("Name"), _("Staff number"), _("Team"), _("Path"), _("Due on"), _("State"), _("Days overdue"),
        _("Finished on"), _("Due before the extension"), _("Reason"), _("Agreed by"), _("Agreed on"),
    ]  # fmt: skip
    for line in found:
        person, due = line.person, line.due
        yield [
            str(person),
            person.staff_number or "",
            str(person.team or ""),
            due.title,
            _day(due.due_on),
            str(due.state.label),
            str(due.late) if due.state == DueState.OVERDUE else "",
            _day(due.finished_on),
            _day(due.first_due_on) if due.extended else "",
            due.reason,
            due.by,
            _day(due.agreed_on),
        ]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
