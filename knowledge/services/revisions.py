"""Write the revision of whatever kind of content has just been published."""

from __future__ import annotations

from typing import Any

from knowledge.documents import Document
from knowledge.enums import RevisionState
from knowledge.models import Revision


def publish(item: Any, kind: str, slug: str, document: Document, *, author: Any, reason: str) -> bool:
    """Record `document` as the published version of `item` and raise its version, in the caller's transaction.

    Returns whether anything was new: a text equal to the last revision adds none.
    """
    last = Revision.objects.filter(kind=kind, object_id=item.pk).order_by("-number").first()
    if last is not None and last.document == document:
        return False
    item.version += 1
    type(item).objects.filter(pk=item.pk).update(version=item.version)
    Revision.objects.create(
        kind=kind,
        object_id=item.pk,
        slug=slug,
        number=last.number + 1 if last else 1,
        base_number=last.number if last else 0,
        document=document,
        state=RevisionState.PUBLISHED,
        author=author,
        reason=reason[:200],
    )
    return True
