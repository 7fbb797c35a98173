"""The search: tiers, from the most literal to the most forgiving.

Every function takes any text; none raises for what the text holds. Reading only; the index is
written by knowledge.search.index, whose verbs are given here too.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from knowledge.search import rank, tiers
from knowledge.search.backends import backend
from knowledge.search.backends.base import Row, Scope
from knowledge.search.document import Viewer
from knowledge.search.heard import heard
from knowledge.search.hits import hit_of
from knowledge.search.index import add_uses, clear, index, rebuild, remove, stats
from knowledge.search.query import Query, is_message, parse
from knowledge.search.results import Hit, Results
from knowledge.search.tiers import CANDIDATES, ENOUGH, Candidate
from knowledge.text import PASTED_LIMIT, TYPED_LIMIT, clean_query, mask_digits

__all__ = [
    "Hit", "Results", "Viewer", "add_uses", "browse", "clear", "find", "index", "match_message", "rebuild", "remove",
    "search", "set_synonym_provider", "stats", "tier_one",
]  # fmt: skip

ASIDE = 3  # hits of the kinds that are only looked for beside

SynonymProvider = Callable[[], tuple[object, Mapping[str, Sequence[str]]]]


def _no_synonyms() -> tuple[object, Mapping[str, Sequence[str]]]:
    return None, {}


_provider: SynonymProvider = _no_synonyms


def set_synonym_provider(provider: SynonymProvider | None) -> None:
    """Where trade synonyms come from: a callable giving (version, word -> the others of its groups), all
    normalised. Called once a search; it keeps its mapping cheap by its version."""
    global _provider
    _provider = provider or _no_synonyms


def search(
    query: str,
    viewer: Viewer,
    *,
    kinds: tuple[str, ...] = ("card",),
    filters: tuple[str, ...] = (),
    aside: tuple[str, ...] = (),
    limit: int = 10,
    typing: bool = True,
) -> Results:
    """What `viewer` may see of `kinds` for a typed query (cut at 200 characters).

    `filters` are facet tokens: one of each facet must hold. While `typing`, the last syllable of
    pinyin may be unfinished. What holds the words among the kinds `aside` is found by the same look at the index and
    listed by itself: it changes nothing about the hits.
    """
    text, cut = clean_query(query, TYPED_LIMIT)
    scope = Scope(viewer, kinds, filters)
    parsed = parse(text, _provider()[1])
    found, beside = tiers.coded(parsed, scope), list[Candidate]()
    if not found and parsed.words:
        rows = tiers.literal_rows(parsed, Scope(viewer, kinds + aside, filters), CANDIDATES)
        found = _tiers(parsed, scope, typing, [row for row in rows if row.kind in kinds])
        beside = rank.order(tiers.rank_literal(parsed, [row for row in rows if row.kind not in kinds]))
    return _results(text, cut, found, parsed, limit, beside=beside)


def _tiers(parsed: Query, scope: Scope, typing: bool, rows: list[Row]) -> list[Candidate]:
    """Candidates in order, of as many tiers as it takes after the literal `rows`."""
    found: list[Candidate] = []
    enough = sum(row.wanted for row in rows) >= ENOUGH
    if not enough and (parsed.latin or not rows):
        found = rank.order(heard(parsed, scope, typing))
    if not rows and not found:
        rows = tiers.scanned_rows(parsed, scope, CANDIDATES)
    if enough or (rows and parsed.latin):
        return _join(rank.order(tiers.rank_literal(parsed, rows)), found)
    if found and parsed.latin:
        return found
    return _join(found, rank.order(tiers.near(parsed, scope, rows)))


def _join(first: list[Candidate], then: list[Candidate]) -> list[Candidate]:
    seen = {candidate.row.id for candidate in first}
    return first + [candidate for candidate in then if candidate.row.id not in seen]


def match_message(
    text: str,
    viewer: Viewer,
    *,
    kinds: tuple[str, ...] = ("card",),
    filters: tuple[str, ...] = (),
    limit: int = 3,
) -> Results:
    """What fits a whole pasted customer message, up to 10,000 characters. It is stored nowhere."""
    clean, cut = clean_query(text, PASTED_LIMIT)
    scope = Scope(viewer, kinds, filters)
    parsed = parse(mask_digits(clean), _provider()[1], message=True)
    found = rank.order(tiers.near(parsed, scope, [])) if parsed.words else []
    return _results(clean, cut, found, parsed, limit)


def find(
    text: str,
    viewer: Viewer,
    *,
    kinds: tuple[str, ...] = ("card",),
    filters: tuple[str, ...] = (),
    aside: tuple[str, ...] = (),
    limit: int = 10,
    typing: bool = True,
) -> Results:
    """Search words or a message, whichever `text` looks like: the one rule of the site and the command."""
    if is_message(text):
        return match_message(text, viewer, kinds=kinds, filters=filters, limit=limit)
    return search(text, viewer, kinds=kinds, filters=filters, aside=aside, limit=limit, typing=typing)


def browse(viewer: Viewer, *, kinds: tuple[str, ...] = ("card",), filters: tuple[str, ...] = ()) -> Results:
    """All that `viewer` may see of `kinds`, the most used first: reading without a question."""
    rows = backend().everything(Scope(viewer, kinds, filters))
    facets = Counter(token for row in rows for token in row.facets.split())
    hits = [
        Hit(row.kind, row.object_id, row.slug, "", 0.0, "empty", (), "body", "", row.hash) for row in rows if row.wanted
    ]
    return Results("", hits=hits, total=len(hits), facet_counts=dict(facets))


def tier_one(
    query: str, viewer: Viewer, *, kinds: tuple[str, ...] = ("card",), filters: tuple[str, ...] = ()
) -> list[int]:
    """The object ids of everything that holds every word literally (or by a synonym), without limit."""
    parsed, scope = parse(clean_query(query).text, _provider()[1]), Scope(viewer, kinds, filters)
    rows = tiers.literal_rows(parsed, scope, None) or tiers.scanned_rows(parsed, scope, None)
    return [row.object_id for row in rows if row.wanted]


def _results(
    text: str, cut: bool, found: list[Candidate], parsed: Query, limit: int, *, beside: Sequence[Candidate] = ()
) -> Results:
    """The first hits of those that pass the filters, and what the viewer would see without them."""
    facets = Counter(token for candidate in found for token in candidate.row.facets.split())
    wanted = [candidate for candidate in found if candidate.row.wanted]
    hits = [hit_of(candidate, parsed) for candidate in wanted[:limit]]
    others = [hit_of(candidate, parsed) for candidate in [one for one in beside if one.row.wanted][:ASIDE]]
    return Results(text, cut, hits, len(wanted), dict(facets), hits[0].tier if hits else "empty", others)
