"""Attempts: start, answer, finish. Nothing is lost, nothing counts twice, one attempt has one result.

Every function takes `now` and, where it draws, a random source: the clock and the dice belong to the caller.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from knowledge.models import Line
from knowledge.text import fill_defaults
from training.documents import freeze
from training.enums import AttemptState, QuestionType, QuizKind
from training.grading import grade
from training.models import Attempt, AttemptItem, Question, Quiz

# The server's own slack after the deadline, for an answer that was on its way.
GRACE = timedelta(seconds=5)
PRACTICE_LENGTH = 10


class NotNow(Exception):
    """A start that the rules do not allow; the message says why and, in `until`, from when it may be tried."""

    def __init__(self, reason: str, until: datetime | None = None) -> None:
        self.until = until
        super().__init__(reason)


class Closed(Exception):
    """The attempt takes no more answers; what was saved before has been graded."""


def start(quiz: Quiz, user: Any, *, now: datetime, rng: random.Random) -> Attempt:
    """The open attempt of this person at this quiz, or a new one. Two tabs get the same one.

    Raises NotNow when no attempts are left, the wait is not over, or the pool is empty.
    """
    if attempt := _open_attempt(quiz, user, now):
        return attempt
    _check_allowed(quiz, user, now)
    questions = draw(quiz.rules, rng)
    if not questions:
        raise NotNow(_("There are no questions in this quiz yet."))
    return _create(quiz, user, questions, now, rng)


def start_practice(user: Any, *, now: datetime, rng: random.Random) -> Attempt:
    """An untimed attempt at what this person got wrong last time. Raises NotNow when nothing is wrong."""
    quiz, _created = Quiz.objects.get_or_create(
        slug="practice", defaults={"title": "再练错题", "kind": QuizKind.PRACTICE, "pass_mark": 100}
    )
    if attempt := _open_attempt(quiz, user, now):
        return attempt
    wrong = wrong_questions(user)
    if not wrong:
        raise NotNow(_("Nothing to practise: your last answer to every question was right."))
    return _create(quiz, user, rng.sample(wrong, min(len(wrong), PRACTICE_LENGTH)), now, rng)


def wrong_questions(user: Any) -> list[Question]:
    """Published questions whose last finished answer of this person was not fully right, by code."""
    last: dict[int, bool] = {}
    items = AttemptItem.objects.filter(attempt__user=user, attempt__state=AttemptState.FINISHED, question__isnull=False)
    for pk, points, most in items.order_by("attempt__finished_at", "attempt_id").values_list(
        "question_id", "points", "max_points"
    ):
        last[pk] = points == most
    return list(
        Question.objects.published().filter(pk__in=[pk for pk, right in last.items() if not right]).order_by("code")
    )


def _open_attempt(quiz: Quiz, user: Any, now: datetime) -> Attempt | None:
    attempt = Attempt.objects.open().filter(quiz=quiz, user=user).first()
    if attempt and is_over(attempt, now):
        finish(attempt, now=now)
        return None
    return attempt


def is_over(attempt: Attempt, now: datetime) -> bool:
    """Whether the deadline and its grace have passed."""
    return attempt.deadline is not None and now > attempt.deadline + GRACE


def _check_allowed(quiz: Quiz, user: Any, now: datetime) -> None:
    finished = Attempt.objects.finished().filter(quiz=quiz, user=user)
    if quiz.attempts_allowed is not None and finished.count() >= quiz.attempts_allowed:
        raise NotNow(_("All attempts at this quiz are used. Ask your trainer for another."))
    last = finished.aggregate(at=Max("finished_at"))["at"]
    if last and quiz.cooldown and now < (until := last + timedelta(seconds=quiz.cooldown)):
        raise NotNow(_("Please wait before the next attempt: what was learnt needs a night."), until)


def draw(rules: Sequence[dict[str, Any]], rng: random.Random) -> list[Question]:
    """Questions by the rules in order: n of a course, competency and difficulty, none twice, shuffled at the end.

    A rule whose pool is too small gives what there is.
    """
    chosen: dict[int, Question] = {}
    for rule in rules:
        pool = Question.objects.published().select_related("card").exclude(pk__in=chosen)
        for name in ("course", "competency", "difficulty"):
            if rule.get(name):
                pool = pool.filter(**{name: rule[name]})
        candidates = list(pool.order_by("code"))
        for question in rng.sample(candidates, min(len(candidates), int(rule["count"]))):
            chosen[question.pk] = question
    drawn = list(chosen.values())
    rng.shuffle(drawn)
    return drawn


def _create(quiz: Quiz, user: Any, questions: list[Question], now: datetime, rng: random.Random) -> Attempt:
    texts = _line_texts(questions)
    frozen = [freeze(_with_texts(question.to_document(), texts), rng) for question in questions]
    try:
        with transaction.atomic():
            number = (Attempt.objects.filter(quiz=quiz, user=user).aggregate(top=Max("number"))["top"] or 0) + 1
            deadline = now + timedelta(seconds=quiz.time_limit) if quiz.time_limit else None
            attempt = Attempt.objects.create(quiz=quiz, user=user, number=number, started_at=now, deadline=deadline)
            AttemptItem.objects.bulk_create(
                AttemptItem(
                    attempt=attempt,
                    position=at,
                    question=question,
                    question_version=question.version,
                    competency=question.competency,
                    document=document,
                )
                for at, (question, document) in enumerate(zip(questions, frozen, strict=True), 1)
            )
    except IntegrityError:
        # The other tab was first: the database keeps one open attempt per person and quiz.
        return Attempt.objects.open().get(quiz=quiz, user=user)
    return attempt


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


def answer(attempt: Attempt, position: int, given: Any, *, sequence: int, seconds: int, now: datetime) -> bool:
    """Save one answer. Returns False when a newer one (a higher sequence) is there already.

    `seconds` is what the page measured on this item; it never exceeds the time since the start.
    Raises Closed after the deadline and its grace, or once the attempt is finished.
    """
    if attempt.state != AttemptState.OPEN or is_over(attempt, now):
        finish(attempt, now=now)
        raise Closed
    spent = min(max(seconds, 0), int((now - attempt.started_at).total_seconds()))
    changed = AttemptItem.objects.filter(
        attempt=attempt, attempt__state=AttemptState.OPEN, position=position, sequence__lt=sequence
    ).update(answer=given, sequence=sequence, seconds=spent, answered_at=now)
    return bool(changed)


@transaction.atomic
def finish(attempt: Attempt, *, now: datetime) -> Attempt:
    """Grade the attempt. Safe to repeat: the first call decides, later ones return its result."""
    locked = Attempt.objects.select_for_update().select_related("quiz").get(pk=attempt.pk)
    if locked.state == AttemptState.FINISHED:
        return locked
    items = list(locked.items.all())
    known = set(
        AttemptItem.objects.filter(
            attempt__user=locked.user_id,
            attempt__state=AttemptState.FINISHED,
            question__in=[item.question_id for item in items if item.question_id],
        ).values_list("question_id", flat=True)
    )
    for item in items:
        item.points = grade(item.document, item.answer).points * item.max_points
        item.first = item.question_id not in known
    AttemptItem.objects.bulk_update(items, ["points", "first"])
    locked.points = sum((item.points or Decimal(0) for item in items), Decimal(0))
    locked.max_points = sum((item.max_points for item in items), Decimal(0))
    locked.passed = 100 * locked.points >= locked.quiz.pass_mark * locked.max_points
    locked.finished_at = min(now, locked.deadline + GRACE) if locked.deadline else now
    locked.state = AttemptState.FINISHED
    locked.save()
    return locked


def finish_overdue(now: datetime) -> int:
    """Grade every attempt whose time is up, of people who never came back. Returns how many."""
    overdue = Attempt.objects.open().filter(deadline__lt=now - GRACE)
    return len([finish(attempt, now=now) for attempt in overdue])
