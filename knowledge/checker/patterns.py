"""The pattern language of wording rules: what a trainer writes, compiled to a regular expression that cannot run away.

    (a|b)   one of these                 …    up to 6 characters of the same stretch; …12 up to 12
    x?      with or without x or (…)     #    a number, in digits or Chinese numerals
    ^       where the stretch begins     $    where it ends, whatever particles follow (了吧哦呢呀啊…)
            one at the very end takes in as many as there are
    !(a|b)  not followed by these        any other character stands for itself; a word in Latin letters (sku)
                                         is found as a whole word only
    帐号→账号  behind an arrow, what stands there instead, letter for letter

Width and case are folded. No other sign has a meaning, so that a rule can be read aloud. There is no "any number of
times", and the ways a pattern can match at one place are counted when it is read: none can run away on any text.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import prod

from django.utils.translation import gettext as _

GAP, LONGEST_GAP, MOST_GAPS = 6, 30, 4
LONGEST = 2000
ARROW = "→"
PARTICLES = "的了吧哦呢呀啊哈啦嘛呗哟噢喔哒滴诶欸么~"
LONGEST_NUMBER = 8
NUMBER = "[0-9０-９一二三四五六七八九十百千万两几半零〇.]{1,8}"
MOST_EXACT = 64  # texts a piece is known by
MOST_WAYS = 20_000  # in which a pattern may match at one place, at most: what a search can cost there
_DEPTH = 6


class BadPattern(ValueError):
    """A pattern that cannot be read; its text says where and why."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a pattern: its expression, and what is known of the texts it matches.

    `exact`: the only texts it can match, where they are few (None: not known). `groups`: sets of texts, one of each of
    which stands in every match. `ways`: how many matches there can be at one place, at most. `first`: the characters
    one of which it begins with, None where that is not known.
    """

    source: str
    exact: frozenset[str] | None = None
    groups: tuple[frozenset[str], ...] = ()
    ways: int = 1
    first: frozenset[str] | None = None

    @property
    def needs(self) -> frozenset[str]:
        """The set that says most: long texts, few of them."""
        return max(self.groups, key=lambda texts: (min(2, *map(len, texts)), -len(texts)), default=frozenset())


@lru_cache(maxsize=32768)
def compiled(text: str) -> Pattern:
    """The pattern of a text, the same object each time: a rule is read to be checked, tried and used. Raises
    BadPattern."""
    return Pattern(text)


class Pattern:
    """A compiled pattern. `groups`: sets of characters and pairs of them, one of each of which stands in every match,
    `beginnings` the one of them that says most; `ways`: in how many it can match at one place; `better`: what may stand
    in the place of a match, letter for letter."""

    def __init__(self, text: str) -> None:
        self.text = text
        text, arrow, better = text.partition(ARROW)
        self.better = better.strip()
        text = text.rstrip() if arrow else text
        if len(text) > LONGEST:
            raise BadPattern(_("a pattern is at most %d characters long") % LONGEST)
        reader = _Reader(unicodedata.normalize("NFKC", text.replace("…", "\x01")).lower())
        node = reader.read()
        self.source, self.ways = node.source, node.ways
        self.groups = tuple({_beginnings(group): None for group in node.groups})
        self.beginnings = _beginnings(node.needs)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.source)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


# Thousands of patterns need the same: they share it.
_shared: dict[frozenset[str], frozenset[str]] = {}


def _beginnings(texts: frozenset[str]) -> frozenset[str]:
    """The first two characters of each."""
    found = frozenset(sys.intern(text[:2]) for text in texts)
    return _shared.setdefault(found, found)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.gaps, self.depth = text, 0, 0, 0

    def read(self) -> Node:
        node = self._alternatives(top=True)
        if self.at < len(self.text):
            raise BadPattern(_("character %d closes a bracket that was never opened") % (self.at + 1))
        if not node.needs:
            raise BadPattern(_("it would match anything: at least one word must always stand there"))
        if node.ways > MOST_WAYS:
            raise BadPattern(_("it can match in too many ways: fewer gaps, shorter ones, or two patterns instead"))
        return node

    def _alternatives(self, *, top: bool = False) -> Node:
        branches = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._sequence())
        if len(branches) > 1 and any(not branch.source for branch in branches):
            raise BadPattern(_("one of the alternatives between | is empty"))
        source = "|".join(branch.source for branch in branches)
        source = f"(?:{source})" if len(branches) > 1 or not top else source
        if len(branches) == 1:
            return replace(branches[0], source=source)
        needs = [branch.needs for branch in branches]
        groups = (frozenset().union(*needs),) if all(needs) else ()
        return Node(source, _union(branches), groups, _most_at_once(branches), _any_of(branches))

    def _sequence(self) -> Node:
        pieces = []
        while (char := self._peek()) and char not in "|)":
            piece = self._piece()
            if self._peek() == "?":
                self.at += 1
                exact = piece.exact | {""} if piece.exact is not None else None
                piece = Node(f"(?:{piece.source})?", exact, ways=piece.ways + 1)
            pieces.append(piece)
        ways = min(prod(piece.ways for piece in pieces), MOST_WAYS + 1)
        first = pieces[0].first if pieces else frozenset()
        return Node("".join(piece.source for piece in pieces), *_in_a_row(pieces), ways, first)

    def _piece(self) -> Node:
        char = self._peek()
        self.at += 1
        if char == "(":
            return self._group()
        if char == "!" and self._peek() == "(":
            self.at += 1
            return Node(f"(?!{self._group().source})", _NOTHING)
        if char == "\x01":
            return self._gap()
        if "a" <= char <= "z":
            return self._latin(char)
        return _SIGNS.get(char) or _letter(char)

    def _latin(self, char: str) -> Node:
        """A word in Latin letters is one piece, and no part of a longer one: po is not in polo."""
        word = char
        while "a" <= (following := self._peek()) <= "z":
            word, self.at = word + following, self.at + 1
        exact = frozenset({word})
        return Node(f"(?<![a-z]){word}(?![a-z])", exact, (exact,), first=frozenset({char}))

    def _group(self) -> Node:
        self.depth += 1
        if self.depth > _DEPTH:
            raise BadPattern(_("there are too many brackets inside brackets"))
        node = self._alternatives()
        if self._peek() != ")":
            raise BadPattern(_("a bracket is not closed"))
        self.at += 1
        self.depth -= 1
        if node.source == "(?:)":
            raise BadPattern(_("a bracket is empty"))
        return node

    def _gap(self) -> Node:
        self.gaps += 1
        if self.gaps > MOST_GAPS:
            raise BadPattern(_("there are more than %d gaps") % MOST_GAPS)
        digits = re.match(r"[0-9]{1,2}", self.text[self.at :])
        size = int(digits.group()) if digits else GAP
        self.at += len(digits.group()) if digits else 0
        if not 0 < size <= LONGEST_GAP:
            raise BadPattern(_("a gap is 1 to %d characters") % LONGEST_GAP)
        lazy = "" if self.at == len(self.text) else "?"  # at the end it reaches as far as it may
        return Node(rf"[^\x02]{{0,{size}}}{lazy}", ways=size + 1)

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""


_NOTHING = frozenset({""})  # what stands between two characters and takes up no room
_SIGNS = {
    "#": Node(NUMBER, ways=LONGEST_NUMBER),
    "^": Node(r"(?<![^\x02])", _NOTHING),
    "$": Node(rf"(?=[{PARTICLES} ]{{0,4}}(?:\x02|\Z))", _NOTHING),
}


@lru_cache(maxsize=4096)
def _letter(char: str) -> Node:
    exact = frozenset({char})
    return Node(re.escape(char), exact, (exact,), first=exact)


def _in_a_row(pieces: Sequence[Node]) -> tuple[frozenset[str] | None, tuple[frozenset[str], ...]]:
    """What is known of pieces one behind the other: all texts, and what must stand there. Neighbours that are known by
    their texts are known by the texts of both: 不 and (退|换) by 不退 and 不换."""
    groups: list[frozenset[str]] = []
    row, whole = _NOTHING, True
    for piece in pieces:
        joined = _joined(row, piece.exact)
        if joined is None:
            whole = False
            groups += [*_standing(row), *piece.groups]
            row = piece.exact if piece.exact is not None else _NOTHING
        else:
            row = joined
            groups += piece.groups if "" in row else ()
    groups += _standing(row)
    return (row if whole else None), tuple(dict.fromkeys(groups))


def _joined(row: frozenset[str], exact: frozenset[str] | None) -> frozenset[str] | None:
    if exact is None or len(row) * len(exact) > MOST_EXACT:
        return None
    return frozenset(before + after for before in row for after in exact)


def _standing(row: frozenset[str]) -> list[frozenset[str]]:
    return [] if "" in row else [row]


def _union(branches: Sequence[Node]) -> frozenset[str] | None:
    known = [branch.exact for branch in branches if branch.exact is not None]
    texts = frozenset().union(*known)
    return texts if len(known) == len(branches) and len(texts) <= MOST_EXACT else None


def _any_of(branches: Sequence[Node]) -> frozenset[str] | None:
    firsts = [branch.first for branch in branches]
    return frozenset().union(*(first for first in firsts if first)) if all(firsts) else None


def _most_at_once(branches: Sequence[Node]) -> int:
    """Alternatives that begin with different characters never match at the same place."""
    anywhere = sum(branch.ways for branch in branches if not branch.first)
    by_first: Counter[str] = Counter()
    for branch in branches:
        for char in branch.first or ():
            by_first[char] += branch.ways
    return min(anywhere + max(by_first.values(), default=0), MOST_WAYS + 1)
