"""Grading: pure functions of what was asked and what was answered.

Partial credit, written down once and shown to learners in these words (docs/decisions/0008-attempts.md):
- one right answer, true or false, better reply: 1 or 0;
- several right answers, matching: (right - wrong) / all right ones, never under 0;
- put in order: the share of pairs that stand in the right order;
- fill in: 1 when the text equals an accepted one after folding width, case, spaces and punctuation;
- rewrite the reply: the share of required points made, 0 when forbidden wording occurs.
No answer, or one that does not fit the question, is 0 and never an error: bad input is expected input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import Any

from knowledge.text import normalise
from training.enums import QuestionType

Asked = Mapping[str, Any]  # a frozen question document: options, steps or pairs carry keys

THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer earned, 0 to 1 in thousandths, and what a rewrite made and missed."""

    points: Decimal
    made: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Full marks, nothing less."""
        return self.points == 1


def grade(asked: Asked, answer: Any) -> Grade:
    """The grade of an answer to a frozen question. Raises KeyError only for a type nobody has defined."""
    return GRADERS[QuestionType(asked["type"])](asked, answer)


def share(part: int, whole: int) -> Decimal:
    """part / whole in thousandths, rounded half up; 0 when there is nothing to share."""
    return (Decimal(part) / whole).quantize(THOUSANDTH, ROUND_HALF_UP) if whole and part > 0 else Decimal(0)


def right_keys(asked: Asked) -> frozenset[str]:
    """The keys of the right options."""
    return frozenset(option["key"] for option in asked["options"] if option["right"] == "yes")


def fold(text: str) -> str:
    """The form in which a filled-in answer is compared: width, case, spaces and punctuation do not count."""
    return re.sub(r"[\W_]+", "", normalise(text))


def _single(asked: Asked, answer: Any) -> Grade:
    return Grade(Decimal(int(isinstance(answer, str) and answer in right_keys(asked))))


def _multiple(asked: Asked, answer: Any) -> Grade:
    right, given = right_keys(asked), _strings(answer)
    known = given & {option["key"] for option in asked["options"]}
    return Grade(share(len(known & right) - len(known - right), len(right)))


def _ordering(asked: Asked, answer: Any) -> Grade:
    wanted = [step["key"] for step in sorted(asked["steps"], key=lambda step: int(step["key"]))]
    given = [str(key) for key in answer] if isinstance(answer, Sequence) and not isinstance(answer, str) else []
    if sorted(given) != sorted(wanted):
        return Grade(Decimal(0))
    place = {key: at for at, key in enumerate(given)}
    pairs = list(combinations(wanted, 2))
    return Grade(share(sum(place[first] < place[second] for first, second in pairs), len(pairs)))


def _matching(asked: Asked, answer: Any) -> Grade:
    keys = {pair["key"] for pair in asked["pairs"]}
    given = {left: right for left, right in answer.items() if right} if isinstance(answer, Mapping) else {}
    right = sum(given.get(key) == key for key in keys)
    wrong = sum(left in keys and chosen != left for left, chosen in given.items())
    return Grade(share(right - wrong, len(keys)))


def _fill(asked: Asked, answer: Any) -> Grade:
    given = fold(answer) if isinstance(answer, str) else ""
    return Grade(Decimal(int(bool(given) and given in {fold(accepted) for accepted in asked["answers"]})))


def judge(text: str, item: Asked) -> Grade:
    """Judge a rewritten reply: which required points it makes, which forbidden wording it holds.

    The one interface for free replies; the reply checker's findings join it with the Practice issue.
    """
    folded = fold(text)
    points = item["points"]
    made = tuple(point["name"] for point in points if any(fold(variant) in folded for variant in point["any"]))
    missed = tuple(point["name"] for point in points if point["name"] not in made)
    forbidden = tuple(word for word in item["forbids"] if fold(word) and fold(word) in folded)
    return Grade(Decimal(0) if forbidden else share(len(made), len(points)), made, missed, forbidden)


def _rewrite(asked: Asked, answer: Any) -> Grade:
    return judge(answer if isinstance(answer, str) else "", asked)


def _strings(answer: Any) -> set[str]:
    return {item for item in answer if isinstance(item, str)} if isinstance(answer, list | tuple | set) else set()


GRADERS: dict[QuestionType, Callable[[Asked, Any], Grade]] = {
    QuestionType.SINGLE: _single,
    QuestionType.TRUEFALSE: _single,
    QuestionType.BETTER: _single,
    QuestionType.MULTIPLE: _multiple,
    QuestionType.ORDERING: _ordering,
    QuestionType.MATCHING: _matching,
    QuestionType.FILL: _fill,
    QuestionType.REWRITE: _rewrite,
}
