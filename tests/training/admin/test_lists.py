"""The lists: columns, filters, search, actions; one more row costs no query more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.search import engine
from knowledge.search.document import Viewer
from tests import factories
from tests.training import making
from tests.training.admin.conftest import said
from tests.training.test_documents import lesson as lesson_document
from training.models import AttemptItem, Certificate, Course, Enrolment, Lesson, Path, Question
from training.services import lessons, questions

CODES = ("rules", "social", "product")


def a_question(at: int) -> None:
    questions.save_document(making.document("better", id=f"language-{at}"), "language")
    AttemptItem.objects.update(question=Question.objects.first(), first=True)


def a_result(at: int) -> None:
    quiz = making.quiz(f"quiz-{at}")
    making.result(factories.person("trainee"), quiz, "1", "2", passed=False)


def a_certificate(at: int) -> None:
    path, user = making.path(f"path-{at}"), factories.person("trainee")
    Certificate.objects.create(user=user, path=path, name="x", title="y", valid_until="2099-01-01")
    Enrolment.objects.create(user=user, path=path)


def a_path(at: int) -> None:
    making.path(f"path-{at}", making.course(CODES[at]), exam=making.quiz(f"exam-{at}"))


def a_lesson(at: int) -> None:
    lessons.save_document(lesson_document(slug=f"one-{at}", course=making.course(CODES[at]).code))
    making.quiz(f"quiz-{at}", course=Course.objects.get(code=CODES[at]))


@pytest.mark.parametrize(
    ("model", "make"),
    [
        ("question", a_question),
        ("lesson", a_lesson),
        ("course", a_lesson),
        ("quiz", a_path),
        ("path", a_path),
        ("attempt", a_result),
        ("certificate", a_certificate),
        ("enrolment", a_certificate),
    ],
)
def test_queries_do_not_grow_with_rows(as_trainer: Client, model: str, make: Callable[[int], None]) -> None:
    factories.card("a", code="aa")
    address = f"/admin/training/{model}/"
    make(0)
    as_trainer.get(address)
    with CaptureQueriesContext(connection) as at_one:
        as_trainer.get(address)
    make(1)
    make(2)
    with CaptureQueriesContext(connection) as at_three:
        page = as_trainer.get(address)
    assert len(page.context["cl"].result_list) == 3
    assert len(at_three) == len(at_one)


# Questions


@pytest.fixture
def asked(db: None) -> Question:
    """Asked three times, twice of them for the first time, with 1 of 1 and half of 1."""
    question = questions.save_document(making.single(), "language")
    questions.save_document(making.document("fill"), "language")
    quiz = making.quiz()
    for points, first in (("1", True), ("0.5", True), ("0", False)):
        attempt = making.result(factories.person("trainee"), quiz, points, "1")
        attempt.items.update(question=question, first=first)
    return question


def listed(client: Client, model: str, query: str = "") -> list[str]:
    return [str(item.pk) for item in client.get(f"/admin/training/{model}/?{query}").context["cl"].result_list]


def test_how_well_a_question_is_answered(as_trainer: Client, asked: Question) -> None:
    """Of first tries alone: a second one says how well somebody remembers, not how hard it is."""
    changelist = as_trainer.get("/admin/training/question/").context["cl"]
    admin, shown = changelist.model_admin, {item.code: item for item in changelist.result_list}
    assert (admin.times_asked(shown[asked.code]), admin.mean_share(shown[asked.code])) == (2, "75%")
    assert (admin.times_asked(shown["language-fill"]), admin.mean_share(shown["language-fill"])) == (0, "–")


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("q=在吗", ["language-01"]),
        ("q=language-fill", ["language-fill"]),
        ("type__exact=fill", ["language-fill"]),
        ("difficulty__exact=1", ["language-01"]),
        ("status__exact=draft", []),
        ("recheck=yes", []),
        ("competency__exact=language", ["language-01", "language-fill"]),
        ("course__exact=rules", []),
        ("q=%00", ["language-01", "language-fill"]),  # stock admin searches for nothing then
    ],
)
def test_filters_and_search(as_trainer: Client, asked: Question, query: str, codes: list[str]) -> None:
    pks = [str(Question.objects.get(code=code).pk) for code in codes]
    assert listed(as_trainer, "question", query) == pks


@pytest.mark.parametrize("column", [5, 6, 7, -6, -7])
def test_order_by_the_figures(as_trainer: Client, asked: Question, column: int) -> None:
    assert len(listed(as_trainer, "question", f"o={column}")) == 2


# Actions


def act(client: Client, item: Any, action: str) -> list[str]:
    data = {"action": action, "_selected_action": [item.pk]}
    return said(client.post(f"/admin/training/{item._meta.model_name}/", data, follow=True))


def test_publish_and_retire(as_trainer: Client, trainer: Any, lesson: Lesson, question: Question) -> None:
    """Each is logged; a lesson is found, or no longer, from the same moment, and its row says when it changed."""
    path, quiz = making.path("p", lesson.course), making.quiz()
    for item in (lesson, question, lesson.course, path, quiz):
        stamp = getattr(type(item).objects.get(pk=item.pk), "updated_at", None)
        assert act(as_trainer, item, "retire") == ["1 changed to “Retired”."]
        item.refresh_from_db()
        assert item.status == "retired"
        assert act(as_trainer, item, "publish") == ["1 changed to “Published”."]
        item.refresh_from_db()
        assert item.status == "published"
        assert stamp is None or item.updated_at > stamp
        assert LogEntry.objects.filter(object_id=str(item.pk), content_type__model=item._meta.model_name).count() == 2


def test_an_empty_path_is_not_published(as_trainer: Client, course: Course) -> None:
    """Then nothing of the choice is."""
    empty, sound = making.path("empty"), making.path("sound", course)
    Path.objects.update(status="draft", title="空路")
    data = {"action": "publish", "_selected_action": [empty.pk, sound.pk]}
    told = ["Nothing was published. These paths have no course yet: 空路"]
    assert said(as_trainer.post("/admin/training/path/", data, follow=True)) == told
    assert set(Path.objects.values_list("status", flat=True)) == {"draft"}


def found(query: str) -> list[str]:
    return [hit.slug for hit in engine.find(query, Viewer(), kinds=("lesson",)).hits]


def test_retired_course_takes_its_lessons_along(as_trainer: Client, lesson: Lesson) -> None:
    assert found("一课") == [lesson.slug]
    act(as_trainer, lesson.course, "retire")
    assert found("一课") == []
    act(as_trainer, lesson.course, "publish")
    assert found("一课") == [lesson.slug]


def test_a_manager_has_no_actions(as_manager: Client, lesson: Lesson) -> None:
    assert as_manager.get("/admin/training/lesson/").context["action_form"] is None
    act(as_manager, lesson, "retire")
    lesson.refresh_from_db()
    assert lesson.status == "published"


@pytest.mark.parametrize(("model", "at"), [(Course, 3), (Path, 2)])
def test_order_in_the_list(as_trainer: Client, course: Course, model: Any, at: int) -> None:
    """The box of the position is in the list, and moving touches the row: the navigation is cached by it."""
    making.path("one")
    item = model.objects.get()
    name = model._meta.model_name
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": item.pk, "form-0-position": at, "_save": "x"}
    assert as_trainer.post(f"/admin/training/{name}/", data).status_code == 302
    moved = model.objects.get()
    assert (moved.position, moved.updated_at > item.updated_at) == (at, True)
