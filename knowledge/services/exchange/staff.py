"""People in and out: the staff list of accounts, by the same road as content. Passwords are never in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.models import Team, User
from accounts.services import staff_import
from accounts.services.people import RANKS, rank_of
from accounts.services.staff_file import HEADERS, REQUIRED, ROLE_WORDS, StaffRow, read_cells
from accounts.services.staff_import import Change, Known, Names
from knowledge.models import StagedRow
from knowledge.services.exchange.bulk import Statements, reserve
from knowledge.services.exchange.registry import CellProblem, Entry, Exchange, How, Judged, Row
from knowledge.services.exchange.tables import formats
from knowledge.tables.layout import Column, Layout, Line

Outcome = StagedRow.Outcome
TITLES = {
    "staff_number": "工号",
    "display_name": "姓名",
    "username": "用户名",
    "role": "角色",
    "team": "班组",
    "email": "邮箱",
    "locale": "语言",
}
FIELDS = tuple(TITLES)
CHANGED = ("display_name", "email", "locale", "is_staff", "team", "joined_team_on")  # as staff_import has them
LAYOUT = Layout(
    "staff",
    tuple(Column(name, title, HEADERS[name], name in REQUIRED, 18) for name, title in TITLES.items()),
    lambda line, first: True,
)
ROLE_TITLES = {role: word for word, role in ROLE_WORDS.items() if word not in Role.values}


def parse(lines: list[Line]) -> Row:
    """The person of a row, and what is wrong with it by the address of the cell."""
    line = lines[0]
    person, problems = read_cells(line.number, line.cells)
    document = {name: getattr(person, name) for name in FIELDS}
    told = [(line.place(problem.column, TITLES[problem.column]), problem.text) for problem in problems]
    return Row(line.number, person.staff_number[:120], document, told)


def spread(entry: Entry) -> Iterator[dict[str, str]]:
    yield entry.document | {"role": ROLE_TITLES[Role(entry.document["role"])]}


@dataclass
class Site:
    """Everybody there is, and what earlier rows of the file have taken."""

    people: dict[str, Known]
    names: Names
    teams: dict[str, str]
    led: set[str] | None  # codes of the teams whose people the importer may move; None is all
    reaches_all: bool
    author: User
    taken: dict[str, int] = field(default_factory=dict)


class StaffExchange(Exchange):
    kind = "staff"
    label = gettext_lazy("people")
    model = User
    permission = "accounts.add_user"
    view_permission = "accounts.add_user"

    def site(self, slugs: Sequence[str], author: Any) -> Site:
        people = staff_import.everybody()
        all_teams = author.has_perm("accounts.change_team")
        return Site(
            people={person.staff_number: person for person in people if person.staff_number},
            names=Names(people, slugs),
            teams=staff_import.teams_by_name(),
            led=None if all_teams else set(Team.objects.filter(leaders=author.pk).values_list("code", flat=True)),
            reaches_all=author.is_superuser,
            author=author,
        )

    def current(self, slugs: Sequence[str]) -> dict[str, Entry]:
        chosen = User.objects.filter(staff_number__in=slugs)
        return {person.staff_number or "": _entry(person) for person in _with_parts(chosen)}

    def judge(self, row: Row, site: Site, before: Entry | None) -> Judged:
        if row.document is None or row.problems:
            return Judged(Outcome.WRONG, row.problems)
        team = site.teams.get(row.document["team"], "")
        document = row.document | {"team": team}
        person, wanted = site.people.get(row.slug), StaffRow(row.number, **document)
        problems = list(_taken(wanted, site))
        if row.document["team"] and not team:
            problems.append(("team", staff_import.no_team(row.document["team"])))
        elif problem := staff_import.renamed(person, wanted) if person else site.names.taken(wanted):
            problems.append((problem.column, problem.text))
        elif person and not staff_import.differs(person, wanted):
            return Judged(Outcome.WRONG if problems else Outcome.SAME, problems, document)
        problems += _reach(person, wanted, site)
        if problems:
            return Judged(Outcome.WRONG, problems)
        return Judged(Outcome.CHANGED if person else Outcome.NEW, document=document)

    def seen(self) -> dict[str, Any]:
        return {
            person.staff_number: [*_plain(person), sorted(person.roles), person.is_superuser]
            for person in staff_import.everybody()
            if person.staff_number
        }

    def plan(self, rows: Iterable[Row], how: How, progress: Callable[[int], None]) -> Batch:
        people = {person.staff_number: person for person in staff_import.everybody() if person.staff_number}
        outcome = staff_import.Plan()
        for row in rows:
            wanted = StaffRow(row.number, **(row.document or {}))
            if person := people.get(row.slug):
                outcome.changed.append(Change(person, wanted))
            else:
                outcome.new.append(wanted)
        return Batch(outcome, how)

    def entries(self, chosen: QuerySet[User] | None = None) -> Iterator[Entry]:
        """Active people with a staff number and one role: a list has no row for anybody else."""
        found = User.objects.all() if chosen is None else User.objects.filter(pk__in=chosen.values("pk"))
        found = found.filter(is_active=True, staff_number__isnull=False, erased_at__isnull=True)
        for person in _with_parts(found.order_by("staff_number")):
            if sum(group.name in Role.values for group in person.groups.all()) == 1:
                yield _entry(person)


class Batch:
    """As accounts would write them, with nothing left to make: new ones under keys of their own."""

    def __init__(self, outcome: staff_import.Plan, how: How) -> None:
        ready = staff_import.prepare(outcome, how.author)
        people, ready.new = ready.new, []
        roles, ready.roles = ready.roles, []
        changed, ready.changed = ready.changed, []
        through = User.groups.through
        groups = dict(Group.objects.filter(name__in=Role.values).values_list("name", "pk"))
        for person, pk in zip(people, reserve(User, len(people)), strict=True):
            person.pk = pk
        keys = reserve(through, len(people))
        rows = zip(people, roles, keys, strict=True)
        self.ready, self.statements = ready, Statements()
        self.statements.update(User, CHANGED, changed)
        self.statements.insert(people)
        self.statements.insert([through(pk=key, user_id=one.pk, group_id=groups[role]) for one, role, key in rows])

    def write(self) -> None:
        self.ready.write()
        self.statements.run()


def _with_parts(people: QuerySet[User]) -> Iterator[User]:
    return people.prefetch_related("groups").iterator(chunk_size=2000)


def _entry(person: User) -> Entry:
    roles = [group.name for group in person.groups.all() if group.name in Role.values]
    names = ("display_name", "username", "email", "locale")
    document = {"staff_number": person.staff_number or "", **{name: getattr(person, name) for name in names}}
    return Entry(document | {"role": roles[0] if len(roles) == 1 else "", "team": person.team_id or ""})


def _plain(person: Known) -> list[Any]:
    return [person.pk, person.username, person.display_name, person.email, person.locale, person.team_id]


def _taken(row: StaffRow, site: Site) -> Iterator[CellProblem]:
    for name in ("staff_number", "username"):
        value = getattr(row, name)
        first = site.taken.setdefault(f"{name} {value}", row.row) if value else row.row
        if first != row.row:
            yield name, _("“%(slug)s” stands in row %(row)d already.") % {"slug": value, "row": first}


def _reach(person: Known | None, row: StaffRow, site: Site) -> Iterator[CellProblem]:
    """What the importer may not do to somebody who is there."""
    if person is None:
        return
    if person.is_superuser and not site.reaches_all:
        yield "staff_number", _("This account looks after the site itself; it is not changed by a file.")
    if row.email not in {"", person.email} and person.pk != site.author.pk and not _stands_above(site.author, person):
        yield "email", _("A reset link goes there: of somebody of your own rank it is not changed by a file.")
    if site.led is not None and staff_import.moves(person, row) and person.team_id and person.team_id not in site.led:
        yield "team", _("This person is in a team that you do not lead. Leave the cell empty.")


def _stands_above(author: User, person: Known) -> bool:
    return author.is_superuser or rank_of(author) > max((RANKS[Role(name)] for name in person.roles), default=0)


STAFF = StaffExchange()
STAFF_FORMATS = formats(LAYOUT, parse, spread)
