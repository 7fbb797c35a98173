"""How far a reader is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from training.models.course import Lesson


class LessonProgress(models.Model):
    """One reader's state in one lesson."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="progress")
    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="progress")
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    seconds = models.PositiveIntegerField(_("seconds of active reading"), default=0)
    # Where the reader was: the id of the last heading passed. The beacon's own clock caps its seconds.
    place = models.CharField(_("place"), max_length=120, blank=True)
    beacon_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("lesson progress")
        verbose_name_plural = _("lesson progress")
        constraints = [models.UniqueConstraint(fields=["user", "lesson"], name="progress_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.lesson_id}"


class CheckAnswer(models.Model):
    """The last answer to a checkpoint; wrong ones become recall items in the Practice issue."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="check_answers")
    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="check_answers")
    number = models.PositiveSmallIntegerField()
    option = models.PositiveSmallIntegerField()
    right = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("checkpoint answer")
        verbose_name_plural = _("checkpoint answers")
        constraints = [models.UniqueConstraint(fields=["user", "lesson", "number"], name="check_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.lesson_id} {self.number}"
