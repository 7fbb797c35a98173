"""When a path is due, and how that stands today: pure rules of assignments, agreements and days.

Every day is a date of the site's own time zone; see docs/decisions/0015-deadlines.md for the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from training.enums import Agreement, DueState

# From so many days before on it is close: the first reminder goes out then.
SOON_DAYS = 3
# Whoever joins after a fixed day gets at least these days from joining: nobody starts overdue.
GRACE_DAYS = 7
# Once overdue, a reminder every so many days.
AGAIN_DAYS = 7
MOST_DAYS = 730
LAST = date.max


@dataclass(frozen=True, slots=True)
class Assigned:
    """One assignment as far as its day goes: either `due_on` or `due_days` is set. `by_team` says that it is the
    team's: what somebody was given personally does not wait for a team."""

    assigned_on: date
    due_on: date | None = None
    due_days: int | None = None
    by_team: bool = True


@dataclass(frozen=True, slots=True)
class Agreed:
    """The newest thing agreed with somebody about a path."""

    kind: str
    due_on: date | None = None


def later(day: date, days: int) -> date:
    """So many days on; the last day there is, where a calendar ends."""
    return day + timedelta(days) if days <= (LAST - day).days else LAST


def reached_on(assigned: Assigned, joined: date | None) -> date:
    """The day from which it is somebody's to do: when it was assigned, or when they joined, whichever is later."""
    return max(assigned.assigned_on, joined) if joined and assigned.by_team else assigned.assigned_on


def due_on(assigned: Assigned, joined: date | None) -> date:
    """The last day in time. `joined` is the day somebody joined their team, None without one."""
    if assigned.due_on is None:
        return later(reached_on(assigned, joined), assigned.due_days or 0)
    reached = reached_on(assigned, joined)
    return later(reached, GRACE_DAYS) if reached > assigned.due_on else assigned.due_on


def first_due(assignments: Iterable[Assigned], joined: date | None) -> date:
    """Of several assignments of one path the earliest counts. Raises ValueError for none."""
    return min(due_on(one, joined) for one in assignments)


def moved(due: date, agreed: Agreed | None) -> date:
    """The day after an extension. It never takes time away: one agreed before a later assignment has no effect."""
    if agreed and agreed.kind == Agreement.EXTENSION and agreed.due_on:
        return max(due, agreed.due_on)
    return due


def state(due: date, finished_on: date | None, agreed: Agreed | None, today: date) -> DueState:
    """How it stands on a day. The day it is due is in time; what is finished is done, be it late."""
    if finished_on is not None:
        return DueState.DONE
    if agreed and agreed.kind == Agreement.EXEMPTION:
        return DueState.EXEMPT
    if today > due:
        return DueState.OVERDUE
    return DueState.SOON if (due - today).days <= SOON_DAYS else DueState.OPEN


def reminder(due: date, today: date) -> bool:
    """Whether this is a day for a reminder: some days before, on the day, and weekly once it is over."""
    left = (due - today).days
    return left in {SOON_DAYS, 0} or (left < 0 and left % AGAIN_DAYS == 0)
