"""Assign a path, end an assignment, agree on another day. Each is written into the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Team, User
from accounts.services.audit import Action, note
from training.deadlines import MOST_DAYS, later
from training.enums import Agreement
from training.models import Assignment, DeadlineChange, Path
from training.services.assignments import Due


@dataclass(slots=True)
class Outcome:
    """Who has the path to do now, and who had it already: their day stays."""

    made: list[Assignment] = field(default_factory=list)
    there: list[Team | User] = field(default_factory=list)


@transaction.atomic
def assign(
    path: Path,
    whom: Iterable[Team | User],
    *,
    due_on: date | None = None,
    due_days: int | None = None,
    by: Any,
    today: date,
) -> Outcome:
    """Give a path to teams and people, due on a local day or so many days after today or joining.

    A team or person that has it already keeps it as it is, also when somebody else assigns it at the same moment.
    Raises ValidationError for a day or number that cannot be, or both or neither; then nothing is assigned.
    """
    _check(due_on, due_days, today)
    outcome = Outcome()
    for one in whom:
        target = {"team": one} if isinstance(one, Team) else {"person": one}
        try:
            with transaction.atomic():
                made = Assignment.objects.create(
                    path=path, **target, due_on=due_on, due_days=due_days, assigned_on=today, created_by=by
                )
        except IntegrityError:
            outcome.there.append(one)
            continue
        outcome.made.append(made)
        note(by, Action.ASSIGNED, kind="path", slug=path.slug, person=made.person, detail=_told(made))
    return outcome


def _check(due_on: date | None, due_days: int | None, today: date) -> None:
    if (due_on is None) == (due_days is None):
        raise ValidationError(_("Give a day, or a number of days."))
    if due_days is not None and not 1 <= due_days <= MOST_DAYS:
        raise ValidationError(_("Give a number of days from 1 to %d.") % MOST_DAYS)
    if due_on is not None and not today <= due_on <= later(today, MOST_DAYS):
        raise ValidationError(_("Choose a day from today on, within two years."))


def _told(assignment: Assignment) -> str:
    """For the audit log, which outlives both: codes and days."""
    day = assignment.due_on.isoformat() if assignment.due_on else f"+{assignment.due_days}"
    return f"{assignment.team_id} {day}" if assignment.team_id else day


@transaction.atomic
def end(assignment: Assignment, *, by: Any, now: datetime) -> bool:
    """From now on it is nobody's to do by way of this assignment. Returns False when it had been ended before."""
    if not Assignment.objects.running().filter(pk=assignment.pk).update(ended_at=now):
        return False
    detail = f"{_told(assignment)} ended"
    note(by, Action.CHANGED, kind="path", slug=assignment.path.slug, person=assignment.person, detail=detail)
    return True


@transaction.atomic
def agree(
    due: Due, person: User, kind: str, *, reason: str, by: Any, now: datetime, due_on: date | None = None
) -> DeadlineChange:
    """Agree with somebody on more time for a path, on none needed, or take back what was agreed. The newest counts.

    The reason is kept with the agreement, not in the audit log: it may say something about a person's life. Raises
    ValidationError for an extension that gives no more time, and without a reason.
    """
    if not reason.strip():
        raise ValidationError(_("Say why: whoever looks later sees it."))
    if kind == Agreement.EXTENSION:
        _check_later(due, due_on, timezone.localdate(now))
    day = due_on if kind == Agreement.EXTENSION else None
    made = DeadlineChange.objects.create(
        person=person, path_id=due.path, kind=Agreement(kind), due_on=day, reason=reason.strip(), by=by, at=now
    )
    detail = f"{kind} {day.isoformat()}" if day else str(kind)
    note(by, Action.EXTENDED, kind="path", slug=due.slug, person=person, detail=detail)
    return made


def _check_later(due: Due, due_on: date | None, today: date) -> None:
    """After the day that would count without any extension: an extension may be shortened, but takes nothing away."""
    if due_on is None or not max(due.first_due_on, later(today, -1)) < due_on <= later(today, MOST_DAYS):
        raise ValidationError(_("Choose a day after %s, from today on and within two years.") % due.first_due_on)


def still_assigned(team: Team) -> list[str]:
    """Why this team cannot go: the paths that it has to finish, each a sentence."""
    running = Assignment.objects.running().filter(team=team).select_related("path")
    return [_("“%s” is assigned to this team: end that first.") % one.path for one in running]


def end_personal(person: User, *, by: Any, now: datetime) -> None:
    """Somebody has left: what they alone had to finish ends, so that nobody comes back to overdue paths."""
    for one in Assignment.objects.running().filter(person=person).select_related("path", "person"):
        end(one, by=by, now=now)
