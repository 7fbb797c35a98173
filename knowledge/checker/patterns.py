"""The pattern language of wording rules: what a trainer writes, compiled to a regular expression that cannot run away.

    (a|b)   one of these                 …    up to 6 characters of the same stretch; …12 up to 12
    x?      with or without x or (…)     #    a number, in digits or Chinese numerals
    ^       where the stretch begins     $    where it ends, whatever particles follow (了吧哦呢呀啊…)
    !(a|b)  not followed by these        any other character stands for itself

Width and case are folded. No other sign has a meaning, so that a rule can be read aloud.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

GAP, LONGEST_GAP, MOST_GAPS = 6, 30, 4
LONGEST = 2000
PARTICLES = "的了吧哦呢呀啊哈啦嘛呗哟噢喔哒滴诶欸么~"
NUMBER = "[0-9０-９一二三四五六七八九十百千万两几半零〇.]{1,8}"
_DEPTH = 6


class BadPattern(ValueError):
    """A pattern that cannot be read; its text says where and why."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a pattern: its expression, and texts of which one must occur where it matches (none if it may not)."""

    source: str
    needs: frozenset[str] = frozenset()


class Pattern:
    """A compiled pattern. `needs`: short texts, at least one of which stands in every match."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > LONGEST:
            raise BadPattern(f"longer than {LONGEST} characters")
        reader = _Reader(unicodedata.normalize("NFKC", text.replace("…", "\x01")).lower())
        self.node = reader.read()
        self.needs = self.node.needs

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.node.source)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.gaps, self.depth = text, 0, 0, 0

    def read(self) -> Node:
        node = self._alternatives(top=True)
        if self.at < len(self.text):
            raise BadPattern(f"a bracket is closed that was never opened, at {self.at + 1}")
        if not node.needs:
            raise BadPattern("it could match nothing, or anything: at least one word must always stand there")
        return node

    def _alternatives(self, *, top: bool = False) -> Node:
        branches = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._sequence())
        if len(branches) > 1 and any(not branch.source for branch in branches):
            raise BadPattern("an alternative is empty")
        needs = frozenset().union(*(b.needs for b in branches)) if all(b.needs for b in branches) else frozenset()
        source = "|".join(branch.source for branch in branches)
        return Node(f"(?:{source})" if len(branches) > 1 or not top else source, needs)

    def _sequence(self) -> Node:
        sources: list[str] = []
        candidates: list[frozenset[str]] = []
        run = ""
        while (char := self._peek()) and char not in "|)":
            piece = self._piece()
            if self._peek() == "?":
                self.at += 1
                piece = Node(f"(?:{piece.source})?")
            literal = len(piece.needs) == 1 and next(iter(piece.needs)) == _plain(piece.source)
            if literal and len(_plain(piece.source)) == 1:
                run += _plain(piece.source)
            else:
                if run:
                    candidates.append(frozenset({run}))
                run = ""
                if piece.needs:
                    candidates.append(piece.needs)
            sources.append(piece.source)
        if run:
            candidates.append(frozenset({run}))
        best = max(candidates, key=lambda texts: (min(map(len, texts)), -len(texts)), default=frozenset())
        return Node("".join(sources), best)

    def _piece(self) -> Node:
        char = self._peek()
        self.at += 1
        if char == "(":
            return self._group()
        if char == "!":
            if self._peek() != "(":
                return Node(re.escape(char), frozenset({char}))
            self.at += 1
            return Node(f"(?!{self._group().source})")
        if char == "\x01":
            return self._gap()
        if char == "#":
            return Node(NUMBER)
        if char == "^":
            return Node(r"(?<![^\x02])")
        if char == "$":
            return Node(rf"(?=[{PARTICLES} ]{{0,4}}(?:\x02|\Z))")
        return Node(re.escape(char), frozenset({char}))

    def _group(self) -> Node:
        self.depth += 1
        if self.depth > _DEPTH:
            raise BadPattern("brackets inside brackets too deep")
        node = self._alternatives()
        if self._peek() != ")":
            raise BadPattern("a bracket is not closed")
        self.at += 1
        self.depth -= 1
        if node.source == "(?:)":
            raise BadPattern("a bracket is empty")
        return node

    def _gap(self) -> Node:
        self.gaps += 1
        if self.gaps > MOST_GAPS:
            raise BadPattern(f"more than {MOST_GAPS} gaps")
        digits = re.match(r"[0-9]{1,2}", self.text[self.at :])
        size = int(digits.group()) if digits else GAP
        self.at += len(digits.group()) if digits else 0
        if not 0 < size <= LONGEST_GAP:
            raise BadPattern(f"a gap is 1 to {LONGEST_GAP} characters")
        return Node(rf"[^\x02]{{0,{size}}}?")

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""


def _plain(source: str) -> str:
    return re.sub(r"\\(.)", r"\1", source)
