"""Versions of content: documents with who, when and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import RevisionState


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

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "object_id", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug} {self.number}"


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
