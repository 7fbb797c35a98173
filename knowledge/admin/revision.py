"""Versions of content, to read. Restoring is a button of the card's history."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from knowledge import files
from knowledge.admin.base import ReadOnlyAdmin
from knowledge.documents import CARD_KEYS, LINE_KEYS, Document
from knowledge.models import Revision


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ("slug", "number", "author", "reason", "created_at")
    list_filter = ("kind", "state")
    list_select_related = ("author",)
    search_fields = ("slug", "reason")
    fields = ("slug", "number", "state", "author", "reason", "created_at", "written_out")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """Without the documents, which only the page of one revision shows."""
        return super().get_queryset(request).for_teams_of(request.user).defer("document")

    @admin.display(description=_("document"))
    def written_out(self, revision: Revision) -> SafeString:
        """The document as its content file would read."""
        return format_html('<pre class="document">{}</pre>', files.dump(in_order(revision.document)))


def in_order(document: Document) -> Document:
    """A document with the keys of a card as files order them, other kinds' as they are: PostgreSQL keeps the
    JSON, not the order of its keys."""
    ordered = _sorted(document, CARD_KEYS)
    for side, keys in LINE_KEYS.items():
        if isinstance(ordered.get(side.value), list):
            ordered[side.value] = [
                _sorted(line, keys) if isinstance(line, dict) else line for line in ordered[side.value]
            ]
    return ordered


def _sorted(mapping: Document, keys: tuple[str, ...]) -> Document:
    known = {key: mapping[key] for key in keys if key in mapping}
    return known | {key: value for key, value in mapping.items() if key not in known}
