"""What people searched for, and whether it led to words. Who searched is nobody's business here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import ReadOnlyAdmin
from knowledge.models import SearchLog


class OutcomeFilter(admin.SimpleListFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("nothing", _("Nothing found")), ("unused", _("Found, nothing copied")), ("copied", _("Copied"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SearchLog]) -> QuerySet[SearchLog]:
        if self.value() == "nothing":
            return queryset.filter(results=0)
        if self.value() == "unused":
            return queryset.filter(results__gt=0, copied=False)
        return queryset.filter(copied=True) if self.value() == "copied" else queryset


@admin.register(SearchLog)
class SearchLogAdmin(ReadOnlyAdmin):
    list_display = ("query", "results", "copied", "at")
    list_filter = (OutcomeFilter, "at")
    search_fields = ("query",)
    fields = ("query", "results", "copied", "at")
