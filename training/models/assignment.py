"""Paths people have to finish, by when, and what was agreed otherwise."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User, sees_results
from training.enums import Agreement
from training.models.path import Path


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def running(self) -> AssignmentQuerySet:
        return self.filter(ended_at=None)

    def visible_to(self, viewer: Any) -> AssignmentQuerySet:
        """Those whose people's results one may see: everybody's for trainers, else of the teams one leads."""
        if User.objects.every_result_visible_to(viewer):
            return self
        if not sees_results(viewer):
            return self.none()
        led, people = Team.objects.filter(leaders=viewer.pk), User.objects.results_visible_to(viewer)
        return self.filter(Q(team__in=led) | Q(person__in=people))


class Assignment(models.Model):
    """A path for a team, whoever joins it later included, or for one person.

    Due on a fixed local date, or so many days after the assignment or after joining the team, whichever is later
    (training/deadlines.py).
    """

    path = models.ForeignKey(Path, models.CASCADE, related_name="assignments", verbose_name=_("path"))
    team = models.ForeignKey(
        "accounts.Team", models.CASCADE, null=True, blank=True, related_name="assignments", verbose_name=_("team")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("person"),
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_days = models.PositiveSmallIntegerField(
        _("due after days"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    assigned_on = models.DateField(_("assigned on"), default=timezone.localdate)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("assigned by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["-assigned_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(team__isnull=False, person__isnull=True) | Q(team__isnull=True, person__isnull=False),
                name="assigned_to_one",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=False, due_days__isnull=True)
                | Q(due_on__isnull=True, due_days__isnull=False),
                name="due_in_one_way",
            ),
            models.UniqueConstraint(
                fields=["path", "team"], condition=Q(ended_at=None, team__isnull=False), name="team_path_once"
            ),
            models.UniqueConstraint(
                fields=["path", "person"], condition=Q(ended_at=None, person__isnull=False), name="person_path_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} · {self.team or self.person}"


class DeadlineChange(models.Model):
    """What was agreed with one person about one path: more time, or none needed. The newest counts."""

    Kind = Agreement

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="deadline_changes", verbose_name=_("person")
    )
    path = models.ForeignKey(Path, models.CASCADE, related_name="deadline_changes", verbose_name=_("path"))
    kind = models.CharField(_("kind"), max_length=10, choices=Agreement.choices)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("agreed by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("deadline change")
        verbose_name_plural = _("deadline changes")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["person", "path", "-at"], name="change_by_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.path_id} {self.kind}"
