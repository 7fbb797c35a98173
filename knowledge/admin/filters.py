"""List filters of the cards."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from knowledge.enums import CustomerGroup
from knowledge.models import Card
from knowledge.models.freshness import Freshness


class GroupFilter(admin.SimpleListFilter):
    title = _("customer groups")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return CustomerGroup.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Card]) -> QuerySet[Card]:
        """By the quoted code in the list's text: SQLite has no lookup into JSON lists, and codes hold no quotes."""
        return queryset.filter(groups__icontains=f'"{self.value()}"') if self.value() else queryset


class FreshnessFilter(admin.SimpleListFilter):
    title = _("freshness")
    parameter_name = "freshness"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Freshness.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = self.value() in Freshness.values
        return queryset.in_state(self.value()) if known else queryset  # type: ignore[attr-defined, no-any-return]
