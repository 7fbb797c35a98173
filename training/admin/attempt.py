"""Results, to look up. Nobody changes what somebody has answered."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.services import audit
from knowledge.admin.base import ReadOnlyAdmin
from training.enums import AttemptState
from training.models import Attempt, AttemptItem

WHO = ("user__display_name", "user__username", "user__staff_number")


class OfPeople(ReadOnlyAdmin):
    """What somebody has earned: a manager finds that of the teams they lead, and of themselves. Looking at it is
    written down, as at the board."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request) & self.model._default_manager.visible_to(request.user)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if self.has_view_permission(request):
            audit.viewed(request.user, kind=f"{self.opts.model_name}s")
        return super().changelist_view(request, extra_context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        found = self.get_object(request, unquote(object_id))
        if found is not None and found.user is not None and self.has_view_permission(request, found):
            audit.viewed(request.user, person=found.user)
        return super().change_view(request, object_id, *args, **kwargs)


class ItemInline(admin.TabularInline):
    """What was asked, in the words of that day. The result page shows the answers beside it."""

    model = AttemptItem
    fields = readonly_fields = ("position", "asked", "points", "max_points", "seconds", "first")
    extra = 0
    can_delete = False
    ordering = ("position",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("question"))
    def asked(self, item: AttemptItem) -> str:
        return str(item.document.get("prompt", ""))


@admin.register(Attempt)
class AttemptAdmin(OfPeople):
    list_display = ("user", "quiz", "number", "state", "started_at", "score", "passed", "result")
    list_filter = ("passed", "state", "started_at", ("quiz", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "quiz")
    search_fields = (*WHO, "quiz__title")
    search_help_text = _("Name, username or staff number of a person, or the title of a quiz.")
    inlines = (ItemInline,)
    fields = ("user", "quiz", "number", "state", "started_at", "finished_at", "score", "passed", "result")

    @admin.display(description=_("score"))
    def score(self, attempt: Attempt) -> str:
        return f"{attempt.percent}%" if attempt.state == AttemptState.FINISHED else "–"

    @admin.display(description=_("result"))
    def result(self, attempt: Attempt) -> str:
        if attempt.state != AttemptState.FINISHED:
            return "–"
        return format_html(
            '<a href="{}">{}</a>', reverse("attempt_result", args=[attempt.pk]), gettext("See the result")
        )
