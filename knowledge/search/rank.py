"""The order of the hits: shared Python, so that every database gives the same list.

No score of a database engine enters. A document is worth what its best field (the title or one
alias) is worth, and a little for how widely the rest of it agrees; ties go to the more used,
then to the slug. The weights sit on a plateau: halving or doubling one moves MRR by under 0.006.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from typing import NamedTuple, Protocol, TypeVar

from rapidfuzz.fuzz import ratio

from knowledge.search.backends.base import Row
from knowledge.search.features import Features
from knowledge.search.query import query_tokens

# What a field earns, each a share between 0 and 1 before its weight:
COVERAGE = 1.0  # of the query's terms, by IDF, that it holds
TITLE = 0.25  # the same again where the field is the title
FOCUS = 0.8  # the same times the share of the field's own tokens that the query names
EXACT = 1.0  # all words literally in it: dominant
EDIT = 0.5  # the edit ratio of query and field
LETTERS = 0.4  # of a short query's single characters that it holds
# What the document earns beside its best field:
SPREAD = 1.0  # coverage of the average field
DOCUMENT = 0.3  # coverage of the whole document, the body at half
IN_BODY = 0.3  # all words literally in it, but in no one field

UNIT = 1000  # weight of a term where IDF does not matter
SYNONYM = 0.85  # an exact match by way of a trade synonym
ENOUGH_LETTERS = 0.5  # the share from which characters alone, without a pair, make a field worth a look
_MANY = 60  # terms of a message; beyond, looking for each in every body costs more than it tells
_EDIT_LIMIT = 120  # characters of a query; beyond, its edit ratio with an alias says nothing
_KEPT_QUERY = 20  # characters of a query whose scores are kept
_KEPT_SCORES = 64  # a document


@dataclass(frozen=True)
class Ask:
    """What the rank compares with. `groups`: for each word its alternatives, the typed one first.

    `terms`: tokens to weights (IDF); `sounds`: joined syllables of pairs that no document writes;
    `letters`: the single characters of a short query. Weights are whole numbers, so that their sums
    do not depend on an order.
    """

    text: str
    groups: tuple[tuple[str, ...], ...]
    terms: Mapping[str, int]
    sounds: Mapping[str, int] = field(default_factory=dict)
    letters: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def key(self) -> tuple[object, ...] | None:
        """All of it, to remember a score by; None for what is long enough to be a customer's words."""
        if len(self.text) > _KEPT_QUERY:
            return None
        return self.text, self.groups, *(tuple(part.items()) for part in (self.terms, self.sounds, self.letters))

    @cached_property
    def total(self) -> int:
        """The weight of all terms and sounds together."""
        return sum(self.terms.values()) + sum(self.sounds.values()) or 1

    @cached_property
    def least(self) -> int:
        """How many terms a field holds at least if it holds every word: the pairs of the shortest alternatives."""
        return sum(min(map(_pairs, group)) for group in self.groups)


class Scored(NamedTuple):
    """`field` is the index of the best field, -1 for the body; `exact` says all words are literally there."""

    score: float
    field: int
    exact: bool


class _Gains(NamedTuple):
    """What each field holds: weight by field, number of terms by field, and the weight in all fields together."""

    weights: dict[int, int]
    counts: dict[int, int]
    covered: int


def _pairs(word: str) -> int:
    return len({token for token in query_tokens(word) if len(token) == 2 and not token.isascii()})


def idf(df: int, documents: int) -> float:
    """Smoothed, never negative; a term that all documents hold is worth almost nothing."""
    return log(1 + (max(documents, df) - df + 0.5) / (df + 0.5))


def weigh(df: int, documents: int, share: float = 1.0) -> int:
    """The weight of a term that `df` of the documents hold, in thousandths."""
    return round(UNIT * share * idf(df, documents))


def score(ask: Ask, features: Features) -> Scored:
    """How well a document answers. It depends on nothing but the two, so a score once found is kept with the text."""
    if ask.key is None:
        return _score(ask, features)
    found: Scored | None = features.scores.get(ask.key)
    if found is None:
        if len(features.scores) >= _KEPT_SCORES:
            features.scores.clear()
        found = features.scores[ask.key] = _score(ask, features)
    return found


def _score(ask: Ask, features: Features) -> Scored:
    gains = _gains(ask.terms, features)
    if ask.sounds:
        gains = _sum(gains, _heard_gains(ask.sounds, features))
    best = _best_field(ask, features, gains)
    beside = SPREAD * sum(gains.weights.values()) / ask.total / len(features.fields)
    beside += DOCUMENT * (gains.covered + _in_body(ask, features) / 2) / ask.total
    if best.exact:
        return Scored(best.score + beside, best.field, True)
    everywhere = _exactness(ask.groups, features.text) > 0
    return Scored(best.score + beside + (IN_BODY if everywhere else 0.0), best.field, everywhere)


def _best_field(ask: Ask, features: Features, gains: _Gains) -> Scored:
    best = Scored(0.0, -1, False)
    for earned, bit in _by_terms(ask, features, gains):
        may_be_exact = gains.counts.get(bit, 0) >= ask.least
        if earned + EDIT + (EXACT if may_be_exact else 0.0) <= best.score:
            continue  # it cannot win any more
        text = features.fields[bit]
        exact = _exactness(ask.groups, text) if may_be_exact else 0.0
        value = earned + EXACT * exact
        if len(ask.text) <= _EDIT_LIMIT:
            value += EDIT * ratio(ask.text, text) / 100
        if value > best.score:
            best = Scored(value, bit, exact > 0)
    return best


def _by_terms(ask: Ask, features: Features, gains: _Gains) -> list[tuple[float, int]]:
    """The fields worth a look, by what their terms and letters earn, the best first."""
    letters = _gains(ask.letters, features).weights if ask.letters else {}
    all_letters = sum(ask.letters.values()) or 1
    found: list[tuple[float, int]] = []
    for bit in gains.weights.keys() | letters.keys():
        coverage = gains.weights.get(bit, 0) / ask.total
        common = letters.get(bit, 0) / all_letters
        if coverage or common >= ENOUGH_LETTERS:
            focus = min(1.0, gains.counts.get(bit, 0) / max(1, len(features.fields[bit]) - 1))
            value = coverage * (COVERAGE + FOCUS * focus + (TITLE if bit == 0 else 0.0)) + LETTERS * common
            found.append((value, bit))
    return sorted(found, key=lambda one: (-one[0], one[1]))


def _gains(terms: Mapping[str, int], features: Features) -> _Gains:
    weights: dict[int, int] = {}
    counts: dict[int, int] = {}
    covered = 0
    for term in _present(terms, features):
        weight = terms[term]
        covered += weight
        for bit, text in enumerate(features.fields):
            if term in text:
                weights[bit] = weights.get(bit, 0) + weight
                counts[bit] = counts.get(bit, 0) + 1
    return _Gains(weights, counts, covered)


def _present(terms: Mapping[str, int], features: Features) -> Iterable[str]:
    """The terms that the title or an alias holds: looked for one by one, or where they are many by pairs."""
    heads = features.heads
    if len(terms) <= _MANY:
        return [term for term in terms if term in heads]
    found = terms.keys() & features.pairs
    return [*found, *(term for term in terms.keys() - found if len(term) != 2 and term in heads)]


def _heard_gains(sounds: Mapping[str, int], features: Features) -> _Gains:
    weights: dict[int, int] = {}
    counts: dict[int, int] = {}
    heard: set[str] = set()
    wanted = {f" {pair} ": pair for pair in sounds}
    for bit, pairs in enumerate(features.sounds):
        if shared := [pair for spaced, pair in wanted.items() if spaced in pairs]:
            weights[bit] = sum(sounds[pair] for pair in shared)
            counts[bit] = len(shared)
            heard.update(shared)
    return _Gains(weights, counts, sum(sounds[pair] for pair in heard))


def _sum(one: _Gains, other: _Gains) -> _Gains:
    bits = one.weights.keys() | other.weights.keys()
    return _Gains(
        {bit: one.weights.get(bit, 0) + other.weights.get(bit, 0) for bit in bits},
        {bit: one.counts.get(bit, 0) + other.counts.get(bit, 0) for bit in bits},
        one.covered + other.covered,
    )


def _in_body(ask: Ask, features: Features) -> int:
    """The weight of the terms that only the body holds."""
    if len(ask.terms) > _MANY:
        return 0
    heads, text = features.heads, features.text
    return sum(weight for term, weight in ask.terms.items() if term in text and term not in heads)


def _exactness(groups: Sequence[Sequence[str]], text: str) -> float:
    """1 when every word is in the text, less when a synonym had to stand in, 0 otherwise."""
    exact = 1.0 if groups else 0.0
    for group in groups:
        if group[0] not in text:
            if not any(word in text for word in group[1:]):
                return 0.0
            exact = SYNONYM
    return exact


class Ranked(Protocol):
    """What can be put in order."""

    @property
    def row(self) -> Row: ...

    @property
    def scored(self) -> Scored: ...


R = TypeVar("R", bound=Ranked)


def order(found: Iterable[R]) -> list[R]:
    """Best first; ties by uses, then slug, so that the order never depends on the database."""
    return sorted(found, key=lambda one: (-round(one.scored.score, 6), -one.row.uses, one.row.slug, one.row.kind))
