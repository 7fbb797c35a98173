"""Recalling: what is due, ten minutes of it by the server's clock, and what an answer does to the schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.db.models import Avg, Count, F, Q
from django.utils import timezone

from training import recalling
from training.grading import fit, grade
from training.models import RecallItem, RecallLog, RecallSession
from training.services import recall, rewriting
from training.services.recall import morning
from training.services.recall_live import Ask, alive, live

LENGTH = timedelta(minutes=10)
AHEAD = 7  # days of the forecast, today included
BAR = 40
SINCE = timedelta(days=30)
# Under so many recalls a share says more about luck than about memory.
ENOUGH = 20
SALT = "recall"
RATINGS = (recalling.AGAIN, recalling.GOOD, recalling.EASY)


class Stale(Exception):
    """The answer was to something that has been answered, or has been edited, since it was shown."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the forecast. `bar` is its height in a picture of BAR, at least 1 when there is anything."""

    day: date
    count: int
    bar: int

    @property
    def top(self) -> int:
        return BAR - self.bar


@dataclass(frozen=True, slots=True)
class Retention:
    """Of the last 30 days: how many times something was asked, and the shares remembered and expected, in percent."""

    asked: int
    recalled: int
    expected: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What waits for somebody. `next` is the day of the first item after today, None without one."""

    due: int
    kinds: tuple[tuple[str, int], ...]
    days: tuple[Day, ...]
    retention: Retention | None
    next: date | None
    all: int


def due(user: Any, day: date) -> Any:
    """What is due on this local day or has been since earlier, in the order in which it is asked."""
    return alive(user).filter(resting=False, due__lte=morning(day)).order_by("due", "pk")


def count(user: Any, day: date) -> int:
    return int(due(user, day).count())


def overview(user: Any, now: datetime) -> Overview:
    """Two queries, however many items there are."""
    today = timezone.localdate(now)
    rows = [
        (kind, max(today, timezone.localdate(at)))
        for kind, at in alive(user).filter(resting=False).values_list("kind", "due")
    ]
    kinds = Counter(kind for kind, day in rows if day == today)
    days = Counter(day for _kind, day in rows)
    return Overview(
        due=days[today],
        kinds=tuple((str(kind.label), kinds[kind]) for kind in recall.Kind if kinds[kind]),
        days=forecast(days, today),
        retention=retention(user, now),
        next=min((day for day in days if day > today), default=None),
        all=len(rows),
    )


def forecast(days: Counter[date], today: date) -> tuple[Day, ...]:
    ahead = [today + timedelta(days=at) for at in range(AHEAD)]
    most = max((days[day] for day in ahead), default=0) or 1
    return tuple(Day(day, days[day], -(-BAR * days[day] // most)) for day in ahead)


def retention(user: Any, now: datetime) -> Retention | None:
    """How much was remembered beside what the scheduler expected; None while there is too little to tell."""
    told = RecallLog.objects.filter(item__user=user.pk, at__gt=now - SINCE, at__lte=now, expected__isnull=False)
    sums = told.aggregate(
        asked=Count("pk"), recalled=Count("pk", filter=Q(rating__gt=recalling.AGAIN)), expected=Avg("expected")
    )
    if sums["asked"] < ENOUGH:
        return None
    return Retention(sums["asked"], 100 * sums["recalled"] // sums["asked"], round(100 * sums["expected"]))


# Ten minutes


def start(user: Any, *, now: datetime) -> RecallSession:
    """The session of this person that is on, or a new one. Two tabs get the same one."""
    with transaction.atomic():
        # Whoever comes second waits here. (SQLite has one writer anyway.)
        get_user_model().objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk").first()
        session = last(user)
        if session and not is_over(session, now):
            return session
        return RecallSession.objects.create(user=user, started_at=now)


def last(user: Any) -> RecallSession | None:
    return RecallSession.objects.filter(user=user.pk).order_by("-started_at", "-pk").first()


def is_over(session: RecallSession, now: datetime) -> bool:
    """Whether no new item begins any more: at ten minutes exactly, or once it was ended."""
    return session.ended_at is not None or remaining(session, now) <= 0


def remaining(session: RecallSession, now: datetime) -> float:
    """Seconds until the ten minutes are over, never under 0."""
    return max(0.0, (session.started_at + LENGTH - now).total_seconds())


def end(session: RecallSession, *, now: datetime) -> None:
    """Stop before the time. The first time stands."""
    RecallSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=min(now, session.started_at + LENGTH))


def first(items: Iterable[RecallItem], user: Any) -> Ask | None:
    """The first of these that can be asked of this person."""
    return next((ask for item in items if (ask := live(item, user))), None)


# Answers


def token(ask: Ask, now: datetime) -> str:
    """What the page sends back with an answer: what was shown, how often it had been asked before, and since when."""
    return signing.dumps([ask.item.pk, ask.item.times, ask.digest, now.isoformat()], salt=SALT)


def answer(item: RecallItem, user: Any, given: Any, shown: str, *, now: datetime) -> RecallItem:
    """Grade an answer and schedule the item by it. An answer under full marks was forgotten.

    Raises Stale for what was answered or edited since, Misfit for what the question cannot take.
    """
    ask, since = _shown(item, user, shown)
    if ask.document is None:
        raise Stale
    reply = fit(ask.document, given)
    [found] = rewriting.found_in([(ask.document, reply)])
    right = grade(ask.document, reply, rewriting.codes(found)).right
    seconds = max(0.0, (now - since).total_seconds())
    rating = recalling.answered(right, seconds, ask.length, item.card["rating"] == recalling.AGAIN)
    front = {**item.front, "prompt": ask.prompt, "asked": ask.document, "reply": reply, "found": found}
    return _take(item, rating, front, now)


def rate(item: RecallItem, user: Any, rating: int, shown: str, *, now: datetime) -> RecallItem:
    """Schedule an item by what its owner says of their memory. Raises Stale as `answer` does, ValueError for a rating
    that nobody was offered."""
    ask, _since = _shown(item, user, shown)
    if ask.document is not None:
        raise Stale
    if rating not in RATINGS:
        raise ValueError(rating)
    return _take(item, rating, item.front, now)


def _shown(item: RecallItem, user: Any, shown: str) -> tuple[Ask, datetime]:
    """The item as it was on the page, and since when."""
    ask = live(item, user)
    try:
        pk, times, digest, since = signing.loads(shown, salt=SALT)
        if ask is None or (pk, times, digest) != (item.pk, item.times, ask.digest):
            raise Stale
        return ask, datetime.fromisoformat(since)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Stale from error


@transaction.atomic
def _take(item: RecallItem, rating: int, front: dict[str, Any], now: datetime) -> RecallItem:
    """One answer to one showing: the second of two tabs, or a second click, changes nothing."""
    locked = RecallItem.objects.select_for_update().get(pk=item.pk)
    if locked.times != item.times:
        raise Stale
    day = timezone.localdate(now)
    RecallLog.objects.create(item=locked, at=now, rating=rating, expected=recalling.expected(locked.card, day))
    locked.card = recalling.review(locked.card, rating, day)
    locked.due = morning(recalling.due(locked.card))
    locked.front, locked.reviewed_at, locked.times = front, now, locked.times + 1
    locked.lapses += int(rating == recalling.AGAIN)
    locked.save(update_fields=["front", "card", "due", "reviewed_at", "times", "lapses"])
    # Of the session that showed it, also when the ten minutes ended over it.
    if session := last(locked.user):
        RecallSession.objects.filter(pk=session.pk).update(recalled=F("recalled") + 1)
    return locked
