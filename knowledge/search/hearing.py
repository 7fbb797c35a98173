"""A query as it sounds: pinyin in full, initials, or characters taken for their homophones."""

from collections.abc import Iterable, Sequence
from itertools import islice, pairwise, product
from typing import NamedTuple

from knowledge.search import pinyin
from knowledge.search.pinyin import Part
from knowledge.search.query import MOST_ALTERNATIVES, Node, Query, Term, Wanted, all_of, any_of
from knowledge.text import runs

MOST_WAYS = 8  # to hear a query
MOST_SYLLABLES = 24


class Sought(NamedTuple):
    """A way to hear a query: one part a character, a group for each word."""

    words: tuple[tuple[Part, ...], ...]
    guessed: bool  # initials or a mixture rather than whole syllables


def hearings(query: Query, open_end: bool) -> list[Sought]:
    """The ways to hear a query as pinyin: all words as one stretch, then word by word.

    Latin letters are parsed; CJK characters stand for what they sound like. A query with digits
    or other letters has no hearing.
    """
    by_word = [_hear(word, open_end and word is query.typed[-1]) for word in query.typed]
    if not by_word or not all(by_word):
        return []
    ways = [Sought((sum(choice, ()),), _guessed(choice)) for choice in islice(product(*by_word), MOST_WAYS)]
    if len(by_word) > 1 and all(len(ways[0]) > 1 for ways in by_word):
        ways.append(Sought(tuple(ways[0] for ways in by_word), False))
    return [way for way in ways if _is_worth_asking(way)]


def _is_worth_asking(way: Sought) -> bool:
    """One letter would match everything; forty syllables are no search but a text."""
    size = sum(map(len, way.words))
    return 1 < size <= MOST_SYLLABLES or (size == 1 and way.words[0][0].whole)


def _guessed(choice: Iterable[tuple[Part, ...]]) -> bool:
    return any(not part.whole for parts in choice for part in parts[:-1])


def _hear(word: str, open_end: bool) -> list[tuple[Part, ...]]:
    ways: list[tuple[Part, ...]] = [()]
    for run in runs(word):
        if run.kind == "cjk":
            options = [pinyin.parts_of_hanzi(run.text)]
        elif len(run.text) == 1 and len(word) == 1:
            options = []
        else:
            options = list(pinyin.parses(run.text, open_end)) or _one_letter(run.text)
        ways = [way + option for way in ways for option in options][:MOST_WAYS]
    return [way for way in ways if way and all(part.readings for part in way)]


def _one_letter(letters: str) -> list[tuple[Part, ...]]:
    """A single letter beside characters: the beginning of a syllable (退h)."""
    return [(Part((letters,), False),)] if len(letters) == 1 and letters.isascii() and letters.isalpha() else []


def sounds(ways: Sequence[Sought]) -> Wanted | None:
    """Tier 3: documents whose title or an alias may be heard so; the rank rechecks the characters."""
    nodes = [all_of([_heard(word) for word in way.words]) for way in ways]
    return Wanted(any_of(nodes)) if nodes else None


def sounding_pairs(way: Sought) -> list[str]:
    """The joined syllables of each two neighbours that are whole, all readings."""
    pairs = [two for parts in way.words for two in pairwise(parts) if two[0].whole and two[1].whole]
    return list(dict.fromkeys("".join(pair) for two in pairs for pair in product(two[0].readings, two[1].readings)))


def _heard(parts: tuple[Part, ...]) -> Node:
    if len(parts) == 1:
        return any_of(Term(reading, "pinyin", True) for reading in parts[0].readings)
    if not all(part.whole for part in parts[:-1]):
        return any_of(Term(letters, "initials", True) for letters in _initials(parts))
    nodes: list[Node] = []
    for here, following in pairwise(parts):
        pairs = product(here.readings, following.readings)
        nodes.append(any_of(Term("".join(pair), "pinyin", not following.whole) for pair in pairs))
    return all_of(nodes)


def _initials(parts: Sequence[Part]) -> list[str]:
    letters = [dict.fromkeys(reading[0] for reading in part.readings) for part in parts[: pinyin.INITIALS]]
    return ["".join(choice) for choice in product(*letters)][:MOST_ALTERNATIVES]
