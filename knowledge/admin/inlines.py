"""The rows of a card: what customers say, what to say, what not to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from knowledge.admin.forms import AliasForm, AliasFormSet, AvoidForm, AvoidFormSet, LineForm, LineFormSet
from knowledge.enums import Side
from knowledge.models import Alias, Line
from knowledge.variables import CUSTOMER, SHOP


class AliasInline(admin.TabularInline):
    model = Alias
    form = AliasForm
    formset = AliasFormSet
    fields = ("text", "position")
    extra = 1
    verbose_name_plural = _("customers say")
    classes = ["ordered"]


class SayInline(admin.StackedInline):
    """该说: the side is fixed by the inline, never typed."""

    model = Line
    form = LineForm
    formset = LineFormSet
    side = Side.DO
    template = "admin/knowledge/lines.html"
    extra = 1
    fields = (("code", "position"), "text", "why")
    verbose_name = _("line to say")
    verbose_name_plural = _("Say")
    classes = ["ordered", "side-do"]
    view_on_site = False
    # For the help above the rows.
    shop_fields = tuple(sorted(SHOP))
    customer_fields = tuple(sorted(CUSTOMER))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Line]:
        return super().get_queryset(request).filter(side=self.side)


class AvoidInline(SayInline):
    """不该说."""

    form = AvoidForm
    formset = AvoidFormSet
    side = Side.DONT
    verbose_name = _("line not to say")
    verbose_name_plural = _("Don't say")
    classes = ["ordered", "side-dont"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Somebody who only looks reads the rules by their names, not by their codes."""
        fields = (*super().get_fields(request, obj), "breaks")
        return fields if self.has_change_permission(request, obj) else (*fields[:-1], "broken_rules")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if self.has_change_permission(request, obj) else ("broken_rules",)

    @admin.display(description=_("rules it breaks"))
    def broken_rules(self, line: Line) -> str:
        return "、".join(line.rule_labels)
