"""What is to be verified: cards and lessons in one queue, most used first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from knowledge.enums import Status
from knowledge.models import Card, CopyEvent
from knowledge.models.event import RECENT_DAYS
from training.models import Lesson, LessonProgress

MODELS: dict[str, Any] = {Card.search_kind: Card, Lesson.search_kind: Lesson}
MINE, NOBODYS = "mine", "none"


@dataclass(frozen=True, slots=True)
class Stale:
    """A row of the queue. `used` counts copies of a card's lines, or readers of a lesson, in 30 days."""

    kind: str
    item: Any
    used: int


def stale(user: Any, kind: str, now: datetime) -> QuerySet[Any]:
    """What readers see of this kind, this person may see too, and nobody has verified in time."""
    model = MODELS[kind]
    shown = model.objects.visible_to(user).filter(status=Status.PUBLISHED)
    if model is Lesson:
        shown = shown.filter(course__status=Status.PUBLISHED)
    return shown.to_verify(timezone.localdate(now))  # type: ignore[no-any-return]


class Queue:
    """Everything a person may see of the queue, cut down by filters. Pages of it are cut out by a Paginator.

    `owner` is "mine", "none", the number of a person or empty; `course` the code of a course; `kind` card or lesson.
    """

    def __init__(self, user: Any, now: datetime, *, kind: str = "", owner: str = "", course: str = "") -> None:
        self.user, self.now = user, now
        self.kinds = [kind] if kind in MODELS else list(MODELS)
        self.owner, self.course = owner, course

    def __len__(self) -> int:
        return sum(self._rows(kind).count() for kind in self.kinds)

    count = __len__

    def __getitem__(self, cut: slice) -> list[Stale]:
        """One query for the order, one for the rows of each kind."""
        first, *others = (self._order(kind) for kind in self.kinds)
        order = list((first.union(*others, all=True) if others else first).order_by("-used", "kind", "pk")[cut])
        found = {kind: self._items(kind, (pk for one, pk, _used in order if one == kind)) for kind in self.kinds}
        return [Stale(kind, found[kind][pk], used) for kind, pk, used in order if pk in found[kind]]

    def owners(self) -> list[Any]:
        """The people who own something in the queue, whatever the filters say."""
        owned = Q()
        for kind in MODELS:
            owned |= Q(pk__in=stale(self.user, kind, self.now).values("owner"))
        return list(get_user_model()._default_manager.filter(owned).order_by("display_name", "pk"))

    def _rows(self, kind: str) -> QuerySet[Any]:
        rows = stale(self.user, kind, self.now)
        if self.owner == MINE:
            rows = rows.filter(owner=self.user)
        elif self.owner == NOBODYS:  # whoever has left looks after nothing any more
            rows = rows.filter(Q(owner=None) | Q(owner__is_active=False))
        elif self.owner:
            rows = rows.filter(owner=self.owner)
        if self.course:
            rows = rows.filter(**{"course" if kind == Card.search_kind else "course__code": self.course})
        return rows

    def _order(self, kind: str) -> QuerySet[Any]:
        used = _copies(self.now) if kind == Card.search_kind else _readers(self.now)
        rows = self._rows(kind).order_by().annotate(kind=Value(kind, CharField()), used=Coalesce(Subquery(used), 0))
        return rows.values_list("kind", "pk", "used")

    def _items(self, kind: str, pks: Iterable[int]) -> dict[int, Any]:
        beside = ("owner", "verified_by") if kind == Card.search_kind else ("owner", "verified_by", "course")
        return MODELS[kind].objects.select_related(*beside).in_bulk(list(pks))  # type: ignore[no-any-return]


def _copies(now: datetime) -> QuerySet[Any]:
    """Of the card outside: how often its lines were copied lately."""
    recent = CopyEvent.objects.filter(line__card=OuterRef("pk"), at__gte=now - timedelta(days=RECENT_DAYS))
    return recent.order_by().values("line__card").annotate(times=Count("pk")).values("times")


def _readers(now: datetime) -> QuerySet[Any]:
    """Of the lesson outside: how many people had it open lately."""
    since = now - timedelta(days=RECENT_DAYS)
    lately = Q(opened_at__gte=since) | Q(beacon_at__gte=since) | Q(finished_at__gte=since)
    recent = LessonProgress.objects.filter(lately, lesson=OuterRef("pk"))
    return recent.order_by().values("lesson").annotate(times=Count("pk")).values("times")
