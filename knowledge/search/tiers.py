"""The tiers of the search, from the most literal to the most forgiving. Reading only."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from knowledge.search import features as feature_cache
from knowledge.search import rank
from knowledge.search.backends import backend
from knowledge.search.backends.base import Row, Scope
from knowledge.search.entry import letter_term
from knowledge.search.features import Features, sound_pairs
from knowledge.search.query import (
    MOST_WORDS,
    Node,
    Query,
    Term,
    literal,
    rank_terms,
)
from knowledge.search.rank import Ask, Scored
from knowledge.search.results import Mode

CANDIDATES = 500  # that the rank looks at
NEAR_CANDIDATES = 100  # of the forgiving tiers, where they are ordered by IDF already
ENOUGH = 10  # literal hits; with fewer the forgiving tiers add theirs
# The rarest terms are asked for, until their postings together reach the budget.
_SHORT_TERMS, _SHORT_BUDGET = 12, 4_000
_LONG_TERMS, _LONG_BUDGET = 32, 8_000
_LONG_QUERY = 12  # terms
_STOP_SHARE = 0.5  # a term that more of the documents hold says nothing
_SHORT_QUERY = 6  # characters up to which single ones are looked up and count in the rank
_SOUND_CHARACTERS = 12  # of a query up to which unknown pairs are taken for typing slips
_CODE = re.compile(r"[a-z]{2,4}\d{1,2}\Z")


class Candidate(NamedTuple):
    """A document on its way to being a hit. `matched`: words to highlight that nobody typed so."""

    row: Row
    features: Features
    scored: Scored
    tier: Mode
    matched: tuple[str, ...] = ()


def coded(query: Query, scope: Scope) -> list[Candidate]:
    """Tier 0: whose short code this is."""
    if len(query.words) != 1 or not _CODE.match(code := query.typed[0]):
        return []
    rows = backend().by_code(code, scope)
    return [Candidate(row, features, Scored(0.0, -1, True), "code", (code,)) for row, features in load(rows)]


def literal_rows(query: Query, scope: Scope, limit: int | None) -> list[Row]:
    """Tier 1 by the index: every word literally, or by a synonym."""
    wanted = literal(query)
    if wanted is None:
        return []
    rows = backend().match(wanted, scope, limit)
    if limit and len(rows) == limit:
        # More than the rank will see: those with the words in the title or an alias come first.
        rows = _join_rows(backend().match(literal(query, head=True) or wanted, scope, limit), rows)[:limit]
    return rows


def scanned_rows(query: Query, scope: Scope, limit: int | None) -> list[Row]:
    """Tier 1 by reading every text, for what tokens cannot see: a word that begins inside a Latin or
    digit run (9元 in 满99元). Only where the index found nothing."""
    if not any(char.isascii() for char in query.compact):
        return []
    return backend().containing(query.typed, scope, limit)


def _join_rows(first: list[Row], then: list[Row]) -> list[Row]:
    return list({row.id: row for row in (*first, *then)}.values())


def rank_literal(query: Query, rows: list[Row]) -> list[Candidate]:
    """Tier 1 alone. One term needs no IDF, and no look at the term counts."""
    if not rows:
        return []
    shares = rank_terms(query)
    weights = dict.fromkeys(shares, rank.UNIT)
    if len(shares) > 1:
        documents, counts = backend().document_counts(shares)
        weights = {term: rank.weigh(counts.get(term, 0), documents, share) for term, share in shares.items()}
    ask = Ask(query.compact, query.words, weights)
    return [Candidate(row, features, rank.score(ask, features), "literal") for row, features in load(rows)]


def near(query: Query, scope: Scope, rows: list[Row]) -> list[Candidate]:
    """Tier 2, with the few literal `rows` ranked among them: documents that hold some of the rarest
    terms (of a short query single characters too), by how much of the query they explain."""
    shares, letters = rank_terms(query), _letters(query)
    documents, counts = backend().document_counts([*shares, *map(letter_term, letters)])
    if not documents:
        return []
    ask = Ask(
        query.compact,
        query.words if len(query.words) <= MOST_WORDS else (),  # nothing holds all words of a long message
        {term: rank.weigh(counts[term], documents, share) for term, share in shares.items() if term in counts},
        dict.fromkeys(_unknown_sounds(query, counts), rank.weigh(max(1, documents // 50), documents)),
        {char: rank.weigh(counts.get(letter_term(char), 0), documents) for char in letters},
    )
    literal_ids = {row.id for row in rows}
    found: list[Candidate] = []
    for row, features in load(_join_rows(rows, _near_rows(ask, scope, documents, counts))):
        scored = rank.score(ask, features)
        if scored.score:
            found.append(Candidate(row, features, scored, "literal" if row.id in literal_ids else "near"))
    return found


def _letters(query: Query) -> list[str]:
    """The characters of a query so short that single ones say something (Latin letters never do)."""
    short = query.compact if len(query.compact) <= _SHORT_QUERY else ""
    return [char for char in dict.fromkeys(short) if not char.isascii()]


def _near_rows(ask: Ask, scope: Scope, documents: int, counts: Mapping[str, int]) -> list[Row]:
    most = documents * _STOP_SHARE if documents > ENOUGH else documents
    nodes: dict[Node, tuple[int, int]] = {
        Term(term): (counts[term], weight) for term, weight in ask.terms.items() if counts[term] <= most
    }
    for char, weight in ask.letters.items():
        if df := counts.get(letter_term(char), 0):
            nodes[Term(char, "head", True)] = df, round(weight * rank.LETTERS)
    # How many documents sound so is not counted: as many as hold a middling term.
    nodes |= {Term(pair, "pinyin"): (documents // 50, weight) for pair, weight in ask.sounds.items()}
    if not nodes:
        return []
    if documents <= CANDIDATES:
        # Reading all rows is quicker than asking for many terms; the rank drops what matches nothing.
        return backend().everything(scope, CANDIDATES)
    chosen = [(node, nodes[node][1]) for node in _affordable({node: df for node, (df, _) in nodes.items()})]
    return backend().match_any(chosen, scope, NEAR_CANDIDATES)


def _affordable(counts: Mapping[Node, int]) -> list[Node]:
    """The rarest nodes whose postings together stay within the budget; never none."""
    most, budget = (_SHORT_TERMS, _SHORT_BUDGET) if len(counts) <= _LONG_QUERY else (_LONG_TERMS, _LONG_BUDGET)
    chosen: list[Node] = []
    for node in sorted(counts, key=lambda node: (counts[node], node))[:most]:
        budget -= counts[node]
        if budget < 0 and chosen:
            break
        chosen.append(node)
    return chosen


def _unknown_sounds(query: Query, counts: Mapping[str, int]) -> list[str]:
    """Of a short query, how the pairs sound that no document holds: typing slips of an input method."""
    if len(query.compact) > _SOUND_CHARACTERS:
        return []
    pairs = [word[at : at + 2] for word in query.typed for at in range(len(word) - 1)]
    return [sound for pair in pairs if not counts.get(pair) for sound in sound_pairs(pair)]


def load(rows: Sequence[Row]) -> list[tuple[Row, Features]]:
    """Each row with its features: from this process, or read in one query."""
    known = {row.id: feature_cache.cached(row.hash) for row in rows}
    missing = [row for row in rows if known[row.id] is None]
    texts = backend().texts([row.id for row in missing])
    for row in missing:
        if row.id in texts:
            known[row.id] = feature_cache.keep(row.hash, feature_cache.read(*texts[row.id]))
    return [(row, features) for row in rows if (features := known[row.id]) is not None]
