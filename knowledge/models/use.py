"""Where a card is used: one card, four uses."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.models.card import Card


class Use(models.Model):
    """A lesson, question, dialogue, drill or article that leans on a card.

    Written by the save service of the user's app; publishing a card sets `recheck`
    (docs/decisions/0002-uses.md).
    """

    class Kind(models.TextChoices):
        LESSON = "lesson", _("Lesson")
        QUESTION = "question", _("Question")
        DIALOGUE = "dialogue", _("Dialogue")
        DRILL = "drill", _("Drill")
        ARTICLE = "article", _("Article")

    card = models.ForeignKey(Card, models.PROTECT, related_name="uses", verbose_name=_("card"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    target = GenericForeignKey("content_type", "object_id")
    card_version_seen = models.PositiveIntegerField(_("card version seen"))
    recheck = models.BooleanField(_("needs recheck"), default=False)

    class Meta:
        verbose_name = _("use")
        verbose_name_plural = _("uses")
        constraints = [models.UniqueConstraint(fields=["card", "content_type", "object_id"], name="use_once")]
        # From a lesson or question to its cards: asked for by every page of a lesson.
        indexes = [models.Index(fields=["content_type", "object_id"], name="use_of")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.target}"
