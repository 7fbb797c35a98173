"""What is to be asked again: items come in with every wrong answer and every starred line, and go when they are due.

A key says what an item is of, so that the same mistake is one item. What stands before its first `#` is the source,
which may be retired or closed to somebody: then the item waits unseen (training/services/recall_live.py).

    question   the code of the question
    check      course/lesson#number
    point      dialogue#point
    drill      card#what was asked
    line       the short code
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from training import recalling
from training.models import RecallItem

Kind = RecallItem.Kind
LONGEST_KEY = 160


@dataclass(frozen=True, slots=True)
class Missed:
    """Something to be asked again. `front` is what is shown of it where nothing live is left or needed: "prompt",
    "given", "answer", "why", "href"; with "card", a slug, it is shown to readers of that card alone."""

    kind: str
    key: str
    competency: str
    front: dict[str, Any]


def remember(  # noqa: PLR0917 what it is, of whom and when: a call reads as a sentence
    user: Any, kind: str, key: str, competency: str, front: dict[str, Any], now: datetime
) -> RecallItem:
    """Ask this person again, from tomorrow on. A wrong answer to a known item is a lapse; a line is only starred."""
    return remember_all(user, [Missed(kind, key, competency, front)], now)[0]


@transaction.atomic
def remember_all(user: Any, missed: Iterable[Missed], now: datetime) -> list[RecallItem]:
    """The items of these, new or known, in three queries and one for each that was known.

    An item that was set aside comes back with a new wrong answer. Inside a transaction of the caller's, so that a
    wrong answer is never kept without its item.
    """
    wanted = {(one.kind, _fit(one.key)): one for one in missed}
    day = timezone.localdate(now)
    mine = RecallItem.objects.filter(user=user.pk, key__in=[key for _kind, key in wanted])
    known = {(item.kind, item.key): item for item in mine.select_for_update()}
    fresh = [_new(user, one, now, day) for which, one in wanted.items() if which not in known]
    # Another tab may have been first with the same mistake: then the row that is there stands.
    RecallItem.objects.bulk_create(fresh, ignore_conflicts=True)
    for which, item in known.items():
        if which in wanted:
            _again(item, wanted[which], day)
    found = {(item.kind, item.key): item for item in mine.all()}
    return [found[which] for which in wanted]


def forget(user: Any, kind: str, key: str) -> bool:
    """Ask this no more: its star is gone. Returns whether there was such an item."""
    gone, _by_model = RecallItem.objects.filter(user=user.pk, kind=kind, key=_fit(key)).delete()
    return bool(gone)


def _new(user: Any, one: Missed, now: datetime, day: date) -> RecallItem:
    memory = recalling.fresh(day)
    wrong = one.kind != Kind.LINE
    if wrong:
        memory = recalling.lapse(memory, day)
    return RecallItem(
        user_id=user.pk,
        kind=one.kind,
        key=_fit(one.key),
        competency=one.competency,
        front=one.front,
        card=memory,
        due=morning(recalling.due(memory)),
        created_at=now,
        lapses=int(wrong),
    )


def _again(item: RecallItem, one: Missed, day: date) -> None:
    """A known item, wrong once more or starred once more."""
    item.front, item.competency, item.resting = one.front, one.competency, False
    if item.kind != Kind.LINE:
        memory = recalling.lapse(item.card, day)
        item.lapses += int(memory != item.card)
        item.card, item.due = memory, morning(recalling.due(memory))
    item.save(update_fields=["front", "competency", "resting", "card", "due", "lapses"])


def morning(day: date) -> datetime:
    """When a local day begins: what is due on it is due from then on."""
    return timezone.make_aware(datetime.combine(day, time()))


def _fit(key: str) -> str:
    """The key as the column takes it; a longer one keeps its source and ends in what tells it apart."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 17]}~{hashlib.sha256(key.encode()).hexdigest()[:16]}"
