"""Versions of content: documents with who, when and why."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import RevisionState
from knowledge.models.audience import for_teams_of, may_change_cards
from knowledge.models.card import Card
from knowledge.models.use import Use


class RevisionQuerySet(models.QuerySet["Revision"]):
    def published(self) -> RevisionQuerySet:
        return self.filter(state=RevisionState.PUBLISHED)

    def open(self) -> RevisionQuerySet:
        """Drafts, and what waits for approval or for its hour: at most one of each object."""
        return self.exclude(state=RevisionState.PUBLISHED)

    def for_teams_of(self, user: Any) -> RevisionQuerySet:
        """Without the versions of cards that are for other teams alone, or were when that version was written, and
        of questions about such a card."""
        if may_change_cards(user):
            return self
        others = Card.objects.exclude(pk__in=Card.objects.for_teams_of(user))
        asked = Use.objects.filter(kind=Use.Kind.QUESTION, card__in=others)
        then = Q(document__audience__isnull=True) | for_teams_of(user, "document__audience")
        kept = self.exclude(kind=Card.search_kind, object_id__in=others.values("pk"))
        kept = kept.exclude(kind=Use.Kind.QUESTION, object_id__in=asked.values("object_id"))
        about = Coalesce(KT("document__card"), Value(""), output_field=models.TextField())
        kept = kept.filter(~Q(kind=Card.search_kind) | then)
        return kept.alias(about=about).exclude(about__in=others.values("slug"))  # type: ignore[return-value]


class Revision(models.Model):
    """One document of one object. `object_id` is empty for something new that no reader has seen yet.

    Live tables hold the published version; everything else is here (docs/decisions/0001-content-versions.md).
    """

    kind = models.CharField(_("kind"), max_length=16)
    object_id = models.PositiveBigIntegerField(_("object"), null=True, blank=True)
    slug = models.CharField(_("slug"), max_length=120)
    number = models.PositiveIntegerField(_("number"))
    base_number = models.PositiveIntegerField(_("based on"), default=0)
    document = models.JSONField(_("document"))
    state = models.CharField(_("state"), max_length=10, choices=RevisionState.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="revisions", verbose_name=_("author")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    # Of an open revision: what a second editor's form compares.
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("approved or returned by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    # Why a scheduled publication could not happen, in words.
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-created_at", "-pk"]
        permissions = [("approve_revision", "Can approve other people's drafts")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id", "number"], name="revision_number_once"),
            models.UniqueConstraint(
                fields=["kind", "object_id"], condition=~Q(state="published"), name="one_open_revision"
            ),
        ]
        indexes = [models.Index(fields=["state", "publish_at"], name="revision_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug} {self.number}"

    @property
    def is_open(self) -> bool:
        return self.state != RevisionState.PUBLISHED


class Tombstone(models.Model):
    """A starter item a trainer deleted: the loader leaves it deleted."""

    kind = models.CharField(max_length=16)
    slug = models.CharField(max_length=120)
    deleted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("deleted starter item")
        verbose_name_plural = _("deleted starter items")
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="tombstone_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"
