"""Reading progress, locks, the path somebody follows, and the one next step.

What is only read here is a pure function of the curriculum and the reader's standing (training/services/curriculum.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from training.models import Enrolment, LessonProgress, Path
from training.services import recall_sources
from training.services.curriculum import CourseEntry, Curriculum, LessonEntry, PathEntry, Standing

# A beacon comes every 30 s; it may claim no more than the time since the last one, with this much slack.
BEACON_SECONDS = 30
SLACK_SECONDS = 5


# Reading


def open_lesson(lesson: int, user: Any, *, now: datetime) -> LessonProgress:
    """The reader's row for the lesson with this id; made at the first opening, the one write a GET may do."""
    found = LessonProgress.objects.filter(user=user, lesson=lesson).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return LessonProgress.objects.create(user=user, lesson_id=lesson, opened_at=now)
    except IntegrityError:  # the other tab was first
        return LessonProgress.objects.get(user=user, lesson=lesson)


def beacon(progress: LessonProgress, *, seconds: int, place: str, now: datetime) -> None:
    """Active reading since the last beacon, capped by the server's clock, and where the reader is.

    `place` is the id of a heading of the lesson; any other leaves the place as it was.
    """
    last = progress.beacon_at or progress.opened_at
    since = int((now - last).total_seconds()) + SLACK_SECONDS
    counted = max(0, min(seconds, since, BEACON_SECONDS + SLACK_SECONDS))
    known = any(heading["id"] == place for heading in progress.lesson.headings)
    # What was claimed beyond now is taken off the next one: the slack is given once, not with every beacon. Of two at
    # the same moment one counts. A clock that was set back costs one beacon.
    LessonProgress.objects.filter(pk=progress.pk, beacon_at=progress.beacon_at).update(
        seconds=F("seconds") + counted,
        beacon_at=max(now, min(last + timedelta(seconds=counted), now + timedelta(seconds=SLACK_SECONDS))),
        **({"place": place[:120]} if known else {}),
    )


def finish_lesson(progress: LessonProgress, *, now: datetime) -> None:
    """Mark as read. The first time stands."""
    LessonProgress.objects.filter(pk=progress.pk, finished_at=None).update(finished_at=now)


@transaction.atomic
def answer_check(progress: LessonProgress, number: int, option: int, *, now: datetime) -> None:
    """Keep the answer to a checkpoint; the last one stands. A wrong one is asked again.

    Raises IndexError for a checkpoint or option that is not there.
    """
    if number < 1 or option < 0:
        raise IndexError
    chosen = progress.lesson.checks[number - 1]["options"][option]
    locked = LessonProgress.objects.select_for_update().get(pk=progress.pk)
    locked.checks[str(number)] = {"option": option, "right": chosen["right"] == "yes"}
    locked.save(update_fields=["checks"])
    if chosen["right"] != "yes":
        recall_sources.of_check(locked.user, progress.lesson, number, option, now)


# Where somebody is


def is_finished(course: CourseEntry, standing: Standing) -> bool:
    """Its quiz is passed; a course without one, when all its lessons are read: one with nothing in it keeps nobody."""
    if course.quiz:
        return course.quiz.pk in standing.passed
    return all(lesson.pk in standing.finished for lesson in course.lessons)


def missing(course: CourseEntry, curriculum: Curriculum, standing: Standing) -> list[CourseEntry]:
    """The courses that have to be finished before this one opens. Never a silent lock: pages name them."""
    needs = [curriculum.courses[code] for code in course.needs if code in curriculum.courses]
    return [need for need in needs if not is_finished(need, standing)]


def missing_for_exam(path: PathEntry, curriculum: Curriculum, standing: Standing) -> list[CourseEntry]:
    """The courses of the path whose quiz is not passed yet: the exam waits for them."""
    return [course for course in curriculum.courses_of(path) if not is_finished(course, standing)]


def is_done(path: PathEntry, curriculum: Curriculum, standing: Standing) -> bool:
    """Every course finished, and the exam passed where there is one."""
    return not missing_for_exam(path, curriculum, standing) and (path.exam is None or path.exam.pk in standing.passed)


@dataclass(frozen=True, slots=True)
class Tally:
    """How far: steps done of all; a step is a lesson, a quiz or the exam."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


def tally(courses: Iterable[CourseEntry], standing: Standing, exam: int | None = None) -> Tally:
    """Of a finished course all steps count as done: whoever passes the quiz need not read what they know."""
    done = total = 0
    for course in courses:
        steps = len(course.lessons) + (course.quiz is not None)
        total += steps
        done += steps if is_finished(course, standing) else len(_read(course, standing))
    return Tally(done + (exam in standing.passed), total + (exam is not None))


def _read(course: CourseEntry, standing: Standing) -> list[LessonEntry]:
    return [lesson for lesson in course.lessons if lesson.pk in standing.finished]


def tally_of(path: PathEntry, curriculum: Curriculum, standing: Standing) -> Tally:
    return tally(curriculum.courses_of(path), standing, path.exam.pk if path.exam else None)


@dataclass(frozen=True, slots=True)
class Step:
    """The one next thing: `kind` is lesson, quiz or exam; `about` the course or path it belongs to."""

    kind: str
    title: str
    href: str
    about: str
    minutes: int = 0


def next_in_course(course: CourseEntry, standing: Standing) -> Step | None:
    """The first unread lesson, else the quiz; nothing once the course is finished."""
    if is_finished(course, standing):
        return None
    for lesson in course.lessons:
        if lesson.pk not in standing.finished:
            return Step("lesson", lesson.title, lesson.href, course.title, lesson.minutes)
    return Step("quiz", course.quiz.title, course.quiz.href, course.title) if course.quiz else None


def next_step(path: PathEntry, curriculum: Curriculum, standing: Standing) -> Step | None:
    """Course by course in the order of the path, then the exam. A course that waits for another, on the path or
    not, sends the reader to that one first."""
    for course in curriculum.courses_of(path):
        if step := _step_into(course, curriculum, standing, frozenset()):
            return step
    if path.exam and path.exam.pk not in standing.passed:
        return Step("exam", path.exam.title, path.exam.href, path.title)
    return None


def _step_into(course: CourseEntry, curriculum: Curriculum, standing: Standing, above: frozenset[str]) -> Step | None:
    if is_finished(course, standing) or course.code in above:  # a circle of needs must not hang the home page
        return None
    for need in missing(course, curriculum, standing):
        if step := _step_into(need, curriculum, standing, above | {course.code}):
            return step
    return next_in_course(course, standing)


# Which path


def path_of(curriculum: Curriculum, standing: Standing, *, by_default: bool) -> PathEntry | None:
    """The path this reader follows; of somebody who chose none the first one, if there is to be one by default."""
    if standing.path in curriculum.paths:
        return curriculum.paths[standing.path]
    return next(iter(curriculum.paths.values()), None) if by_default else None


def chosen_since(curriculum: Curriculum, standing: Standing, day: date) -> PathEntry | None:
    """The path this reader chose on this local day or later, while there is still something to do on it."""
    if standing.chosen_at is None or timezone.localdate(standing.chosen_at) < day:
        return None
    chosen = curriculum.paths.get(standing.path)
    return chosen if chosen and not is_done(chosen, curriculum, standing) else None


def follow(path: Path, user: Any, *, now: datetime) -> None:
    """Make this the path somebody follows. Those chosen before are kept, with all that was done on them."""
    Enrolment.objects.update_or_create(user=user, path=path, defaults={"chosen_at": now})
