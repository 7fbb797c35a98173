"""Courses, paths and copies: what is written, and what says that it was."""

from __future__ import annotations

import itertools

import pytest
from django.db.models import ProtectedError

from tests import factories
from tests.training import making
from tests.training.test_documents import lesson as lesson_document
from training.models import Course, Lesson, Path, Quiz
from training.services import courses, items, lessons, paths, quizsets

pytestmark = pytest.mark.django_db


def chain(*codes: str) -> list[Course]:
    """Courses of which each needs the one before it."""
    made = [making.course(code, title=code) for code in codes]
    for before, after in itertools.pairwise(made):
        after.needs.add(before)
    return made


def test_circle_names_the_way_round() -> None:
    first, second, third = chain("language", "rules", "social")
    assert courses.circle(first, [third]) == ["language", "social", "rules", "language"]
    assert courses.circle(first, [first]) == ["language", "language"]
    assert courses.circle(third, [first, second]) == []


def test_circle_among_others_ends() -> None:
    """One that stands in the database already must not keep the search going for ever."""
    first, second, third = chain("language", "rules", "social")
    second.needs.add(third)
    assert courses.circle(first, []) == []
    assert courses.circle(first, [second])[0] == "language"


def test_save_touches_the_course() -> None:
    """Prerequisites live in a table of their own: the course's row has to say that they changed."""
    course, other = making.course("language"), making.course("rules")
    stamp = course.updated_at
    courses.save(course, needs=[other])
    course.refresh_from_db()
    assert (list(course.needs.all()), course.updated_at > stamp) == ([other], True)


def test_reorder_deals_the_positions_there_are() -> None:
    factories.card("a", code="aa")
    making.course("language")
    places = {"l-1": "1", "l-4": "4", "l-5": "4", "l-9": "9"}  # two at one place, as files may have them
    made = [lessons.save_document(lesson_document(slug=slug, position=at)) for slug, at in places.items()]
    lessons.reorder([made[2], made[0], made[1], made[3]])
    assert list(Lesson.objects.order_by("position").values_list("slug", "position")) == [
        ("l-5", 1),
        ("l-1", 4),
        ("l-4", 5),
        ("l-9", 9),
    ]


def test_path_save_touches_the_path_and_keeps_its_steps() -> None:
    first, second = making.course("language"), making.course("rules")
    path = making.path("p", first, second)
    pks, stamp = list(path.steps.values_list("pk", flat=True)), path.updated_at
    paths.save(path, [first, second], None)
    assert list(path.steps.values_list("pk", flat=True)) == pks
    assert Path.objects.get().updated_at > stamp
    paths.save(path, [second], None)
    assert [step.course for step in path.steps.all()] == [second]


def test_free_slugs() -> None:
    """Twice and cut to what the column holds."""
    making.quiz("x" * 60)
    stem = "x" * 51 + "-copy"
    assert items.free_slug(Quiz, "x" * 60) == stem
    making.quiz(stem)
    assert items.free_slug(Quiz, "x" * 60) == f"{stem}-2"


def test_delete_is_all_or_nothing() -> None:
    taken, free = making.quiz("taken"), making.quiz("free")
    making.result(factories.person("trainee"), taken, "1", "1")
    with pytest.raises(ProtectedError):
        quizsets.delete([free, taken])
    assert Quiz.objects.count() == 2
