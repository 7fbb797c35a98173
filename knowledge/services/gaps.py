"""Searches that led nowhere, and what becomes of them.

A row of the search log counts against its query when nothing was found, when the same person searched for something
else within a minute, or when nothing was copied afterwards; each row for one reason only, the first of these. A query
somebody has decided on counts anew from the searches after that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Prefetch, QuerySet, TextChoices
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.models import Card, CopyEvent, GapDecision, Line, SearchLog
from knowledge.services.gap_decisions import MASK, state_of
from knowledge.text import clean_query, mask_digits

AGAIN = timedelta(seconds=60)
FOLLOWED = timedelta(minutes=10)  # how long a copy, or the search that came next, belongs to a search
HINTS = 3  # shown of what was searched next, and of what was copied


class Reason(TextChoices):
    """Why a search counts as a gap."""

    NONE = "none", pgettext_lazy("gap", "Nothing found")
    AGAIN = "again", pgettext_lazy("gap", "Searched again")
    UNUSED = "unused", pgettext_lazy("gap", "Nothing copied")


@dataclass(frozen=True, slots=True)
class Hint:
    """What people did next: a query or a card, and how often."""

    text: str
    times: int
    card: Card | None = None


@dataclass(slots=True)
class Gap:
    """One query that led nowhere `times` times: by how many people, when last, and why."""

    query: str
    times: int
    people: int
    last: datetime
    reasons: dict[str, int]
    decided: GapDecision | None = None
    next: list[Hint] = field(default_factory=list)
    copied: list[Hint] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """As it may be seen: a log from before the masking holds digits still."""
        return mask_digits(self.query)

    @property
    def seen(self) -> str:
        """What a decision on it compares (gap_decisions.state_of)."""
        return state_of(self.decided)

    @property
    def best(self) -> Card | None:
        """The card that people most often copied from in the end, where the query could be its alias."""
        return self.copied[0].card if self.copied and MASK not in self.query else None

    @property
    def why(self) -> list[tuple[str, int]]:
        return [(str(Reason(reason).label), times) for reason, times in self.reasons.items() if times]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of gaps, and how many there are in all."""

    gaps: list[Gap]
    total: int


def find(since: datetime, *, least: int = 1, reason: str = "", limit: int = 25, offset: int = 0) -> Found:
    """The gaps of all searches since then, the most frequent first; of one reason, or of any.

    One query for the gaps, whatever the number of rows; `explain` adds what people did next.
    """
    chosen = reason if reason in Reason.values else "any"
    sql = (_SEARCHES + _GAPS).format(**_dialect(), having=_COUNT[chosen])
    params = {**_times(since), "least": least, "limit": limit, "offset": offset}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    gaps = [
        Gap(query, times, people, _aware(last), dict(zip(Reason.values, counts, strict=True)))
        for query, times, people, last, *counts, _total in rows
    ]
    return Found(gaps, rows[0][-1] if rows else 0)


def explain(gaps: Sequence[Gap], since: datetime, viewer: Any) -> None:
    """Add to each gap what was searched next, what was copied in the end and what was decided before. Four queries for
    any number of gaps; cards the viewer may not see are left out."""
    queries = [gap.query for gap in gaps]
    if not queries:
        return
    following, copies = _following(queries, since), _copies(queries, since)
    decisions = {one.query: one for one in GapDecision.objects.filter(query__in=queries).select_related("by")}
    named = {one.card_id for one in decisions.values() if one.card_id}
    named |= {card for found in copies.values() for card, _times in found}
    cards = Card.objects.visible_to(viewer).in_bulk(named)
    for one in decisions.values():
        one.card = cards.get(one.card_id or 0)
    for gap in gaps:
        gap.decided = decisions.get(gap.query)
        gap.next = [Hint(mask_digits(text), times) for text, times in following.get(gap.query, [])][:HINTS]
        seen = [(cards[card], times) for card, times in copies.get(gap.query, []) if card in cards]
        gap.copied = [Hint(card.title, times, card) for card, times in seen[:HINTS]]


def decided(since: datetime, viewer: Any) -> QuerySet[GapDecision]:
    """What was decided since then, the newest first, each with its card where the viewer may see that."""
    cards = Prefetch("card", Card.objects.visible_to(viewer))
    rows = GapDecision.objects.filter(at__gte=since).select_related("by").prefetch_related(cards)
    return rows.order_by("-at", "-pk")


def known(query: str) -> bool:
    """Whether anybody has ever searched for it: nothing else can be decided on."""
    return clean_query(query).text == query and SearchLog.objects.filter(query=query).exists()


def rows_of(gaps: Iterable[Gap]) -> Iterator[list[str]]:
    """The list as a table of texts, its heading first."""
    yield [str(word) for word in _HEADING]
    for gap in gaps:
        yield [
            gap.shown,
            *(str(number) for number in (gap.times, gap.people)),
            *(str(gap.reasons[reason]) for reason in Reason.values),
            f"{localtime(gap.last):%Y-%m-%d %H:%M}",
            "、".join(f"{hint.text} ({hint.times})" for hint in gap.next),
            "、".join(f"{hint.text} ({hint.times})" for hint in gap.copied),
        ]


def _following(queries: list[str], since: datetime) -> dict[str, list[tuple[str, int]]]:
    """query -> what the same people searched for next, the most frequent first."""
    return _grouped(_SEARCHES + _NEXT, queries, since)


def _copies(queries: list[str], since: datetime) -> dict[str, list[tuple[int, int]]]:
    """query -> the cards the same people copied from soon after, the most frequent first."""
    return _grouped(_COPIED, queries, since)


def _grouped(sql: str, queries: list[str], since: datetime) -> dict[str, list[tuple[Any, int]]]:
    names = {f"q{at}": query for at, query in enumerate(queries)}
    sql = sql.format(**_dialect(), queries=", ".join(f"%({name})s" for name in names))
    found: dict[str, list[tuple[Any, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**_times(since), **names})
        for query, what, times in cursor.fetchall():
            found.setdefault(query, []).append((what, times))
    return found


def _times(since: datetime) -> dict[str, Any]:
    return {
        "since": connection.ops.adapt_datetimefield_value(since),
        "again": AGAIN.total_seconds(),
        "followed": FOLLOWED.total_seconds(),
    }


def _dialect() -> dict[str, str]:
    """The tables, and the two things the engines write differently: a distance in time, and a later time."""
    tables = {"log": SearchLog, "copies": CopyEvent, "lines": Line, "decisions": GapDecision}
    words = {name: model._meta.db_table for name, model in tables.items()}
    if connection.vendor == "postgresql":
        words |= {
            "apart": "EXTRACT(EPOCH FROM s.next_at - s.at)",
            "later": "s.at + %(followed)s * INTERVAL '1 second'",
        }
    else:
        words |= {
            "apart": "ROUND((JULIANDAY(s.next_at) - JULIANDAY(s.at)) * 86400, 3)",
            "later": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', s.at, '+' || %(followed)s || ' seconds')",
        }
    return words


def _aware(value: Any) -> datetime:
    """A time of a query by hand: SQLite gives its text, in UTC."""
    if isinstance(value, datetime):
        return value
    return make_aware(parse_datetime(value), timezone=UTC)  # type: ignore[arg-type]


# Searches of erased people belong to nobody: they do not follow upon each other.
_SEARCHES = """
WITH s AS (
    SELECT log.id, log.query, log.results, log.copied, log.user_id, log.at,
           CASE WHEN log.user_id IS NOT NULL THEN LEAD(log.query) OVER mine END AS next_query,
           CASE WHEN log.user_id IS NOT NULL THEN LEAD(log.at) OVER mine END AS next_at
    FROM {log} log WHERE log.at >= %(since)s
    WINDOW mine AS (PARTITION BY log.user_id ORDER BY log.at, log.id)
)
"""
_GAPS = """, judged AS (
    SELECT s.query, s.user_id, s.at,
           CASE WHEN s.results = 0 THEN 'none'
                WHEN s.next_query <> s.query AND {apart} <= %(again)s THEN 'again'
                ELSE 'unused' END AS reason
    FROM s LEFT JOIN {decisions} d ON d.query = s.query
    WHERE NOT s.copied AND (d.at IS NULL OR s.at > d.at)
      AND (s.results = 0 OR NOT EXISTS (
          SELECT 1 FROM {copies} c WHERE c.user_id = s.user_id AND c.at >= s.at AND c.at <= {later}
          AND (s.next_at IS NULL OR c.at < s.next_at)))
), counted AS (
    SELECT query, COUNT(*) AS times, COUNT(DISTINCT user_id) AS people, MAX(at) AS last,
           SUM(CASE WHEN reason = 'none' THEN 1 ELSE 0 END) AS none,
           SUM(CASE WHEN reason = 'again' THEN 1 ELSE 0 END) AS again,
           SUM(CASE WHEN reason = 'unused' THEN 1 ELSE 0 END) AS unused
    FROM judged GROUP BY query
)
SELECT query, times, people, last, none, again, unused, COUNT(*) OVER () FROM counted
WHERE {having} >= %(least)s ORDER BY {having} DESC, last DESC, query LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = {"any": "times", **{reason.value: f"counted.{reason.value}" for reason in Reason}}
_NEXT = """
SELECT s.query, s.next_query, COUNT(*) FROM s
WHERE s.query IN ({queries}) AND s.next_query <> s.query AND NOT s.copied AND {apart} <= %(followed)s
GROUP BY s.query, s.next_query ORDER BY COUNT(*) DESC, s.next_query
"""
_COPIED = """
SELECT s.query, l.card_id, COUNT(DISTINCT c.id) FROM {log} s
JOIN {copies} c ON c.user_id = s.user_id AND c.at >= s.at AND c.at <= {later}
JOIN {lines} l ON l.id = c.line_id
WHERE s.at >= %(since)s AND s.query IN ({queries}) AND NOT s.copied
GROUP BY s.query, l.card_id ORDER BY COUNT(DISTINCT c.id) DESC, l.card_id
"""
_HEADING = (
    _("query"),
    _("times"),
    _("people"),
    *(reason.label for reason in Reason),
    _("last searched"),
    _("searched next"),
    _("copied in the end"),
)
