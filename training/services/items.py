"""What courses, lessons, questions and paths have in common: their status, being deleted, and names for copies."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from knowledge.enums import Status
from knowledge.models import Tombstone
from knowledge.search.indexed import indexing_batch
from knowledge.services.revisions import forget_open


@transaction.atomic
def set_status(items: Iterable[Any], status: Status) -> None:
    """Publish, retire or withdraw what has no text to index: paths, quizzes (attempts under way go on)."""
    for item in items:
        item.status = status
        item.save(update_fields=["status", "updated_at"])


@transaction.atomic
def delete(kind: str, items: Iterable[Any], name: str = "slug") -> None:
    """Delete courses, lessons, questions or paths for good; `kind` and `name` are those of the content files.

    What came with the starter content stays deleted when that is loaded again. Raises ProtectedError when something
    still needs one of them; then all are kept.
    """
    with indexing_batch():
        for item in items:
            bury(kind, item, name)
            item.delete()


def bury(kind: str, item: Any, name: str = "slug") -> None:
    """Remember that a starter item is to stay deleted; nothing of that for what trainers made. What was being written
    of it goes along."""
    forget_open(kind, item.pk)
    if item.loaded_hash:
        Tombstone.objects.get_or_create(kind=kind, slug=getattr(item, name))


def refuse_taken(item: Any, name: str) -> None:
    """Raises ValidationError for a new item whose name another one has taken since the form was checked: saving by name
    would write over that."""
    if item.pk is None and type(item).objects.filter(**{name: getattr(item, name)}).exists():
        raise ValidationError(
            _("Somebody saved the same code or text at the same moment. Nothing was saved; try again.")
        )


def free_slug(model: Any, slug: str) -> str:
    """An address for a copy: the original's with -copy behind it, and a number when that is taken."""
    longest = model._meta.get_field("slug").max_length - len("-copy-999")
    stem = slug[:longest].rstrip("-") + "-copy"
    taken = set(model.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(name for at in count(1) if (name := stem if at == 1 else f"{stem}-{at}") not in taken)
