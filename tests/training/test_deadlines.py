"""When something is due: the rules, their edges around midnight and leap days, and what must hold for any days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from training import deadlines
from training.deadlines import GRACE_DAYS, MOST_DAYS, SOON_DAYS, Agreed, Assigned
from training.enums import DueState

D = date.fromisoformat
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
NUMBERS = st.integers(1, MOST_DAYS)
RELATIVE = st.builds(Assigned, DAYS, due_days=NUMBERS, by_team=st.booleans())
FIXED = st.builds(Assigned, DAYS, due_on=DAYS, by_team=st.booleans())
ASSIGNED = st.one_of(RELATIVE, FIXED)
AGREED = st.one_of(
    st.none(),
    st.builds(Agreed, st.just("extension"), DAYS),
    st.just(Agreed("exemption")),
    st.just(Agreed("withdrawn")),
)


@pytest.mark.parametrize(
    ("assigned", "joined", "due"),
    [
        (Assigned(D("2026-11-25"), due_days=14), None, "2026-12-09"),
        (Assigned(D("2026-11-25"), due_days=14), "2026-11-01", "2026-12-09"),
        (Assigned(D("2026-11-25"), due_days=14), "2026-11-25", "2026-12-09"),
        (Assigned(D("2026-11-25"), due_days=14), "2026-12-01", "2026-12-15"),
        (Assigned(D("2026-11-25"), due_days=14, by_team=False), "2026-12-01", "2026-12-09"),
        # Leap days, and the end of a year.
        (Assigned(D("2028-02-15"), due_days=14), None, "2028-02-29"),
        (Assigned(D("2028-02-29"), due_days=365), None, "2029-02-28"),
        (Assigned(D("2027-02-15"), due_days=14), None, "2027-03-01"),
        (Assigned(D("2026-12-31"), due_days=1), None, "2027-01-01"),
        # A fixed day holds for who was there by then; a newcomer gets a week.
        (Assigned(D("2026-11-01"), due_on=D("2026-11-30")), "2026-11-15", "2026-11-30"),
        (Assigned(D("2026-11-01"), due_on=D("2026-11-30")), "2026-11-30", "2026-11-30"),
        (Assigned(D("2026-11-01"), due_on=D("2026-11-30")), "2026-12-01", "2026-12-08"),
        (Assigned(D("2026-11-01"), due_on=D("2026-11-30"), by_team=False), "2026-12-01", "2026-11-30"),
        # The last day a calendar has is no accident.
        (Assigned(date.max, due_days=MOST_DAYS), None, "9999-12-31"),
    ],
)
def test_the_day(assigned: Assigned, joined: str | None, due: str) -> None:
    assert deadlines.due_on(assigned, D(joined) if joined else None).isoformat() == due


@pytest.mark.parametrize(
    ("today", "finished", "agreed", "state"),
    [
        ("2026-12-05", None, None, DueState.OPEN),
        ("2026-12-06", None, None, DueState.SOON),
        ("2026-12-09", None, None, DueState.SOON),
        ("2026-12-10", None, None, DueState.OVERDUE),
        ("2026-12-10", "2026-12-09", None, DueState.DONE),
        ("2026-12-20", "2026-12-20", None, DueState.DONE),
        ("2026-12-10", None, Agreed("exemption"), DueState.EXEMPT),
        ("2026-12-10", "2026-12-01", Agreed("exemption"), DueState.DONE),
        ("2026-12-10", None, Agreed("withdrawn"), DueState.OVERDUE),
    ],
)
def test_the_state(today: str, finished: str | None, agreed: Agreed | None, state: DueState) -> None:
    """Due today is in time; late is done too."""
    assert deadlines.state(D("2026-12-09"), D(finished) if finished else None, agreed, D(today)) == state


@pytest.mark.parametrize(
    ("moment", "day", "state"),
    [
        # Shanghai is eight hours ahead: its day ends at 16:00 UTC.
        (datetime(2026, 12, 9, 15, 59, 59, tzinfo=UTC), "2026-12-09", DueState.SOON),
        (datetime(2026, 12, 9, 16, 0, 0, tzinfo=UTC), "2026-12-10", DueState.OVERDUE),
        (datetime(2026, 12, 9, 23, 59, 59, tzinfo=UTC), "2026-12-10", DueState.OVERDUE),
        (datetime(2026, 12, 8, 16, 0, 0, tzinfo=UTC), "2026-12-09", DueState.SOON),
        (datetime(2026, 12, 8, 15, 59, 59, tzinfo=UTC), "2026-12-08", DueState.SOON),
        (datetime(2028, 2, 28, 16, 0, 0, tzinfo=UTC), "2028-02-29", DueState.OVERDUE),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), "2027-01-01", DueState.OVERDUE),
    ],
)
def test_midnight_is_that_of_shanghai(moment: datetime, day: str, state: DueState) -> None:
    """Somebody who finishes at 23:59:59 is in time, by the clock on their wall."""
    today = timezone.localdate(moment)
    assert (today.isoformat(), deadlines.state(D("2026-12-09"), None, None, today)) == (day, state)


@pytest.mark.parametrize(
    ("today", "wanted"),
    [
        ("2026-12-05", False),
        ("2026-12-06", True),
        ("2026-12-07", False),
        ("2026-12-08", False),
        ("2026-12-09", True),
        ("2026-12-10", False),
        ("2026-12-15", False),
        ("2026-12-16", True),
        ("2026-12-17", False),
        ("2026-12-23", True),
        ("2026-12-30", True),
    ],
)
def test_the_days_of_reminders(today: str, wanted: bool) -> None:
    """Three days before, on the day, and weekly while it is overdue."""
    assert deadlines.reminder(D("2026-12-09"), D(today)) is wanted


@given(ASSIGNED, DAYS)
def test_nobody_starts_overdue(assigned: Assigned, joined: date) -> None:
    """On the day it becomes somebody's to do by way of a team, it is never over, whatever day was fixed."""
    reached = deadlines.reached_on(assigned, joined)
    due = deadlines.due_on(assigned, joined)
    assert deadlines.state(due, None, None, reached) != DueState.OVERDUE


@given(RELATIVE, DAYS, DAYS)
def test_whoever_joins_later_never_has_less_time(assigned: Assigned, one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert deadlines.due_on(assigned, first) <= deadlines.due_on(assigned, second)


@given(FIXED, DAYS)
def test_a_fixed_day_is_that_day_or_a_week_from_joining(assigned: Assigned, joined: date) -> None:
    due, fixed = deadlines.due_on(assigned, joined), assigned.due_on
    reached = deadlines.reached_on(assigned, joined)
    assert due == (fixed if fixed and reached <= fixed else reached + timedelta(GRACE_DAYS))


@given(st.lists(ASSIGNED, min_size=1, max_size=4), st.one_of(st.none(), DAYS))
def test_the_earliest_of_several_counts(several: list[Assigned], joined: date | None) -> None:
    assert deadlines.first_due(several, joined) == min(deadlines.due_on(one, joined) for one in several)


@given(DAYS, AGREED)
def test_an_agreement_takes_no_time_away(due: date, agreed: Agreed | None) -> None:
    assert deadlines.moved(due, agreed) >= due


@given(DAYS, st.one_of(st.none(), DAYS), AGREED, DAYS)
def test_each_day_has_one_state(due: date, finished: date | None, agreed: Agreed | None, today: date) -> None:
    """Overdue exactly when the day is over and nothing else settles it; close only within the last days."""
    state = deadlines.state(due, finished, agreed, today)
    settled = finished is not None or bool(agreed and agreed.kind == "exemption")
    assert (state == DueState.OVERDUE) == (not settled and today > due)
    assert (state == DueState.SOON) == (not settled and 0 <= (due - today).days <= SOON_DAYS)


@given(DAYS, st.integers(-60, 60))
def test_a_reminder_is_never_daily(due: date, offset: int) -> None:
    """Of two days in a row at most one brings a mail."""
    today = due + timedelta(offset)
    assert not (deadlines.reminder(due, today) and deadlines.reminder(due, today + timedelta(1)))
