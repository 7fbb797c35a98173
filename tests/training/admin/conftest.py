"""A trainer who reads English, and pages read and sent the way a browser does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.roles import MANAGER, TRAINER
from knowledge.models import Fact
from tests import factories
from tests.knowledge.admin.conftest import signed_in
from tests.knowledge.admin.page import form_data
from tests.training import making
from tests.training.test_documents import lesson as lesson_document
from training.models import Course, Lesson, Question
from training.services import lessons, questions


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Django's own sentences are translated where they are read, which is here."""
    with override("en"):
        yield


@pytest.fixture
def trainer(db: None) -> Any:
    return factories.person(TRAINER, locale="en", display_name="Wang")


@pytest.fixture
def as_manager(db: None) -> Client:
    return signed_in(factories.person(MANAGER, locale="en"))


@pytest.fixture
def course(db: None) -> Course:
    return making.course("language", title="语言能力")


@pytest.fixture
def lesson(course: Course) -> Lesson:
    """A published lesson that shows card `a`."""
    Fact.objects.create(code="A-10", course="language", text="一条事实。")
    factories.card("a", code="aa", title="在吗")
    return lessons.save_document(lesson_document())


@pytest.fixture
def question(db: None) -> Question:
    return questions.save_document(making.single(), "language")


def address(item: Any, screen: str = "change") -> str:
    return f"/admin/training/{item._meta.model_name}/{item.pk}/{screen}/"


def opened(client: Client, item: Any) -> dict[str, Any]:
    """What the browser would send if the form of this item were saved untouched."""
    return form_data(client.get(address(item)), f"{item._meta.model_name}_form")


def blank(client: Client, model: str, query: str = "") -> dict[str, Any]:
    return form_data(client.get(f"/admin/training/{model}/add/{query}"), f"{model}_form")


def save(client: Client, item: Any, **changes: Any) -> Any:
    """Open the form, change some boxes (`options__0__text`), save. None takes a box out of what is sent."""
    return client.post(address(item), changed(opened(client, item), changes))


def changed(data: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    named = data | {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in named.items() if value is not None}


def fresh(item: Any) -> Any:
    return type(item).objects.get(pk=item.pk)


def said(response: Any) -> list[str]:
    """The sentences of the page that a POST led to."""
    return [str(message) for message in response.context["messages"]]
