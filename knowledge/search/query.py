"""From what somebody typed to what the index is asked. No SQL and no FTS syntax here.

A query is words (split at white space and punctuation) that must all be found, in any order.
Each word has alternatives: itself, and itself with a trade synonym in the place of a part.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from knowledge.text import LONGEST_TOKEN, normalise, runs, tokenise

MOST_WORDS = 12  # of a typed query; more is a message
MOST_ALTERNATIVES = 8  # of a word, itself included
LONGEST_SYNONYM = 8  # characters of a part that is replaced
MOST_TERMS = 600  # distinct tokens of a pasted message that take part in the rank

# Between two letters or digits these belong to the word: 7.5, a-b, 50/50, c&a, 3m's.
_WORD = re.compile(r"[^\W_]+(?:[.\-/&+#:'][^\W_]+)*")
_SENTENCE = re.compile(r"[。！？；，、…!?;,~\n\r]")
_LONG_CHARACTERS = 25


class Term(NamedTuple):
    """One token of a column group of the index, or every token that begins so."""

    text: str
    space: Literal["text", "head", "pinyin", "initials"] = "text"
    prefix: bool = False


class Phrase(NamedTuple):
    """Text tokens that follow one another (PostgreSQL finds them anywhere; the literal is rechecked)."""

    tokens: tuple[str, ...]
    space: Literal["text", "head"] = "text"


class And(NamedTuple):
    nodes: "tuple[Node, ...]"


class Or(NamedTuple):
    nodes: "tuple[Node, ...]"


Node = Term | Phrase | And | Or


class Wanted(NamedTuple):
    """What the index is asked for: a tree, and substrings to recheck (of each group, any one)."""

    node: Node
    literals: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A cleaned query, taken apart. `words[i]` are the alternatives of word i, the typed one first."""

    text: str
    words: tuple[tuple[str, ...], ...]

    @property
    def typed(self) -> tuple[str, ...]:
        return tuple(word[0] for word in self.words)

    @property
    def compact(self) -> str:
        """The typed words joined."""
        return "".join(self.typed)

    @property
    def has_latin(self) -> bool:
        return any("a" <= letter <= "z" for letter in self.compact)

    @property
    def latin(self) -> bool:
        """Nothing but Latin letters: pinyin perhaps."""
        return bool(self.words) and all(word.isascii() and word.isalpha() for word in self.typed)


def is_message(text: str) -> bool:
    """Whether a text is a customer's message rather than search words: sentence punctuation
    inside it, or more than 25 characters of which most are CJK."""
    stripped = text.strip()
    if _SENTENCE.search(stripped[:-1]):
        return True
    return len(stripped) > _LONG_CHARACTERS and 2 * _cjk_characters(stripped) > len(stripped)


def _cjk_characters(text: str) -> int:
    return sum(len(run.text) for run in runs(text) if run.kind == "cjk")


def parse(text: str, synonyms: Mapping[str, Sequence[str]] | None = None, message: bool = False) -> Query:
    """The words of a cleaned query. `synonyms`: a word to the others of its group, all normalised."""
    text_of = _ends(normalise(text)) if message else normalise(text)
    found = list(dict.fromkeys(_WORD.findall(text_of)))
    if not message:
        found = found[:MOST_WORDS]
    return Query(text, tuple(_alternatives(word, synonyms or {}) for word in found))


def _ends(text: str) -> str:
    """The beginning and the end of a very long message: what it is about is said there."""
    return text if len(text) <= 2 * MOST_TERMS else f"{text[:MOST_TERMS]} {text[-MOST_TERMS:]}"


def _alternatives(word: str, synonyms: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The word, then the word with the longest known part of it (two characters or the whole) replaced."""
    if not synonyms:
        return (word,)
    if word in synonyms:
        return _replaced(word, word, 0, synonyms)
    for size in range(min(len(word), LONGEST_SYNONYM), 1, -1):
        for start in range(len(word) - size + 1):
            if word[start : start + size] in synonyms:
                return _replaced(word, word[start : start + size], start, synonyms)
    return (word,)


def _replaced(word: str, part: str, start: int, synonyms: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    others = [word[:start] + other + word[start + len(part) :] for other in synonyms[part]]
    return tuple(dict.fromkeys([word, *others]))[:MOST_ALTERNATIVES]


def literal(query: Query, head: bool = False) -> Wanted | None:
    """Tier 1: every word (or an alternative of it) as a substring. None when there is no word.
    With `head` its tokens must be in the title or the aliases."""
    if not query.words:
        return None
    space: Literal["text", "head"] = "head" if head else "text"
    nodes = tuple(any_of(_substring(word, space) for word in group) for group in query.words)
    recheck = tuple(group for group in query.words if not all(_is_exact(word) for word in group))
    return Wanted(all_of(nodes), recheck)


def _substring(word: str, space: Literal["text", "head"]) -> Node:
    """What every text that contains `word` at the beginning of a run has in the index."""
    pieces = list(runs(word))
    nodes: list[Node] = []
    for at, run in enumerate(pieces):
        last = at == len(pieces) - 1
        if run.kind == "word":
            nodes.append(Term(run.text[:LONGEST_TOKEN], space, last or len(run.text) > LONGEST_TOKEN))
        elif len(run.text) == 1:
            nodes.append(Term(run.text, space, True))
        else:
            pairs = tuple(a + b for a, b in pairwise(run.text))
            nodes.append(Phrase(pairs, space) if len(pairs) > 1 else Term(pairs[0], space))
    return all_of(nodes)


def _is_exact(word: str) -> bool:
    """Whether the index alone proves the substring: a single run short enough for one token."""
    pieces = list(runs(word))
    return (
        len(pieces) == 1 and pieces[0].text == word and len(word) <= (2 if pieces[0].kind == "cjk" else LONGEST_TOKEN)
    )


def rank_terms(query: Query) -> dict[str, float]:
    """The tokens that count for coverage, with weight 1, and those only a synonym brought, with 0.7."""
    terms: dict[str, float] = {}
    for group in query.words:
        for number, word in enumerate(group):
            for token in query_tokens(word):
                terms.setdefault(token, 1.0 if number == 0 else 0.7)
    return dict(list(terms.items())[:MOST_TERMS])


def query_tokens(word: str) -> list[str]:
    """Bigrams and word runs; the last character of a run only where it is the whole run."""
    tokens: list[str] = []
    for run in runs(word):
        if run.kind == "word" or len(run.text) == 1:
            tokens.append(run.text[:LONGEST_TOKEN])
        else:
            tokens += tokenise(run.text)[:-1]
    return tokens


def all_of(nodes: Iterable[Node]) -> Node:
    several = tuple(dict.fromkeys(nodes))
    return several[0] if len(several) == 1 else And(several)


def any_of(nodes: Iterable[Node]) -> Node:
    several = tuple(dict.fromkeys(nodes))
    return several[0] if len(several) == 1 else Or(several)
