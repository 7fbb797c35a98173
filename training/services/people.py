"""What a person has done, for themselves and for those who train them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.models import Attempt, LessonProgress
from training.models.quiz import AttemptQuerySet
from training.services import curriculum
from training.services.curriculum import Curriculum, PathEntry, Standing

RECENT = 5


@dataclass(frozen=True, slots=True)
class PathProgress:
    """How far somebody is on a path: lessons, quizzes (its exam among them), seconds of active reading."""

    path: PathEntry
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
    """Each published path in order. Four queries, however many paths, lessons and people there are."""
    taught, standing = curriculum.read(user)
    seconds = dict(LessonProgress.objects.filter(user=user).values_list("lesson_id", "seconds"))
    return [_progress(path, taught, standing, seconds) for path in taught.paths.values()]


def _progress(path: PathEntry, taught: Curriculum, standing: Standing, seconds: dict[int, int]) -> PathProgress:
    courses = taught.courses_of(path)
    lessons = [lesson.pk for course in courses for lesson in course.lessons]
    quizzes = {quiz.pk for quiz in (*(course.quiz for course in courses), path.exam) if quiz}
    return PathProgress(
        path=path,
        lessons=len(lessons),
        finished=len(standing.finished.intersection(lessons)),
        quizzes=len(quizzes),
        passed=len(quizzes & standing.passed),
        seconds=sum(seconds.get(lesson, 0) for lesson in lessons),
    )


def attempts(user: Any) -> AttemptQuerySet:
    """All of this person's attempts with their quizzes, newest first."""
    return Attempt.objects.filter(user=user).select_related("quiz").order_by("-started_at", "-pk")


def recent_attempts(user: Any) -> list[Attempt]:
    """The last few finished ones."""
    return list(attempts(user).finished().order_by("-finished_at", "-pk")[:RECENT])
