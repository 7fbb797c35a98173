"""The readiness board: who is ready for which shift, and what those who are not still lack.

Read set-wise: a constant number of queries for any number of people. Whoever asks is answered for the people whose
results they may see, and for nobody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from knowledge.enums import Competency, Status
from knowledge.search.pinyin import readings
from training.enums import DueState
from training.models import Attempt, Enrolment, LessonProgress
from training.services import assignments, curriculum, progress
from training.services.assignments import Due
from training.services.curriculum import CourseEntry, Curriculum, PathEntry, Standing
from training.services.matrix import Cell, matrices
from training.services.progress import Tally

# How the people are asked for: those of no team. No code of a team, which are slugs.
NO_TEAM = "~"
SORTS = ("name", "ready", "weakest", "overdue", *Competency.values)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see: empty means all. `path` is the slug of the path to be ready for, empty for
    everybody's own."""

    team: str = ""
    path: str = ""
    query: str = ""
    sort: str = "name"
    leavers: bool = False


@dataclass(frozen=True, slots=True)
class Readiness:
    """How somebody stands on a path: steps done, and what is lacking of its competencies, courses and exam."""

    path: PathEntry
    tally: Tally
    lacking: tuple[Cell, ...]
    courses: tuple[CourseEntry, ...]
    exam: bool

    @property
    def ready(self) -> bool:
        """All competencies of the path's courses stand at the pass line, and the path is finished."""
        return not (self.lacking or self.courses or self.exam)

    @property
    def missing(self) -> int:
        return len(self.lacking) + len(self.courses) + self.exam


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the board. `dues` are those that press, earliest first."""

    person: User
    cells: list[Cell]
    readiness: Readiness | None
    dues: tuple[Due, ...]

    @property
    def ready(self) -> bool:
        return self.readiness is not None and self.readiness.ready

    @property
    def overdue(self) -> bool:
        return any(due.state == DueState.OVERDUE for due in self.dues)


@dataclass(frozen=True, slots=True)
class Column:
    """A competency of the people shown: how many stand at the pass line, of how many who have shown anything."""

    competency: Competency
    shown: int
    known: int


@dataclass(frozen=True, slots=True)
class Board:
    lines: list[Line]
    paths: list[PathEntry]

    @property
    def ready(self) -> int:
        return sum(line.ready for line in self.lines)

    @property
    def overdue(self) -> int:
        return sum(line.overdue for line in self.lines)

    @property
    def columns(self) -> list[Column]:
        return [
            Column(competency, sum(cell.shown for cell in cells), sum(cell.percent is not None for cell in cells))
            for at, competency in enumerate(Competency)
            for cells in [[line.cells[at] for line in self.lines]]
        ]


def board(viewer: Any, wanted: Wanted, now: datetime) -> Board:
    """The people this viewer may see, chosen and sorted as wanted.

    At most seventeen queries for any number of people, and four more when what is taught has changed.
    """
    people = _people(viewer, wanted)
    taught = curriculum.taught()
    lines = _lines(people, taught, wanted.path, now)
    return Board(sorted(lines, key=_order(wanted.sort)), list(taught.paths.values()))


def line(person: User, now: datetime) -> Line:
    """One person's line, for their own page."""
    return _lines(User.objects.filter(pk=person.pk), curriculum.taught(), "", now)[0]


# Who


def _people(viewer: Any, wanted: Wanted) -> QuerySet[User]:
    """Trainers and managers themselves only when they are in a team: the board is about those on shift."""
    found = User.objects.results_visible_to(viewer).filter(erased_at=None)
    found = found.filter(Q(is_staff=False) | Q(team__isnull=False))
    if not wanted.leavers:
        found = found.filter(is_active=True, left_on=None)
    if wanted.team:
        found = found.filter(team=None if wanted.team == NO_TEAM else wanted.team)
    for word in wanted.query.split():
        named = Q(display_name__icontains=word) | Q(username__icontains=word) | Q(staff_number__iexact=word)
        found = found.filter(named)
    return found.select_related("team").order_by("pk")


# What they can do


def _lines(people: QuerySet[User], taught: Curriculum, path: str, now: datetime) -> list[Line]:
    found = list(people)
    ids = [person.pk for person in found]
    cells, standings = matrices(ids, now), _standings(ids)
    dues = assignments.dues(people.select_related(None), timezone.localdate(now))
    lines = []
    for person in found:
        standing = standings[person.pk]
        aim = taught.paths.get(path) or _own_path(taught, standing, dues[person.pk])
        readiness = _readiness(aim, taught, standing, cells[person.pk]) if aim else None
        pressing = tuple(due for due in dues[person.pk] if due.pressing)
        lines.append(Line(person, cells[person.pk], readiness, pressing))
    return lines


def _standings(people: Collection[int]) -> dict[int, Standing]:
    """By person: lessons read, quizzes passed, and the path chosen last. Three queries."""
    read, passed = defaultdict(set), defaultdict(set)
    finished = LessonProgress.objects.filter(user__in=people).exclude(finished_at=None)
    for person, lesson in finished.values_list("user_id", "lesson_id"):
        read[person].add(lesson)
    passes = Attempt.objects.finished().filter(user__in=people, passed=True)
    for person, quiz in passes.order_by().values_list("user_id", "quiz_id").distinct():
        passed[person].add(quiz)
    chosen = Enrolment.objects.filter(user__in=people, path__status=Status.PUBLISHED).order_by("chosen_at", "pk")
    paths = {person: (slug, at) for person, slug, at in chosen.values_list("user_id", "path__slug", "chosen_at")}
    return {
        person: Standing(
            path=paths[person][0] if person in paths else "",
            chosen_at=paths[person][1] if person in paths else None,
            is_learner=False,
            finished=frozenset(read[person]),
            passed=frozenset(passed[person]),
            open=(),
            expires=None,
        )
        for person in people
    }


def _own_path(taught: Curriculum, standing: Standing, dues: Sequence[Due]) -> PathEntry | None:
    """What somebody is to be ready for: where their own pages lead them, else what they were to finish and have
    finished, else the first path there is."""
    if leading := assignments.leading(taught, standing, dues, by_default=False):
        return leading
    done = [taught.paths[due.slug] for due in dues if not due.exempt and due.slug in taught.paths]
    return done[-1] if done else progress.path_of(taught, standing, by_default=True)


def _readiness(path: PathEntry, taught: Curriculum, standing: Standing, cells: list[Cell]) -> Readiness:
    courses = taught.courses_of(path)
    needed = {course.competency for course in courses}
    return Readiness(
        path=path,
        tally=progress.tally_of(path, taught, standing),
        lacking=tuple(cell for cell in cells if cell.competency in needed and not cell.shown),
        courses=tuple(course for course in courses if not progress.is_finished(course, standing)),
        exam=path.exam is not None and path.exam.pk not in standing.passed,
    )


# In which order


def by_reading(name: str) -> list[str]:
    """A key that sorts Chinese names as a dictionary does, by their usual readings."""
    return [(readings(char) or (char.lower(),))[0] for char in name]


def _order(sort: str) -> Callable[[Line], Any]:
    """Whatever comes first, people of the same place stand by name."""

    def key(line: Line) -> Any:
        name = by_reading(str(line.person))
        return (*_place(sort, line), name, line.person.pk)

    return key


def _place(sort: str, line: Line) -> tuple[Any, ...]:
    if sort == "ready":
        return (not line.ready, line.readiness.missing if line.readiness else 99)
    if sort == "overdue":
        return (not line.overdue, line.dues[0].due_on.toordinal() if line.dues else 10**7)
    if sort == "weakest":
        known = [cell.value for cell in line.cells if cell.value is not None]
        return (sum(cell.shown for cell in line.cells), sum(known) / 9)
    if sort in Competency.values:
        percent = next(cell.percent for cell in line.cells if cell.competency == sort)
        return (percent is None, percent or 0)  # who has shown nothing is no weakest: nobody knows yet
    return ()
