"""报错 / 建议 from staff about a line."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import FeedbackKind
from knowledge.models.card import Card, Line


class Feedback(models.Model):
    """One remark, about a card or one of its lines, in the queue until a trainer closes it."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")

    card = models.ForeignKey(Card, models.CASCADE, related_name="feedback", verbose_name=_("card"))
    line = models.ForeignKey(
        Line, models.SET_NULL, null=True, blank=True, related_name="feedback", verbose_name=_("line")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=FeedbackKind.choices)
    text = models.CharField(_("what is wrong or better"), max_length=300)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("from")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    # What the author reads of it.
    answer = models.CharField(_("reply"), max_length=300, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:20]

    def get_absolute_url(self) -> str:
        """The card as readers see it, with the line in question marked."""
        here = self.card.get_absolute_url()
        return f"{here}?line={self.line.code}#{self.line.code}" if self.line else here
