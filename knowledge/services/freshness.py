"""Say that a text still holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import audit
from knowledge.models.fields import after_all
from knowledge.search.indexed import indexing_batch, mark


@transaction.atomic
def verify(items: Iterable[Any], *, by: Any, day: date) -> int:
    """Somebody has looked on this local day and these cards or lessons still hold. The text has no new version; the
    index follows, and the audit log has a line for each. Returns how many."""
    chosen = list(items)
    with indexing_batch():
        for model in {type(item) for item in chosen}:
            mine = [item.pk for item in chosen if type(item) is model]
            model.objects.filter(pk__in=mine).update(verified_on=day, verified_by=by, updated_at=after_all(model))
        for item in chosen:
            mark(item)
            audit.note(by, audit.Action.CHANGED, kind=item.search_kind, slug=item.slug, detail=_("Still valid"))
    return len(chosen)
