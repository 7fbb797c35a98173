"""Tier 3: what a query sounds like."""

from collections import Counter

from knowledge.search import rank
from knowledge.search.backends import backend
from knowledge.search.backends.base import Scope
from knowledge.search.hearing import Sought, hearings, sounding_pairs, sounds
from knowledge.search.query import Query, Term, query_tokens
from knowledge.search.rank import Ask, Scored
from knowledge.search.results import Mode
from knowledge.search.sound import Reading, translate
from knowledge.search.tiers import NEAR_CANDIDATES, Candidate, load

CROWD = 0.8  # what each further document of the same writing is worth beside the one before
HEARD_CANDIDATES = 200  # in which writings are counted


def heard(query: Query, scope: Scope, typing: bool) -> list[Candidate]:
    """Tier 3: the query as pinyin. What is heard is turned into the words the documents write so
    (the more often they do, the likelier), and those words are ranked like typed ones."""
    ways = hearings(query, typing)
    wanted = sounds(ways)
    if wanted is None:
        return []
    loaded = load(backend().match(wanted, scope, HEARD_CANDIDATES))
    readings = [(reading, _ask(reading)) for reading in translate(ways, [features for _, features in loaded])]
    mode: Mode = "pinyin" if query.has_latin else "homophone"
    found: list[Candidate] = []
    for row, features in loaded:
        scores = [
            (rank.score(ask, features), reading)
            for reading, ask in readings
            if all(word in features.heads for word in reading.words)
        ]
        if scores:
            (value, field, exact), reading = max(scores, key=lambda one: (one[0].score * one[1].weight, one[1]))
            found.append(Candidate(row, features, Scored(value * reading.weight, field, exact), mode, reading.words))
    found = _spread_out(found)
    return found if found or mode == "homophone" else _half_heard(ways[0], scope, mode)


def _spread_out(found: list[Candidate]) -> list[Candidate]:
    """Let the best of each writing come before the many of one: nobody knows yet which is meant."""
    spread: list[Candidate] = []
    before: Counter[tuple[str, ...]] = Counter()
    for candidate in rank.order(found):
        score = candidate.scored.score * CROWD ** before[candidate.matched]
        before[candidate.matched] += 1
        spread.append(candidate._replace(scored=candidate.scored._replace(score=score)))
    return spread


def _ask(reading: Reading) -> Ask:
    text = "".join(reading.words)
    terms = dict.fromkeys((token for word in reading.words for token in query_tokens(word)), rank.UNIT)
    return Ask(text, tuple((word,) for word in reading.words), terms, {}, dict.fromkeys(text, rank.UNIT))


def _half_heard(way: Sought, scope: Scope, mode: Mode) -> list[Candidate]:
    """Where no document says all that is heard: those that say some two syllables of it."""
    pairs = sounding_pairs(way)
    if len(pairs) < 2:
        return []
    rows = backend().match_any([(Term(pair, "pinyin"), 1) for pair in pairs], scope, NEAR_CANDIDATES)
    ask = Ask("", (), {}, dict.fromkeys(pairs, rank.UNIT))
    return [Candidate(row, features, rank.score(ask, features), mode) for row, features in load(rows)]
