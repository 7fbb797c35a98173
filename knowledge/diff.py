"""What differs between two documents, for somebody who reads: phrases of a text, rows of a list, keys of a mapping.

Pure: it knows no kind of content and no language of the interface. Whoever shows the result gives the keys their names.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

# Marks, joiners and variation selectors belong to the character before them; a joiner ties the next one too.
_TAIL = r"(?:\u200d.|[\u0300-\u036f\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff])*"
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\u3005\U00020000-\U000323af]"
# A phrase is what stands between two punctuation marks; numbers, Latin words and {fields} within it stay whole.
_TOKEN = re.compile(
    rf"\r\n|\{{[^{{}}\n]{{1,40}}\}}|[0-9０-９]+(?:[.．,，:：][0-9０-９]+)*|[A-Za-zÀ-ÿＡ-Ｚａ-ｚ]+(?:['’-][A-Za-zÀ-ÿ]+)*"
    rf"|{_HAN}+|.{_TAIL}",
    re.DOTALL,
)
LONG_PHRASE = 10  # characters: of a longer one only the middle that differs is shown as changed
SHARED_END = 3  # characters an end must share before it is split off: fewer are chance
ALIKE = 0.5  # how much two texts of a list share before one counts as the other, rewritten
MOST_PAIRS = 900  # texts of a list compared each with each; beyond that they are paired by their place
COMPARED = 300  # characters of a text that say whether it is another one rewritten


class Mark(StrEnum):
    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


class State(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


Piece = tuple[Mark, str]
Identity = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Change:
    """A key of a mapping or a row of a list, and what became of it. A text has `pieces`, the rest `parts`."""

    name: str  # the key; of a row its place in the newer list, from 1, or in the older if it was removed
    state: State
    moved: bool = False  # of a row: it stands elsewhere among those that stayed
    pieces: tuple[Piece, ...] = ()
    parts: tuple[Change, ...] = ()

    @property
    def touched(self) -> bool:
        return self.moved or self.state != State.SAME


def tokens(text: str) -> list[str]:
    """The text in phrases, numbers, words and single other characters. Joined they are the text again."""
    return _TOKEN.findall(text)


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """How the old text becomes the new one. Kept and removed pieces joined are the old text, kept and added the new."""
    if old == new:
        return ((Mark.KEPT, new),) if new else ()
    before, after = tokens(old), tokens(new)
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    before, after, last = before[head:], after[head : len(after) - tail], after[len(after) - tail :]
    before = before[: len(before) - tail]
    found: list[Piece] = [(Mark.KEPT, new[: len(new) - len("".join([*after, *last]))])]
    matcher = SequenceMatcher(_is_glue, before, after, autojunk=len(after) > 2000)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            found.append((Mark.KEPT, "".join(after[c:d])))
        else:
            found += _replaced("".join(before[a:b]), "".join(after[c:d]))
    return tuple(_phrased([*found, (Mark.KEPT, "".join(last))]))


def _is_glue(token: str) -> bool:
    """Punctuation alone never holds two texts together: they would meet at every comma."""
    return len(token) == 1 and not token.isalnum()


def _replaced(old: str, new: str) -> Iterator[Piece]:
    """Of long phrases the ends they share are kept; short ones are shown whole, as they are read."""
    head = tail = 0
    if min(len(old), len(new)) > LONG_PHRASE:
        before, after = _letters(old), _letters(new)
        head = _shared(before, after)
        tail = _shared(before[head:][::-1], after[head:][::-1])
        head = len("".join(before[:head])) if head >= SHARED_END else 0
        tail = len("".join(before[len(before) - tail :])) if tail >= SHARED_END else 0
        tail = min(tail, len(old) - head, len(new) - head)
    parts = (
        (Mark.KEPT, new[:head]),
        (Mark.REMOVED, old[head : len(old) - tail]),
        (Mark.ADDED, new[head : len(new) - tail]),
        (Mark.KEPT, new[len(new) - tail :]),
    )
    yield from ((mark, text) for mark, text in parts if text)


_LETTER = re.compile(rf"\r\n|\{{[^{{}}\n]{{1,40}}\}}|[0-9０-９]+|[A-Za-zÀ-ÿＡ-Ｚａ-ｚ]+|.{_TAIL}", re.DOTALL)


def _letters(text: str) -> list[str]:
    return _LETTER.findall(text)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _phrased(found: list[Piece]) -> Iterator[Piece]:
    """Neighbours of one mark as one piece; within a change what goes stands before what comes. A single character kept
    between two changes is part of the change: nobody reads in such crumbs."""
    texts = dict.fromkeys(Mark, "")
    for at, (mark, text) in enumerate(found):
        inside = 0 < at < len(found) - 1 and Mark.KEPT not in (found[at - 1][0], found[at + 1][0])
        if mark != Mark.KEPT:
            yield from _said(texts, Mark.KEPT)
            texts[mark] += text
        elif inside and len(text) == 1 and text != "\n":
            texts[Mark.REMOVED] += text
            texts[Mark.ADDED] += text
        else:
            yield from _said(texts, Mark.REMOVED, Mark.ADDED)
            texts[Mark.KEPT] += text
    yield from _said(texts, *Mark)


def _said(texts: dict[Mark, str], *marks: Mark) -> Iterator[Piece]:
    for mark in marks:
        if texts[mark]:
            yield mark, texts[mark]
            texts[mark] = ""


# Lists and mappings


def compare(old: Any, new: Any, *, identity: Identity | None = None, name: str = "") -> Change:
    """How a value of a document became another: texts, lists and mappings of these, to any depth; None is a value that
    is not there. `identity` says which mappings of a list are one and the same row: "" leaves it to their words."""
    if old is None or new is None:
        return _whole(name, new if old is None else old, State.ADDED if old is None else State.REMOVED)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = [*new, *(key for key in old if key not in new)]
        return _of(name, [compare(old.get(key), new.get(key), identity=identity, name=key) for key in keys])
    if _is_list(old) and _is_list(new):
        return _of(name, list(_rows(old, new, identity or (lambda row: ""))))
    if _is_text(old) and _is_text(new):
        state = State.SAME if old == new else State.CHANGED
        return Change(name, state, pieces=pieces(str(old), str(new)))
    # A text where a list was: of two times of the format, not of an edit.
    return Change(name, State.CHANGED, pieces=((Mark.REMOVED, str(old)), (Mark.ADDED, str(new))))


def _of(name: str, parts: list[Change]) -> Change:
    state = State.CHANGED if any(part.touched for part in parts) else State.SAME
    return Change(name, state, parts=tuple(parts))


def _whole(name: str, value: Any, state: State) -> Change:
    """All of a value that came or went."""
    if isinstance(value, Mapping):
        return Change(name, state, parts=tuple(_whole(key, part, state) for key, part in value.items()))
    if _is_list(value):
        return Change(name, state, parts=tuple(_whole(str(at), part, state) for at, part in enumerate(value, 1)))
    mark = Mark.ADDED if state == State.ADDED else Mark.REMOVED
    return Change(name, state, pieces=((mark, str(value)),) if str(value) else ())


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _is_text(value: Any) -> bool:
    return not isinstance(value, Mapping) and not _is_list(value)


def _rows(old: Sequence[Any], new: Sequence[Any], identity: Identity) -> Iterator[Change]:
    """The rows as they stand now, those that are gone among them where they stood."""
    pairs = _pairs(old, new, identity)
    stayed = _in_order([pairs[at] for at in sorted(pairs)])
    gone = [at for at in range(len(old)) if at not in set(pairs.values())]
    for at, row in enumerate(new):
        before = pairs.get(at)
        if before in stayed:
            while gone and gone[0] < before:
                yield _whole(str(gone[0] + 1), old[gone.pop(0)], State.REMOVED)
        if before is None:
            yield _whole(str(at + 1), row, State.ADDED)
        else:
            change = compare(old[before], row, identity=identity, name=str(at + 1))
            yield replace(change, moved=before not in stayed)
    for at in gone:
        yield _whole(str(at + 1), old[at], State.REMOVED)


def _pairs(old: Sequence[Any], new: Sequence[Any], identity: Identity) -> dict[int, int]:
    """Place in the new list -> place in the old one, of the rows that are the same or one rewritten."""
    pairs: dict[int, int] = {}
    left = list(range(len(old)))

    def pair(same: Callable[[Any, Any], bool]) -> None:
        for at, row in enumerate(new):
            if at not in pairs and (found := next((one for one in left if same(old[one], row)), None)) is not None:
                pairs[at] = found
                left.remove(found)

    pair(lambda before, after: bool(_name(before, identity)) and _name(before, identity) == _name(after, identity))
    pair(lambda before, after: before == after)
    if len(left) * (len(new) - len(pairs)) <= MOST_PAIRS:
        pair(lambda before, after: not _name(after, identity) and _alike(before, after))
    return pairs


def _name(row: Any, identity: Identity) -> str:
    return identity(row) if isinstance(row, Mapping) else ""


def _alike(one: Any, other: Any) -> bool:
    matcher = SequenceMatcher(None, _words(one), _words(other), autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _words(row: Any) -> str:
    """What a row says, as far as is needed to know it again."""
    values = row.values() if isinstance(row, Mapping) else [row]
    return " ".join(str(value) for value in values if _is_text(value))[:COMPARED]


def _in_order(places: Sequence[int]) -> set[int]:
    """The most of these places that still stand in rising order: the others have moved."""
    tops: list[int] = []
    ends: list[int] = []
    previous: dict[int, int | None] = {}
    for place in places:
        at = bisect_left(tops, place)
        previous[place] = ends[at - 1] if at else None
        tops[at:], ends[at:] = [place, *tops[at + 1 :]], [place, *ends[at + 1 :]]
    found: set[int] = set()
    here = ends[-1] if ends else None
    while here is not None:
        found.add(here)
        here = previous[here]
    return found
