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
        return super().get_queryset(request).defer("document")

    @admin.display(description=_("document"))
    def written_out(self, revision: Revision) -> SafeString:
        """The document as its content file would read."""
        return format_html('<pre class="document">{}</pre>', files.dump(revision.document))
