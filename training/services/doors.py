"""Doors: what waits behind a quiz, whether this person may start it now, and if not, why and from when."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from training.enums import QuizKind
from training.models import Attempt, Course, Path, Quiz
from training.services import curriculum, pools, progress, quizzes
from training.services.curriculum import CourseEntry
from training.services.quizzes import NotNow

PAST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Door:
    """What a door shows. `missing` are the courses to finish first; `unread` lessons are mentioned and lock nothing."""

    quiz: Quiz
    questions: int
    missing: tuple[CourseEntry, ...]
    unread: int
    standing: Attempt | None
    over: bool
    past: tuple[Attempt, ...]
    left: int | None
    until: datetime | None
    passed: bool

    @property
    def minutes(self) -> int:
        """The time limit, for reading; 0 without one."""
        return -(-(self.quiz.time_limit or 0) // 60)

    @property
    def opens(self) -> bool:
        """Whether a new attempt may start now."""
        return bool(self.questions) and not self.missing and self.left != 0 and self.until is None


def of_course(course: Course, quiz: Quiz, user: Any, now: datetime) -> Door:
    """The door of a course's quiz: the courses it needs come first."""
    taught, standing = curriculum.read(user)
    entry = taught.courses.get(course.code)  # none of a draft, which only trainers come to
    if entry is None:
        return _look(quiz, user, now, [])
    unread = sum(lesson.pk not in standing.finished for lesson in entry.lessons)
    return _look(quiz, user, now, progress.missing(entry, taught, standing), unread)


def of_exam(path: Path, quiz: Quiz, user: Any, now: datetime) -> Door:
    """The door of a path's final exam: all its courses come first."""
    taught, standing = curriculum.read(user)
    entry = taught.paths.get(path.slug)
    return _look(quiz, user, now, progress.missing_for_exam(entry, taught, standing) if entry else [])


def _look(quiz: Quiz, user: Any, now: datetime, missing: list[CourseEntry], unread: int = 0) -> Door:
    attempts = list(Attempt.objects.filter(quiz=quiz, user=user).order_by("-started_at", "-pk"))
    finished = [attempt for attempt in attempts if attempt.finished_at]
    standing = next((attempt for attempt in attempts if not attempt.finished_at), None)
    return Door(
        quiz=quiz,
        questions=pools.drawn(quiz.rules, user),
        missing=tuple(missing),
        unread=unread,
        standing=standing,
        over=standing is not None and quizzes.is_over(standing, now),
        past=tuple(finished[:PAST_SHOWN]),
        left=quizzes.attempts_left(quiz, finished),
        until=quizzes.free_from(quiz, finished, now),
        passed=any(attempt.passed for attempt in finished),
    )


def enter(door: Door, user: Any, *, now: datetime, rng: random.Random) -> Attempt:
    """The attempt behind this door: the open one, or a new one. Raises NotNow with the reason."""
    if door.missing and (door.standing is None or door.over):
        raise NotNow(_("Opens after: %s") % "、".join(course.title for course in door.missing))
    return quizzes.start(door.quiz, user, now=now, rng=rng)


def address(quiz: Quiz) -> str:
    """Where the door of this quiz is; the list of courses for one that has none. One query for an exam."""
    if quiz.kind == QuizKind.PRACTICE:
        return reverse("mistakes")
    if quiz.kind == QuizKind.COURSE and quiz.course:
        return reverse("course_quiz", args=[quiz.course.code])
    path = Path.objects.filter(exam=quiz).first() if quiz.kind == QuizKind.EXAM else None
    return reverse("exam", args=[path.slug]) if path else reverse("learn")


@dataclass(frozen=True, slots=True)
class Again:
    """Whether another attempt may be made: how many are left (None: not counted), and from when, if not now."""

    left: int | None
    until: datetime | None

    @property
    def now(self) -> bool:
        return self.left != 0 and self.until is None


def again(attempt: Attempt, now: datetime) -> Again:
    """Whether the owner of this finished attempt may make another at the same quiz."""
    finished = list(Attempt.objects.finished().filter(quiz=attempt.quiz_id, user=attempt.user_id))
    return Again(quizzes.attempts_left(attempt.quiz, finished), quizzes.free_from(attempt.quiz, finished, now))
