"""Deleting: starter items stay deleted, results keep their history, and what is needed says why it stays."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.roles import TRAINER
from knowledge.models import Tombstone
from knowledge.search import engine
from knowledge.services import content
from tests import factories
from tests.knowledge.admin.conftest import signed_in
from tests.training import making
from tests.training.admin.conftest import address
from training.models import AttemptItem, Certificate, Course, Enrolment, Lesson, Path, Question, Quiz

PATHS = ("onboarding", "pre-sale", "after-sale", "review-care")


def delete(client: Client, item: Any) -> Any:
    return client.post(address(item, "delete"), {"post": "yes"})


def delete_by_the_list(client: Client, item: Any) -> Any:
    data = {"action": "delete_selected", "_selected_action": [item.pk], "post": "yes"}
    return client.post(f"/admin/training/{item._meta.model_name}/", data)


def graves() -> list[tuple[str, str]]:
    return list(Tombstone.objects.exclude(kind="synonyms").order_by("kind", "slug").values_list("kind", "slug"))


@pytest.mark.django_db
def test_starter_items_stay_deleted(starter_content: None, as_trainer: Client) -> None:
    """By the button and by the action of the list alike; a course takes its lessons along, a path its exam."""
    lesson, question = Lesson.objects.filter(course__code="rules")[:1].get(), Question.objects.order_by("pk")[0]
    delete(as_trainer, lesson)
    delete_by_the_list(as_trainer, question)
    for path in Path.objects.exclude(slug="pre-sale"):
        delete(as_trainer, path)
    course = Course.objects.exclude(steps__path__slug="pre-sale").order_by("code")[0]
    slugs = list(course.lessons.values_list("slug", flat=True))
    delete_by_the_list(as_trainer, course)
    wanted = {("lesson", lesson.slug), ("question", question.code), ("course", course.code)}
    wanted |= {("lesson", slug) for slug in slugs}
    wanted |= {("path", slug) for slug in PATHS if slug != "pre-sale"}
    assert set(graves()) == wanted
    assert Quiz.objects.filter(slug="exam-onboarding").exists() is False
    content.load(FilePath(settings.CONTENT_DIR))
    assert not Lesson.objects.filter(slug__in=[lesson.slug, *slugs]).exists()
    assert not Question.objects.filter(code=question.code).exists()
    assert (Path.objects.count(), Course.objects.filter(code=course.code).exists()) == (1, False)


def test_what_trainers_made_leaves_no_grave(as_trainer: Client, lesson: Lesson, question: Question) -> None:
    """And the index forgets it."""
    for item in (lesson, question):
        assert delete(as_trainer, item).status_code == 302
    assert (Lesson.objects.count(), Question.objects.count(), graves()) == (0, 0, [])
    assert engine.stats().get("lesson", 0) == 0


def test_a_question_that_was_asked(as_trainer: Client, question: Question) -> None:
    """The attempt keeps what it asked."""
    making.result(factories.person("trainee"), making.quiz(), "1", "1").items.update(question=question)
    delete(as_trainer, question)
    item = AttemptItem.objects.get()
    assert (item.question, item.document["type"]) == (None, "single")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_quiz_that_was_taken(as_trainer: Client, method: str) -> None:
    """Results hang on it: the page says what to do instead."""
    quiz = making.quiz()
    making.result(factories.person("trainee"), quiz, "1", "1")
    html = getattr(as_trainer, method)(address(quiz, "delete"), {"post": "yes"}).content.decode()
    assert html.count("so it cannot be deleted. Retire it instead: nobody can start it any more") == 1
    assert Quiz.objects.count() == 1
    assert delete_by_the_list(as_trainer, quiz).content.decode().count("so it cannot be deleted") == 1


def test_a_course_on_a_path(as_trainer: Client, course: Course) -> None:
    making.path("p", course)
    html = as_trainer.get(address(course, "delete")).content.decode()
    assert html.count("This course stands on a path, or people have taken its quiz") == 1
    assert delete(as_trainer, course).status_code == 200
    assert Course.objects.count() == 1


def test_a_path_with_certificates(as_trainer: Client) -> None:
    path = making.path("p")
    user = factories.person("trainee")
    Certificate.objects.create(user=user, path=path, name="x", title="y", valid_until="2099-01-01")
    assert as_trainer.get(address(path, "delete")).content.decode().count("Certificates have been given") == 1
    assert delete(as_trainer, path).status_code == 200
    assert Path.objects.count() == 1


def test_a_path_that_is_followed(as_trainer: Client) -> None:
    """Nobody deletes enrolments one by one; they go with their path. An exam that was taken is retired."""
    exam = making.quiz("exam", kind="exam")
    making.result(factories.person("trainee"), exam, "1", "1")
    path = making.path("p", exam=exam)
    Enrolment.objects.create(user=factories.person("trainee"), path=path)
    assert delete(as_trainer, path).status_code == 302
    assert (Path.objects.count(), Enrolment.objects.count()) == (0, 0)
    assert Quiz.objects.get().status == "retired"


def test_a_manager_deletes_nothing(as_manager: Client, lesson: Lesson) -> None:
    assert delete(as_manager, lesson).status_code == 403
    delete_by_the_list(as_manager, lesson)
    assert Lesson.objects.count() == 1


def test_what_readers_see_goes_by_who_may_publish_alone(lesson: Lesson, question: Question) -> None:
    """Not by its own page, nor with its course."""
    writer = signed_in(factories.person(TRAINER, publishes=False, locale="en"))
    assert [delete(writer, item).status_code for item in (lesson, question, lesson.course)] == [403, 403, 403]
    delete_by_the_list(writer, lesson)
    assert (Lesson.objects.count(), Question.objects.count()) == (1, 1)
