"""Who is in which team: moving people, and what keeps a team from being deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEntry, Team, User
from accounts.services.audit import Action, note

BATCH = 1000
# What the apps above have to say against a team's going: each gives sentences, none when nothing speaks against it.
Objection = Callable[[Team], list[str]]
OBJECTIONS: list[Objection] = []


def register_objection(objection: Objection) -> None:
    if objection not in OBJECTIONS:
        OBJECTIONS.append(objection)


def objections(team: Team) -> list[str]:
    """Why this team cannot be deleted now, in sentences."""
    return [sentence for objection in OBJECTIONS for sentence in objection(team)]


def may_move(editor: User, person: User) -> bool:
    """Whether `editor` may put the person elsewhere: whoever looks after teams anybody, a leader their own people and
    those of no team. Otherwise somebody could make any person theirs, and read their results."""
    if editor.has_perm("accounts.change_team") or person.team_id is None:
        return True
    return Team.objects.filter(pk=person.team_id, leaders=editor.pk).exists()


@transaction.atomic
def delete(team: Team, *, by: Any = None) -> None:
    """Delete a team; its members are in none then. Raises ValidationError with the objections, and deletes nothing."""
    Team.objects.select_for_update().filter(pk=team.pk).first()
    if against := objections(team):
        raise ValidationError(against)
    code = team.pk
    move(User.objects.filter(team=team), None, timezone.localdate(), by=by)
    team.delete()
    note(by, Action.CHANGED, kind="team", slug=code, detail="deleted")


@transaction.atomic
def move(people: Iterable[User], team: Team | None, day: date, *, by: Any = None) -> int:
    """Put these people into a team, or out of any, from this local day on; those already there keep their day.

    Deadlines count from it. The rows are what is compared, not the instances, which are told of the change. Writes an
    entry of the audit log for each person moved. Returns how many were.
    """
    chosen = {person.pk: person for person in people}
    code = team.pk if team else None
    moved: list[tuple[int, str | None]] = []
    for batch in _batches(list(chosen), BATCH):
        rows = User.objects.select_for_update().filter(pk__in=batch).exclude(team=team)
        found = dict(rows.values_list("pk", "team_id"))
        User.objects.filter(pk__in=found).update(team=team, joined_team_on=day if team else None)
        moved += found.items()
    AuditEntry.objects.bulk_create([entry_of_move(pk, before, code, by) for pk, before in moved], batch_size=BATCH)
    for pk, _before in moved:
        chosen[pk].team, chosen[pk].joined_team_on = team, day if team else None
    return len(moved)


def entry_of_move(person: int, before: str | None, after: str | None, by: Any) -> AuditEntry:
    who = by if getattr(by, "pk", None) else None
    return AuditEntry(
        actor=who,
        action=Action.CHANGED,
        kind="team",
        slug=after or before or "",
        person_id=person,
        detail=f"{before or '–'} → {after or '–'}",
    )


def _batches(keys: list[int], size: int) -> Iterable[list[int]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def note_leaders(team: Team, before: Iterable[User], after: Iterable[User], *, by: Any = None) -> None:
    """Write down who leads a team from now on and who no longer does: leaders read their people's results."""
    was, now = set(before), set(after)
    for sign, people in (("+", now - was), ("-", was - now)):
        for person in sorted(people, key=lambda one: one.pk):
            note(by, Action.CHANGED, kind="team", slug=team.pk, person=person, detail=f"{sign}leader")


def change_members(team: Team, *, seen: Iterable[int], chosen: Iterable[int], day: date, by: Any = None) -> None:
    """Bring the members from those an editor saw (ids) to those they chose: whom somebody else added or took away
    meanwhile stays as that one left it."""
    before, after = set(seen), set(chosen)
    move(User.objects.filter(pk__in=after - before), team, day, by=by)
    move(User.objects.filter(pk__in=before - after, team=team), None, day, by=by)
