"""报错 / 建议: the trainers' queue."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from knowledge.documents import tidy
from knowledge.models import Card, Feedback, Line
from knowledge.services import feedback

OPEN_FIRST = Case(When(state=Feedback.State.OPEN, then=Value(0)), default=Value(1))


class RemarkForm(forms.ModelForm):
    """What becomes of a remark, never settled twice without being told."""

    base = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Feedback
        fields = ("state", "answer")
        widgets = {"answer": forms.Textarea(attrs={"rows": 3, "maxlength": 300, "class": "vLargeTextField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["base"] = self._seen()

    def clean_answer(self) -> str:
        return tidy(self.cleaned_data["answer"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("base") != self._seen():
            who = self.instance.closed_by or gettext("Somebody")
            raise ValidationError(
                gettext("%s has settled this meanwhile. Nothing was saved and your answer is still below.") % who
            )
        return cleaned

    def _seen(self) -> str:
        closed = self.instance.closed_at
        return f"{self.initial.get('state', '')}@{closed.timestamp() if closed else ''}"


class WhoseFilter(admin.SimpleListFilter):
    """An owner's own queue first, with what nobody owns: that is everybody's."""

    title = _("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        self.owns_some = Card.objects.filter(owner=request.user.pk).exists()
        return [("mine", _("Mine, and nobody's")), ("all", _("Everybody's"))]

    def value(self) -> str:
        return super().value() or ("mine" if self.owns_some else "all")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        if self.value() == "mine":
            nobodys = Q(card__owner=None) | Q(card__owner__is_active=False)
            return queryset.filter(Q(card__owner=request.user.pk) | nobodys)
        return queryset

    def choices(self, changelist: Any) -> Any:
        """Without stock admin's “All”, which would be the third of two."""
        return list(super().choices(changelist))[1:]


@admin.register(Feedback)
class FeedbackAdmin(admin.ModelAdmin):
    form = RemarkForm
    list_display = ("text", "kind", "where", "card_owner", "author", "created_at", "state")
    list_filter = (WhoseFilter, "state", "kind", "card__stage")
    list_select_related = ("card", "card__owner", "line", "author")
    list_per_page = 50
    search_fields = ("text", "card__title", "line__code")
    ordering = (OPEN_FIRST, "-created_at", "-pk")
    fields = ("text", "kind", "author", "created_at", "card_link", "line_read", "state", "answer", "closed", "base")
    readonly_fields = ("kind", "text", "card_link", "line_read", "author", "created_at", "closed")
    actions = ("close", "decline")

    class Media:
        css = {"all": ["admin_ours/card.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        """Without remarks about cards that are for other teams alone."""
        return super().get_queryset(request).filter(card__in=Card.objects.for_teams_of(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("where"), ordering="card__title")
    def where(self, remark: Feedback) -> SafeString:
        """The card as readers see it, the line in question marked."""
        code = f" · {remark.line.code}" if remark.line else ""
        return format_html('<a href="{}">{}{}</a>', remark.get_absolute_url(), remark.card, code)

    @admin.display(description=_("owner of the card"), ordering="card__owner__display_name")
    def card_owner(self, remark: Feedback) -> str:
        return str(remark.card.owner or self.get_empty_value_display())

    @admin.display(description=_("settled"))
    def closed(self, remark: Feedback) -> str:
        if not remark.closed_at:
            return gettext("Not yet.")
        when = formats.date_format(timezone.localtime(remark.closed_at), "SHORT_DATETIME_FORMAT")
        return f"{remark.closed_by or gettext('Somebody')}, {when}"

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
        feedback.settle(chosen, state, by=request.user, now=timezone.now())
        for remark in chosen:
            self.log_change(request, remark, str(state.label))
        text = ngettext("%d remark settled.", "%d remarks settled.", len(chosen)) % len(chosen)
        self.message_user(request, text, messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: Feedback, form: Any, change: bool) -> None:
        if form.has_changed():
            feedback.settle([obj], obj.state, by=request.user, now=timezone.now(), answer=obj.answer)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)


def _place_of(line: Line) -> str:
    """The address part of a line's row in its card's form: rows are numbered by side, in order."""
    before = list(line.card.lines.filter(side=line.side).values_list("pk", flat=True))
    return f"#{line.side}-{before.index(line.pk)}"
