"""Runs at the desk, to look up. Nobody changes what somebody has said."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.services import audit
from training.admin.attempt import WHO, OfPeople
from training.models import DeskRun


@admin.register(DeskRun)
class DeskRunAdmin(OfPeople):
    list_display = ("user", "started_at", "state", "customers", "good", "score", "report")
    list_filter = ("state", "started_at")
    list_select_related = ("user",)
    search_fields = (*WHO, "chats__dialogue__title")
    search_help_text = _("Name, username or staff number of a person, or the title of a dialogue.")
    fields = ("user", "state", "started_at", "finished_at", "report")
    readonly_fields = ("report",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """A preview is nobody's but its player's, and no result."""
        return (
            super()
            .get_queryset(request)
            .filter(preview=False)
            .annotate(
                served=Count("chats", distinct=True),
                well=Count("chats", filter=Q(chats__ending_kind="good"), distinct=True),
                earned=Sum("chats__points"),
                most=Sum("chats__max_points"),
            )
        )

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Searched by number first: joining the titles would count every customer twice."""
        if not search_term:
            return queryset, False
        found, _may_repeat = super().get_search_results(request, DeskRun.objects.order_by(), search_term)
        return queryset.filter(pk__in=found.values("pk")), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """A list of everybody's scores: looking at it is written down, as at the board."""
        if self.has_view_permission(request):
            audit.viewed(request.user, kind="runs")
        return super().changelist_view(request, extra_context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        found = self.get_object(request, unquote(object_id))
        if found is not None and self.has_view_permission(request, found):
            audit.viewed(request.user, person=found.user)
        return super().change_view(request, object_id, *args, **kwargs)

    @admin.display(description=_("customers"), ordering="served")
    def customers(self, run: Any) -> int:
        return int(run.served)

    @admin.display(description=_("good endings"), ordering="well")
    def good(self, run: Any) -> int:
        return int(run.well)

    @admin.display(description=_("score"))
    def score(self, run: Any) -> str:
        return f"{int(100 * run.earned / run.most)}%" if run.earned is not None and run.most else "–"

    @admin.display(description=_("report"))
    def report(self, run: DeskRun) -> str:
        if run.state != DeskRun.State.FINISHED:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("desk_report", args=[run.pk]), gettext("See the report"))
