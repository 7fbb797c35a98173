"""The skills matrix: nine competencies, each from the answers behind it (docs/decisions/0008-attempts.md).

Evidence are the items of the last finished attempt of each course quiz and exam, and the required points of the last
finished talk at the desk of each dialogue; practice of wrong answers, previews and talks ended early are none.
value = Σ(w · f · points) / Σ(w · maximum), with w = 2 for an exam's items and 1 for a quiz's and the desk's, and
f = 0.5 ^ (whole days since the attempt / 90): what nobody has shown for long fades.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count, Sum, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from knowledge.enums import Competency
from training.enums import QuizKind
from training.grading import plain
from training.models import Attempt, AttemptItem, DeskChat, DeskRun

WEIGHTS: dict[str, int] = {QuizKind.COURSE: 1, QuizKind.EXAM: 2}
DESK_WEIGHT = 1
HALF_LIFE_DAYS = 90
# In percent: where a competency counts as shown. The pass mark of quizzes, unless a trainer sets another for one.
PASS_LINE = 80
# The least percent of each shade of the board, from the top.
BANDS = ((90, "high"), (PASS_LINE, "at"), (60, "near"))
# What evidence shows of an attempt.
SHOWN = ("user_id", "finished_at", "quiz__kind", "quiz__title")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one attempt, or one talk at the desk, says of one competency. `questions` are the items, or the required
    points of the talk."""

    source: Attempt | DeskChat
    questions: int
    points: Decimal
    maximum: Decimal
    age: int  # whole days

    @property
    def weight(self) -> int:
        return WEIGHTS[self.source.quiz.kind] if isinstance(self.source, Attempt) else DESK_WEIGHT

    @property
    def title(self) -> str:
        if isinstance(self.source, Attempt):
            return self.source.quiz.title
        return self.source.dialogue.title if self.source.dialogue else ""

    @property
    def href(self) -> str:
        """Where it can be read in full."""
        if isinstance(self.source, Attempt):
            return reverse("attempt_result", args=[self.source.pk])
        return f"{reverse('desk_report', args=[self.source.run_id])}#told-{self.source.position}"

    @property
    def finished_at(self) -> datetime | None:
        return self.source.finished_at if isinstance(self.source, Attempt) else self.source.run.finished_at

    @property
    def freshness(self) -> float:
        """1 on the day, half after 90 days."""
        return float(0.5 ** (self.age / HALF_LIFE_DAYS))

    @property
    def kept(self) -> int:
        """The freshness in whole percent."""
        return round(100 * self.freshness)

    @property
    def earned(self) -> str:
        """The points without the zeros a decimal carries: 3.5, 4."""
        return plain(self.points)

    @property
    def most(self) -> str:
        return plain(self.maximum)


@dataclass(frozen=True, slots=True)
class Cell:
    """One competency: its evidence, newest first, and the value that follows from it, 0 to 1; None without any."""

    competency: Competency
    evidence: tuple[Evidence, ...]

    @property
    def value(self) -> float | None:
        return self._mean([item.freshness for item in self.evidence])

    @property
    def percent(self) -> int | None:
        """In whole percent, rounded down as scores are."""
        return _percent(self.value)

    @property
    def shown(self) -> bool:
        """Whether it stands at the pass line or above."""
        return self.percent is not None and self.percent >= PASS_LINE

    @property
    def band(self) -> str:
        """How a table shades it: high, at the line, near it, low; empty without evidence."""
        if self.percent is None:
            return ""
        return next((name for least, name in BANDS if self.percent >= least), "low")

    @property
    def undecayed(self) -> int | None:
        """What it was in whole percent before time took its share."""
        return _percent(self._mean([1.0] * len(self.evidence)))

    def _mean(self, factors: Sequence[float]) -> float | None:
        whole = sum(item.weight * float(item.maximum) for item in self.evidence)
        if not whole:
            return None
        pairs = zip(self.evidence, factors, strict=True)
        return sum(item.weight * factor * float(item.points) for item, factor in pairs) / whole


def _percent(value: float | None) -> int | None:
    # A hair is added before rounding down: 0.29 is 28.999999999999996 percent to a float.
    return None if value is None else int(100 * value + 1e-9)


def matrix(user: Any, now: datetime) -> list[Cell]:
    """The nine cells of this person at this moment, in the order of the competencies. Three queries."""
    return matrices([user.pk], now)[user.pk]


def matrices(people: Collection[int], now: datetime) -> dict[int, list[Cell]]:
    """By the ids of these people: their nine cells each. Three queries, however many they are."""
    last = {attempt.pk: attempt for attempt in _last_attempts(people).select_related("quiz").only(*SHOWN)}
    sums = (
        AttemptItem.objects.filter(attempt__in=_last_attempts(people).values("pk"))
        .order_by()
        .values_list("attempt_id", "competency")
        .annotate(count=Count("pk"), earned=Sum("points"), most=Sum("max_points"))
    )
    found: dict[tuple[int, str], list[Evidence]] = defaultdict(list)
    for pk, competency, count, earned, most in sums:
        if attempt := last.get(pk):  # finished between the two queries: with the next look
            age = _age(attempt.finished_at, now)
            found[attempt.user_id, competency].append(Evidence(attempt, count, earned or Decimal(0), most, age))
    for chat in _last_chats(people):
        earned, most = chat.points or Decimal(0), chat.max_points
        evidence = Evidence(chat, int(most), earned, most, _age(chat.run.finished_at, now))
        found[chat.run.user_id, chat.competency].append(evidence)
    for of_one in found.values():
        of_one.sort(key=lambda item: (item.age, isinstance(item.source, DeskChat), -item.source.pk))
    return {
        person: [Cell(competency, tuple(found.get((person, competency), ()))) for competency in Competency]
        for person in people
    }


def _last_attempts(people: Collection[int]) -> models.QuerySet[Attempt]:
    """The last finished attempt of each of these people at each course quiz and exam."""
    place = Window(RowNumber(), partition_by=["user_id", "quiz_id"], order_by=["-finished_at", "-pk"])
    finished = Attempt.objects.finished().filter(user__in=people, quiz__kind__in=WEIGHTS)
    return finished.order_by().annotate(place=place).filter(place=1)


def _age(at: datetime | None, now: datetime) -> int:
    return max(0, (now - at).days) if at else 0


def _last_chats(people: Collection[int]) -> models.QuerySet[DeskChat]:
    """The last finished talk of each of these people with each dialogue."""
    place = Window(
        RowNumber(), partition_by=["run__user_id", "dialogue_id"], order_by=["-run__finished_at", "-run_id", "-pk"]
    )
    over = DeskChat.objects.filter(
        run__user__in=people, run__state=DeskRun.State.FINISHED, run__preview=False, dialogue__isnull=False
    ).exclude(ending="")
    rows = over.order_by().annotate(place=place).filter(place=1, max_points__gt=0)
    return rows.select_related("run", "dialogue").defer("document", "dialogue__document")
