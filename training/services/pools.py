"""How many questions the rules of a quiz can draw from, and do draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from training.models import Question

KEYS = ("course", "competency", "difficulty")
Rule = Mapping[str, Any]  # {"course", "competency", "difficulty", "count"}, missing keys meaning any


def drawn(rules: Iterable[Rule], user: Any) -> int:
    """How many questions these rules draw for this person from what is published today, each question once. One query
    (and for staff those of their permissions)."""
    left, total = _sorts(Question.objects.published().for_teams_of(user)), 0
    for rule in rules:
        wanted = int(rule["count"])
        for question, count in left.items():
            if _fits(rule, question):
                taken = min(wanted, count)
                left[question], wanted, total = count - taken, wanted - taken, total + taken
    return total


def _sorts(questions: QuerySet[Question]) -> Counter[tuple[str, ...]]:
    """How many of these questions there are of each course, competency and difficulty."""
    return Counter(tuple(map(str, row)) for row in questions.values_list(*KEYS))


def sizes(rules: Sequence[Rule]) -> list[int]:
    """The published questions that fit each rule, counted in one query."""
    pool = _sorts(Question.objects.published())
    return [sum(count for question, count in pool.items() if _fits(rule, question)) for rule in rules]


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
