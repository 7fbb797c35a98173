"""What the phrasebook holds of a person: handed out, and erased (docs/decisions/0016-audit.md)."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import audit, erasure, personal_data, sheets
from accounts.services.personal_data import Part
from knowledge.enums import Status
from knowledge.models import (
    Card,
    CopyEvent,
    Favourite,
    Feedback,
    GapDecision,
    ImportJob,
    Revision,
    SearchLog,
    Snippet,
    StagedRow,
)  # fmt: skip
from knowledge.tables import csv

AUTHOR = "who wrote or decided, by the number of the account"
ERASES = (
    "knowledge.Favourite.user",
    "knowledge.Snippet.user",
    "knowledge.CopyEvent.user",
    "knowledge.SearchLog.user",
    "knowledge.Feedback.author",
    "knowledge.Card.owner",
)
KEEPS = {
    "knowledge.Card.verified_by": AUTHOR,
    "knowledge.Revision.author": AUTHOR,
    "knowledge.Revision.decided_by": AUTHOR,
    "knowledge.Feedback.closed_by": AUTHOR,
    "knowledge.GapDecision.by": AUTHOR,
    "knowledge.ImportJob.created_by": AUTHOR,
}


def erase(person: User) -> None:
    """Favourites and snippets go, the snippets out of the index too; copies, searches and remarks are nobody's from
    now on, and cards without an owner."""
    Favourite.objects.filter(user=person).delete()
    for snippet in Snippet.objects.filter(user=person):
        snippet.delete()
    for model, field in ((CopyEvent, "user"), (SearchLog, "user"), (Feedback, "author"), (Card, "owner")):
        model._default_manager.filter(**{field: person}).update(**{field: None})
    names = [name for name in (person.staff_number, person.username) if name]
    StagedRow.objects.filter(job__kind="staff", slug__in=names).delete()


PARTS = (
    Part(
        "favourites",
        _("favourites"),
        lambda person: (
            Favourite.objects.filter(user=person)
            .order_by("at")
            .values("at", code=F("line__code"), card=F("line__card__slug"), text=F("line__text"))
        ),
    ),
    Part(
        "snippets",
        _("snippets"),
        lambda person: Snippet.objects.filter(user=person).order_by("code").values("code", "title", "text"),
    ),
    Part(
        "copies",
        _("copies"),
        lambda person: (
            CopyEvent.objects.filter(user=person)
            .order_by("at")
            .values("at", code=F("line__code"), card=F("line__card__slug"))
        ),
    ),
    Part(
        "searches",
        _("searches"),
        lambda person: SearchLog.objects.filter(user=person).order_by("at").values("at", "query", "results", "copied"),
    ),
    Part(
        "feedback",
        _("feedback"),
        lambda person: (
            Feedback.objects.filter(author=person)
            .order_by("created_at")
            .values("created_at", "kind", "text", "state", "answer", on=F("card__slug"), code=F("line__code"))
        ),
    ),
    Part(
        "revisions",
        _("revisions"),
        lambda person: (
            Revision.objects.filter(author=person)
            .order_by("created_at")
            .values("created_at", "slug", "number", "state", "reason", what=F("kind"))
        ),
    ),
    Part(
        "gap_decisions",
        _("gap decisions"),
        lambda person: GapDecision.objects.filter(by=person).order_by("at").values("at", "query", "made"),
    ),
    Part(
        "imports",
        _("imports"),
        lambda person: (
            ImportJob.objects.filter(created_by=person)
            .order_by("created_at")
            .values("created_at", "name", "state", what=F("kind"))
        ),
    ),
)


def install() -> None:
    """Tell accounts, which knows nothing of what stands above it, when Django starts."""
    erasure.register(erase, erases=ERASES, keeps=KEEPS)
    personal_data.register(*PARTS)
    sheets.set_writer(csv.write)
    audit.name_words(**dict(Status.choices))
    audit.name_kinds(
        card=_("card"),
        cards=_("cards"),
        copies=_("copies"),
        content=_("content"),
        feedback=_("feedback"),
        gap=_("search gaps"),
        staff=_("people"),
        synonyms=_("synonyms"),
        synonymgroup=_("synonyms"),
    )
