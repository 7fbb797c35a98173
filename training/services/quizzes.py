"""Attempts: start, answer, finish. Nothing is lost, nothing counts twice, one attempt has one result.

Every function takes `now` and, where it draws, a random source: the clock and the dice belong to the caller.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from training.enums import AttemptState, QuizKind
from training.grading import Misfit, fit, grade
from training.models import Attempt, AttemptItem, Question, Quiz
from training.services import certificates, drawing, recall_sources, rewriting

# The server's own slack after the deadline, for an answer that was on its way.
GRACE = timedelta(seconds=5)
PRACTICE_LENGTH = 10
# The column holds no higher one: asked for a number beyond its own, SQLite fails instead of finding nothing.
LAST_POSITION = 2**15 - 1
PRACTICE = "practice"


class NotNow(Exception):
    """A start that the rules do not allow; the message says why and, in `until`, from when it may be tried."""

    def __init__(self, reason: str, until: datetime | None = None) -> None:
        self.until = until
        super().__init__(reason)


class Closed(Exception):
    """The attempt takes no more answers; what was saved before has been graded."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a page sends for one question: `sequence` is one above what it saw saved, `seconds` None if unmeasured.

    `alone` says that it was sent for itself: then the same answer again moves the sequence on, so that an older one
    still on its way is older than it. In a whole page the same answer means that nobody touched it.
    """

    position: int
    answer: Any
    sequence: int
    seconds: int | None = None
    alone: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of a whole page: positions whose newer answer was left standing, and misfits by position."""

    newer: list[int] = field(default_factory=list)
    misfits: dict[int, str] = field(default_factory=dict)


def start(quiz: Quiz, user: Any, *, now: datetime, rng: random.Random) -> Attempt:
    """The open attempt of this person at this quiz, or a new one. Two tabs get the same one.

    Raises NotNow when no attempts are left, the wait is not over, or the pool is empty.
    """
    if attempt := _open_attempt(quiz, user, now):
        return attempt
    _check_allowed(quiz, user, now)
    questions = drawing.draw(quiz.rules, user, rng)
    if not questions:
        raise NotNow(_("There are no questions in this quiz yet."))
    return _create(quiz, user, questions, now, rng)


def start_practice(user: Any, *, now: datetime, rng: random.Random) -> Attempt:
    """An untimed attempt at what this person got wrong last time. Raises NotNow when nothing is wrong."""
    quiz, _created = Quiz.objects.get_or_create(
        slug=PRACTICE, defaults={"title": "再练错题", "kind": QuizKind.PRACTICE, "pass_mark": 100}
    )
    if attempt := _open_attempt(quiz, user, now):
        return attempt
    wrong = wrong_questions(user)
    if not wrong:
        raise NotNow(_("Nothing to practise: your last answer to every question was right."))
    return _create(quiz, user, rng.sample(wrong, min(len(wrong), PRACTICE_LENGTH)), now, rng)


def wrong_questions(user: Any) -> list[Question]:
    """Published questions whose last finished answer of this person was not fully right, by code; those that can be
    asked of them today."""
    last: dict[int, bool] = {}
    items = AttemptItem.objects.filter(attempt__user=user, attempt__state=AttemptState.FINISHED, question__isnull=False)
    for pk, points, most in items.order_by("attempt__finished_at", "attempt_id").values_list(
        "question_id", "points", "max_points"
    ):
        last[pk] = points == most
    wrong = [pk for pk, right in last.items() if not right]
    return drawing.askable(Question.objects.published().for_teams_of(user).filter(pk__in=wrong).order_by("code"))


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
    finished = list(Attempt.objects.finished().filter(quiz=quiz, user=user))
    if attempts_left(quiz, finished) == 0:
        raise NotNow(_("All attempts at this quiz are used. Ask your trainer for another."))
    if until := free_from(quiz, finished, now):
        raise NotNow(_("Please wait before the next attempt: what was learnt needs a night."), until)


def attempts_left(quiz: Quiz, finished: Sequence[Attempt]) -> int | None:
    """How many more attempts there are after these; None when they are not counted."""
    return None if quiz.attempts_allowed is None else max(0, quiz.attempts_allowed - len(finished))


def free_from(quiz: Quiz, finished: Sequence[Attempt], now: datetime) -> datetime | None:
    """When the wait after the last of these ends; None when it is over or there is none."""
    last = max((attempt.finished_at for attempt in finished if attempt.finished_at), default=None)
    until = last + timedelta(seconds=quiz.cooldown) if last and quiz.cooldown else None
    return until if until and now < until else None


def _create(quiz: Quiz, user: Any, questions: list[Question], now: datetime, rng: random.Random) -> Attempt:
    """A new attempt, unless the other tab was first. The rules are looked at again where nobody can come between."""
    frozen = drawing.asked_now(questions, rng)
    with transaction.atomic():
        _one_at_a_time(user.pk)
        if attempt := Attempt.objects.open().filter(quiz=quiz, user=user).first():
            return attempt
        _check_allowed(quiz, user, now)
        number = (Attempt.objects.filter(quiz=quiz, user=user).aggregate(top=Max("number"))["top"] or 0) + 1
        deadline = now + timedelta(seconds=quiz.time_limit) if quiz.time_limit else None
        attempt = Attempt.objects.create(
            quiz=quiz, user=user, number=number, started_at=now, deadline=deadline, pass_mark=quiz.pass_mark
        )
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
    return attempt


def _one_at_a_time(user_pk: int) -> None:
    """Whatever else this person starts or finishes waits until the transaction ends. (SQLite has one writer anyway.)"""
    people = get_user_model().objects.select_for_update(no_key=True)
    people.filter(pk=user_pk).values_list("pk").first()


def answer(attempt: Attempt, position: int, given: Any, *, sequence: int, seconds: int, now: datetime) -> bool:
    """Save one answer. Returns False when a newer one (of the same sequence or a higher) is there already.

    `seconds` is what the page measured on this item; it never exceeds the time since the start, and never shrinks.
    Raises AttemptItem.DoesNotExist for a position that is not asked, Misfit for what its question cannot take, and
    Closed after the deadline and its grace, or once the attempt is finished.
    """
    outcome = answer_all(attempt, [Given(position, given, sequence, seconds, alone=True)], now=now)
    if position in outcome.misfits:
        raise Misfit(outcome.misfits[position])
    return position not in outcome.newer


def answer_all(attempt: Attempt, sheet: Sequence[Given], *, now: datetime) -> Outcome:
    """Save the answers of a whole page; one that says what is saved already changes nothing.

    Raises AttemptItem.DoesNotExist and Closed as `answer` does; then nothing is saved.
    """
    outcome = Outcome()
    with transaction.atomic():
        # The lock: an answer is either there before the grading looks, or it comes too late and is told so.
        locked = Attempt.objects.select_for_update().get(pk=attempt.pk)
        if closed := locked.state != AttemptState.OPEN or is_over(locked, now):
            sheet = []
        positions = {one.position for one in sheet}
        if max(positions, default=0) > LAST_POSITION:
            raise AttemptItem.DoesNotExist
        items = {item.position: item for item in locked.items.filter(position__in=positions)}
        if len(items) < len(positions):
            raise AttemptItem.DoesNotExist
        longest = int((now - locked.started_at).total_seconds())
        for one in sheet:
            if _take(items[one.position], one, longest, now, outcome):
                # One by one: bulk_update would write a cleared answer as the JSON null, which is no SQL NULL.
                items[one.position].save(update_fields=["answer", "sequence", "seconds", "answered_at"])
    if closed:
        finish(attempt, now=now)
        raise Closed
    return outcome


def _take(item: AttemptItem, given: Given, longest: int, now: datetime, outcome: Outcome) -> bool:
    """Put what was sent into the item, in memory. Returns whether anything of it has changed."""
    seconds = max(item.seconds, min(given.seconds or 0, longest))
    changed, item.seconds = seconds > item.seconds, seconds
    try:
        kept = fit(item.document, given.answer)
    except Misfit as misfit:
        outcome.misfits[item.position] = misfit.code
        return changed
    if kept == item.answer and given.alone and given.sequence > item.sequence:
        item.sequence = given.sequence
        return True
    if kept == item.answer:
        return changed
    if given.sequence > item.sequence:
        item.answer, item.sequence, item.answered_at = kept, given.sequence, now
        return True
    outcome.newer.append(item.position)
    return changed


def remaining(attempt: Attempt, now: datetime) -> float | None:
    """Seconds until the deadline, never under 0; None without one."""
    return max(0.0, (attempt.deadline - now).total_seconds()) if attempt.deadline else None


def finish(attempt: Attempt, *, now: datetime) -> Attempt:
    """Grade the attempt and issue what it earns. Safe to repeat: the first call decides, later ones return that."""
    graded = _grade(attempt.pk, now)
    certificates.issue_if_earned(graded)
    return graded


@transaction.atomic
def _grade(pk: int, now: datetime) -> Attempt:
    attempts = Attempt.objects.select_related("quiz", "user")
    _one_at_a_time(attempts.get(pk=pk).user_id)
    locked = attempts.select_for_update(of=("self",)).get(pk=pk)
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
    for item, found in zip(items, rewriting.found_in((one.document, one.answer) for one in items), strict=True):
        item.found = found
        item.points = grade(item.document, item.answer, rewriting.codes(found)).points * item.max_points
        item.first = item.question_id not in known
    AttemptItem.objects.bulk_update(items, ["points", "first", "found"])
    locked.points = sum((item.points or Decimal(0) for item in items), Decimal(0))
    locked.max_points = sum((item.max_points for item in items), Decimal(0))
    locked.passed = 100 * locked.points >= locked.pass_mark * locked.max_points
    locked.finished_at = min(now, locked.deadline + GRACE) if locked.deadline else now
    locked.state = AttemptState.FINISHED
    locked.save()
    recall_sources.of_attempt(locked, items)
    return locked


def finish_overdue(now: datetime) -> int:
    """Grade every attempt whose time is up, of people who never came back. Returns how many."""
    overdue = Attempt.objects.open().filter(deadline__lt=now - GRACE)
    return len([finish(attempt, now=now) for attempt in overdue])
