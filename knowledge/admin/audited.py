"""What is written in the admin goes into the audit log too (docs/decisions/0016-audit.md)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.services import audit
from knowledge.services import workflow


class Audited(admin.ModelAdmin):
    """Additions and changes of what has no versions, and deletions of everything. Texts with versions are written down
    by the workflow, which knows whether they went live."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        entry = super().log_addition(request, obj, message)
        return self._note(request, obj, entry)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        entry = super().log_change(request, obj, message)
        return self._note(request, obj, entry)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for item in queryset:
            audit.note(request.user, audit.Action.CHANGED, detail=gettext("Deleted."), **about(item))
        return super().log_deletions(request, queryset)

    def _note(self, request: HttpRequest, item: Any, entry: LogEntry) -> LogEntry:
        if getattr(item, "search_kind", "") not in workflow.KINDS:
            audit.note(request.user, audit.Action.CHANGED, detail=entry.get_change_message(), **about(item))
        return entry


def about(item: Any) -> dict[str, str]:
    """How the log names an item: as its files do."""
    name = next((value for key in ("slug", "code", "words") if (value := getattr(item, key, ""))), str(item.pk))
    return {"kind": str(item._meta.model_name)[:20], "slug": str(name)}
