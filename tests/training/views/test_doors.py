"""Doors: what waits, who may start, and if not now, why and from when. A lock that says nothing loses a learner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.enums import Status
from tests import factories
from tests.training import making
from training.models import Attempt, Course, LessonProgress, Path, Question, Quiz
from training.services import courses, lessons, questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(db: None) -> Any:
    return factories.person("trainee", locale="en")


@pytest.fixture
def course() -> Course:
    return making.course("language")


@pytest.fixture
def quiz(course: Course) -> Quiz:
    making.pool(count=3)
    return making.quiz(course=course)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def door(user: Any, path: str = "/learn/language/quiz/") -> Any:
    return signed_in(user).get(path).context["door"]


def passed(user: Any, of: Quiz, **values: Any) -> Attempt:
    return making.result(user, of, "1", "1", timezone.now() - timedelta(hours=1), **values)


def lesson(course: str, slug: str) -> Any:
    return lessons.save_document(
        {
            "course": course,
            "slug": slug,
            "position": "1",
            "title": f"课文{slug}",
            "minutes": "5",
            "facts": [],
            "takeaways": ["一。", "二。", "三。"],
            "checks": [],
            "body": "正文。",
        }
    )


def test_the_door_says_what_waits(learner: Any, quiz: Quiz) -> None:
    """Number, mark, time, attempts: nobody starts an exam blind."""
    Quiz.objects.update(time_limit=1830, attempts_allowed=3, pass_mark=85)
    passed(learner, quiz, passed=False)
    shown = door(learner)
    assert (shown.questions, shown.minutes, shown.left, shown.quiz.pass_mark) == (2, 31, 2, 85)
    assert (shown.opens, shown.passed, len(shown.past)) == (True, False, 1)
    page = signed_in(learner).get("/learn/language/quiz/").content.decode()
    for words in ("31 minutes", "85%", "never under 0", "0 with wording that should not be used"):
        assert words in page


def test_start_leads_to_the_attempt_and_goes_on_with_it(learner: Any, quiz: Quiz) -> None:
    """A second POST, from the other tab, gets the same attempt; a GET starts nothing."""
    client = signed_in(learner)
    client.get("/learn/language/quiz/")
    assert Attempt.objects.count() == 0
    places = {client.post("/learn/language/quiz/").headers["Location"] for _time in range(2)}
    standing = Attempt.objects.get()
    assert places == {f"/attempts/{standing.pk}/"}
    assert door(learner).standing == standing


def test_needed_courses_come_first(learner: Any, quiz: Quiz, course: Course) -> None:
    """The reason names and links them; POST is refused likewise, and the door opens when they are passed."""
    intro, other = making.course("intro", title="入门"), making.course("rules", title="规则")
    first = making.quiz("intro", course=intro)
    course.needs.add(intro, other)
    client = signed_in(learner)
    assert [need.code for need in door(learner).missing] == ["intro"]  # nothing is in the other: it keeps nobody out
    page = client.get("/learn/language/quiz/").content.decode()
    assert '<a href="/learn/intro/">入门</a>' in page
    assert client.post("/learn/language/quiz/", follow=True).redirect_chain == [("/learn/language/quiz/", 302)]
    assert Attempt.objects.count() == 0
    passed(learner, first)
    assert door(learner).missing == ()
    assert client.post("/learn/language/quiz/").headers["Location"].startswith("/attempts/")


def test_a_needed_course_without_a_quiz_is_finished_by_reading(learner: Any, quiz: Quiz, course: Course) -> None:
    """Otherwise nothing would ever open what waits for it."""
    course.needs.add(making.course("intro"))
    read = lesson("intro", "intro-one")
    assert len(door(learner).missing) == 1
    LessonProgress.objects.create(user=learner, lesson=read, finished_at=timezone.now())
    assert door(learner).missing == ()


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_a_needed_course_nobody_sees_keeps_nobody_out(learner: Any, quiz: Quiz, course: Course, status: str) -> None:
    """A reason that leads to a 404 would be a lock for ever."""
    need = making.course("intro", status=status)
    making.quiz("intro", course=need)
    course.needs.add(need)
    assert door(learner).missing == ()


def test_unread_lessons_are_mentioned_and_lock_nothing(learner: Any, quiz: Quiz) -> None:
    """Whoever knows the matter may show it at once."""
    lesson("language", "language-one")
    read = lesson("language", "language-two")
    LessonProgress.objects.create(user=learner, lesson=read, finished_at=timezone.now())
    shown = door(learner)
    assert (shown.unread, shown.opens) == (1, True)
    assert (
        "1 lesson of this course is still unread." in signed_in(learner).get("/learn/language/quiz/").content.decode()
    )


def test_a_wait_says_from_when(learner: Any, quiz: Quiz) -> None:
    """In local time, on the page; POST starts nothing meanwhile."""
    Quiz.objects.update(cooldown=3 * 3600)
    passed(learner, quiz, passed=False)
    shown = door(learner)
    assert not shown.opens
    when = timezone.localtime(shown.until)
    client = signed_in(learner)
    assert f"{when:%Y-%m-%d %H:%M}" in client.get("/learn/language/quiz/").content.decode()
    assert "Please wait" in client.post("/learn/language/quiz/", follow=True).content.decode()
    assert Attempt.objects.open().count() == 0


def test_used_attempts_and_an_empty_pool_say_whom_to_ask(learner: Any, quiz: Quiz) -> None:
    """Each other reason not to start, on the page and on POST."""
    client = signed_in(learner)
    Quiz.objects.update(attempts_allowed=1)
    passed(learner, quiz)
    assert "Ask your trainer for another." in client.get("/learn/language/quiz/").content.decode()
    client.post("/learn/language/quiz/")
    Quiz.objects.update(attempts_allowed=None)
    Question.objects.update(status="retired")
    assert "Your trainer can add some." in client.get("/learn/language/quiz/").content.decode()
    client.post("/learn/language/quiz/")
    assert Attempt.objects.open().count() == 0


@pytest.mark.parametrize("hidden", ["course", "quiz"])
@pytest.mark.parametrize("status", ["draft", "retired"])
def test_what_is_not_published_is_not_there(
    learner: Any, agent: Any, trainer: Any, quiz: Quiz, hidden: str, status: str
) -> None:
    """404 for learners on GET and POST; trainers look at it as at everything they edit."""
    {"course": Course, "quiz": Quiz}[hidden].objects.update(status=status)
    for person in (learner, agent):
        client = signed_in(person)
        assert client.get("/learn/language/quiz/").status_code == 404
        assert client.post("/learn/language/quiz/").status_code == 404
    assert signed_in(trainer).get("/learn/language/quiz/").status_code == 200


@pytest.fixture
def path(course: Course, quiz: Quiz) -> Path:
    exam = making.quiz("exam-onboarding", kind="exam", title="终考", time_limit=600)
    return making.path("onboarding", course, exam=exam)


def test_the_exam_waits_for_the_quizzes_of_its_path(learner: Any, path: Path, quiz: Quiz) -> None:
    """Named and linked; when they are passed it opens, in the order of the path before that."""
    client = signed_in(learner)
    assert [course.code for course in door(learner, "/exams/onboarding/").missing] == ["language"]
    client.post("/exams/onboarding/")
    assert Attempt.objects.count() == 0
    passed(learner, quiz)
    assert door(learner, "/exams/onboarding/").opens
    client.post("/exams/onboarding/")
    attempt = Attempt.objects.open().get()
    assert (attempt.quiz_id, attempt.deadline) == (path.exam_id, attempt.started_at + timedelta(minutes=10))


def test_an_exam_that_is_not_there(learner: Any, trainer: Any, path: Path) -> None:
    """No such path, a draft, or one without an exam."""
    bare = making.path("bare")
    assert signed_in(trainer).get("/exams/bare/").status_code == 404
    bare.delete()
    Path.objects.update(status="draft")
    assert [signed_in(who).get("/exams/onboarding/").status_code for who in (learner, trainer)] == [404, 200]
    assert signed_in(learner).get("/exams/nowhere/").status_code == 404


def test_an_attempt_whose_time_ran_out_is_handed_in_at_the_door(learner: Any, path: Path, quiz: Quiz) -> None:
    """A GET grades nothing: one button does, and leads to the result."""
    passed(learner, quiz)
    client = signed_in(learner)
    client.post("/exams/onboarding/")
    Attempt.objects.open().update(deadline=timezone.now() - timedelta(minutes=1))
    shown = door(learner, "/exams/onboarding/")
    assert shown.over
    standing = Attempt.objects.open().get()
    page = client.get("/exams/onboarding/").content.decode()
    assert f'action="/attempts/{standing.pk}/finish/"' in page
    assert Attempt.objects.open().exists()
    assert client.post(f"/attempts/{standing.pk}/finish/").headers["Location"] == f"/attempts/{standing.pk}/result/"


def test_practice_door(learner: Any, quiz: Quiz) -> None:
    """It says how many there are, starts one attempt for two clicks, and is friendly when nothing is wrong."""
    client = signed_in(learner)
    assert "Nothing to practise" in client.get("/practice/mistakes/").content.decode()
    assert client.post("/practice/mistakes/").headers["Location"] == "/practice/mistakes/"
    assert not Quiz.objects.filter(kind="practice").exclude(attempts=None).exists()
    attempt = making.start(quiz, learner, timezone.now())
    client.post(f"/attempts/{attempt.pk}/finish/", {"sure": "1"})
    page = client.get("/practice/mistakes/").content.decode()
    assert "2 questions were not fully right" in page
    places = {client.post("/practice/mistakes/").headers["Location"] for _time in range(2)}
    assert len(places) == 1
    assert "still open" in client.get("/practice/mistakes/").content.decode()


def test_the_door_costs_the_same_for_many_rows(learner: Any, path: Path, course: Course, quiz: Quiz) -> None:
    """Courses on the path, attempts, questions: none of them asks once more."""

    def queries() -> int:
        client = signed_in(learner)
        client.get("/exams/onboarding/")  # what is taught is read once a version
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/exams/onboarding/").status_code == 200
        return len(asked)

    passed(learner, path.exam)
    few = queries()
    for at, code in enumerate(("intro", "rules", "reviews"), 2):
        added = making.course(code)
        making.quiz(code, course=added)
        path.steps.create(course=added, position=at)
        questions.save_document(making.single(f"{code}-01"), code)
        passed(learner, path.exam)
    assert queries() == few


def test_an_exam_whose_courses_are_all_withdrawn_is_no_gift(learner: Any, course: Course, quiz: Quiz) -> None:
    """With nothing to finish first, anybody could have had the certificate for one exam."""
    exam = making.quiz("exam", kind="exam", rules=[{"course": "language", "count": 1}])
    making.path("onboarding", course, exam=exam)
    client = signed_in(learner)
    assert client.get("/exams/onboarding/").status_code == 200
    courses.set_status([course], Status.RETIRED)
    answers = [
        client.post("/exams/onboarding/"),
        client.post("/paths/onboarding/follow/"),
        client.get("/paths/onboarding/"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Attempt.objects.count() == 0
