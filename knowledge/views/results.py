"""From search hits to HTML.

The HTML of a hit is cached under the hash of its index row, which the search query itself has read: nothing is
ever invalidated, and a worker that missed an edit cannot show the old text. Marking the words that matched
happens on the way out, on text only, never inside a tag. The whole answer to a short query is cached likewise, under
everything it is made of, compressed as it goes over the wire.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from knowledge import splice
from knowledge.models import Card, Line, Snippet
from knowledge.search import indexed
from knowledge.search.results import Hit
from knowledge.splice import Piece, piece
from knowledge.text import mask_digits, normalise

MODELS: dict[str, Any] = {"card": Card, "snippet": Snippet}
# Longer queries are customers' sentences, and are kept nowhere: the same measure as the search log's.
KEPT_QUERY = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One hit, ready to print."""

    hit: Hit
    html: SafeString

    @property
    def reason(self) -> str:
        """The way customers say it that matched, when the title does not show the match by itself."""
        in_title = all(word in normalise(self.hit.title) for word in self.hit.matched)
        return self.hit.phrase if self.hit.field == "alias" and not in_title else ""


def entries(hits: Sequence[Hit], user: AbstractBaseUser | AnonymousUser) -> list[Entry]:
    """The hits as HTML, in order. A hit whose row has gone since the query is left out."""
    keys = {_key(hit): hit for hit in hits}
    cached = cache.get_many(keys)
    fresh = _render([hit for key, hit in keys.items() if key not in cached], user)
    cache.set_many(fresh, timeout=24 * 3600)
    cached |= fresh
    return [Entry(hit, _mark(cached[key], hit.matched)) for key, hit in keys.items() if key in cached]


def _key(hit: Hit) -> str:
    return f"hit/{_setting()}/{hit.kind}/{hit.object_id}/{hit.hash}"


def _setting() -> str:
    """What changes every text at once: release, language, and the day, by which cards go stale."""
    return f"{settings.VERSION}/{translation.get_language()}/{timezone.localdate():%m%d}"


def answer_key(context: Mapping[str, Any]) -> str:
    """The cache key of the results of a context: everything `_results.html` shows of it. Empty when the answer
    is nobody else's: shelves, pasted messages, and queries long enough to be a customer's words."""
    query = context.get("query", "")
    if "hits" not in context or context.get("pasted") or len(query) > KEPT_QUERY or mask_digits(query) != query:
        return ""
    pages = context.get("pages")
    parts = (
        *(context[name] for name in ("screen", "query", "cut", "chosen", "total", "mode", "counts")),
        pages and (pages.number, pages.paginator.num_pages),
        [(hit.kind, hit.object_id, hit.hash, hit.matched, hit.field, hit.phrase) for hit in context["hits"]],
        [(hit.kind, hit.object_id, hit.hash) for hit in context.get("aside", ())],
    )
    return f"answer/{_setting()}/{hashlib.sha256(repr(parts).encode()).hexdigest()}"


def kept_answer(key: str, request: HttpRequest, context: dict[str, Any]) -> Piece:
    """The results, compressed, from the cache when they are there."""
    found = cache.get(key)
    if found is None:
        found = piece(render_to_string("knowledge/_results.html", context, request))
        cache.set(key, found, timeout=3600)
    return found


def kept_fragment(key: str, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The results alone, for whoever is typing: the whole gzip file is kept, so that nothing is left to do."""
    if not splice.takes_gzip(request):
        return splice.delivered(request, [kept_answer(key, request, context)])
    if (found := cache.get(f"{key}/gzip")) is None:
        found = splice.gzipped([kept_answer(key, request, context)])
        cache.set(f"{key}/gzip", found, timeout=3600)
    return splice.answer(found, "gzip")


def kinds_beside() -> tuple[str, ...]:
    """The kinds of whatever else can be found and has a page of its own: lessons, and what apps above will add."""
    return tuple(model.search_kind for model in indexed.registered() if model.search_kind not in MODELS)


def beside(hits: Sequence[Hit], user: Any) -> list[Any]:
    """The objects of hits of other kinds, in order, as far as this reader may see them."""
    found: dict[tuple[str, int], Any] = {}
    for model in indexed.registered():
        pks = [hit.object_id for hit in hits if hit.kind == model.search_kind]
        if pks:
            found |= {(model.search_kind, one.pk): one for one in model.objects.visible_to(user).filter(pk__in=pks)}
    return [found[hit.kind, hit.object_id] for hit in hits if (hit.kind, hit.object_id) in found]


def _render(hits: list[Hit], user: Any) -> dict[str, str]:
    found: dict[tuple[str, int], Any] = {}
    for kind in {hit.kind for hit in hits}:
        rows = MODELS[kind].objects.visible_to(user).filter(pk__in=[hit.object_id for hit in hits if hit.kind == kind])
        for row in rows.with_parts() if kind == "card" else rows:
            found[kind, row.pk] = row
    return {
        _key(hit): render_to_string(f"knowledge/_{hit.kind}_hit.html", {"item": found[hit.kind, hit.object_id]})
        for hit in hits
        if (hit.kind, hit.object_id) in found
    }


def _mark(html: str, words: Sequence[str]) -> SafeString:
    """Words that matched, in <mark>. Tags and entities pass untouched."""
    wanted = sorted({escape(word) for word in words if word}, key=len, reverse=True)
    if not wanted:
        return mark_safe(html)
    pattern = re.compile(rf"(<[^>]*>|&[a-z0-9#]+;)|({'|'.join(map(re.escape, wanted))})", re.IGNORECASE)
    return mark_safe(pattern.sub(lambda found: found[1] or f"<mark>{found[2]}</mark>", html))


def shelf(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines grouped by their card, in order of first appearance, for favourites, recents and most used."""
    groups: dict[int, dict[str, Any]] = {}
    for line in lines:
        groups.setdefault(line.card_id, {"card": line.card, "lines": []})["lines"].append(line)
    return list(groups.values())
