"""What the load sends must be what a browser would send, or the load proves nothing."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.bench.sheet import choose, fields, read_sheet
from tests.training import making
from tests.training.views.test_doors import signed_in
from training.enums import QuestionType
from training.models import Attempt
from training.services import questions


@pytest.fixture
def learner(db: None) -> Any:
    return factories.person("trainee")


@pytest.fixture
def attempt(learner: Any) -> Attempt:
    """One question of each type."""
    factories.card("a", code="aa")
    for kind in QuestionType.values:
        questions.save_document(making.document(kind, facts=["B-06"]), "language")
    quiz = making.quiz(course=making.course(), rules=[{"course": "language", "count": 20}])
    return making.start(quiz, learner, timezone.now() - timedelta(minutes=5))


@pytest.fixture
def client_(learner: Any) -> Client:
    return signed_in(learner)


def test_the_page_is_read_whole(client_: Client, attempt: Attempt) -> None:
    """A type whose fields are not found would be answered with nothing, all through the load."""
    found = read_sheet(client_.get(reverse("attempt", args=[attempt.pk])).content.decode())
    asked = [
        (
            item.position,
            item.document["type"],
            0,
            sorted(part["key"] for part in item.document.get("options") or item.document.get("steps") or [])
            or sorted(pair["key"] for pair in item.document.get("pairs", [])),
        )
        for item in attempt.items.all()
    ]
    assert [(one.position, one.kind, one.sequence, sorted(one.keys)) for one in found] == asked
    assert {one.kind for one in found} == set(QuestionType.values)
    assert [sorted(one.choices) for one in found if one.kind == "matching"] == [["0", "1", "2"]]


@pytest.mark.parametrize("seed", range(5))
def test_answers_one_by_one_are_kept_as_sent(client_: Client, attempt: Attempt, seed: int) -> None:
    """The load compares what the server has with what it sent, character by character."""
    dice = random.Random(seed)
    for one in read_sheet(client_.get(reverse("attempt", args=[attempt.pk])).content.decode()):
        answer = choose(one, dice)
        form = {"answer": json.dumps(answer), "sequence": 1, "seconds": 3}
        reply = client_.post(reverse("attempt_answer", args=[attempt.pk, one.position]), form)
        assert (reply.status_code, reply.json()["answer"], reply.json()["sequence"]) == (200, answer, 1)


@pytest.mark.parametrize("seed", range(5))
def test_a_whole_page_is_kept_as_sent(client_: Client, attempt: Attempt, seed: int) -> None:
    dice = random.Random(seed)
    sheet = read_sheet(client_.get(reverse("attempt", args=[attempt.pk])).content.decode())
    answers = {one.position: choose(one, dice) for one in sheet}
    form: dict[str, list[str]] = {"sure": ["1"]}
    for one in sheet:
        for name, value in (("s" + str(one.position), "0"), *fields(one, answers[one.position])):
            form.setdefault(name, []).append(value)
    client_.post(reverse("attempt_finish", args=[attempt.pk]), form)
    kept = {item.position: (item.sequence, item.answer) for item in attempt.items.all()}
    assert kept == {position: (1, answer) for position, answer in answers.items()}
