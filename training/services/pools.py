"""How many questions a rule of a quiz can draw from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.models import Question

KEYS = ("course", "competency", "difficulty")
Rule = Mapping[str, Any]  # {"course", "competency", "difficulty", "count"}, missing keys meaning any


def sizes(rules: Sequence[Rule]) -> list[int]:
    """The published questions that fit each rule, counted in one query."""
    pool = [tuple(map(str, row)) for row in Question.objects.published().values_list(*KEYS)]
    return [sum(_fits(rule, question) for question in pool) for rule in rules]


def short(rules: Sequence[Rule]) -> list[tuple[int, int, int]]:
    """The rules that might draw too few: (which, wanted, how many are left for it at worst).

    Rules draw in order and no question twice, so that an earlier rule over the same questions may have taken them.
    """
    found = []
    for at, (rule, size) in enumerate(zip(rules, sizes(rules), strict=True)):
        taken = sum(int(earlier["count"]) for earlier in rules[:at] if _overlap(earlier, rule))
        if (left := max(0, size - taken)) < int(rule["count"]):
            found.append((at, int(rule["count"]), left))
    return found


def _fits(rule: Rule, question: tuple[str, ...]) -> bool:
    return all(not rule.get(key) or str(rule[key]) == value for key, value in zip(KEYS, question, strict=True))


def _overlap(one: Rule, other: Rule) -> bool:
    return all(not one.get(key) or not other.get(key) or str(one[key]) == str(other[key]) for key in KEYS)
