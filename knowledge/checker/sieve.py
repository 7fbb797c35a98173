"""Which of thousands of patterns a reply could hold at all, known before any search.

A pattern needs texts (Pattern.groups): one of each group stands wherever it matches. The groups have numbers: what
stands in a reply and what a pattern needs are sets of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from knowledge.checker.patterns import Pattern

if TYPE_CHECKING:
    from knowledge.checker.engine import Clue, CompiledRule

Standing = set[int]  # numbers of groups
Entry = tuple["CompiledRule", "Clue", Pattern]


class Sieve:
    """The patterns of some rules. `wholes`: the clues that find a reply as a whole."""

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        rules = tuple(rules)
        self.wholes = [(rule, clue) for rule in rules for clue in rule.clues if not clue.match]
        self._numbers: dict[frozenset[str], int] = {}
        self._marks: dict[str, list[int]] = {}
        self._needs = {pattern: self._need(pattern) for rule in rules for pattern in _patterns(rule)}
        self._entries: dict[str, list[Entry]] = {}
        for rule in rules:
            for clue in rule.clues:
                for pattern in clue.match:
                    entry = (rule, clue, pattern)
                    for beginning in pattern.beginnings:
                        self._entries.setdefault(beginning, []).append(entry)

    def _need(self, pattern: Pattern) -> tuple[int, ...]:
        for group in pattern.groups:
            if group not in self._numbers:
                number = self._numbers[group] = len(self._numbers)
                for beginning in group:
                    self._marks.setdefault(beginning, []).append(number)
        return tuple(self._numbers[group] for group in pattern.groups)

    def standing(self, beginnings: frozenset[str]) -> Standing:
        """The groups of which something stands in a text of which these are all characters and all pairs of them."""
        marks, standing = self._marks, set[int]()
        for beginning in marks.keys() & beginnings:
            standing.update(marks[beginning])
        return standing

    def lets(self, pattern: Pattern, standing: Standing) -> bool:
        """Whether the pattern could match where these groups stand."""
        return standing.issuperset(self._needs[pattern])

    def worth_trying(self, beginnings: frozenset[str], standing: Standing, letters: int) -> Iterator[Entry]:
        """The patterns to search for in a reply of so many letters, each once."""
        entries, needs = self._entries, self._needs
        seen: set[int] = set()
        for beginning in entries.keys() & beginnings:
            for entry in entries[beginning]:
                if id(entry) not in seen and standing.issuperset(needs[entry[2]]):
                    seen.add(id(entry))
                    if letters <= (entry[1].longest or letters):
                        yield entry


def _patterns(rule: CompiledRule) -> Iterator[Pattern]:
    yield from (*rule.unless, *rule.without)
    yield from chain.from_iterable((*c.match, *c.beside, *c.unless, *c.without) for c in rule.clues)
