"""The revisions of an import: what workflow and revisions do for one item, for all of a file at once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.documents import Document
from knowledge.enums import RevisionState
from knowledge.models import Revision
from knowledge.services.exchange.bulk import Statements
from knowledge.services.exchange.registry import How

SHOWN = 10


def tops(kind: str) -> dict[int, int]:
    """Object -> its highest revision number, an open one counted."""
    rows = Revision.objects.filter(kind=kind, object_id__isnull=False).order_by()
    return dict(rows.values_list("object_id").annotate(top=Max("number")))


class Versions:
    """Collects the revisions of one import. Three queries, however many items."""

    def __init__(self, kind: str, how: How) -> None:
        self.kind, self.how = kind, how
        self.tops = tops(kind)
        rows = Revision.objects.filter(kind=kind, object_id__isnull=False).order_by()
        self.live = dict(rows.published().values_list("object_id").annotate(top=Max("number")))
        self.open = {row.object_id: row for row in rows.open().only("pk", "object_id", "number", "slug", "author_id")}
        self.new: list[Revision] = []
        self.rewritten: list[tuple[Any, ...]] = []

    def publish(self, pk: int, slug: str, document: Document) -> None:
        """The document is the live text from now on."""
        number = self.tops.get(pk, 0) + 1
        self.new.append(self._revision(pk, slug, document, RevisionState.PUBLISHED, number))
        self.tops[pk] = self.live[pk] = number

    def propose(self, pk: int, slug: str, document: Document) -> None:
        """The document waits for approval beside the live text."""
        if mine := self.open.get(pk):
            now = timezone.now()
            live = self.live.get(pk, 0)
            values = (document, RevisionState.WAITING, self.how.author.pk, self.how.reason[:200], live, now)
            self.rewritten.append((*values, None, "", mine.pk))
            return
        number = self.tops.get(pk, 0) + 1
        self.new.append(self._revision(pk, slug, document, RevisionState.WAITING, number))
        self.tops[pk] = number

    def foreign(self, pks: list[int]) -> list[str]:
        """Slugs of those that somebody else is writing a draft of."""
        return sorted(row.slug for pk in pks if (row := self.open.get(pk)) and row.author_id != self.how.author.pk)

    def refuse_foreign(self, pks: list[int]) -> None:
        """Raises ValidationError: an import never overwrites somebody else's draft."""
        if foreign := self.foreign(pks):
            text = _("Somebody else is writing a draft of these; nothing was imported: %s")
            raise ValidationError(text % "、".join(foreign[:SHOWN]))

    def into(self, statements: Statements) -> None:
        """Hand over what has been collected so far."""
        names = ("document", "state", "author", "reason", "base_number", "updated_at", "publish_at", "problem")
        statements.update(Revision, names, self.rewritten)
        statements.insert(self.new)
        self.new, self.rewritten = [], []

    def _revision(self, pk: int, slug: str, document: Document, state: str, number: int) -> Revision:
        now = timezone.now()
        return Revision(
            kind=self.kind,
            object_id=pk,
            slug=slug,
            number=number,
            base_number=self.live.get(pk, 0),
            document=document,
            state=state,
            author=self.how.author,
            reason=self.how.reason[:200],
            created_at=now,
            updated_at=now,
        )
