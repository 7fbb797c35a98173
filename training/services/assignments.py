"""Who has to finish which path by when: assigned, extended, exempted, finished.

Computed at every look: a new member of a team inherits at once, and nobody keeps what came through a team they have
left. What is due when is decided by the pure rules of training/deadlines.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from training import deadlines
from training.deadlines import Agreed, Assigned
from training.enums import Agreement, DueState
from training.models import Assignment, Attempt, Certificate, DeadlineChange, LessonProgress
from training.services import curriculum, progress
from training.services.curriculum import Curriculum, PathEntry, Standing, as_day, as_moment

DAYS = ("path_id", "assigned_on", "due_on", "due_days", "team_id")
PRESSING = (DueState.OVERDUE, DueState.SOON, DueState.OPEN)


@dataclass(frozen=True, slots=True)
class Due:
    """A path somebody has to finish, and how that stands on the day asked about.

    `path` is its key. `due_on` is the last day in time, after an extension; `first_due_on` the one before it.
    `reached_on` is the day from which it is theirs to do. `finished_on` is the local day on which the last part was
    passed, None while something is missing. `days` are left until it is due, under 0 once that is over. `reason`, `by`
    (a name) and `agreed_on` belong to the extension or exemption that counts; empty when there is none.
    """

    path: int
    slug: str
    title: str
    due_on: date
    first_due_on: date
    reached_on: date
    finished_on: date | None
    exempt: bool
    extended: bool
    state: DueState
    days: int
    reason: str = ""
    by: str = ""
    agreed_on: date | None = None

    @property
    def late(self) -> int:
        """Days over."""
        return max(0, -self.days)

    @property
    def pressing(self) -> bool:
        """Neither done nor exempt: something is still to be done."""
        return self.state in PRESSING


def dues(people: QuerySet[User], today: date) -> dict[int, tuple[Due, ...]]:
    """What each of these people (by id) has to finish, earliest first; everybody asked about has an entry.

    At most seven queries for any number of people, and four more when what is taught has changed. A path that is not
    published rests: nobody has it to do until it is published again. So does one with nothing in it to do. People who
    have left are told of like others: whoever does not want them leaves them out of `people`.
    """
    who = list(people.values_list("pk", "team_id", "joined_team_on"))
    asked = people.order_by()
    rows = _running(Q(person__in=asked.values("pk")) | Q(team__in=asked.values("team")))
    if not rows:
        return {pk: () for pk, _team, _joined in who}
    taught = curriculum.taught()
    wanted = _to_do(taught, {row.path for row in rows})
    record = _record(asked.values("pk"), wanted, taught)
    found = {}
    for pk, team, joined in who:
        mine = _by_path([*rows.of_person[pk], *rows.of_team[team]])
        found[pk] = _in_order(
            _due(path, mine[path.pk], joined, record.of(pk, path, taught), today) for path in wanted if path.pk in mine
        )
    return found


class Row(NamedTuple):
    """A running assignment."""

    path: int
    assigned: Assigned


class Rows(list[Row]):
    """Running assignments, found by whom they are for."""

    def __init__(self, found: Iterable[tuple[Any, ...]]) -> None:
        super().__init__()
        self.of_person: dict[int | None, list[Row]] = defaultdict(list)
        self.of_team: dict[str | None, list[Row]] = defaultdict(list)
        for person, path, assigned_on, due_on, due_days, team in found:
            row = Row(path, Assigned(assigned_on, due_on, due_days, by_team=person is None))
            self.append(row)
            (self.of_team[team] if person is None else self.of_person[person]).append(row)


def _running(whose: Q) -> Rows:
    rows = Assignment.objects.running().filter(whose).order_by("pk")
    return Rows(rows.values_list("person_id", *DAYS))


def _by_path(rows: Iterable[Row]) -> dict[int, list[Assigned]]:
    found: dict[int, list[Assigned]] = {}
    for row in rows:
        found.setdefault(row.path, []).append(row.assigned)
    return found


def _to_do(taught: Curriculum, assigned: set[int]) -> list[PathEntry]:
    """The published ones of these paths, but for those with nothing in them."""
    return [path for path in taught.paths.values() if path.pk in assigned and _asks(path, taught)]


def _asks(path: PathEntry, taught: Curriculum) -> bool:
    return bool(path.exam) or any(course.quiz or course.lessons for course in taught.courses_of(path))


# What people have done, and what was agreed with them


class Settled(NamedTuple):
    """Of one person and path: the day it was finished, and the newest agreement."""

    finished_on: date | None
    agreed: Agreed | None = None
    reason: str = ""
    by: str = ""
    agreed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """By person and quiz, lesson or path: the local days of the first pass, of reading and of a certificate, and the
    newest agreement as (what, reason, by, on)."""

    passed: Mapping[tuple[int, int], date]
    read: Mapping[tuple[int, int], date]
    certified: Mapping[tuple[int, int], date]
    agreed: Mapping[tuple[int, int], tuple[Agreed, str, str, date]]

    def of(self, person: int, path: PathEntry, taught: Curriculum) -> Settled:
        days = [day for day in (self._finished_on(person, path, taught), self.certified.get((person, path.pk))) if day]
        return Settled(min(days, default=None), *self.agreed.get((person, path.pk), ()))

    def _finished_on(self, person: int, path: PathEntry, taught: Curriculum) -> date | None:
        """The day the last part was done: each course's quiz passed, or where there is none all its lessons read, and
        the exam passed. As on the learner's own pages, whoever passes a quiz need not read what they know."""
        quizzes = [quiz.pk for quiz in (*(course.quiz for course in taught.courses_of(path)), path.exam) if quiz]
        days = [self.passed.get((person, quiz)) for quiz in quizzes]
        days += [self.read.get((person, lesson)) for lesson in _lessons_that_count(path, taught)]
        known = [day for day in days if day]
        return max(known) if known and len(known) == len(days) else None


def _lessons_that_count(path: PathEntry, taught: Curriculum) -> list[int]:
    """Those of courses without a quiz."""
    return [lesson.pk for course in taught.courses_of(path) if not course.quiz for lesson in course.lessons]


def _record(people: QuerySet[Any, Any], paths: list[PathEntry], taught: Curriculum) -> Record:
    quizzes = {
        quiz.pk for path in paths for quiz in (*(one.quiz for one in taught.courses_of(path)), path.exam) if quiz
    }
    lessons = {lesson for path in paths for lesson in _lessons_that_count(path, taught)}
    passes = Attempt.objects.finished().filter(user__in=people, passed=True, quiz__in=quizzes)
    first = passes.order_by().values_list("user_id", "quiz_id").annotate(first=Min("finished_at"))
    read = LessonProgress.objects.filter(user__in=people, lesson__in=lessons).exclude(finished_at=None)
    return Record(
        passed={(user, quiz): timezone.localdate(at) for user, quiz, at in first},
        read={
            (user, at): timezone.localdate(day)
            for user, at, day in read.values_list("user_id", "lesson_id", "finished_at")
        },
        certified=_certified(people, paths),
        agreed=_agreed(people, paths),
    )


def _certified(people: QuerySet[Any, Any], paths: list[PathEntry]) -> dict[tuple[int, int], date]:
    """The certificates that stand: what is taught later undoes none."""
    rows = Certificate.objects.filter(user__in=people, path__in=[path.pk for path in paths], revoked_at=None)
    return {(user or 0, path): day for user, path, day in rows.values_list("user_id", "path_id", "issued_on")}


def _agreed(people: QuerySet[Any, Any], paths: list[PathEntry]) -> dict[tuple[int, int], tuple[Agreed, str, str, date]]:
    rows = DeadlineChange.objects.filter(person__in=people, path__in=[path.pk for path in paths])
    fields = ("person_id", "path_id", "kind", "due_on", "reason", "by__display_name", "at")
    return {
        (person, path): (Agreed(kind, day), reason, by or "", timezone.localdate(at))
        for person, path, kind, day, reason, by, at in rows.order_by("at", "pk").values_list(*fields)
    }


def _due(path: PathEntry, assigned: list[Assigned], joined: date | None, settled: Settled, today: date) -> Due:
    agreed = settled.agreed if settled.agreed and settled.agreed.kind != Agreement.WITHDRAWN else None
    first = deadlines.first_due(assigned, joined)
    due_on = deadlines.moved(first, agreed)
    return Due(
        path=path.pk,
        slug=path.slug,
        title=path.title,
        due_on=due_on,
        first_due_on=first,
        reached_on=min(deadlines.reached_on(one, joined) for one in assigned),
        finished_on=settled.finished_on,
        exempt=bool(agreed and agreed.kind == Agreement.EXEMPTION),
        extended=due_on > first,
        state=deadlines.state(due_on, settled.finished_on, agreed, today),
        days=(due_on - today).days,
        reason=settled.reason if agreed else "",
        by=settled.by if agreed else "",
        agreed_on=settled.agreed_on if agreed else None,
    )


# One's own


def mine(user: Any, taught: Curriculum, standing: Standing, today: date) -> tuple[Due, ...]:
    """What the reader of a page still has to finish or is exempt from, earliest first; what is done is left out.

    No query: the same rules as `dues`, from what the page has read anyway.
    """
    found = [Own.of(row) for row in standing.assigned]
    paths = {path.pk: path for path in _to_do(taught, {own.path for own in found})}
    rows: dict[int, list[Own]] = {}
    for own in found:
        if own.path in paths and not own.certified and not progress.is_done(paths[own.path], taught, standing):
            rows.setdefault(own.path, []).append(own)
    return _in_order(
        _due(paths[path], [one.assigned for one in owns], user.joined_team_on, owns[0].settled, today)
        for path, owns in rows.items()
    )


def leading(taught: Curriculum, standing: Standing, dues: Iterable[Due], *, by_default: bool) -> PathEntry | None:
    """The path to go along: of what is due the first, unless the reader has chosen another since that became theirs
    to do; of somebody with nothing due, the path they follow."""
    if first := next((due for due in dues if due.pressing), None):
        return progress.chosen_since(taught, standing, first.reached_on) or taught.paths[first.slug]
    return progress.path_of(taught, standing, by_default=by_default)


class Own(NamedTuple):
    """An assignment of the reader, with what else counts for its path."""

    path: int
    assigned: Assigned
    certified: bool
    settled: Settled

    @classmethod
    def of(cls, row: dict[str, Any]) -> Own:
        """From what the database tells (services/curriculum.py): days and moments are text there."""
        days = Assigned(
            assigned_on=as_day(row["assigned_on"]) or date.min,
            due_on=as_day(row["due_on"]),
            due_days=row["due_days"],
            by_team=row["team"] is not None,
        )
        moment = as_moment(row["at"])
        settled = Settled(
            finished_on=None,
            agreed=Agreed(row["kind"], as_day(row["moved_to"])) if row["kind"] else None,
            reason=row["reason"] or "",
            by=row["by"] or "",
            agreed_on=timezone.localdate(moment) if moment else None,
        )
        return cls(row["path"], days, bool(row["certified"]), settled)


def _in_order(found: Iterable[Due]) -> tuple[Due, ...]:
    return tuple(sorted(found, key=lambda due: (due.due_on, due.title, due.path)))
