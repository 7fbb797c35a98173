"""Write the revision of whatever kind of content has just been published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Max

from knowledge.documents import Document
from knowledge.enums import RevisionState
from knowledge.models import Revision


def publish(item: Any, kind: str, slug: str, document: Document, *, author: Any, reason: str) -> bool:
    """Record `document` as the published version of `item` and raise its version, in the caller's transaction.

    Returns whether anything was new: a text equal to the last revision adds none.
    """
    mine = Revision.objects.filter(kind=kind, object_id=item.pk)
    last = mine.published().order_by("-number").first()
    if last is not None and last.document == document:
        return False
    item.version += 1
    type(item).objects.filter(pk=item.pk).update(version=item.version)
    Revision.objects.create(
        kind=kind,
        object_id=item.pk,
        slug=slug,
        number=next_number(kind, item.pk),
        base_number=last.number if last else 0,
        document=document,
        state=RevisionState.PUBLISHED,
        author=author,
        reason=reason[:200],
    )
    return True


def next_number(kind: str, pk: int) -> int:
    """One above every revision there is, an open one counted."""
    return (Revision.objects.filter(kind=kind, object_id=pk).aggregate(top=Max("number"))["top"] or 0) + 1


def forget_open(kind: str, pk: int) -> None:
    """Delete the open revision of an object: what was being written is live now, or its object is gone."""
    Revision.objects.open().filter(kind=kind, object_id=pk).delete()


def live_number(kind: str, pk: int) -> int:
    """The number of the published revision that the live rows hold; 0 before the first."""
    return Revision.objects.published().filter(kind=kind, object_id=pk).aggregate(top=Max("number"))["top"] or 0


def bring_along(kind: str, pk: int, *, base: int, change: Callable[[Document], Document]) -> None:
    """After a change of the live text that no editor of it made (a move, a deletion elsewhere): the draft begun on the
    version `base` has that change too, and is not overtaken by it. Whoever reads it at that moment reads it again."""
    draft = Revision.objects.open().select_for_update().filter(kind=kind, object_id=pk, base_number=base).first()
    if draft:
        draft.document, draft.base_number = change(draft.document), live_number(kind, pk)
        draft.save()
