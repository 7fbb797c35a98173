"""Questions: a decision in a situation."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Competency, Status
from knowledge.enums import Course as CourseCode
from knowledge.models.audience import for_teams_of, may_change_cards
from training.documents import in_file_order
from training.enums import QuestionType


class QuestionQuerySet(models.QuerySet["Question"]):
    def published(self) -> QuestionQuerySet:
        return self.filter(status=Status.PUBLISHED)

    def for_teams_of(self, user: Any) -> QuestionQuerySet:
        """Those whose card, if they lean on one, is for everybody or for a team of this person."""
        if may_change_cards(user):
            return self
        return self.filter(Q(card=None) | for_teams_of(user, "card__audience"))


class Question(models.Model):
    """`body` holds what its type needs (training/documents.py); the rest is the same for all types."""

    code = models.SlugField(_("id"), max_length=40, unique=True)
    course = models.CharField(_("course"), max_length=16, choices=CourseCode.choices)
    competency = models.CharField(_("competency"), max_length=16, choices=Competency.choices)
    type = models.CharField(_("type"), max_length=10, choices=QuestionType.choices)
    difficulty = models.PositiveSmallIntegerField(
        _("difficulty"), default=2, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    facts = models.JSONField(_("facts"), default=list, blank=True)
    card = models.ForeignKey(
        "knowledge.Card", models.PROTECT, null=True, blank=True, related_name="questions", verbose_name=_("card")
    )
    prompt = models.TextField(_("situation and question"))
    body = models.JSONField(_("answers"), default=dict)
    explanation = models.TextField(_("explanation"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    loaded_hash = models.CharField(max_length=64, blank=True, editable=False)
    uses = GenericRelation("knowledge.Use", verbose_name=_("cards used"))

    objects = QuestionQuerySet.as_manager()
    search_kind = "question"

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        permissions = [("publish_question", "Can publish questions directly")]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.prompt[:20]}"

    def to_document(self) -> dict[str, Any]:
        """The canonical document, keys in the order of the files."""
        document: dict[str, Any] = {
            "id": self.code,
            "type": self.type,
            "competency": self.competency,
            "difficulty": str(self.difficulty),
            "facts": list(self.facts),
        }
        if self.card:
            document["card"] = self.card.slug
        return document | {
            "prompt": self.prompt,
            **in_file_order(self.type, self.body),
            "explanation": self.explanation,
        }
