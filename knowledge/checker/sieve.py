"""Which of thousands of patterns a reply could hold at all, known before any search.

A pattern needs texts (Pattern.groups): one of each group stands wherever it matches. Every group is a bit; the first
two characters of its texts carry it. What stands in a reply is then one number, and so is what a pattern needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from knowledge.checker.patterns import Pattern

if TYPE_CHECKING:
    from knowledge.checker.engine import Clue, CompiledRule

Entry = tuple["CompiledRule", "Clue", Pattern]


class Sieve:
    """The patterns of some rules. `wholes`: the clues that find a reply as a whole."""

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        rules = tuple(rules)
        self.wholes = [(rule, clue) for rule in rules for clue in rule.clues if not clue.match]
        self._bits: dict[frozenset[str], int] = {}
        self._marks: dict[str, int] = {}
        self._needs = {pattern: self._need(pattern) for rule in rules for pattern in _patterns(rule)}
        self._entries: dict[str, list[Entry]] = {}
        for rule in rules:
            for clue in rule.clues:
                for pattern in clue.match:
                    entry = (rule, clue, pattern)
                    for beginning in pattern.beginnings:
                        self._entries.setdefault(beginning, []).append(entry)

    def _need(self, pattern: Pattern) -> int:
        need = 0
        for group in pattern.groups:
            beginnings = frozenset(text[:2] for text in group)
            if beginnings not in self._bits:
                bit = self._bits[beginnings] = 1 << len(self._bits)
                for beginning in beginnings:
                    self._marks[beginning] = self._marks.get(beginning, 0) | bit
            need |= self._bits[beginnings]
        return need

    def standing(self, beginnings: frozenset[str]) -> int:
        """The groups of which something stands in a text of which these are all characters and all pairs of them."""
        marks, standing = self._marks, 0
        for beginning in marks.keys() & beginnings:
            standing |= marks[beginning]
        return standing

    def lets(self, pattern: Pattern, standing: int) -> bool:
        """Whether the pattern could match where these groups stand."""
        need = self._needs[pattern]
        return standing & need == need

    def worth_trying(self, beginnings: frozenset[str], standing: int, letters: int) -> Iterator[Entry]:
        """The patterns to search for in a reply of so many letters, each once."""
        entries, needs = self._entries, self._needs
        seen: set[int] = set()
        for beginning in entries.keys() & beginnings:
            for entry in entries[beginning]:
                need = needs[entry[2]]
                if standing & need == need and id(entry) not in seen and letters <= (entry[1].longest or letters):
                    seen.add(id(entry))
                    yield entry


def _patterns(rule: CompiledRule) -> Iterator[Pattern]:
    yield from (*rule.unless, *rule.without)
    yield from chain.from_iterable((*c.match, *c.beside, *c.unless, *c.without) for c in rule.clues)
