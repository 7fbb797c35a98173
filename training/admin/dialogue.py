"""Dialogues of the chat desk: edited as a graph, drawn, played in preview; where people went stands on the drawing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.services import audit
from knowledge.admin.base import WithFacts
from knowledge.enums import Status
from training.admin.base import Leaning, RecheckFilter
from training.admin.dialogue_form import DialogueForm
from training.desk import drawing
from training.desk.documents import dialogue_problems
from training.desk.script import read
from training.models import Dialogue
from training.services import dialogues, run_reports

HEAD = ("title", "slug", ("stage", "course"), ("competency", "group"), "status")


@admin.register(Dialogue)
class DialogueAdmin(WithFacts, Leaning):
    form = DialogueForm
    list_display = ("title", "stage", "competency", "group", "status", "recheck", "talks", "good_share", "version")
    list_filter = ("status", RecheckFilter, "stage", "competency", "group")
    list_per_page = 100
    search_fields = ("title", "slug", "document")
    search_help_text = _("Words of the title or the text.")
    actions = ("publish", "retire", "rechecked")

    class Media:
        css = {"all": ["admin_ours/card.css", "admin_ours/lists.css", "admin_ours/dialogue.css"]}

    def set_status(self, items: Iterable[Dialogue], status: Status) -> None:
        dialogues.set_status(items, status)

    def remove(self, items: Iterable[Dialogue]) -> None:
        dialogues.delete(items)

    def make_copy(self, request: HttpRequest, item: Dialogue) -> Dialogue:
        return dialogues.duplicate(item, author=request.user)

    def view_on_site(self, dialogue: Dialogue) -> str:
        return reverse("dialogue_play", args=[dialogue.slug])

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The drawing counts the runs that this person may see (ways_drawn)."""
        item = super().get_object(request, object_id, from_field)
        if item is not None:
            item.viewer = request.user
        return item

    # List

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dialogue]:
        over = Q(chats__run__preview=False) & ~Q(chats__ending="")
        return (
            super()
            .get_queryset(request)
            .annotate(
                played=Count("chats", filter=over, distinct=True),
                well=Count("chats", filter=over & Q(chats__ending_kind="good"), distinct=True),
            )
        )

    @admin.display(description=_("talks"), ordering="played")
    def talks(self, dialogue: Any) -> int:
        return int(dialogue.played)

    @admin.display(description=_("good endings"))
    def good_share(self, dialogue: Any) -> str:
        return f"{100 * dialogue.well // dialogue.played}%" if dialogue.played else "–"

    # Form

    def get_fieldsets(self, request: HttpRequest, obj: Dialogue | None = None) -> Any:
        drawing = [(_("Drawn"), {"fields": ("ways_drawn",)})] if obj else []
        if obj and not self.has_change_permission(request, obj):
            return [(None, {"fields": HEAD}), *drawing, (_("Facts"), {"fields": ("fact_texts", "notes")})]
        facts = ("facts", "fact_texts", "notes", "cards") if obj else ("facts", "cards")
        return [
            (None, {"fields": HEAD}),
            *drawing,
            (_("Order and clocks"), {"fields": ("brief", ("mood", "patience"), "again", ("first_seconds", "seconds"))}),
            (_("Turns"), {"fields": ("turns",)}),
            (_("Endings"), {"fields": ("endings",)}),
            (_("Facts and what follows from them"), {"fields": facts}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Dialogue | None = None) -> Any:
        """A slug is an address: it is chosen once."""
        fixed = ["fact_texts", "notes", "ways_drawn", *(["slug"] if obj else [])]
        return fixed if self.has_publish_permission(request) else [*fixed, "status"]

    @admin.display(description=_("these facts"))
    def fact_texts(self, item: Dialogue) -> Any:
        return super().fact_texts(_Facts(item))

    @admin.display(description=_("compliance notes"))
    def notes(self, item: Dialogue) -> Any:
        return super().notes(_Facts(item))

    @admin.display(description=_("graph"))
    def ways_drawn(self, dialogue: Any) -> SafeString | str:
        """The graph as it is being written; numbers are those of finished runs this person may see."""
        if dialogue_problems(dialogue.to_document()):
            return gettext("It is drawn once it can be played.")
        script = read(dialogue.to_document())
        ways = run_reports.ways(dialogue, dialogue.viewer)
        if ways.talks:
            audit.viewed(dialogue.viewer, kind="runs")
        drawn = drawing.draw(script, ways.visits, ways.taken) if ways.talks else drawing.draw(script)
        return SafeString(render_to_string("practice/_ways.html", {"drawing": drawn, "script": script, "ways": ways}))


class _Facts:
    """What WithFacts asks of an item."""

    def __init__(self, dialogue: Dialogue) -> None:
        self.facts = dialogue.document.get("facts", [])
