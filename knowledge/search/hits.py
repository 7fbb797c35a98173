"""From a ranked candidate to the hit a reader sees."""

from itertools import pairwise

from knowledge.search.hearing import hearings
from knowledge.search.pinyin import meet, pattern
from knowledge.search.query import Query
from knowledge.search.results import FieldName, Hit
from knowledge.search.tiers import Candidate

_SHORTEST_RUN = 2  # characters in common that are worth marking
_MOST_READ = 2_000  # characters of a body looked through for them


def hit_of(candidate: Candidate, query: Query) -> Hit:
    field: FieldName
    row, features, scored = candidate.row, candidate.features, candidate.scored
    if candidate.tier == "code":
        field, phrase = "code", candidate.matched[0]
    elif scored.field < 0:
        field, phrase = "body", ""
    else:
        field, phrase = "title" if scored.field == 0 else "alias", features.head[scored.field]
    return Hit(
        kind=row.kind,
        object_id=row.object_id,
        slug=row.slug,
        title=features.head[0],
        score=round(scored.score, 6),
        tier=candidate.tier,
        matched=candidate.matched or _matched(candidate, query),
        field=field,
        phrase=phrase,
        hash=row.hash,
    )


def _matched(candidate: Candidate, query: Query) -> tuple[str, ...]:
    """The words that are there, of each its typed form or the synonym that stood in; for a near hit
    the longest runs that the best field shares with the query."""
    features, scored = candidate.features, candidate.scored
    if scored.exact:
        found = [next((word for word in group if word in features.text), "") for group in query.words]
        return tuple(dict.fromkeys(filter(None, found)))
    best = features.fields[scored.field] if scored.field >= 0 else features.text
    if candidate.tier in ("pinyin", "homophone"):
        return written_alike(query, best)
    asked = "\n".join(word for group in query.words for word in group)
    return tuple(dict.fromkeys(common_runs(best[:_MOST_READ], asked)))


def written_alike(query: Query, text: str) -> tuple[str, ...]:
    """What in a text reads like two neighbouring syllables of a pinyin query."""
    meet(text)
    way = hearings(query, open_end=True)[0]
    finders = [pattern(two) for parts in way.words for two in pairwise(parts)]
    return tuple(dict.fromkeys(found.group(1) for finder in finders for found in finder.finditer(text)))


def common_runs(word: str, text: str) -> list[str]:
    """From left to right the longest stretches of `word` that are in `text`, two characters or more."""
    found: list[str] = []
    start = 0
    while start < len(word) - 1:
        end = start
        while end < len(word) and word[start : end + 1] in text:
            end += 1
        if end - start >= _SHORTEST_RUN:
            found.append(word[start:end])
        start = max(end, start + 1)
    return found
