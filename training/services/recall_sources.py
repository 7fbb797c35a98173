"""Where items come from: wrong answers of quizzes and checkpoints, and stars. Desk and drills bring their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from knowledge.models import Favourite, Line
from knowledge.text import fill_defaults
from training.models import Attempt, AttemptItem, Lesson, RecallItem
from training.services import recall
from training.services.recall import Kind, Missed


def of_attempt(attempt: Attempt, items: Iterable[AttemptItem]) -> None:
    """Every item of a graded attempt that got less than full marks, an unanswered one too."""
    missed = [_question(item) for item in items if item.question_id and item.points != item.max_points]
    if missed and attempt.finished_at:
        recall.remember_all(attempt.user, missed, attempt.finished_at)


def _question(item: AttemptItem) -> Missed:
    """What was asked is kept as it was asked; it is asked again as it will read then."""
    front = {
        "prompt": item.document["prompt"],
        "asked": item.document,
        "reply": item.answer,
        "found": item.found,
        "card": item.document.get("card", ""),
    }
    return Missed(Kind.QUESTION, item.document["id"], item.competency, front)


def of_check(user: Any, lesson: Lesson, number: int, option: int, now: datetime) -> None:
    """A checkpoint answered wrong."""
    asked = check_document(lesson, number)
    front = {"prompt": asked["prompt"], "asked": asked, "reply": str(option), "lesson": lesson.title}
    recall.remember(user, Kind.CHECK, check_key(lesson, number), lesson.course.competency, front, now)


def check_key(lesson: Lesson, number: int) -> str:
    return f"{lesson.slug}#{number}"


def check_document(lesson: Lesson, number: int) -> dict[str, Any]:
    """A checkpoint as a question of one right answer, frozen in the order of the lesson."""
    check = lesson.checks[number - 1]
    return {
        "id": check_key(lesson, number),
        "type": "single",
        "facts": [],
        "prompt": check["prompt"],
        "options": [{"key": str(at), **option} for at, option in enumerate(check["options"])],
        "explanation": "",
    }


def star(line: Line, user: Any, kept: bool) -> None:
    """A line was starred, or its star taken away; knowledge's favourites call this."""
    if kept:
        recall.remember_all(user, [_line(line)], timezone.now())
    else:
        recall.forget(user, Kind.LINE, line.code)


def _line(line: Line) -> Missed:
    front = {"prompt": line.card.title, "answer": fill_defaults(line.text), "card": line.card.slug}
    return Missed(Kind.LINE, line.code, line.card.competency, front)


def catch_up(now: datetime) -> int:
    """Stars that are older than remembering, or came without its knowledge. Returns how many were missing."""
    known = RecallItem.objects.filter(user=OuterRef("user"), kind=Kind.LINE, key=OuterRef("line__code"))
    stars = Favourite.objects.filter(~Exists(known), user__in=User.objects.filter(is_active=True))
    missing: dict[int, list[Missed]] = {}
    for favourite in stars.select_related("line__card").order_by("user", "at"):
        missing.setdefault(favourite.user_id, []).append(_line(favourite.line))
    for user in User.objects.filter(pk__in=missing):
        recall.remember_all(user, missing[user.pk], now)
    return sum(map(len, missing.values()))
