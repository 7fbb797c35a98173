"""What is counted: copies and settled searches. Never what was pasted, never what a customer wrote."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.card import Card, Line

RECENT_DAYS = 30


class CopyEventQuerySet(models.QuerySet["CopyEvent"]):
    def recent(self) -> CopyEventQuerySet:
        return self.filter(at__gte=timezone.now() - timedelta(days=RECENT_DAYS))


class CopyEvent(models.Model):
    """A line was copied by somebody at a time."""

    line = models.ForeignKey(Line, models.CASCADE, related_name="copies", verbose_name=_("line"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="copies", verbose_name=_("person")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = CopyEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("copy")
        verbose_name_plural = _("copies")
        indexes = [
            models.Index(fields=["at", "line"], name="copy_by_time"),
            models.Index(fields=["user", "-at"], name="copy_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.at:%Y-%m-%d %H:%M}"


class GapDecision(models.Model):
    """What a trainer made of a query that led nowhere; it leaves the list of gaps with that."""

    class Made(models.TextChoices):
        ALIAS = "alias", _("Alias")
        SYNONYM = "synonym", _("Synonym")
        CARD = "card", _("Draft card")
        NOTHING = "nothing", _("Set aside")

    query = models.CharField(_("query"), max_length=20, unique=True)
    made = models.CharField(_("turned into"), max_length=10, choices=Made.choices)
    card = models.ForeignKey(Card, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("card"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("gap decision")
        verbose_name_plural = _("gap decisions")

    def __str__(self) -> str:
        return f"{self.query} {self.made}"


class SearchLog(models.Model):
    """A query somebody settled on: normalised, at most 20 characters, digit runs masked."""

    query = models.CharField(_("query"), max_length=20)
    results = models.PositiveIntegerField(_("results"))
    copied = models.BooleanField(_("copied"), default=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.query
