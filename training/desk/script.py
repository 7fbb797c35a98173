"""A dialogue as it is played: turns, conditions, endings; read from its canonical document.

The document's problems (training/desk/documents.py) are told before this; here it is taken as sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEFT = "left"  # the ending of a customer nobody answered
MOODS = 5  # satisfaction runs from 0 to 5


@dataclass(frozen=True, slots=True)
class Point:
    """What a reply has to contain: one of the accepted wordings, or something close to it."""

    name: str
    any: tuple[str, ...]
    why: str = ""
    bonus: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """Where the talk goes from a turn. All conditions that are set must hold; a branch without any is the rest."""

    to: str
    mood: int = 0
    breaks: tuple[str, ...] = ()  # one of these rule codes; "any": any error or warning
    has: tuple[str, ...] = ()  # all of these points made
    misses: tuple[str, ...] = ()  # one of these points not made
    score_below: int | None = None  # percent of the points of the talk so far
    slower: int | None = None  # seconds to the first reply of this turn
    why: str = ""

    @property
    def is_rest(self) -> bool:
        return not (self.breaks or self.has or self.misses) and self.score_below is None and self.slower is None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the customer says, what a good reply contains, and what follows."""

    id: str
    say: tuple[str, ...]
    points: tuple[Point, ...]
    branches: tuple[Branch, ...]
    nudge: str
    seconds: int  # to answer in, before the nudge
    model: str = ""  # a reply that makes every point

    @property
    def required(self) -> int:
        """How many of its points are no bonus."""
        return sum(not point.bonus for point in self.points)


@dataclass(frozen=True, slots=True)
class Ending:
    """How it came out: good, fair or bad; what the customer says last, and what decided it."""

    id: str
    kind: str
    say: str
    why: str


@dataclass(frozen=True, slots=True)
class Script:
    """One customer: `patience` unanswered nudges before leaving, `mood` 0 to 5 at the beginning."""

    slug: str
    title: str
    competency: str
    group: str
    mood: int
    patience: int
    start: str
    turns: Mapping[str, Turn]
    endings: Mapping[str, Ending]
    brief: str = ""
    cards: tuple[str, ...] = ()
    again: tuple[str, ...] = ()  # what they say when they ask again after a turn's nudge, in order

    def nudge(self, turn: Turn, number: int) -> str:
        """What this customer says the first, second… time nobody answers this turn."""
        return turn.nudge if number == 1 or not self.again else self.again[min(number - 2, len(self.again) - 1)]

    def kind_of(self, ending: str) -> str:
        """good, fair or bad; a customer who left was not served."""
        return self.endings[ending].kind if ending in self.endings else "bad"


def read(document: Mapping[str, Any]) -> Script:
    """The script of a sound document."""
    turns = [
        _turn(part, int(document["first_seconds"]) if at == 0 else int(document["seconds"]))
        for at, part in enumerate(document["turns"])
    ]
    endings = [Ending(part["id"], part["kind"], part["say"], part["why"]) for part in document["endings"]]
    return Script(
        document["slug"],
        document["title"],
        document["competency"],
        document["group"],
        int(document["mood"]),
        int(document["patience"]),
        turns[0].id,
        {turn.id: turn for turn in turns},
        {ending.id: ending for ending in endings},
        document.get("brief", ""),
        tuple(document.get("cards", ())),
        tuple(document.get("again", ())),
    )


def _turn(part: Mapping[str, Any], seconds: int) -> Turn:
    points = tuple(Point(one["name"], tuple(one["any"]), one.get("why", "")) for one in part["points"])
    extra = tuple(
        Point(one["name"], tuple(one["any"]), one.get("why", ""), bonus=True) for one in part.get("bonus", ())
    )
    return Turn(
        part["id"],
        tuple(part["say"]),
        points + extra,
        tuple(map(_branch, part["branches"])),
        part["nudge"],
        int(part.get("seconds", seconds)),
        part.get("model", ""),
    )


def _branch(part: Mapping[str, Any]) -> Branch:
    def number(key: str) -> int | None:
        return int(part[key]) if key in part else None

    return Branch(
        part["to"],
        int(part.get("mood", 0)),
        tuple(part.get("breaks", ())),
        tuple(part.get("has", ())),
        tuple(part.get("misses", ())),
        number("score_below"),
        number("slower"),
        part.get("why", ""),
    )
