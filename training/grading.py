"""Grading: pure functions of what was asked and what was answered.

Partial credit, written down once and shown to learners in these words (docs/decisions/0008-attempts.md):
- one right answer, true or false, better reply: 1 or 0;
- several right answers, matching: (right - wrong) / all right ones, never under 0;
- put in order: the share of pairs that stand in the right order;
- fill in: 1 when the text equals an accepted one after folding width, case, spaces and punctuation (a mark between
  two digits counts: 1.5 is not 15);
- rewrite the reply: the share of required points made, 0 when forbidden wording occurs: words that stand there, or a
  rule of wording that the reply breaks. The rules are rows of the database, so the caller says which are broken
  (training/services/rewriting.py); this stays a pure function of what it is given.
No answer, or one that does not fit the question, is 0 and never an error: bad input is expected input.

What is kept of an answer is decided by `fit`; what it earns, by `grade`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import Any

from knowledge.documents import without_control
from knowledge.enums import Rule
from knowledge.text import normalise
from training.enums import QuestionType

Asked = Mapping[str, Any]  # a frozen question document: options, steps or pairs carry keys

THOUSANDTH = Decimal("0.001")
# Longest text taken, in characters.
LONGEST = {QuestionType.FILL: 100, QuestionType.REWRITE: 600}
# What a mark between two digits is read as; commas and spaces there only group digits.
MARKS = {".": "点", ":": "时", "/": "比"} | dict.fromkeys("-~–—", "到")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s*([.:/~–—-])\s*(?=\d)")


class Misfit(Exception):
    """An answer that its question cannot take. `code`: shape, long (a text) or places (an order with gaps or ties)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer earned, 0 to 1 in thousandths, and what a rewrite made and missed.

    `forbidden` are words that stand in it and should not, `broken` the codes of forbidden rules that it breaks.
    """

    points: Decimal
    made: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Full marks, nothing less."""
        return self.points == 1


def grade(asked: Asked, answer: Any, broken: Collection[str] = ()) -> Grade:
    """The grade of an answer to a frozen question. `broken` are the codes of all wording rules that the answer breaks.

    Raises KeyError only for a type nobody has defined.
    """
    if asked["type"] == QuestionType.REWRITE:
        return _rewrite(asked, answer, broken)
    return GRADERS[QuestionType(asked["type"])](asked, answer)


def share(part: int, whole: int) -> Decimal:
    """part / whole in thousandths, rounded half up; 0 when there is nothing to share."""
    return (Decimal(part) / whole).quantize(THOUSANDTH, ROUND_HALF_UP) if whole and part > 0 else Decimal(0)


def plain(points: Decimal) -> str:
    """Points as people write them: two decimals at most, no zeros at the end."""
    text = f"{points:.2f}"
    return text.rstrip("0").rstrip(".")


def right_keys(asked: Asked) -> frozenset[str]:
    """The keys of the right options."""
    return frozenset(option["key"] for option in asked["options"] if option["right"] == "yes")


def fold(text: str) -> str:
    """The form in which a filled-in answer is compared: width, case, spaces and punctuation do not count."""
    marked = _BETWEEN_DIGITS.sub(lambda found: MARKS[found[1]], normalise(text))
    return re.sub(r"[\W_]+", "", marked)


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


def judge(text: str, item: Asked, broken: Collection[str] = ()) -> Grade:
    """Judge a rewritten reply: which required points it makes, which forbidden wording it holds or rules it breaks."""
    folded = fold(text)
    found = [(point["name"], any(_says(folded, words) for words in point["any"])) for point in item["points"]]
    made = tuple(name for name, said in found if said)
    missed = tuple(name for name, said in found if not said)
    # A rule's code among the forbidden words stands for the rule, not for a word to look for.
    forbidden = tuple(words for words in item["forbids"] if words not in Rule.values and _says(folded, words))
    spoilt = tuple(code for code in item["forbids"] if code in Rule.values and code in broken)
    points = Decimal(0) if forbidden or spoilt else share(len(made), len(found))
    return Grade(points, made, missed, forbidden, spoilt)


def _says(folded: str, words: str) -> bool:
    """Whether the folded text holds these words; words that fold to nothing are held by none."""
    wanted = fold(words)
    return bool(wanted) and wanted in folded


def _rewrite(asked: Asked, answer: Any, broken: Collection[str] = ()) -> Grade:
    return judge(answer if isinstance(answer, str) else "", asked, broken)


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


def fit(asked: Asked, given: Any) -> Any:
    """The answer as it is kept, None when it answers nothing. Raises Misfit for what the question cannot take."""
    return FITTERS[QuestionType(asked["type"])](asked, given)


def _keys(asked: Asked, name: str) -> set[str]:
    return {part["key"] for part in asked[name]}


def _fit_single(asked: Asked, given: Any) -> str | None:
    if given is None or given == "":
        return None
    if not isinstance(given, str) or given not in _keys(asked, "options"):
        raise Misfit("shape")
    return given


def _fit_list(given: Any, keys: set[str]) -> list[str]:
    """A list of these keys, or nothing."""
    listed = [] if given is None else given
    if not isinstance(listed, list) or not all(isinstance(key, str) and key in keys for key in listed):
        raise Misfit("shape")
    return listed


def _fit_multiple(asked: Asked, given: Any) -> list[str] | None:
    chosen = _fit_list(given, _keys(asked, "options"))
    if len(set(chosen)) < len(chosen):
        raise Misfit("shape")
    return sorted(chosen, key=int) or None


def _fit_ordering(asked: Asked, given: Any) -> list[str] | None:
    keys = _keys(asked, "steps")
    order = _fit_list(given, keys)
    if order and (len(order) != len(keys) or set(order) != keys):
        raise Misfit("places")
    return order or None


def _fit_matching(asked: Asked, given: Any) -> dict[str, str] | None:
    keys = _keys(asked, "pairs")
    pairs = {} if given is None else given
    if not isinstance(pairs, dict) or not all(
        left in keys and isinstance(right, str) and right in keys | {""} for left, right in pairs.items()
    ):
        raise Misfit("shape")
    return {left: pairs[left] for left in sorted(pairs, key=int) if pairs[left]} or None


def _fit_text(asked: Asked, given: Any) -> str | None:
    if given is not None and not isinstance(given, str):
        raise Misfit("shape")
    text = without_control(given or "").strip()
    if len(text) > LONGEST[QuestionType(asked["type"])]:
        raise Misfit("long")
    return text or None


FITTERS: dict[QuestionType, Callable[[Asked, Any], Any]] = {
    QuestionType.SINGLE: _fit_single,
    QuestionType.TRUEFALSE: _fit_single,
    QuestionType.BETTER: _fit_single,
    QuestionType.MULTIPLE: _fit_multiple,
    QuestionType.ORDERING: _fit_ordering,
    QuestionType.MATCHING: _fit_matching,
    QuestionType.FILL: _fit_text,
    QuestionType.REWRITE: _fit_text,
}
