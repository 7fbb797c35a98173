"""Count what happens: copies, settled searches, favourites. One transaction each, no customer text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.models import Card, CopyEvent, Favourite, Line, SearchLog
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.text import clean_query, mask_digits, normalise

LOGGED_LENGTH = 20
SAME_SEARCH = timedelta(minutes=10)
# Called with the line, the person and whether the star is there now, in the same transaction.
Starred = Callable[[Line, Any, bool], None]
STARRED: list[Starred] = []


def register_starred(follow: Starred) -> None:
    """Let what stands above the phrasebook follow the stars."""
    if follow not in STARRED:
        STARRED.append(follow)


def loggable(query: str) -> str:
    """The query as the log may hold it: normalised, digits masked, or nothing when it is a pasted message.

    Masking comes before cutting, so that a cut never turns a phone number into a harmless looking stub.
    """
    if "\n" in query or "\r" in query:
        return ""
    text = mask_digits(normalise(clean_query(query).text))
    return text if len(text) <= LOGGED_LENGTH else ""


@transaction.atomic
def count_copy(line: Line, user: Any, query: str = "") -> None:
    """A line was copied, perhaps out of a search. The index learns the use, for its ties."""
    CopyEvent.objects.create(line=line, user=user)
    engine.add_uses(Card.search_kind, line.card_id)
    if text := loggable(query):
        recent = SearchLog.objects.filter(user=user, query=text, at__gte=timezone.now() - SAME_SEARCH)
        last = recent.order_by("-at").first()
        if last is None:
            SearchLog.objects.create(user=user, query=text, results=1, copied=True)
        elif not last.copied:
            SearchLog.objects.filter(pk=last.pk).update(copied=True)


def log_search(query: str, user: Any, viewer: Viewer) -> bool:
    """A search somebody settled on. Returns whether it was kept: pasted messages never are."""
    text = loggable(query)
    if not text:
        return False
    found = engine.find(query, viewer, kinds=("card", "snippet"), limit=1)
    SearchLog.objects.create(user=user, query=text, results=found.total)
    return True


@transaction.atomic
def toggle_favourite(line: Line, user: Any) -> bool:
    """Keep or drop a line. Returns whether it is a favourite now."""
    dropped, _by_model = Favourite.objects.filter(line=line, user=user).delete()
    if not dropped:
        Favourite.objects.create(line=line, user=user)
    for follow in STARRED:
        follow(line, user, not dropped)
    return not dropped
