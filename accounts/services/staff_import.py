"""Importing a staff list: `plan` compares the file with the people there are, `apply` writes it, all rows or none.

Passwords are never imported: a slip, or a reset by e-mail, lets people in.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import AuditEntry, Team, User, clean_staff_number
from accounts.roles import PUBLISHER, STAFF_ROLES
from accounts.services.staff_file import MAX_BYTES, Parsed, Problem, StaffRow, parse, short
from accounts.services.teams import entry_of_move

__all__ = ["MAX_BYTES", "Known", "Plan", "apply", "parse", "plan", "report", "run"]

BATCH = 5000
SHOWN = 100
UPDATE = (
    "UPDATE accounts_user SET display_name = %s, email = %s, locale = %s, is_staff = %s, team_id = %s, "
    "joined_team_on = %s WHERE id = %s"
)
T = TypeVar("T")


class Known(NamedTuple):
    """Somebody who is there already."""

    pk: int
    username: str
    staff_number: str | None
    display_name: str
    email: str
    locale: str
    roles: frozenset[str] = frozenset()
    is_superuser: bool = False
    team_id: str | None = None
    joined_team_on: date | None = None


class Change(NamedTuple):
    """A row whose person is there but differs."""

    person: Known
    row: StaffRow


@dataclass
class Plan:
    """What an import would do. With any problem it does nothing."""

    new: list[StaffRow] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: list[StaffRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many rows are refused; a file refused as a whole counts as one."""
        return len({problem.row for problem in self.problems})


def plan(parsed: Parsed, people: Collection[Known], teams: Mapping[str, str] | None = None) -> Plan:
    """What the file means for these people, who are everybody there is. `teams` leads from the name or code of a team
    to its code. No database is asked."""
    result = Plan(problems=list(parsed.problems))
    by_number = {person.staff_number: person for person in people if person.staff_number}
    names = Names(people, [row.staff_number for row in parsed.rows])
    for read in parsed.rows:
        row = read._replace(team=(teams or {}).get(read.team, "")) if read.team else read
        person = by_number.get(row.staff_number)
        if read.team and not row.team:
            result.problems.append(Problem(row.row, "team", no_team(read.team)))
        elif problem := renamed(person, row) if person else names.taken(row):
            result.problems.append(problem)
        elif person is None:
            result.new.append(row)
        elif differs(person, row):
            result.changed.append(Change(person, row))
        else:
            result.same.append(row)
    result.problems.sort(key=lambda problem: problem.row)
    return result


class Names:
    """What people sign in with. One name opens one account: a username is nobody else's username or staff number."""

    def __init__(self, people: Collection[Known], numbers: Iterable[str]) -> None:
        self.usernames = {person.username for person in people}
        self.usernames_as_numbers = {clean_staff_number(name) for name in self.usernames}
        self.numbers = {*(person.staff_number for person in people), *numbers}

    def taken(self, row: StaffRow) -> Problem | None:
        """Why this new person cannot have these names."""
        name = row.username or row.staff_number
        as_number = clean_staff_number(name)
        if name in self.usernames or (as_number != row.staff_number and as_number in self.numbers):
            return Problem(row.row, "username", _taken(name))
        if row.staff_number in self.usernames_as_numbers:
            return Problem(row.row, "staff_number", _taken(row.staff_number))
        return None


def renamed(person: Known, row: StaffRow) -> Problem | None:
    """An import never changes what somebody signs in with."""
    if row.username in {"", person.username}:
        return None
    text = _("%(number)s already signs in as %(username)s. Leave the cell empty, or change the name in the admin.")
    return Problem(row.row, "username", text % {"number": row.staff_number, "username": person.username})


def _taken(name: str) -> str:
    return _("Somebody else already signs in with “%(value)s”.") % {"value": short(name)}


def differs(person: Known, row: StaffRow) -> bool:
    return (
        row.display_name != person.display_name
        or (row.email or person.email) != person.email
        or (row.locale or person.locale) != person.locale
        or person.roles != {row.role}
        or (row.team or person.team_id) != person.team_id
    )


def no_team(name: str) -> str:
    return _("There is no team “%(value)s”. Add it first, or leave the cell empty.") % {"value": short(name)}


def teams_by_name() -> dict[str, str]:
    """Name or code of each team -> its code. A code goes before a name that reads like it."""
    rows = list(Team.objects.values_list("code", "name"))
    return {name: code for code, name in rows} | {code: code for code, _name in rows}


def everybody() -> list[Known]:
    """All people with their roles, in two queries whatever their number."""
    groups = User.groups.through.objects.filter(group__name__in=Role.values)
    roles: dict[int, set[str]] = {}
    for pk, name in groups.values_list("user_id", "group__name"):
        roles.setdefault(pk, set()).add(name)
    fields = (
        "pk",
        "username",
        "staff_number",
        "display_name",
        "email",
        "locale",
        "is_superuser",
        "team_id",
        "joined_team_on",
    )
    return [
        Known(**row, roles=frozenset(roles.get(row["pk"], ())))
        for row in User.objects.values(*fields).iterator(chunk_size=2000)
    ]


def run(data: bytes, *, dry_run: bool = False) -> tuple[Parsed, Plan]:
    """Read, compare and, unless something is wrong or it is a dry run, write: all rows or none.

    Raises IntegrityError when somebody else takes one of the names meanwhile; then nothing is written either.
    """
    parsed = parse(data)
    with transaction.atomic():
        outcome = plan(parsed, everybody() if parsed.rows else [], teams_by_name())
        if not outcome.problems and not dry_run:
            apply(outcome)
    return parsed, outcome


@transaction.atomic
def apply(outcome: Plan, by: Any = None) -> None:
    """Write a plan without problems, in a number of queries that grows with the batches only."""
    prepare(outcome, by).write()


@dataclass
class Ready:
    """A plan made ready: what takes long is done before anybody waits for the database."""

    new: list[User]
    changed: list[tuple[Any, ...]]
    roles: list[str]  # of those, in their order
    moved: list[tuple[int, str]]  # somebody whose role is another, role
    entries: list[AuditEntry]

    def write(self) -> None:
        """In the caller's transaction."""
        created = User.objects.bulk_create(self.new, batch_size=BATCH)
        # By hand, because bulk_update takes a minute for 20,000 rows, with the database locked.
        with connection.cursor() as cursor:
            cursor.executemany(UPDATE, self.changed)
        memberships = User.groups.through.objects
        for batch in _batches(self.moved, BATCH):
            names = [*Role.values, PUBLISHER]
            memberships.filter(user__in=[pk for pk, _role in batch], group__name__in=names).delete()
        AuditEntry.objects.bulk_create(self.entries, batch_size=BATCH)
        groups = dict(Group.objects.filter(name__in=Role.values).values_list("name", "pk"))
        given = [(user.pk, role) for user, role in zip(created, self.roles, strict=True)]
        memberships.bulk_create(
            [User.groups.through(user_id=pk, group_id=groups[role]) for pk, role in given + self.moved],
            batch_size=BATCH,
        )


def prepare(outcome: Plan, by: Any = None) -> Ready:
    """Everything a plan without problems writes. Who changes teams has a line in the audit log, as whoever is moved
    by hand."""
    return Ready(
        new=[_new_user(row) for row in outcome.new],
        changed=[_changed_values(change) for change in outcome.changed],
        roles=[row.role for row in outcome.new],
        moved=[(person.pk, row.role) for person, row in outcome.changed if person.roles != {row.role}],
        entries=[
            entry_of_move(person.pk, person.team_id, row.team, by)
            for person, row in outcome.changed
            if moves(person, row)
        ],
    )


def _new_user(row: StaffRow) -> User:
    return User(
        username=row.username or row.staff_number,
        staff_number=row.staff_number,
        display_name=row.display_name,
        email=row.email,
        locale=row.locale or settings.LANGUAGE_CODE,
        is_staff=row.role in STAFF_ROLES,
        team_id=row.team or None,
        joined_team_on=timezone.localdate() if row.team else None,
        password=UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20),
    )


def moves(person: Known, row: StaffRow) -> bool:
    return bool(row.team) and row.team != person.team_id


def _changed_values(change: Change) -> tuple[Any, ...]:
    """What the UPDATE takes. Deadlines count from the day of joining: it stays for whoever stays in their team."""
    person, row = change
    is_staff = person.is_superuser or row.role in STAFF_ROLES
    joined = timezone.localdate() if moves(person, row) else person.joined_team_on
    names = row.display_name, row.email or person.email, row.locale or person.locale
    return *names, is_staff, row.team or person.team_id, joined, person.pk


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def report(name: str, parsed: Parsed, outcome: Plan) -> list[str]:
    """Lines to print: encoding, the first problems, the counts. The same for a dry run."""
    lines = []
    if parsed.encoding:
        lines.append(_("%(file)s is read as %(encoding)s.") % {"file": name, "encoding": parsed.encoding})
    lines += [problem.sentence(name) for problem in outcome.problems[:SHOWN]]
    if (rest := len(outcome.problems) - SHOWN) > 0:
        more = ngettext("… and %(count)d more problem.", "… and %(count)d more problems.", rest)
        lines.append(more % {"count": rest})
    lines.append(
        _("%(new)d new, %(changed)d changed, %(same)d the same, %(wrong)d wrong.")
        % {
            "new": len(outcome.new),
            "changed": len(outcome.changed),
            "same": len(outcome.same),
            "wrong": outcome.wrong,
        }
    )
    return lines
