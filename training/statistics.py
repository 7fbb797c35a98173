"""Item analysis: what the answers to a question say about the question. Pure functions; nobody's name comes in.

Over first finished attempts (docs/decisions/0017-item-analysis.md):
- score of an answer = points / maximum; facility = mean score: 1 is easy;
- discrimination = Pearson's r of the score with the score of the rest of the same attempt, (total - points) /
  (whole - maximum), so that no item is compared with itself; None where either never varies;
- thirds: the answers of attempts whose rest stands in the upper and in the lower third, ties at the cut included;
- nothing is told under 20 answers.

Flags follow the literature where it has a number: a distractor chosen by fewer than 5 % does not function (Tarrant,
Ware & Mohammed 2009, doi:10.1186/1472-6920-9-40); under .1 an item hardly tells strong from weak, and a negative one
points to a wrong key or a misleading wording (Ebel & Frisbie 1991).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import fsum, sqrt
from statistics import quantiles

FEWEST = 20
UNUSED = 0.05
LOW = 0.1
TOO_EASY = 0.95


@dataclass(frozen=True, slots=True)
class Answer:
    """A first answer to one question: its points of `most`, those of the whole attempt, the option keys chosen, and
    the seconds spent, 0 when nobody measured them."""

    points: Decimal
    most: Decimal
    total: Decimal
    whole: Decimal
    chosen: tuple[str, ...] = ()
    seconds: int = 0

    @property
    def score(self) -> float:
        return float(self.points / self.most) if self.most else 0.0

    @property
    def rest(self) -> float | None:
        """The score of all else in the same attempt; None when nothing else was asked."""
        # Divided as decimals: equal shares of different wholes come out equal, and what never varies is seen to.
        whole = self.whole - self.most
        return float((self.total - self.points) / whole) if whole else None


@dataclass(frozen=True, slots=True)
class Choice:
    """How often an option was chosen: by all, and by the upper and lower third, None where there are no thirds."""

    count: int
    share: float
    upper: float | None
    lower: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of those measured: median and quartiles."""

    median: float
    lower: float
    upper: float


def facility(answers: Sequence[Answer]) -> float | None:
    """The mean score; None without answers."""
    return fsum(one.score for one in answers) / len(answers) if answers else None


def comparable(answers: Sequence[Answer]) -> list[Answer]:
    """Those with a rest to compare with."""
    return [one for one in answers if one.rest is not None]


def discrimination(answers: Sequence[Answer]) -> float | None:
    """Pearson's r of the item with the rest, -1 to 1; None where it is not defined."""
    pairs = [(one.score, one.rest) for one in answers if one.rest is not None]
    return pearson([score for score, _rest in pairs], [rest for _score, rest in pairs])


def pearson(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Whatever the order of the pairs, the same number to the last bit: sums are rounded once, at their end."""
    if len(set(xs)) < 2 or len(set(ys)) < 2:
        return None
    middle_x, middle_y = fsum(xs) / len(xs), fsum(ys) / len(ys)
    both = fsum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True))
    spread = fsum((x - middle_x) ** 2 for x in xs) * fsum((y - middle_y) ** 2 for y in ys)
    return max(-1.0, min(1.0, both / sqrt(spread))) if spread else None


@dataclass(frozen=True, slots=True)
class Thirds:
    """The answers of the stronger and of the weaker third; both empty where the two cannot be told apart."""

    upper: tuple[Answer, ...] = ()
    lower: tuple[Answer, ...] = ()


def thirds(answers: Sequence[Answer]) -> Thirds:
    """By the rest of the attempt. Who ties with the last of a third belongs to it: no order of rows decides."""
    rests = sorted(one.rest for one in answers if one.rest is not None)
    if not rests:
        return Thirds()
    size = -(-len(rests) // 3)
    low, high = rests[size - 1], rests[-size]
    if low >= high:
        return Thirds()
    known = [(one.rest, one) for one in answers if one.rest is not None]
    return Thirds(
        tuple(one for rest, one in known if rest >= high),
        tuple(one for rest, one in known if rest <= low),
    )


def choices(answers: Sequence[Answer], keys: Sequence[str], parted: Thirds) -> dict[str, Choice]:
    """By option key: how often it was chosen."""
    return {
        key: Choice(
            count=_count(answers, key),
            share=_count(answers, key) / len(answers) if answers else 0.0,
            upper=_count(parted.upper, key) / len(parted.upper) if parted.upper else None,
            lower=_count(parted.lower, key) / len(parted.lower) if parted.lower else None,
        )
        for key in keys
    }


def _count(answers: Sequence[Answer], key: str) -> int:
    return sum(key in one.chosen for one in answers)


def times(answers: Sequence[Answer]) -> Times | None:
    """None with fewer than two that were measured."""
    seconds = [one.seconds for one in answers if one.seconds > 0]
    if len(seconds) < 2:
        return None
    lower, median, upper = quantiles(seconds, n=4, method="inclusive")
    return Times(median, lower, upper)


def unused(found: Mapping[str, Choice], right: frozenset[str]) -> list[str]:
    """The wrong options hardly anybody chose. Of a single one its item's facility says the same."""
    wrong = [key for key in found if key not in right]
    return [key for key in wrong if found[key].share < UNUSED] if len(wrong) > 1 else []


def suspects(found: Mapping[str, Choice], right: frozenset[str]) -> list[str]:
    """The wrong options that the stronger third chose more often than a right one: is the key where it belongs?"""
    keys = [found[key].upper or 0.0 for key in found if key in right]
    if not keys:
        return []
    return [key for key, choice in found.items() if key not in right and (choice.upper or 0.0) > min(keys)]
