"""Paths, courses and the search of lessons, as readers find them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.training import making
from tests.training.making import NOW
from tests.training.test_documents import lesson as document
from training.models import Course, Lesson, LessonProgress, Path, Quiz
from training.services import lessons, progress

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(factories.person(role, locale="en"), "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def reader() -> Client:
    return signed_in("trainee")


def person_of(client: Client) -> Any:
    return get_user_model().objects.get(pk=client.session["_auth_user_id"])


def add_course(code: str, *needs: Course, position: int = 0, count: int = 2) -> Course:
    course = making.course(code, position=position, summary=f"{code}的说明。")
    course.needs.set(needs)
    making.quiz(f"quiz-{code}", course=course, title=f"小测{code}")
    for at in range(1, count + 1):
        lessons.save_document(
            document(course=code, slug=f"{code}-{at}", title=f"课文{code}{at}", position=str(at), body="{{check:1}}")
        )
    return course


@pytest.fixture
def house() -> Path:
    first = add_course("intro")
    second = add_course("language", first, position=1)
    exam = making.quiz("exam-onboarding", kind="exam", title="终考")
    return making.path("onboarding", first, second, exam=exam)


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def holds(text: str, *parts: str) -> list[bool]:
    return [part in text for part in parts]


def test_one_next_step(reader: Client, house: Path) -> None:
    """The learn page and the home page send a new hire to the same first lesson."""
    for address in ("/learn/", "/"):
        text = words(reader, address)
        assert holds(text, 'href="/learn/intro/intro-1/"', "课文intro1", "0 of 7 steps") == [True] * 3
    LessonProgress.objects.create(user=person_of(reader), lesson=Lesson.objects.get(slug="intro-1"), finished_at=NOW)
    assert holds(words(reader, "/"), 'href="/learn/intro/intro-2/"', "1 of 7 steps") == [True, True]


def test_home_is_the_agents_own(house: Path) -> None:
    """Somebody on shift who follows no path gets the search and their shelves, and no lesson in the way."""
    agent = signed_in("agent")
    assert holds(words(agent, "/"), 'id="today"', 'id="shown"') == [False, False]
    progress.follow(house, person_of(agent), now=NOW)
    assert holds(words(agent, "/"), 'id="today"', 'id="shown"') == [True, False]


def test_home_shows_what_has_been_shown(reader: Client, house: Path) -> None:
    """A competency with evidence has its number; before there is any, nine times nothing would be in the way."""
    assert holds(words(reader, "/"), 'id="shown"') == [False]
    person = person_of(reader)
    making.result(person, Quiz.objects.get(slug="quiz-intro"), "3", "4", at=timezone.now())
    assert holds(words(reader, "/"), 'id="shown"', "75%", "not yet") == [True] * 3


def test_home_says_what_is_begun(reader: Client, house: Path) -> None:
    """A closed laptop: the way back into the attempt stands first thing."""
    making.pool()
    person = person_of(reader)
    begun = making.start(Quiz.objects.get(slug="quiz-intro"), person)
    for address in ("/", "/learn/"):
        assert (
            holds(words(reader, address), f'href="/attempts/{begun.pk}/"', "Begun and not handed in yet") == [True] * 2
        )


@pytest.mark.parametrize("hours", [24, 0, -30])
def test_what_is_begun_says_until_when(reader: Client, house: Path, hours: int) -> None:
    """An hour of tomorrow is no hour of today; and whose time has run out is not told an hour still to come."""
    making.pool()
    begun = making.start(Quiz.objects.get(slug="quiz-intro"), person_of(reader))
    begun.deadline = timezone.localtime() + timedelta(hours=hours)
    if not hours:
        begun.deadline = begun.deadline.replace(hour=23, minute=59, second=59)
    begun.save()
    wanted = (
        "The time is up"
        if hours < 0
        else f"until {begun.deadline:%H:%M}"
        if not hours
        else f"until {begun.deadline:%Y-%m-%d %H:%M}"
    )
    for address in ("/", "/learn/"):
        assert f'<span class="tag">{wanted}</span>' in words(reader, address)
    if hours > 0:
        assert f">Until {begun.deadline:%Y-%m-%d %H:%M}</p>" in words(reader, f"/attempts/{begun.pk}/")


@pytest.mark.parametrize("role", ["trainee", "agent"])
def test_home_is_eight_queries_at_most(role: str, house: Path) -> None:
    """However many courses, attempts and shelves there are."""
    client = signed_in(role)
    person = person_of(client)
    progress.follow(house, person, now=NOW)
    counts = []
    for number in (1, 2, 3):
        making.result(person, making.quiz(f"q{number}"), "1", "1")
        words(client, "/")
        with CaptureQueriesContext(connection) as asked:
            words(client, "/")
        counts.append(len(asked))
    assert (len(set(counts)), counts[0] <= 8) == (1, True)


@pytest.mark.parametrize("address", ["/learn/", "/learn/intro/", "/paths/onboarding/"])
def test_pages_are_constant_in_queries(reader: Client, house: Path, address: str) -> None:
    """At one more course and at three."""
    counts = []
    for number, code in enumerate(("rules", "reviews", "social"), 2):
        course = add_course(code, Course.objects.get(code="intro"), position=number, count=number)
        house.steps.create(course=course, position=number)
        house.save()
        if number == 3:
            continue
        words(reader, address)
        with CaptureQueriesContext(connection) as asked:
            words(reader, address)
        counts.append(len(asked))
    assert counts == [4, 4]


def test_a_course_page(reader: Client, house: Path) -> None:
    """Its lessons with what is read, its quiz, what comes next."""
    LessonProgress.objects.create(user=person_of(reader), lesson=Lesson.objects.get(slug="intro-1"), finished_at=NOW)
    text = words(reader, "/learn/intro/")
    assert holds(text, '<li class="done"><a href="/learn/intro/intro-1/">', '<li><a href="/learn/intro/intro-2/">') == [
        True,
        True,
    ]
    assert holds(
        text,
        'href="/learn/intro/quiz/"',
        "Opens after",
        f"2 lessons, about {2 * Lesson.objects.get(slug='intro-1').minutes} minutes",
    ) == [True, False, True]


def test_a_closed_course_names_what_opens_it(reader: Client, house: Path) -> None:
    """On its own page, among the others, and on the path; and it opens with the quiz passed."""
    for address in ("/learn/language/", "/learn/", "/paths/onboarding/"):
        assert 'Opens after: <a href="/learn/intro/">课intro</a>' in words(reader, address)
    person = person_of(reader)
    making.result(person, Quiz.objects.get(slug="quiz-intro"), "1", "1")
    assert "Opens after" not in words(reader, "/learn/language/")


def test_a_path_page(reader: Client, house: Path) -> None:
    """Its courses in order, and the exam with what it still waits for."""
    text = words(reader, "/paths/onboarding/")
    places = [
        text.find(f'<h2><a href="{href}">') for href in ("/learn/intro/", "/learn/language/", "/exams/onboarding/")
    ]
    assert (-1 not in places, places == sorted(places)) == (True, True)
    assert (text.count("Opens after:"), text.count("Opens after the courses above: 2 to go.")) == (1, 1)


def test_following_a_path(reader: Client, house: Path) -> None:
    """A choice is a POST, is told, and moves the next step on the home page."""
    short = making.path("short", Course.objects.get(code="intro"))
    Path.objects.filter(pk=short.pk).update(title="短路")
    assert reader.get("/paths/short/follow/").status_code == 405
    assert reader.post("/paths/short/follow/").headers["Location"] == "/paths/short/"
    text = words(reader, "/paths/short/")
    assert holds(text, "You follow “短路” now.", "This is the path you follow.", "Follow this path") == [
        True,
        True,
        False,
    ]
    assert holds(words(reader, "/"), 'href="/paths/short/"', 'href="/paths/onboarding/"') == [True, False]


@pytest.mark.parametrize("what", ["draft", "retired"])
def test_what_is_not_published_is_not_there(reader: Client, house: Path, as_trainer: Client, what: str) -> None:
    """Not in lists, not by address; a trainer sees a course that waits, and that it does."""
    for one in (Course.objects.get(code="intro"), house):
        one.status = what
        one.save()
    for address in ("/learn/intro/", "/paths/onboarding/", "/learn/nothing/", "/paths/nothing/"):
        assert reader.get(address).status_code == 404
    assert reader.post("/paths/onboarding/follow/").status_code == 404
    assert "intro的说明" not in words(reader, "/learn/")
    assert holds(words(as_trainer, "/learn/intro/"), "intro的说明", "课文intro1") == [True, True]
    text = words(as_trainer, "/paths/onboarding/")
    assert holds(text, 'class="note"', 'href="/learn/language/"', "/follow/") == [True, True, False]


def test_nothing_at_all(reader: Client) -> None:
    """Before the trainers have written a course, the page says so."""
    assert "There are no courses yet." in words(reader, "/learn/")
    assert 'id="today"' not in words(reader, "/")


def test_lessons_are_found(reader: Client, house: Path) -> None:
    """By what they say, with the course they belong to; a draft by trainers alone."""
    lesson = Lesson.objects.get(slug="language-2")
    lesson.body = "蓝莓怎么寄才不碎。\n\n{{check:1}}"
    lessons.save(lesson)
    text = words(reader, "/learn/?q=蓝莓")
    assert holds(text, 'href="/learn/language/language-2/"', "课language", "<mark>蓝莓</mark>怎么寄") == [True] * 3
    assert "No lesson speaks of this" in words(reader, "/learn/?q=☃☃")
    lesson.status = "draft"
    lesson.save()
    assert "language-2" not in words(reader, "/learn/?q=蓝莓")
    assert "language-2" in words(signed_in("trainer"), "/learn/?q=蓝莓")


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", '"><img src=x>', "a" * 5000, "\x00", "%"])
def test_a_hostile_query(reader: Client, house: Path, query: str) -> None:
    """Escaped, cut, answered."""
    text = reader.get("/learn/", {"q": query})
    assert text.status_code == 200
    assert holds(text.content.decode(), "<script>alert", "<img src=x>") == [False, False]


def test_the_phrasebook_names_lessons_beside_its_cards(reader: Client, house: Path) -> None:
    """One search box: cards first and counted, then up to three lessons that hold the words; the dock shows cards."""
    factories.card("berry", aliases=["蓝莓怎么寄"])
    for lesson in Lesson.objects.all():
        lesson.body = f"蓝莓{lesson.slug}怎么寄。\n\n{{{{check:1}}}}"
        lessons.save(lesson)
    for address in ("/phrases/", "/"):
        text = words(reader, f"{address}?q=蓝莓")
        assert holds(text, "Also taught in", 'data-total="1"') == [True, True]
        assert text.count('<li><a href="/learn/') == 3
    assert "Also taught in" not in words(reader, "/dock/?q=蓝莓")
    assert "Also taught in" not in words(reader, "/phrases/?q=蓝莓&stage=pre")
    Lesson.objects.filter(course__code="language").delete()
    assert words(reader, "/phrases/?q=蓝莓").count('<li><a href="/learn/') == 2
