"""The registries of facts and compliance notes, loaded from fixtures."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Course
from knowledge.models.fields import ChangedAt


class Fact(models.Model):
    """Something the portal teaches, by its id in the source documents."""

    code = models.CharField(_("id"), max_length=6, primary_key=True)
    course = models.CharField(_("course"), max_length=16, choices=Course.choices)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class ComplianceNoteQuerySet(models.QuerySet["ComplianceNote"]):
    def for_facts(self, facts: Iterable[str]) -> ComplianceNoteQuerySet:
        """Notes follow from facts; nobody types them on a card."""
        return self.filter(applies_to__in=list(facts)).distinct()


class ComplianceNote(models.Model):
    """Where a source is outdated or unlawful today: what to do instead, and on what basis."""

    code = models.CharField(_("id"), max_length=6, primary_key=True)
    title = models.CharField(_("title"), max_length=40)
    note = models.TextField(_("note"))
    basis = models.TextField(_("basis"))
    checked = models.TextField(_("how it was checked"))
    applies_to = models.ManyToManyField(Fact, related_name="notes", verbose_name=_("applies to"))
    # Read by whoever keeps rendered notes: a later one is another text.
    updated_at = ChangedAt(db_index=True)

    objects = ComplianceNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("compliance note")
        verbose_name_plural = _("compliance notes")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
