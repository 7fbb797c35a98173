"""Which lines are copied most, and which never: by line or by card, with the weeks of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Side, Stage
from knowledge.models import Card, CopyEvent, Line, Revision

WEEKS = 12
BY = ("line", "card")
SIDES = ("most", "never")
BAR, GAP, TALL = 6, 2, 24  # of the drawing, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    """One week in the drawing: places and sizes as SVG wants them."""

    x: int
    y: int
    height: int


@dataclass(slots=True)
class Row:
    """A line, or a card as a whole, with its copies in the period and week by week, the oldest first."""

    card: Card
    line: Line | None
    times: int
    weeks: list[int] = field(default_factory=lambda: [0] * WEEKS)

    width = WEEKS * (BAR + GAP) - GAP
    height = TALL

    @property
    def bars(self) -> list[Bar]:
        top = max(self.weeks)
        heights = [max(2, round(TALL * count / top)) if count else 1 for count in self.weeks]
        return [Bar(at * (BAR + GAP), TALL - height, height) for at, height in enumerate(heights)]

    @property
    def in_words(self) -> str:
        return "、".join(map(str, self.weeks))


class Copies:
    """The rows of one choice, fetched slice by slice: three queries a slice, whatever its length."""

    def __init__(
        self, viewer: Any, now: datetime, *, days: int, by: str = "line", side: str = "most", course: str = "",
        stage: str = "",
    ) -> None:  # fmt: skip
        self.now, self.since, self.by = now, now - timedelta(days=days), by
        cards = Card.objects.visible_to(viewer).published()
        cards = cards.filter(course=course) if course else cards
        cards = cards.filter(stage__in=(stage, Stage.ANY)) if stage else cards
        self.rows = self._never(cards) if side == "never" else self._most(cards)

    def __len__(self) -> int:
        return self.rows.count()

    def __getitem__(self, wanted: slice) -> list[Row]:
        found = list(self.rows[wanted])
        rows = [Row(one, None, one.times) if self.by == "card" else Row(one.card, one, one.times) for one in found]
        self._add_weeks(rows)
        return rows

    def _most(self, cards: QuerySet[Card]) -> QuerySet[Any]:
        if self.by == "card":
            within = Q(lines__copies__at__gte=self.since, lines__side=Side.DO)
            counted = cards.annotate(times=Count("lines__copies", filter=within)).filter(times__gt=0)
            return counted.order_by("-times", "slug")
        lines = Line.objects.copyable().filter(card__in=cards, copies__at__gte=self.since).select_related("card")
        return lines.annotate(times=Count("copies")).order_by("-times", "code")

    def _never(self, cards: QuerySet[Card]) -> QuerySet[Any]:
        """Of what readers could have copied all the time: published before the period began, and as it is now."""
        old = Revision.objects.published().filter(
            kind=Card.search_kind, object_id=OuterRef("pk"), created_at__lt=self.since
        )
        cards = cards.filter(Exists(old))
        recent = CopyEvent.objects.filter(at__gte=self.since)
        if self.by == "card":
            unused = ~Exists(recent.filter(line__card=OuterRef("pk")))
            return cards.filter(unused, lines__side=Side.DO).distinct().annotate(times=Value(0)).order_by("slug")
        lines = Line.objects.copyable().filter(~Exists(recent.filter(line=OuterRef("pk"))), card__in=cards)
        lines = lines.exclude(code__in=self._younger(cards))
        return lines.select_related("card").annotate(times=Value(0)).order_by("card__slug", "position", "pk")

    def _younger(self, cards: QuerySet[Card]) -> list[str]:
        """The codes of lines that old cards have had only since the period began."""
        changed = Revision.objects.published().filter(
            kind=Card.search_kind, created_at__gte=self.since, object_id__in=cards.values("pk")
        )
        before = Revision.objects.published().filter(
            kind=Card.search_kind, created_at__lt=self.since, object_id__in=changed.values("object_id")
        )
        known: dict[int, set[str]] = {}
        for pk, document in before.order_by("number").values_list("object_id", "document"):
            known[pk or 0] = {part["code"] for part in document[Side.DO.value]}  # the newest of them stays
        now = Line.objects.copyable().filter(card__in=known).values_list("card_id", "code")
        return [code for pk, code in now if code not in known[pk]]

    def _add_weeks(self, rows: list[Row]) -> None:
        """The last weeks by the local calendar, this one included."""
        monday = _monday(timezone.localdate(self.now)) - timedelta(weeks=WEEKS - 1)
        key = "line__card" if self.by == "card" else "line"
        wanted = [row.line.pk if row.line else row.card.pk for row in rows]
        start = timezone.make_aware(datetime.combine(monday, datetime.min.time()))
        events = CopyEvent.objects.filter(**{f"{key}__in": wanted}, at__gte=start, line__side=Side.DO)
        counts = Counter(
            (pk, (_monday(timezone.localdate(at)) - monday).days // 7)
            for pk, at in events.values_list(key, "at").iterator()
        )
        for row, pk in zip(rows, wanted, strict=True):
            row.weeks = [counts[pk, week] for week in range(WEEKS)]


def rows_of(rows: Iterable[Row]) -> Iterator[list[str]]:
    """The list as a table of texts, its heading first."""
    yield [str(word) for word in (_("card"), _("short code"), _("line"), _("copies"), _("by week, oldest first"))]
    for row in rows:
        line = (row.line.code, row.line.text) if row.line else ("", "")
        yield [row.card.title, *line, str(row.times), " ".join(map(str, row.weeks))]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
