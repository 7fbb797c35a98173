"""What is taught, kept under its version: every change shows at the next request, and nothing else costs a query."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import TRAINEE
from tests.training import making
from tests.training.making import NOW
from tests.training.test_documents import lesson as document
from training.enums import LEARNERS
from training.models import Certificate, Course, Lesson, LessonProgress, Path, Quiz
from training.services import curriculum, lessons, progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Path:
    """Two courses, the second after the first, a lesson and a quiz each, and a path with an exam."""
    first, second = making.course("intro"), making.course("language", position=1)
    second.needs.add(first)
    for course in (first, second):
        making.quiz(f"quiz-{course.code}", course=course)
        lessons.save_document(document(course=course.code, slug=f"{course.code}-lesson", body="{{check:1}}"))
    exam = making.quiz("exam-onboarding", kind="exam")
    return making.path("onboarding", first, second, exam=exam)


def queries(user: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        curriculum.read(user)
    return len(asked)


def rows_read(call: Callable[[], Any]) -> int:
    """How many rows the queries of this call fetch."""
    with CaptureQueriesContext(connection) as asked:
        call()
    with connection.cursor() as cursor:
        return sum(len(cursor.execute(one["sql"]).fetchall()) for one in asked.captured_queries)


def test_the_whole(trainee: Any, house: Path) -> None:
    """Courses, needs, lessons, quizzes and the path, as pages link to them."""
    taught, standing = curriculum.read(trainee)
    assert [(one.code, one.needs, one.quiz and one.quiz.href) for one in taught.courses.values()] == [
        ("intro", (), "/learn/intro/quiz/"),
        ("language", ("intro",), "/learn/language/quiz/"),
    ]
    assert [lesson.href for lesson in taught.courses["intro"].lessons] == ["/learn/intro/intro-lesson/"]
    path = taught.paths["onboarding"]
    assert (path.courses, path.exam and path.exam.href) == (("intro", "language"), "/exams/onboarding/")
    assert (standing.path, standing.is_learner, standing.finished, standing.passed) == ("", True, set(), set())


def test_two_queries_once_it_is_known(trainee: Any, house: Path) -> None:
    """It stands on the home page."""
    assert (queries(trainee) > 2, queries(trainee)) == (True, 2)
    making.path("second", making.course("rules", position=2))
    for number in range(3):
        lessons.save_document(document(course="rules", slug=f"rules-{number}", body="{{check:1}}"))
    assert (queries(trainee) > 2, queries(trainee)) == (True, 2)


def retitle(model: Any) -> Callable[[], Any]:
    def change() -> None:
        one = model.objects.order_by("pk").first()
        one.title = "新名字"
        one.save()

    return change


CHANGES: dict[str, Callable[[], Any]] = {
    "a course": retitle(Course),
    "a lesson": retitle(Lesson),
    "a quiz": retitle(Quiz),
    "a path": retitle(Path),
    "a lesson less": lambda: Lesson.objects.filter(slug="language-lesson").delete(),
    "a lesson more": lambda: lessons.save_document(document(course="intro", slug="intro-more", body="{{check:1}}")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_shows_at_once(trainee: Any, house: Path, name: str) -> None:
    """Kept under a version that does not know of it, it would show the old courses for a day."""
    before, _standing = curriculum.read(trainee)
    CHANGES[name]()
    after, _standing = curriculum.read(trainee)
    assert after != before


def test_what_is_not_published_is_not_taught(trainee: Any, house: Path) -> None:
    """Nor is it needed, nor a step of a path."""
    course = Course.objects.get(code="intro")
    course.status = "draft"
    course.save()
    taught, _standing = curriculum.read(trainee)
    assert list(taught.courses) == ["language"]
    assert (taught.courses["language"].needs, taught.paths["onboarding"].courses) == ((), ("language",))
    for one in (Lesson.objects.get(slug="language-lesson"), Quiz.objects.get(slug="quiz-language")):
        one.status = "retired"
        one.save()
    taught, _standing = curriculum.read(trainee)
    assert (taught.courses["language"].lessons, taught.courses["language"].quiz) == ((), None)
    house.status = "draft"
    house.save()
    assert curriculum.read(trainee)[0].paths == {}


def test_a_readers_own_state(trainee: Any, agent: Any, house: Path) -> None:
    """Each reader's, and nobody else's."""
    lesson, quiz = Lesson.objects.get(slug="intro-lesson"), Quiz.objects.get(slug="quiz-intro")
    LessonProgress.objects.create(user=trainee, lesson=lesson, finished_at=NOW)
    making.result(trainee, quiz, "1", "1")
    making.result(trainee, Quiz.objects.get(slug="quiz-language"), "0", "1", passed=False)
    making.pool()
    begun = making.start(Quiz.objects.get(slug="exam-onboarding"), trainee)
    progress.follow(house, trainee, now=NOW)
    Certificate.objects.create(user=trainee, path=house, name="x", title="y", valid_until=date(2027, 1, 2))
    standing = curriculum.read(trainee)[1]
    assert (standing.finished, standing.passed) == ({lesson.pk}, {quiz.pk})
    assert [(one.pk, one.href) for one in standing.open] == [(begun.pk, f"/attempts/{begun.pk}/")]
    assert (standing.path, standing.expires) == ("onboarding", date(2027, 1, 2))
    other = curriculum.read(agent)[1]
    assert other == curriculum.Standing("", False, frozenset(), frozenset(), (), None)


def test_passing_often_costs_no_more_than_once(trainee: Any, house: Path) -> None:
    """It stands on the home page: somebody who practises a quiz for years must not wait for every time they did."""
    rows = []
    for _time in range(3):
        making.result(trainee, Quiz.objects.get(slug="quiz-intro"), "1", "1")
        curriculum.read(trainee)
        rows.append(rows_read(lambda: curriculum.read(trainee)))
    assert len(set(rows)) == 1


def test_courses_that_wait_for_each_other_keep_nobody_out(trainee: Any, house: Path) -> None:
    """Forms refuse a circle; two edits at the same time, or an edit and new starter content, can still make one."""
    courses = {code: Course.objects.get(code=code) for code in ("intro", "language")}
    courses["rules"] = making.course("rules", position=2)
    for code, needs in {"intro": ["rules"], "rules": ["language"], "language": ["intro"]}.items():
        courses[code].needs.set([courses[need] for need in needs])
    courses["closing"] = making.course("closing", position=3)
    courses["closing"].needs.set([courses["intro"]])
    taught, standing = curriculum.read(trainee)
    assert {one.code: one.needs for one in taught.courses.values()} == {
        **dict.fromkeys(("intro", "language", "rules"), ()),
        "closing": ("intro",),
    }
    assert progress.missing(taught.courses["intro"], taught, standing) == []


def test_the_path_chosen_last_is_followed(trainee: Any, house: Path) -> None:
    """Going back to an earlier one is a choice too, and leaves one row a path."""
    second = making.path("second")
    for at, path in enumerate((house, second, house)):
        progress.follow(path, trainee, now=NOW + timedelta(minutes=at))
    assert curriculum.read(trainee)[1].path == "onboarding"
    assert trainee.enrolments.count() == 2


def test_learners_are_the_trainees() -> None:
    """The group's name stands in two apps that do not import each other."""
    assert LEARNERS == TRAINEE
