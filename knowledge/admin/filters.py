"""List filters of the cards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import CustomerGroup
from knowledge.models import Card
from knowledge.models.card import FRESH_DAYS


class GroupFilter(admin.SimpleListFilter):
    title = _("customer groups")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return CustomerGroup.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Card]) -> QuerySet[Card]:
        """By the quoted code in the list's text: SQLite has no lookup into JSON lists, and codes hold no quotes."""
        return queryset.filter(groups__icontains=f'"{self.value()}"') if self.value() else queryset


class FreshnessFilter(admin.SimpleListFilter):
    """The same rule as `Card.freshness`, in the database."""

    title = _("freshness")
    parameter_name = "freshness"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("due", _("To be verified")), ("fresh", _("Valid"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Card]) -> QuerySet[Card]:
        fresh = Q(verified_on__gte=timezone.localdate() - timedelta(days=FRESH_DAYS))
        if self.value() == "fresh":
            return queryset.filter(fresh)
        return queryset.exclude(fresh) if self.value() == "due" else queryset
