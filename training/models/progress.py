"""How far a reader is, and along which path."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from training.models.course import Lesson
from training.models.owned import OwnedQuerySet
from training.models.path import Path


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
    # Checkpoint number, as text -> {"option", "right"} as last answered. Here and not in rows of their own, so that
    # the page of a lesson reads all of its reader's state at once; wrong ones become recall items with Practice.
    checks = models.JSONField(_("checkpoint answers"), default=dict, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("lesson progress")
        verbose_name_plural = _("lesson progress")
        constraints = [models.UniqueConstraint(fields=["user", "lesson"], name="progress_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.lesson_id}"


class Enrolment(models.Model):
    """Somebody follows a path. The one chosen last is the one whose next step stands on their home page."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="enrolments", verbose_name=_("person")
    )
    path = models.ForeignKey(Path, models.CASCADE, related_name="enrolments", verbose_name=_("path"))
    chosen_at = models.DateTimeField(_("chosen at"), default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["-chosen_at"]
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="enrolment_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.path_id}"
