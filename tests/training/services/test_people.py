"""What a person has done, counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.training.making import NOW, course, path, quiz, result
from training.enums import QuizKind
from training.models import Course, Lesson, LessonProgress, Path, Quiz
from training.services import people

pytestmark = pytest.mark.django_db


def lesson(of: Course, slug: str, status: str = "published") -> Lesson:
    return Lesson.objects.create(course=of, slug=slug, title=slug, body="x", status=status)


def read(user: Any, one: Lesson, seconds: int, finished: bool = True) -> None:
    LessonProgress.objects.create(user=user, lesson=one, seconds=seconds, finished_at=NOW if finished else None)


@pytest.fixture
def way() -> Path:
    """Two courses with two lessons and a quiz each, shared with a second path, and an exam."""
    courses = [course("language"), course("rules")]
    for one in courses:
        quiz(one.code, course=one)
        for at in (1, 2):
            lesson(one, f"{one.code}-{at}")
    path("second", courses[0])
    return path("onboarding", *courses, exam=quiz("exam", kind=QuizKind.EXAM))


def counted(user: Any) -> dict[str, tuple[int, int, int, int, int]]:
    return {
        one.path.slug: (one.finished, one.lessons, one.passed, one.quizzes, one.seconds)
        for one in people.path_progress(user)
    }


def test_nothing_done(trainee: Any, way: Path) -> None:
    """All of it is still there to do."""
    assert counted(trainee) == {"onboarding": (0, 4, 0, 3, 0), "second": (0, 2, 0, 1, 0)}


def test_lessons_quizzes_and_seconds(trainee: Any, agent: Any, way: Path) -> None:
    """A begun lesson gives its seconds only; a quiz counts once passed, however often; nobody else's count."""
    by_slug = {one.slug: one for one in Lesson.objects.all()}
    read(trainee, by_slug["language-1"], 90)
    read(trainee, by_slug["rules-1"], 31, finished=False)
    read(agent, by_slug["rules-2"], 500)
    of = {one.slug: one for one in Quiz.objects.all()}
    result(trainee, of["language"], "4", "4")
    result(trainee, of["language"], "1", "4", NOW + timedelta(days=1), passed=False)
    result(trainee, of["rules"], "1", "4", passed=False)
    result(agent, of["exam"], "4", "4")
    assert counted(trainee) == {"onboarding": (1, 4, 1, 3, 121), "second": (1, 2, 1, 1, 90)}
    assert [one.minutes for one in people.path_progress(trainee)] == [3, 2]


def test_what_nobody_can_do_is_not_asked(trainee: Any, way: Path) -> None:
    """Drafts and retired things, on the path and as the path."""
    withdrawn = course("reviews", status="draft")
    quiz("reviews", course=withdrawn)
    lesson(withdrawn, "reviews-1")
    way.steps.create(course=withdrawn, position=9)
    lesson(Course.objects.get(code="rules"), "rules-9", status="draft")
    second = Path.objects.get(slug="second")
    second.status = "retired"
    second.save()
    assert counted(trainee) == {"onboarding": (0, 4, 0, 3, 0)}


def test_queries_stay_the_same(trainee: Any, way: Path) -> None:
    """Three once it is known what is taught, with two paths or six."""
    counts = []
    for more in range(2):
        for at in range(4 * more):
            path(f"more-{at}", Course.objects.get(code="language"))
        people.path_progress(trainee)
        with CaptureQueriesContext(connection) as queries:
            people.path_progress(trainee)
        counts.append(len(queries))
    assert counts == [3, 3]


def test_recent_attempts_are_the_last_finished_five(trainee: Any, agent: Any) -> None:
    """Newest first, the open one and other people's left out."""
    of = quiz()
    made = [result(trainee, of, "1", "4", NOW + timedelta(days=at)) for at in range(7)]
    result(agent, of, "1", "4", NOW + timedelta(days=9))
    made[6].state = "open"
    made[6].save()
    assert people.recent_attempts(trainee) == made[5:0:-1]
    assert list(people.attempts(trainee)) == made[::-1]
