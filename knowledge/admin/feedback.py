"""报错 / 建议: the trainers' queue."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from knowledge.models import Card, Feedback, Line

OPEN_FIRST = Case(When(state=Feedback.State.OPEN, then=Value(0)), default=Value(1))


@admin.register(Feedback)
class FeedbackAdmin(admin.ModelAdmin):
    list_display = ("text", "kind", "card", "line_code", "author", "created_at", "state")
    list_filter = ("state", "kind", "card__stage")
    list_select_related = ("card", "line", "author")
    search_fields = ("text", "card__title", "line__code")
    ordering = (OPEN_FIRST, "-created_at", "-pk")
    fields = ("state", "kind", "text", "card_link", "line_read", "author", "created_at")
    readonly_fields = ("kind", "text", "card_link", "line_read", "author", "created_at")
    actions = ("close", "decline")

    class Media:
        css = {"all": ["admin_ours/card.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        """Without remarks about cards that are for other teams alone."""
        return super().get_queryset(request).filter(card__in=Card.objects.for_teams_of(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("line"), ordering="line__code")
    def line_code(self, remark: Feedback) -> str:
        return remark.line.code if remark.line else self.get_empty_value_display()

    @admin.display(description=_("card"))
    def card_link(self, remark: Feedback) -> SafeString:
        """The card's form, opened at the line."""
        address = reverse("admin:knowledge_card_change", args=[remark.card_id])
        anchor = _place_of(remark.line) if remark.line else ""
        say = gettext("edit the card here")
        return format_html('{} (<a href="{}{}">{}</a>)', remark.card, address, anchor, say)

    @admin.display(description=_("line"))
    def line_read(self, remark: Feedback) -> SafeString | str:
        if not (line := remark.line):
            return gettext("The line was deleted.")
        return format_html(
            '<div class="remarked {}"><p><code>{}</code> <b>{}</b></p><p><mark>{}</mark></p><p>{}</p></div>',
            *(line.side, line.code, line.get_side_display(), line.text, line.why),
        )

    @admin.action(description=_("Close as done"), permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> None:
        self._settle(request, queryset, Feedback.State.DONE)

    @admin.action(description=_("Decline"), permissions=["change"])
    def decline(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> None:
        self._settle(request, queryset, Feedback.State.DECLINED)

    def _settle(self, request: HttpRequest, queryset: QuerySet[Feedback], state: Feedback.State) -> None:
        chosen = list(queryset)
        Feedback.objects.filter(pk__in=[remark.pk for remark in chosen]).update(state=state)
        for remark in chosen:
            self.log_change(request, remark, str(state.label))
        text = ngettext("%d remark settled.", "%d remarks settled.", len(chosen)) % len(chosen)
        self.message_user(request, text, messages.SUCCESS)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)


def _place_of(line: Line) -> str:
    """The address part of a line's row in its card's form: rows are numbered by side, in order."""
    before = list(line.card.lines.filter(side=line.side).values_list("pk", flat=True))
    return f"#{line.side}-{before.index(line.pk)}"
