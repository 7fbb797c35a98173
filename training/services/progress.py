"""Reading progress, locks, and the one next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from training.enums import AttemptState
from training.models import Attempt, Course, Lesson, LessonProgress, Path

# A beacon comes every 30 s; it may claim no more than the time since the last one, with this much slack.
BEACON_SECONDS = 30
SLACK_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next, where, and how far the path is: done of total lessons and quizzes."""

    title: str
    href: str
    kind: str
    done: int
    total: int


def open_lesson(lesson: Lesson, user: Any, *, now: datetime) -> LessonProgress:
    """The reader's row for this lesson; made at the first opening, the one write a GET may do."""
    found = LessonProgress.objects.filter(user=user, lesson=lesson).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return LessonProgress.objects.create(user=user, lesson=lesson, opened_at=now)
    except IntegrityError:
        return LessonProgress.objects.get(user=user, lesson=lesson)


def beacon(lesson: Lesson, user: Any, *, seconds: int, place: str, now: datetime) -> None:
    """Active reading since the last beacon, capped by the server's clock, and where the reader is."""
    progress = open_lesson(lesson, user, now=now)
    since = int((now - (progress.beacon_at or progress.opened_at)).total_seconds()) + SLACK_SECONDS
    counted = max(0, min(seconds, since, BEACON_SECONDS + SLACK_SECONDS))
    LessonProgress.objects.filter(pk=progress.pk).update(
        seconds=F("seconds") + counted, place=place[:120], beacon_at=now
    )


def finish_lesson(lesson: Lesson, user: Any, *, now: datetime) -> None:
    """Mark as read. The first time stands."""
    progress = open_lesson(lesson, user, now=now)
    LessonProgress.objects.filter(pk=progress.pk, finished_at=None).update(finished_at=now)


def answer_check(lesson: Lesson, number: int, option: int, user: Any, *, now: datetime) -> dict[str, Any]:
    """Keep the answer to a checkpoint. Returns the option chosen: {text, right, feedback}.

    Raises IndexError for a checkpoint or option that is not there.
    """
    if number < 1 or option < 0:
        raise IndexError
    chosen = lesson.checks[number - 1]["options"][option]
    CheckAnswer.objects.update_or_create(
        user=user,
        lesson=lesson,
        number=number,
        defaults={"option": option, "right": chosen["right"] == "yes", "at": now},
    )
    return dict(chosen)


def finished_lessons(user: Any) -> set[int]:
    return set(LessonProgress.objects.filter(user=user).exclude(finished_at=None).values_list("lesson_id", flat=True))


def passed_quizzes(user: Any) -> set[int]:
    return set(
        Attempt.objects.filter(user=user, state=AttemptState.FINISHED, passed=True).values_list("quiz_id", flat=True)
    )


def finished_courses(user: Any, courses: Sequence[Course]) -> set[int]:
    """Courses whose quiz is passed; a course without quiz, when all its published lessons are read."""
    passed, read = passed_quizzes(user), finished_lessons(user)
    done = set()
    for course in courses:
        quiz = getattr(course, "quiz", None)
        lessons = [lesson.pk for lesson in course.lessons.all() if lesson.status == "published"]
        if (quiz and quiz.pk in passed) or (not quiz and lessons and read.issuperset(lessons)):
            done.add(course.pk)
    return done


def lock_reason(course: Course, finished: set[int]) -> str:
    """Why this course is still closed, or nothing. Never a silent lock."""
    missing = [need.title for need in course.needs.all() if need.pk not in finished]
    return _("Opens after: %s") % "、".join(missing) if missing else ""


def next_step(path: Path, user: Any) -> Step | None:
    """The one next thing on a path: the first unread lesson, else its quiz, course by course, then the exam."""
    courses = [step.course for step in path.steps.all()]
    passed, read = passed_quizzes(user), finished_lessons(user)
    done = total = 0
    found: tuple[str, str, str] | None = None
    for course in courses:
        for lesson in course.lessons.all():
            if lesson.status != "published":
                continue
            total += 1
            if lesson.pk in read:
                done += 1
            elif found is None:
                found = (lesson.title, f"/learn/{course.code}/{lesson.slug}/", "lesson")
        if quiz := getattr(course, "quiz", None):
            total += 1
            if quiz.pk in passed:
                done += 1
            elif found is None:
                found = (quiz.title, f"/learn/{course.code}/quiz/", "quiz")
    if path.exam_id:
        total += 1
        if path.exam_id in passed:
            done += 1
        elif found is None:
            found = (str(path.exam), f"/exams/{path.slug}/", "exam")
    return Step(*found, done, total) if found else None
