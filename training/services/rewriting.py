"""What the wording rules of the site say of rewritten replies: just what /check/ says of them.

Grading is pure and the rules are rows: whoever grades has them loaded once and hands over what they find. That is kept
with the answer, in the words of that day, so that a rule edited later changes no result that stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.checker.engine import Finding, Severity, check
from knowledge.enums import Rule
from knowledge.services import checking
from knowledge.services.checking import Piece, Rules
from training.enums import QuestionType

Asked = Mapping[str, Any]
# A finding as it is kept: code, severity, start, end, better (letter for letter), about, instead (whole sentences).
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding for people. `counts`: the question forbids it; any other is told and costs nothing."""

    number: int
    label: str
    severity: str
    text: str
    about: str
    better: str
    instead: tuple[str, ...]
    counts: bool


def found_in(answers: Iterable[tuple[Asked, Any]]) -> list[list[Found]]:
    """The findings of each of these frozen questions and answers; none but of rewritten replies. One query at most
    where the rules are known already, whatever is asked."""
    pairs = list(answers)
    if not any(_is_reply(asked, answer) for asked, answer in pairs):
        return [[] for _pair in pairs]
    rules = checking.current_rules()
    return [_found(answer, rules) if _is_reply(asked, answer) else [] for asked, answer in pairs]


def codes(found: Iterable[Found]) -> frozenset[str]:
    """The rules that were broken."""
    return frozenset(one["code"] for one in found)


def faults(asked: Asked, answer: Any, found: Iterable[Found]) -> list[Fault]:
    """What was found, told; nothing where the answer has been erased since."""
    if not _is_reply(asked, answer):
        return []
    labels = dict(Rule.choices)
    return [
        Fault(
            number=number,
            label=str(labels.get(one["code"], one["code"])),
            severity=one["severity"],
            text=answer[one["start"] : one["end"]],
            about=one["about"],
            better=one["better"],
            instead=tuple(one["instead"]),
            counts=one["code"] in asked["forbids"],
        )
        for number, one in enumerate(found, 1)
    ]


def pieces(answer: str, found: Iterable[Found]) -> list[Piece]:
    """The reply cut wherever a finding begins or ends."""
    keys = ("code", "severity", "start", "end")
    spans = [Finding(**{key: one[key] for key in keys} | {"severity": Severity(one["severity"])}) for one in found]
    return checking.pieces(answer, spans)


def _is_reply(asked: Asked, answer: Any) -> bool:
    return bool(asked["type"] == QuestionType.REWRITE and isinstance(answer, str) and answer)


def _found(text: str, rules: Rules) -> list[Found]:
    return [
        {
            "code": one.code,
            "severity": one.severity.value,
            "start": one.start,
            "end": one.end,
            "better": one.better,
            "about": rules.rows[one.code].about,
            "instead": list(rules.rows[one.code].better),
        }
        for one in check(text, rules.compiled)
    ]
