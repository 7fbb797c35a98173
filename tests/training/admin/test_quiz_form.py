"""Quizzes on their own page: exams too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.knowledge.admin.conftest import errors
from tests.training import making
from tests.training.admin.conftest import address, blank, fresh, opened, save
from training.models import Quiz


@pytest.fixture
def quiz(db: None) -> Quiz:
    """Draws two of the four published questions of the course."""
    making.pool()
    return making.quiz(rules=[{"course": "language", "difficulty": 1, "count": 1}, {"count": 1}])


def test_untouched_form_changes_nothing(as_trainer: Client, quiz: Quiz) -> None:
    """A rule leaves out what does not matter to it."""
    assert save(as_trainer, quiz).status_code == 302
    assert fresh(quiz).rules == [{"course": "language", "difficulty": 1, "count": 1}, {"count": 1}]


def test_add_is_an_exam(as_trainer: Client, quiz: Quiz) -> None:
    """The quiz of a course is made with its course."""
    data = blank(as_trainer, "quiz") | {"title": "大考", "slug": "big", "rules-0-count": "4", "time_limit": "30"}
    assert as_trainer.post("/admin/training/quiz/add/", data).status_code == 302
    made = Quiz.objects.get(slug="big")
    assert (made.kind, made.course, made.rules, made.time_limit) == ("exam", None, [{"count": 4}], 1800)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rules__0__DELETE": "on", "rules__1__DELETE": "on"},
         ["Name at least one rule: a quiz draws its questions by them."]),
        ({"rules__0__count": ""}, ["Row 1, number of questions: a whole number is needed here"]),
        ({"rules__0__count": "0"}, ["Row 1, number of questions: a whole number is needed here"]),
        ({"rules__0__count": "１"}, ["Row 1, number of questions: a whole number is needed here"]),
        ({"rules__0__count": "5"},
         ["Row 1, number of questions: 5 are wanted, and 4 published questions are left for it",
          "Row 2, number of questions: 1 are wanted, and 0 published questions are left for it"]),
        ({"rules__1__count": "4"},
         ["Row 2, number of questions: 4 are wanted, and 3 published questions are left for it"]),
        ({"rules__0__competency": "rules"},
         ["Row 1, number of questions: 1 are wanted, and 0 published questions are left for it"]),
        ({"pass_mark": "0"}, ["Ensure this value is greater than or equal to 1."]),
    ],
)  # fmt: skip
def test_problems_stand_on_their_box(as_trainer: Client, quiz: Quiz, changes: dict[str, Any], told: list[str]) -> None:
    response = save(as_trainer, quiz, title="改", **changes)
    assert (response.status_code, errors(response)) == (200, told)
    assert fresh(quiz).title == quiz.title


def test_pools_follow_the_rules_that_were_sent(as_trainer: Client, quiz: Quiz) -> None:
    html = as_trainer.get(address(quiz)).content.decode()
    assert html.count("Pool: 4 published questions.") == 2
    html = save(as_trainer, quiz, rules__0__difficulty="3").content.decode()
    assert (html.count("Pool: 0 published questions."), html.count("Pool: 4 published questions.")) == (1, 1)


def test_unknown_codes_in_a_rule(as_trainer: Client, quiz: Quiz) -> None:
    """No rule may ask for a course that is none: it would draw nothing for ever."""
    assert save(as_trainer, quiz, rules__0__course="nowhere").status_code == 200
    assert save(as_trainer, quiz, rules__0__difficulty="x").status_code == 200


def test_practice_is_taken(as_trainer: Client, quiz: Quiz) -> None:
    """The practice of wrong answers is found by this address."""
    data = blank(as_trainer, "quiz") | {"title": "x", "slug": "practice", "rules-0-count": "1"}
    told = ["this word is an address of the site already"]
    assert errors(as_trainer.post("/admin/training/quiz/add/", data)) == told


def test_slug_and_kind_are_chosen_once(as_trainer: Client, quiz: Quiz) -> None:
    save(as_trainer, quiz, slug="elsewhere", kind="practice")
    assert (fresh(quiz).slug, fresh(quiz).kind) == ("language", "course")


def test_copy_is_an_exam(as_trainer: Client, quiz: Quiz) -> None:
    as_trainer.post(address(quiz, "duplicate"))
    copy = Quiz.objects.get(slug="language-copy")
    assert (copy.kind, copy.status, copy.rules, copy.course) == ("exam", "draft", quiz.rules, None)


def test_practice_is_not_listed(as_trainer: Client, quiz: Quiz) -> None:
    """It draws by no rules."""
    practice = making.quiz("practice", kind="practice")
    assert list(as_trainer.get("/admin/training/quiz/").context["cl"].result_list) == [quiz]
    assert as_trainer.get(address(practice)).status_code == 302


def test_units(as_trainer: Client, quiz: Quiz) -> None:
    Quiz.objects.update(time_limit=1500, cooldown=7200)
    data = opened(as_trainer, quiz)
    assert (data["time_limit"], data["cooldown"]) == ("25", "2")


def test_a_manager_reads(as_manager: Client, quiz: Quiz) -> None:
    Quiz.objects.update(time_limit=600, attempts_allowed=2, cooldown=3600)
    html = as_manager.get(address(quiz)).content.decode()
    assert html.count("10 minutes、2 attempts、1 hour between attempts") == 1
    assert [html.count(part) for part in ("data-rows", "{&#x27;")] == [0, 0]
