"""Quizzes and attempts. What was asked is frozen with the attempt: later edits never change a past result."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Status
from knowledge.models.fields import ChangedAt
from training.enums import AttemptState, QuizKind
from training.models.course import Course
from training.models.owned import OwnedQuerySet
from training.models.question import Question


class QuizQuerySet(models.QuerySet["Quiz"]):
    def published(self) -> QuizQuerySet:
        return self.filter(status=Status.PUBLISHED)

    def visible_to(self, user: Any) -> QuizQuerySet:
        """Published, or the reader may change quizzes."""
        if isinstance(user, AnonymousUser) or not user.is_active:
            return self.none()
        return self if user.is_staff and user.has_perm("training.change_quiz") else self.published()


class Quiz(models.Model):
    """A draw from a pool by rules: [{"course", "competency", "difficulty", "count"}], empty keys meaning any."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=QuizKind.choices)
    course = models.OneToOneField(
        Course, models.CASCADE, null=True, blank=True, related_name="quiz", verbose_name=_("course")
    )
    rules = models.JSONField(_("draw rules"), default=list)
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark, percent"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    time_limit = models.PositiveIntegerField(_("time limit, seconds"), null=True, blank=True)
    attempts_allowed = models.PositiveSmallIntegerField(_("attempts allowed"), null=True, blank=True)
    cooldown = models.PositiveIntegerField(_("wait between attempts, seconds"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PUBLISHED)
    updated_at = ChangedAt(_("updated at"), db_index=True)

    objects = QuizQuerySet.as_manager()

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.title


class AttemptQuerySet(OwnedQuerySet):
    def open(self) -> AttemptQuerySet:
        return self.filter(state=AttemptState.OPEN)

    def finished(self) -> AttemptQuerySet:
        return self.filter(state=AttemptState.FINISHED)


class Attempt(models.Model):
    """One person's one go at a quiz. The database keeps it to one open attempt per person and quiz."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="attempts", verbose_name=_("person")
    )
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="attempts", verbose_name=_("quiz"))
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=AttemptState.choices, default=AttemptState.OPEN)
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    points = models.DecimalField(_("points"), max_digits=7, decimal_places=3, null=True, blank=True)
    max_points = models.DecimalField(_("maximum"), max_digits=7, decimal_places=3, null=True, blank=True)
    # As it was when the attempt started: a mark moved later neither fails nor passes anybody.
    pass_mark = models.PositiveSmallIntegerField(_("pass mark, percent"), default=80)
    passed = models.BooleanField(_("passed"), null=True, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "quiz"], condition=Q(state="open"), name="one_open_attempt"),
            models.UniqueConstraint(fields=["user", "quiz", "number"], name="attempt_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz} · {self.user}"

    @property
    def percent(self) -> int:
        """The score in whole percent, rounded down: 79.9 is not 80."""
        return int(100 * (self.points or 0) / self.max_points) if self.max_points else 0


class AttemptItem(models.Model):
    """One question as it was asked: document and option order frozen, answer, time, points."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="items", verbose_name=_("attempt"))
    position = models.PositiveSmallIntegerField(_("position"))
    question = models.ForeignKey(Question, models.SET_NULL, null=True, related_name="items", verbose_name=_("question"))
    question_version = models.PositiveIntegerField(_("question version"))
    competency = models.CharField(_("competency"), max_length=16)
    document = models.JSONField(_("as asked"))
    answer = models.JSONField(_("answer"), null=True, blank=True)
    sequence = models.PositiveIntegerField(_("sequence"), default=0)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    seconds = models.PositiveIntegerField(_("seconds"), default=0)
    points = models.DecimalField(_("points"), max_digits=6, decimal_places=3, null=True, blank=True)
    max_points = models.DecimalField(_("maximum"), max_digits=6, decimal_places=3, default=1)
    first = models.BooleanField(_("first attempt"), default=False)
    # What the wording rules found in a rewritten reply when it was graded (training/services/rewriting.py).
    found = models.JSONField(_("findings"), default=list, blank=True, editable=False)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["attempt", "position"]
        constraints = [models.UniqueConstraint(fields=["attempt", "position"], name="item_position_once")]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.position}"
