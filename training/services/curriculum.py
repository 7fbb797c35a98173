"""What is taught, as every reader may see it: published courses with their lessons and quizzes, and the paths.

The whole of it is small and is asked for on many pages, so it is kept under a version that each request reads: the
newest change and the number of rows of each table it is made of. Whatever changes a course's needs or a path's steps
saves the course or path itself too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Subquery, Value
from django.db.models.functions import JSONObject
from django.urls import reverse

from knowledge.enums import Competency, Status
from knowledge.prepared import Prepared
from training.enums import LEARNERS, AttemptState
from training.models import (
    Assignment,
    Attempt,
    Certificate,
    Course,
    DeadlineChange,
    Enrolment,
    Lesson,
    LessonProgress,
    Path,
    Quiz,
)

TABLES: tuple[type[models.Model], ...] = (Course, Lesson, Quiz, Path)


@dataclass(frozen=True, slots=True)
class LessonEntry:
    pk: int
    title: str
    minutes: int
    href: str


@dataclass(frozen=True, slots=True)
class QuizEntry:
    """A course's quiz or a path's exam."""

    pk: int
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class CourseEntry:
    """A published course. `needs` are the codes of the published courses to finish first.

    One that waits for this course itself is none of them: a circle, which two edits at the same time can make, would
    keep everybody out.
    """

    pk: int
    code: str
    title: str
    summary: str
    competency: str
    needs: tuple[str, ...]
    lessons: tuple[LessonEntry, ...]
    quiz: QuizEntry | None

    @property
    def href(self) -> str:
        return reverse("course", args=[self.code])

    @property
    def minutes(self) -> int:
        return sum(lesson.minutes for lesson in self.lessons)

    @property
    def competency_label(self) -> str:
        return str(Competency(self.competency).label)


@dataclass(frozen=True, slots=True)
class PathEntry:
    """A published path; `courses` are codes of published courses in order."""

    pk: int
    slug: str
    title: str
    summary: str
    courses: tuple[str, ...]
    exam: QuizEntry | None

    @property
    def href(self) -> str:
        return reverse("path", args=[self.slug])


@dataclass(frozen=True, slots=True)
class Curriculum:
    """Courses by code and paths by slug, each in the trainers' order."""

    courses: dict[str, CourseEntry]
    paths: dict[str, PathEntry]

    def courses_of(self, path: PathEntry) -> list[CourseEntry]:
        return [self.courses[code] for code in path.courses]


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt to go on with."""

    pk: int
    title: str
    deadline: Any

    @property
    def href(self) -> str:
        return reverse("attempt", args=[self.pk])


@dataclass(frozen=True, slots=True)
class Standing:
    """One reader's own state: ids of lessons read and quizzes passed, the path they follow (its slug, or nothing) and
    since when, attempts begun, when the next of their certificates ends, whether learning is their job for now, and
    what is assigned to them, as the database tells it (services/assignments.py reads it)."""

    path: str
    is_learner: bool
    finished: frozenset[int]
    passed: frozenset[int]
    open: tuple[OpenAttempt, ...]
    expires: Any
    chosen_at: datetime | None = None
    assigned: tuple[dict[str, Any], ...] = ()


def read(user: Any) -> tuple[Curriculum, Standing]:
    """What is taught, and where this reader stands: two queries, and four more when something has changed."""
    ((path, chosen_at, is_learner, assigned, finished, expires, *figures),) = OWN.rows(user=user.pk)
    own = Own(
        path=path or "",
        chosen_at=as_moment(chosen_at),
        is_learner=bool(is_learner),
        assigned=tuple(as_rows(assigned)),
        finished=frozenset(as_rows(finished)),
        expires=as_day(expires),
    )
    return _kept(figures), _standing(user, own)


def taught() -> Curriculum:
    """What is taught, asked by nobody in particular: one query, and four more when something has changed."""
    # Figures about other tables, beside a row there always is.
    return _kept(ContentType.objects.order_by("pk").values_list(*_figures())[:1].get())


def _kept(figures: Iterable[Any]) -> Curriculum:
    """The curriculum of this version: newest change and number of rows of each table."""
    version = "/".join(str(figure).replace(" ", "T") for figure in figures)
    key = f"curriculum/{settings.VERSION}/{version}"
    found = cache.get(key)
    if found is None:
        found = _build()
        cache.set(key, found, timeout=24 * 3600)
    return found


class Own(NamedTuple):
    """What one query tells of a reader."""

    path: str
    chosen_at: datetime | None
    is_learner: bool
    assigned: tuple[dict[str, Any], ...]
    finished: frozenset[int]
    expires: date | None


def as_rows(value: Any) -> list[Any]:
    """SQLite gives a JSON list as text, and both give nothing for an empty one."""
    return json.loads(value) if isinstance(value, str) else value or []


def as_day(value: Any) -> date | None:
    """SQLite gives the date of a subquery as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(value: Any) -> datetime | None:
    """And a moment too, or without its zone, which is UTC in every database of ours."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def _own(user: int) -> models.QuerySet[Any, Any]:
    chosen = Enrolment.objects.filter(user=user, path__status=Status.PUBLISHED).order_by("-chosen_at", "-pk")
    ends = Certificate.objects.filter(user=user, revoked_at=None).order_by("valid_until")
    return (
        get_user_model()
        ._default_manager.filter(pk=user)
        .values_list(
            Subquery(chosen.values("path__slug")[:1]),
            Subquery(chosen.values("chosen_at")[:1]),
            Exists(Group.objects.filter(user=user, name=LEARNERS)),
            _assigned(user),
            _finished(user),
            Subquery(ends.values("valid_until")[:1]),
            *_figures(),
        )
    )


class AsList(models.Aggregate):
    """Rows as one JSON list, so that a list rides along in a query of one row."""

    function = "JSON_GROUP_ARRAY"
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_AGG", **extra)


def _assigned(user: int) -> Subquery:
    """What this reader has to finish, each row with the newest agreement and whether a certificate settles it."""
    team = get_user_model()._default_manager.filter(pk=user).values("team")
    rows = Assignment.objects.running().filter(models.Q(person=user) | models.Q(team__in=team)).order_by()
    newest = DeadlineChange.objects.filter(person=user, path=OuterRef("path")).order_by("-at", "-pk")
    row = JSONObject(
        path="path_id",
        team="team_id",
        assigned_on="assigned_on",
        due_on="due_on",
        due_days="due_days",
        certified=Exists(Certificate.objects.filter(user=user, path=OuterRef("path"), revoked_at=None)),
        kind=Subquery(newest.values("kind")[:1]),
        moved_to=Subquery(newest.values("due_on")[:1]),
        reason=Subquery(newest.values("reason")[:1]),
        by=Subquery(newest.values("by__display_name")[:1]),
        at=Subquery(newest.values("at")[:1]),
    )
    return Subquery(rows.annotate(all_rows=Value(1)).values("all_rows").annotate(rows=AsList(row)).values("rows"))


def _finished(user: int) -> Subquery:
    """The lessons this reader has finished."""
    rows: Any = LessonProgress.objects.filter(user=user).exclude(finished_at=None).order_by()
    return Subquery(
        rows.annotate(all_rows=Value(1)).values("all_rows").annotate(rows=AsList("lesson_id")).values("rows")
    )


def _figures() -> list[Subquery]:
    return [part for model in TABLES for part in (_of_all(model, Max("updated_at")), _of_all(model, Count("pk")))]


OWN = Prepared(_own, user=int)


def _of_all(model: type[models.Model], figure: Any) -> Subquery:
    """An aggregate over a whole table, to stand beside others in one query."""
    rows: Any = model._default_manager.order_by().annotate(all_rows=Value(1)).values("all_rows")
    return Subquery(rows.annotate(figure=figure).values("figure"))


def _standing(user: Any, own: Own) -> Standing:
    attempts = Attempt.objects.filter(user=user.pk).filter(models.Q(passed=True) | models.Q(state=AttemptState.OPEN))
    # One row a quiz and state, however often it was passed; of open ones there is one anyway.
    kinds = attempts.values_list("quiz_id", "state", "quiz__title").annotate(last=Max("pk"), until=Max("deadline"))
    rows = list(kinds.order_by("last"))
    return Standing(
        path=own.path,
        chosen_at=own.chosen_at,
        is_learner=own.is_learner,
        assigned=own.assigned,
        finished=own.finished,
        passed=frozenset(quiz for quiz, state, *_rest in rows if state == AttemptState.FINISHED),
        open=tuple(
            OpenAttempt(pk, title, deadline) for _quiz, state, title, pk, deadline in rows if state == AttemptState.OPEN
        ),
        expires=own.expires,
    )


def _build() -> Curriculum:
    rows = (
        Course.objects.published()
        .select_related("quiz")
        .prefetch_related(Prefetch("lessons", Lesson.objects.filter(status=Status.PUBLISHED).defer("body", "segments")))
        .prefetch_related("needs")
    )
    needs = {
        course.code: tuple(need.code for need in course.needs.all() if need.status == Status.PUBLISHED)
        for course in rows
    }
    courses = {course.code: _course(course, _sound(course.code, needs)) for course in rows}
    paths = Path.objects.published().select_related("exam").prefetch_related("steps__course")
    return Curriculum(courses, {path.slug: path_entry(path, courses) for path in paths})


def _sound(code: str, needs: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What this course needs, without those that need it in turn, be it by way of others."""

    def waited_for(start: str) -> set[str]:
        found, open_ones = {start}, [start]
        while open_ones:
            new = set(needs[open_ones.pop()]) - found
            found |= new
            open_ones += new
        return found

    return tuple(need for need in needs[code] if code not in waited_for(need))


def _course(course: Course, needs: tuple[str, ...]) -> CourseEntry:
    quiz = getattr(course, "quiz", None)
    return CourseEntry(
        pk=course.pk,
        code=course.code,
        title=course.title,
        summary=course.summary,
        competency=course.competency,
        needs=needs,
        lessons=tuple(
            LessonEntry(lesson.pk, lesson.title, lesson.minutes, reverse("lesson", args=[course.code, lesson.slug]))
            for lesson in course.lessons.all()
        ),
        quiz=_quiz(quiz, reverse("course_quiz", args=[course.code])),
    )


def path_entry(path: Path, courses: dict[str, CourseEntry]) -> PathEntry:
    """A path among these published courses; also of one that is not published yet, for whoever may look at it."""
    codes = tuple(step.course.code for step in path.steps.all() if step.course.code in courses)
    exam = _quiz(path.exam, reverse("exam", args=[path.slug]))
    return PathEntry(path.pk, path.slug, path.title, path.summary, codes, exam)


def _quiz(quiz: Quiz | None, href: str) -> QuizEntry | None:
    return QuizEntry(quiz.pk, quiz.title, href) if quiz and quiz.status == Status.PUBLISHED else None
