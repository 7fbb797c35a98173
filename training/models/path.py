"""Paths: courses in order for a role, with the exam that ends them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Status
from knowledge.models.fields import ChangedAt
from training.models.course import Course


class PathQuerySet(models.QuerySet["Path"]):
    def published(self) -> PathQuerySet:
        """Published, with a course to begin with: one whose courses are all withdrawn would be an exam for free."""
        steps = PathCourse.objects.filter(path=OuterRef("pk"), course__status=Status.PUBLISHED)
        return self.filter(Exists(steps), status=Status.PUBLISHED)

    def visible_to(self, user: Any) -> PathQuerySet:
        """Published, or the reader may change paths."""
        if isinstance(user, AnonymousUser) or not user.is_active:
            return self.none()
        return self if user.is_staff and user.has_perm("training.change_path") else self.published()


class Path(models.Model):
    """What somebody works through to be ready for a kind of shift."""

    slug = models.SlugField(_("slug"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=40)
    summary = models.CharField(_("summary"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    courses = models.ManyToManyField(Course, through="PathCourse", related_name="paths", verbose_name=_("courses"))
    exam = models.ForeignKey(
        "training.Quiz", models.PROTECT, null=True, blank=True, related_name="paths", verbose_name=_("final exam")
    )
    valid_months = models.PositiveSmallIntegerField(_("certificate valid for months"), default=12)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    loaded_hash = models.CharField(max_length=64, blank=True, editable=False)
    updated_at = ChangedAt(_("updated at"), db_index=True)

    objects = PathQuerySet.as_manager()

    class Meta:
        verbose_name = _("path")
        verbose_name_plural = _("paths")
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.title

    def to_document(self) -> dict[str, Any]:
        """The canonical document: steps by course code, and the exam in the units people plan in."""
        document: dict[str, Any] = {
            "slug": self.slug,
            "title": self.title,
            "summary": self.summary,
            "courses": [step.course.code for step in self.steps.all()],
        }
        if exam := self.exam:
            document["exam"] = {
                "questions": str(max((int(rule["count"]) for rule in exam.rules), default=0)),
                "pass": str(exam.pass_mark),
                "minutes": str((exam.time_limit or 0) // 60),
                "cooldown_hours": str(exam.cooldown // 3600),
            }
        return document


class PathCourse(models.Model):
    """A course's place on a path."""

    path = models.ForeignKey(Path, models.CASCADE, related_name="steps", verbose_name=_("path"))
    course = models.ForeignKey(Course, models.PROTECT, related_name="steps", verbose_name=_("course"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["path", "course"], name="course_once_on_path")]

    def __str__(self) -> str:
        return f"{self.path_id} {self.position}"
