"""Drawing: which questions a quiz asks, and each as it would be frozen now."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

from knowledge.models import Line
from knowledge.text import fill_defaults
from training.documents import freeze
from training.enums import QuestionType
from training.models import Question


def draw(rules: Sequence[dict[str, Any]], user: Any, rng: random.Random) -> list[Question]:
    """Questions by the rules in order: n of a course, competency and difficulty, none twice, shuffled at the end.

    Nobody is asked about a card that is not for their team: they could read up on it nowhere. A rule whose pool is too
    small gives what there is.
    """
    chosen: dict[int, Question] = {}
    for rule in rules:
        pool = Question.objects.published().for_teams_of(user).select_related("card").exclude(pk__in=chosen)
        for name in ("course", "competency", "difficulty"):
            if rule.get(name):
                pool = pool.filter(**{name: rule[name]})
        candidates = askable(pool.order_by("code"))
        for question in rng.sample(candidates, min(len(candidates), int(rule["count"]))):
            chosen[question.pk] = question
    drawn = list(chosen.values())
    rng.shuffle(drawn)
    return drawn


def askable(questions: Iterable[Question]) -> list[Question]:
    """Without a better reply of two whose card has lost one of the two: it waits until a trainer has looked at it.

    One query when there are any of that type.
    """
    found = list(questions)
    texts = _line_texts(found)
    return [
        question
        for question in found
        if question.type != QuestionType.BETTER or all(option["line"] in texts for option in question.body["options"])
    ]


def asked_now(questions: Sequence[Question], rng: random.Random) -> list[dict[str, Any]]:
    """The questions as they would be frozen now: shuffled, with the words of their cards' lines. One query."""
    texts = _line_texts(questions)
    return [freeze(_with_texts(question.to_document(), texts), rng) for question in questions]


def _line_texts(questions: Sequence[Question]) -> dict[str, str]:
    codes = [
        option["line"]
        for question in questions
        if question.type == QuestionType.BETTER
        for option in question.body["options"]
    ]
    return {code: fill_defaults(text) for code, text in Line.objects.filter(code__in=codes).values_list("code", "text")}


def _with_texts(document: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """A better-reply question with the words of its lines as they read today."""
    if document["type"] != QuestionType.BETTER:
        return document
    options = [{**option, "text": texts.get(option["line"], option["line"])} for option in document["options"]]
    return {**document, "options": options}
