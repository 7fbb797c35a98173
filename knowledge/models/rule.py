"""Wording rules: what the reply checker goes by."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.checker.rules import canonical
from knowledge.enums import Rule, Severity, Status
from knowledge.models.fields import ChangedAt


class WordingRule(models.Model):
    """One rule code with its clues and the examples that prove it. The row is in force; drafts are Revisions.

    `clues` are plain documents (knowledge/checker/rules.py), `unless` and `without` patterns that spare all of them;
    `catches` and `passes` are replies the rule must and must not find: a rule that breaks them is never saved.
    """

    code = models.CharField(_("rule code"), max_length=30, choices=Rule.choices, unique=True)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    about = models.TextField(_("what it finds, and why it matters"))
    better = models.JSONField(_("better wording"), default=list, blank=True)
    lesson = models.CharField(_("lesson"), max_length=80, blank=True)  # its slug
    card = models.ForeignKey(
        "knowledge.Card", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("card")
    )
    clues = models.JSONField(_("clues"), default=list)
    unless = models.JSONField(_("not where this overlaps"), default=list, blank=True)
    without = models.JSONField(_("not in a reply with"), default=list, blank=True)
    catches = models.JSONField(_("must be found"), default=list)
    passes = models.JSONField(_("must not be found"), default=list)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PUBLISHED)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    loaded_hash = models.CharField(max_length=64, blank=True, editable=False)
    updated_at = ChangedAt(_("updated at"), db_index=True)

    search_kind: ClassVar[str] = "rule"

    class Meta:
        verbose_name = _("wording rule")
        verbose_name_plural = _("wording rules")
        ordering = ["code"]
        permissions = [("publish_wordingrule", "Can publish wording rules directly")]

    def __str__(self) -> str:
        return str(Rule(self.code).label) if self.code in Rule.values else self.code

    def to_document(self) -> dict[str, Any]:
        """The canonical document, keys in the order of the file."""
        return canonical(
            {
                "code": self.code,
                "severity": self.severity,
                "about": self.about,
                "better": list(self.better),
                "lesson": self.lesson,
                "card": self.card.slug if self.card else "",
                "clues": self.clues,
                "unless": list(self.unless),
                "without": list(self.without),
                "catches": list(self.catches),
                "passes": list(self.passes),
            }
        )
