"""Drills: rounds of better replies, typing and short codes, made of the cards a person may read.

A round is frozen when it begins and lives on the server: a refresh goes on with it, two tabs play the same one, an
answer counts once. Drills are practice, not evidence: nothing of them reaches the skills matrix. Only their owner sees
them (docs/decisions/0021-remembering.md).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet

from knowledge.enums import Competency
from knowledge.models import Card
from knowledge.text import clean_query, fill_defaults
from training.grading import fold
from training.models import DrillRound
from training.services import recall
from training.services.recall import Missed
from training.services.recall_live import CODE, better_document, code_document

Kind = DrillRound.Kind
PAIRS = 10
SITUATIONS = 10
# A mild clock: what is not answered by then is no answer, and the why comes all the same.
SECONDS = 20
# The way to the server and back belongs to nobody's thinking.
GRACE = 3
TYPED = 240  # characters of a typing round, at least, if there are so many
LONGEST = timedelta(minutes=3)
# Nobody types faster; what claims to is no typing.
FASTEST = 1_200  # characters a minute
# A round left alone for so long is not gone on with.
FORGOTTEN = timedelta(hours=12)


class Nothing(Exception):
    """There is no card to make a round of."""


class Implausible(Exception):
    """Totals that no typing gives."""


@dataclass(frozen=True, slots=True)
class Bests:
    """The best of somebody's finished rounds of a kind, this one among them; `rounds` is how many there are."""

    right: int
    speed: int
    rounds: int


def rounds(user: Any) -> QuerySet[DrillRound]:
    """One's own, and nobody else's: not even a trainer sees them."""
    return DrillRound.objects.filter(user=user.pk)


def open_round(user: Any, kind: str, now: datetime) -> DrillRound | None:
    """The round of this kind that this person is in the middle of."""
    return rounds(user).filter(kind=kind, finished_at=None, started_at__gt=now - FORGOTTEN).first()


def start(user: Any, kind: str, *, now: datetime, rng: random.Random) -> DrillRound:
    """The round that is on, or a new one. Two tabs get the same one. Raises Nothing without a card to ask about."""
    items = MAKERS[kind](user, rng)
    if not items:
        raise Nothing
    with transaction.atomic():
        # Whoever comes second waits here. (SQLite has one writer anyway.)
        get_user_model().objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk").first()
        if found := open_round(user, kind, now):
            return found
        items[0]["shown"] = now.isoformat()
        return DrillRound.objects.create(user=user, kind=kind, started_at=now, items=items)


def _cards(user: Any, rng: random.Random, count: int, both: bool) -> list[Card]:
    """So many cards this person may read, drawn, with a 该说 line, and a 不该说 line too if it takes both."""
    readable = Card.objects.visible_to(user).published().filter(lines__side="do")
    if both:
        readable = readable.filter(pk__in=Card.objects.filter(lines__side="dont"))
    pks = sorted(readable.values_list("pk", flat=True).distinct())
    drawn = rng.sample(pks, min(count, len(pks)))
    found = Card.objects.with_parts().in_bulk(drawn)
    return [found[pk] for pk in drawn if pk in found]


def _pairs(user: Any, rng: random.Random) -> list[dict[str, Any]]:
    items = []
    for card in _cards(user, rng, PAIRS, both=True):
        avoid = rng.choice(card.avoid).code
        if asked := better_document(card, avoid, rng):
            items.append({"card": card.slug, "competency": card.competency, "what": avoid, "asked": asked})
    return items


def _situations(user: Any, rng: random.Random) -> list[dict[str, Any]]:
    return [
        {"card": card.slug, "competency": card.competency, "what": CODE, "asked": code_document(card, rng)}
        for card in _cards(user, rng, SITUATIONS, both=False)
    ]


def _lines(user: Any, rng: random.Random) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for card in _cards(user, rng, 30, both=False):
        if sum(len(item["text"]) for item in items) >= TYPED:
            break
        line = rng.choice(card.say)
        items.append({"card": card.slug, "code": line.code, "text": " ".join(fill_defaults(line.text).split())})
    return items


MAKERS: dict[str, Callable[[Any, random.Random], list[dict[str, Any]]]] = {
    Kind.BETTER: _pairs,
    Kind.CODES: _situations,
    Kind.TYPING: _lines,
}


# Where a round is


def current(found: DrillRound) -> int | None:
    """The place of the first item without an answer; None when all have one."""
    return next((at for at, item in enumerate(found.items) if "given" not in item), None)


def remaining(found: DrillRound, at: int, now: datetime) -> float | None:
    """Seconds left for this pair, never under 0; None while it has not been shown, or without a clock."""
    shown = found.items[at].get("shown")
    if found.kind != Kind.BETTER or not shown:
        return None
    return max(0.0, SECONDS - (now - datetime.fromisoformat(shown)).total_seconds())


@transaction.atomic
def show(found: DrillRound, at: int, *, now: datetime) -> None:
    """Go on to the next item: its clock runs from now on. The first time stands."""
    locked = DrillRound.objects.select_for_update().get(pk=found.pk)
    if current(locked) == at and "shown" not in locked.items[at]:
        locked.items[at]["shown"] = now.isoformat()
        locked.save(update_fields=["items"])


@transaction.atomic
def answer(found: DrillRound, at: int, given: str, *, now: datetime) -> DrillRound:
    """Keep one answer and grade it; what was wrong or too late is asked again in recall. The first answer stands.

    `given` is the key of an option, or a short code; nothing for no answer. Raises IndexError for an item that is not
    there.
    """
    locked = DrillRound.objects.select_for_update().select_related("user").get(pk=found.pk)
    if locked.kind == Kind.TYPING or at < 0:
        raise IndexError
    item = locked.items[at]
    if current(locked) != at:
        return locked
    late = locked.kind == Kind.BETTER and _late(item, now)
    item["given"] = "" if late else _clean(item["asked"], given)
    item["right"] = _right(item["asked"], item["given"])
    # A card that was taken back meanwhile is no mistake of anybody's.
    counts = item["card"] in readable(locked, locked.user)
    if not counts:
        item["withdrawn"] = True
    locked.asked, locked.right = locked.asked + int(counts), locked.right + int(item["right"] and counts)
    if current(locked) is None:
        locked.finished_at, locked.seconds = now, (now - locked.started_at).total_seconds()
    locked.save()
    if counts and not item["right"]:
        recall.remember_all(locked.user, [_missed(item)], now)
    return locked


def readable(found: DrillRound, user: Any) -> dict[str, Card]:
    """The cards of a round that this person may read today, by slug: one that is closed to them since shows nothing."""
    slugs = {item["card"] for item in found.items}
    return {card.slug: card for card in Card.objects.visible_to(user).published().filter(slug__in=slugs)}


def _late(item: dict[str, Any], now: datetime) -> bool:
    shown = item.get("shown", now.isoformat())
    return (now - datetime.fromisoformat(shown)).total_seconds() > SECONDS + GRACE


def _clean(asked: dict[str, Any], given: str) -> str:
    if asked["type"] == "fill":
        return clean_query(given, 20).text
    return given if given in {option["key"] for option in asked["options"]} else ""


def _right(asked: dict[str, Any], given: str) -> bool:
    if asked["type"] == "fill":
        return bool(given) and fold(given) in asked["answers"]
    return any(option["key"] == given and option["right"] == "yes" for option in asked["options"])


def _missed(item: dict[str, Any]) -> Missed:
    asked = item["asked"]
    front = {"prompt": asked["prompt"], "asked": asked, "reply": item["given"] or None, "card": item["card"]}
    return Missed(recall.Kind.DRILL, f"{item['card']}#{item['what']}", item["competency"], front)


# Typing


def distances(wanted: str, typed: str) -> list[int]:
    """For each beginning of the wanted text, the empty one first: how many characters have to be put in, left out or
    changed to make the typed one of it (Levenshtein)."""
    before = list(range(len(typed) + 1))
    far = [len(typed)]
    for at, one in enumerate(wanted, 1):
        here = [at]
        for to, other in enumerate(typed, 1):
            here.append(min(before[to] + 1, here[-1] + 1, before[to - 1] + (one != other)))
        before = here
        far.append(here[-1])
    return far


def distance(wanted: str, typed: str) -> int:
    return distances(wanted, typed)[-1]


def nearest(wanted: str, typed: str) -> tuple[int, int]:
    """The distance of a text in hand to the beginning of the wanted one that fits best, and how long that one is."""
    far, shorter = min((far, -length) for length, far in enumerate(distances(wanted, typed)))
    return far, -shorter


@dataclass(frozen=True, slots=True)
class Totals:
    """What is kept of a typing round: how many lines were begun, the characters they ask for or were given, whichever
    are more, those typed, mistakes among them, seconds. No key, no text."""

    lines: int
    asked: int
    characters: int
    mistakes: int
    seconds: float


def typed_totals(found: DrillRound, typed: Sequence[str], now: datetime) -> Totals:
    """The totals of a page without script, which sends its texts; they are counted here and not kept."""
    lines = [" ".join(clean_query(text, 600).text.split()) for text in typed]
    begun = max((at for at, text in enumerate(lines, 1) if text), default=0)
    pairs = [(item["text"], text) for item, text in zip(found.items[:begun], lines, strict=False)]
    told = [(distance(wanted, text), len(wanted), len(text)) for wanted, text in pairs]
    if pairs:
        # What was not reached of the line in hand is no mistake.
        told[-1] = (*nearest(*pairs[-1]), len(pairs[-1][1]))
    return Totals(
        lines=begun,
        asked=sum(max(wanted, length) for _far, wanted, length in told),
        characters=sum(length for _far, _wanted, length in told),
        mistakes=sum(far for far, _wanted, _length in told),
        seconds=(now - found.started_at).total_seconds(),
    )


@transaction.atomic
def finish_typing(found: DrillRound, totals: Totals, *, now: datetime) -> DrillRound:
    """Keep the totals of a typing round; the first ones stand. Raises Implausible for what nobody can have typed."""
    locked = DrillRound.objects.select_for_update().get(pk=found.pk)
    if locked.finished_at:
        return locked
    _check(locked, totals, now)
    locked.asked, locked.right = totals.asked, max(0, totals.asked - totals.mistakes)
    locked.characters, locked.seconds = totals.characters, totals.seconds
    locked.finished_at = now
    locked.save()
    return locked


def _check(found: DrillRound, totals: Totals, now: datetime) -> None:
    begun = sum(len(item["text"]) for item in found.items[: totals.lines])
    passed = (now - found.started_at).total_seconds() + GRACE
    bounds = (
        1 <= totals.lines <= len(found.items),
        1 <= totals.characters <= totals.asked <= begun + totals.characters,
        totals.characters <= 2 * begun,
        0 <= totals.mistakes <= totals.asked,
        1 <= totals.seconds <= passed,
        60 * totals.characters <= FASTEST * totals.seconds,
    )
    if not all(bounds):
        raise Implausible


def speed(found: DrillRound) -> int:
    """Characters a minute."""
    return round(60 * found.characters / found.seconds) if found.seconds else 0


def accuracy(found: DrillRound) -> int:
    """Percent, rounded down: only a text without a mistake is whole."""
    return 100 * found.right // found.asked if found.asked else 0


LATEST = 20  # rounds that a summary looks back on


@dataclass(frozen=True, slots=True)
class Practised:
    """What the latest rounds of better replies and short codes say of one competency: right ones of those asked."""

    label: str
    pairs: tuple[int, int]
    codes: tuple[int, int]


def practised(user: Any) -> list[Practised]:
    """By competency, in the order of the matrix; none that was not asked about. One query, of a fixed number of rounds.

    For the eyes of their owner: it stands beside the skills matrix and never in it.
    """
    done = rounds(user).filter(kind__in=(Kind.BETTER, Kind.CODES), finished_at__isnull=False)
    right: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    for kind, items in done.values_list("kind", "items")[:LATEST]:
        for item in items:
            if item.get("withdrawn"):
                continue
            asked[item["competency"], kind] += 1
            right[item["competency"], kind] += int(item.get("right", False))
    return [
        Practised(
            str(one.label),
            (right[one, Kind.BETTER], asked[one, Kind.BETTER]),
            (right[one, Kind.CODES], asked[one, Kind.CODES]),
        )
        for one in Competency
        if asked[one, Kind.BETTER] or asked[one, Kind.CODES]
    ]


def bests(user: Any, kind: str) -> Bests:
    """One query. A typing round counts for speed when nine characters of ten were right."""
    done = rounds(user).filter(kind=kind, finished_at__isnull=False)
    fast = Q(characters__gt=0, seconds__gt=0, right__gte=F("asked") * 9 / 10)
    top = done.aggregate(
        most=Max("right"), fastest=Max(60.0 * F("characters") / F("seconds"), filter=fast), rounds=Count("pk")
    )
    return Bests(right=top["most"] or 0, speed=round(top["fastest"] or 0), rounds=top["rounds"])
