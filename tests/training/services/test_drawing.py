"""Drawing: by the rules, none twice, nothing that is not published."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.services import cards
from tests import factories
from tests.training import making
from training.models import Question
from training.services import drawing, questions, quizzes

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool() -> list[Question]:
    return making.pool(count=4)


def test_rules_draw_by_course_competency_and_difficulty(pool: list[Question], trainee: Any) -> None:
    """None twice, drafts never, and a small pool gives what there is."""
    questions.save_document(making.single("rules-01", competency="rules", difficulty="3"), "rules")
    questions.save_document(making.single("rules-02", competency="rules"), "rules", status="draft")
    rules = [{"course": "rules", "count": 5}, {"difficulty": 1, "count": 2}, {"competency": "language", "count": 9}]
    drawn = [question.code for question in drawing.draw(rules, trainee, random.Random(1))]
    assert sorted(drawn) == ["language-01", "language-02", "language-03", "language-04", "rules-01"]


def test_a_reply_that_its_card_has_lost_is_asked_of_nobody(trainee: Any) -> None:
    """A learner would have been shown the code of the line; the trainer finds the question marked for a look."""
    factories.card("a", code="aa")
    asked = questions.save_document(making.document("better"), "language")
    quiz = making.quiz()
    attempt = making.start(quiz, trainee)
    quizzes.finish(attempt, now=making.NOW)
    assert (drawing.draw(quiz.rules, trainee, random.Random(1)), quizzes.wrong_questions(trainee)) == ([asked], [asked])
    shorter = factories.document("a", code="aa")
    shorter["do"] = shorter["do"][1:]
    cards.publish_document(shorter)
    assert (drawing.draw(quiz.rules, trainee, random.Random(1)), quizzes.wrong_questions(trainee)) == ([], [])


def test_a_draw_costs_a_query_a_rule(pool: list[Question], trainee: Any) -> None:
    """And not one a question: an exam of forty is drawn as fast as a quiz of two."""
    for count in (1, 4):
        with CaptureQueriesContext(connection) as asked:
            drawing.draw(
                [{"course": "language", "count": count}, {"course": "rules", "count": count}],
                trainee,
                random.Random(1),
            )
        assert len(asked) == 2
