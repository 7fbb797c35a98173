"""Cards: written like a document, saved as one version, never over somebody else's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from markdownx.models import MarkdownxField

from accounts.models import Team
from knowledge.admin.base import Drafted, WithFacts
from knowledge.admin.filters import FreshnessFilter, GroupFilter
from knowledge.admin.forms import CardForm
from knowledge.admin.inlines import AliasInline, AvoidInline, SayInline
from knowledge.admin.verified import VERIFIED_FIELDS, VerifiedAdmin
from knowledge.admin.widgets import MarkdownWidget
from knowledge.enums import Status
from knowledge.models import Alias, Card, CopyEvent, Feedback, Line
from knowledge.models.audience import viewer_of
from knowledge.models.event import RECENT_DAYS
from knowledge.search import engine
from knowledge.services import cards, workflow

FOUND = 100  # cards a search of the list shows at most
WHERE = ("stage", "course", "competency")
PLACE = ("groups", "neighbours", "keywords", "audience")


def counted(rows: QuerySet[Any], key: str) -> Coalesce:
    """How many of the rows lead to the card, as a subquery: two joins would multiply each other."""
    per_card = rows.filter(**{key: OuterRef("pk")}).order_by().values(key).annotate(count=Count("pk"))
    return Coalesce(Subquery(per_card.values("count")), 0)


def _copies_in_days() -> str:
    return gettext("copies in %d days") % RECENT_DAYS


@admin.register(Card)
class CardAdmin(WithFacts, VerifiedAdmin, Drafted):
    form = CardForm
    inlines = (AliasInline, SayInline, AvoidInline)
    formfield_overrides = {MarkdownxField: {"widget": MarkdownWidget}}
    change_form_template = "admin/knowledge/card/change_form.html"
    list_display = (
        "title",
        *("stage", "competency", "status", "owner", "fresh", "version"),
        *("line_count", "copy_count"),
    )
    list_filter = (
        *("status", FreshnessFilter, "stage", "competency", "course", GroupFilter),
        ("owner", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("owner",)
    list_per_page = 50
    search_fields = ("title",)
    search_help_text = _("Words, what a customer says, pinyin or a short code.")
    ordering = ("slug",)
    actions = ("publish", "retire", "verify")
    save_on_top = True

    class Media:
        css = {"all": ["admin_ours/card.css", "admin_ours/lists.css"]}
        js = ["admin_ours/rows.js"]

    # List

    def get_queryset(self, request: HttpRequest) -> QuerySet[Card]:
        return (
            super()
            .get_queryset(request)
            .for_teams_of(request.user)  # type: ignore[attr-defined]
            .annotate(
                line_total=counted(Line.objects.all(), "card"),
                copy_total=counted(CopyEvent.objects.recent(), "line__card"),
            )
        )

    @admin.display(description=_("lines"), ordering="line_total")
    def line_count(self, card: Card) -> int:
        return card.line_total  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=lazy(_copies_in_days, str)(), ordering="copy_total")
    def copy_count(self, card: Card) -> int:
        return card.copy_total  # type: ignore[attr-defined, no-any-return]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Card], search_term: str
    ) -> tuple[QuerySet[Card], bool]:
        """What the site's own search finds, in its order unless a column was chosen; then retired cards, which
        no index holds, by plain text."""
        if not search_term.strip():
            return queryset, False
        viewer = replace(viewer_of(request.user), sees_drafts=True)
        found = engine.find(search_term, viewer, kinds=(Card.search_kind,), limit=FOUND)
        pks = [hit.object_id for hit in found.hits]
        queryset = queryset.filter(Q(pk__in=pks) | _retired_with(search_term.strip()))
        if pks and "o" not in request.GET:
            places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(pks)]
            queryset = queryset.order_by(Case(*places, default=Value(len(pks))), "slug")
        return queryset, False

    # Actions

    def set_status(self, items: Iterable[Card], status: Status) -> None:
        cards.set_status(items, status)

    @admin.action(description=_("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Card]) -> None:
        chosen = list(queryset.prefetch_related("lines"))
        if mute := [card.title for card in chosen if not card.say]:
            text = gettext("Nothing was published. These cards have no line to say yet: %s") % "、".join(mute)
            self.message_user(request, text, messages.ERROR)
            return
        cards.set_status(chosen, Status.PUBLISHED)
        workflow.note_status(chosen, Status.PUBLISHED, by=request.user)
        done = ngettext("%d card published.", "%d cards published.", len(chosen))
        self._tell(request, chosen, gettext("Published."), done)

    @admin.action(description=_("Retire"), permissions=["publish"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Card]) -> None:
        chosen = list(queryset)
        cards.set_status(chosen, Status.RETIRED)
        workflow.note_status(chosen, Status.RETIRED, by=request.user)
        done = ngettext("%d card retired.", "%d cards retired.", len(chosen))
        self._tell(request, chosen, gettext("Retired."), done)

    def _tell(self, request: HttpRequest, chosen: list[Card], entry: str, sentence: str) -> None:
        for card in chosen:
            self.log_change(request, card, entry)
        self.message_user(request, sentence % len(chosen), messages.SUCCESS)

    # Form

    def get_fieldsets(self, request: HttpRequest, obj: Card | None = None) -> Any:
        changing = self.has_change_permission(request, obj) if obj else True
        shown: dict[str, Any] = {
            "groups": "groups" if changing else "group_names",
            "facts": ("facts", "fact_texts", "notes") if obj else ("facts",),
            "neighbours": "neighbours" if changing else "neighbour_titles",
            "keywords": "keywords" if changing else "keyword_list",
            "audience": "audience" if changing else "team_names",
            "principle": "principle" if changing else "principle_read",
        }
        if not changing:
            shown["facts"] = ("fact_texts", "notes")
        return [
            (None, {"fields": ("title", "slug", "status", VERIFIED_FIELDS)}),
            (_("Where it belongs"), {"fields": (WHERE, *(shown[name] for name in PLACE))}),
            (_("Facts and what follows from them"), {"fields": shown["facts"]}),
            (_("Why"), {"fields": ("trigger", shown["principle"])}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Card | None = None) -> Any:
        """A slug is an address people have shared: it is chosen once."""
        fixed = ["fact_texts", "notes", "group_names", "neighbour_titles", "keyword_list", "team_names"]
        fixed.append("principle_read")
        if obj:
            fixed.append("slug")
        return fixed if self.has_publish_permission(request) else [*fixed, "status"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if principle := form.base_fields.get("principle"):
            principle.widget.may_upload = request.user.has_perm("knowledge.upload_picture")
        return form

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Card | None:
        """The card, and who looks at it: what is shown of others depends on that."""
        card: Any = super().get_object(request, object_id, from_field)
        if card:
            card.reader = request.user
        return card  # type: ignore[no-any-return]

    def view_on_site(self, card: Card) -> str:
        return card.get_absolute_url()

    @admin.display(description=_("customer groups"))
    def group_names(self, card: Card) -> str:
        return "、".join(card.group_labels) or self.get_empty_value_display()

    @admin.display(description=_("easily confused with"))
    def neighbour_titles(self, card: Card) -> SafeString:
        near = Card.objects.for_teams_of(card.reader).filter(slug__in=card.neighbours)  # type: ignore[attr-defined]
        address = "admin:knowledge_card_change"
        return format_html_join("、", '<a href="{}">{}</a>', ((reverse(address, args=[one.pk]), one) for one in near))

    @admin.display(description=_("search words"))
    def keyword_list(self, card: Card) -> str:
        return "、".join(card.keywords) or self.get_empty_value_display()

    @admin.display(description=_("only for teams"))
    def team_names(self, card: Card) -> str:
        names = dict(Team.objects.filter(code__in=card.audience).values_list("code", "name"))
        return "、".join(names.get(code, code) for code in card.audience) or self.get_empty_value_display()

    @admin.display(description=_("principle"))
    def principle_read(self, card: Card) -> SafeString:
        return mark_safe(card.principle_html)  # sanitised when it was rendered

    # Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Remarks about a card go with it, though nobody deletes them one by one."""
        gone, counts, missing, protected = super().get_deleted_objects(objs, request)
        own = str(Feedback._meta.verbose_name)
        return gone, counts, {name for name in missing if str(name) != own}, protected

    def delete_model(self, request: HttpRequest, obj: Card) -> None:
        cards.delete([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Card]) -> None:
        cards.delete(list(queryset))


def _retired_with(text: str) -> Q:
    """Retired cards that hold the text in title, slug, code or alias."""
    held = Q(title__icontains=text) | Q(slug__icontains=text)
    held |= Q(pk__in=Line.objects.filter(code=text.lower()).values("card"))
    held |= Q(pk__in=Alias.objects.filter(text__icontains=text).values("card"))
    return Q(status=Status.RETIRED) & held
