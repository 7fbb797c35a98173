"""What a person has done, for themselves and for those who train them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from knowledge.enums import Status
from training.models import Attempt, Lesson, LessonProgress, Path, Quiz
from training.models.quiz import AttemptQuerySet

RECENT = 5


@dataclass(frozen=True, slots=True)
class PathProgress:
    """How far somebody is on a path: lessons, quizzes (its exam among them), seconds of active reading."""

    path: Path
    lessons: int
    finished: int
    quizzes: int
    passed: int
    seconds: int

    @property
    def minutes(self) -> int:
        """Of reading; begun ones count, so that a little is not nothing."""
        return -(-self.seconds // 60)


def path_progress(user: Any) -> list[PathProgress]:
    """Each published path in order. Five queries, however many paths, lessons and people there are."""
    lessons: dict[int, set[int]] = defaultdict(set)
    quizzes: dict[int, set[int]] = defaultdict(set)
    for of, lesson in Lesson.objects.published().values_list("course__steps__path", "pk").order_by():
        lessons[of].add(lesson)
    of_courses = Quiz.objects.published().filter(course__status=Status.PUBLISHED)
    for of, quiz in of_courses.values_list("course__steps__path", "pk").order_by():
        quizzes[of].add(quiz)
    read = {
        lesson: (finished is not None, seconds)
        for lesson, finished, seconds in LessonProgress.objects.filter(user=user).values_list(
            "lesson_id", "finished_at", "seconds"
        )
    }
    passed = set(Attempt.objects.finished().filter(user=user, passed=True).values_list("quiz_id", flat=True))
    found = []
    for path in Path.objects.published():
        of_path = [read[lesson] for lesson in lessons[path.pk] if lesson in read]
        wanted = quizzes[path.pk] | ({path.exam_id} if path.exam_id else set())
        found.append(
            PathProgress(
                path=path,
                lessons=len(lessons[path.pk]),
                finished=sum(finished for finished, _seconds in of_path),
                quizzes=len(wanted),
                passed=len(wanted & passed),
                seconds=sum(seconds for _finished, seconds in of_path),
            )
        )
    return found


def attempts(user: Any) -> AttemptQuerySet:
    """All of this person's attempts with their quizzes, newest first."""
    return Attempt.objects.filter(user=user).select_related("quiz").order_by("-started_at", "-pk")


def recent_attempts(user: Any) -> list[Attempt]:
    """The last few finished ones."""
    return list(attempts(user).finished().order_by("-finished_at", "-pk")[:RECENT])
