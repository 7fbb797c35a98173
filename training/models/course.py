"""Courses and their lessons."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from markdownx.models import MarkdownxField

from knowledge import markdown
from knowledge.enums import Competency, Status
from knowledge.enums import Course as CourseCode
from knowledge.models.fields import VERIFY_DAYS, ChangedAt
from knowledge.models.freshness import Verified, VerifiedRows, in_the_past
from knowledge.search.document import SearchDocument
from knowledge.search.indexed import Indexed
from training.enums import CourseKind

Reader = Any


class CourseQuerySet(models.QuerySet["Course"]):
    def published(self) -> CourseQuerySet:
        return self.filter(status=Status.PUBLISHED)

    def visible_to(self, user: Reader) -> CourseQuerySet:
        """Published, or the reader may change courses."""
        if isinstance(user, AnonymousUser) or not user.is_active:
            return self.none()
        return self if user.is_staff and user.has_perm("training.change_course") else self.published()


class Course(models.Model):
    """A row of lessons with a quiz at its end."""

    code = models.CharField(_("code"), max_length=16, choices=CourseCode.choices, unique=True)
    title = models.CharField(_("title"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=CourseKind.choices)
    competency = models.CharField(_("competency"), max_length=16, choices=Competency.choices)
    summary = models.CharField(_("summary"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    needs = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="opens", verbose_name=_("courses to finish first")
    )
    loaded_hash = models.CharField(max_length=64, blank=True, editable=False)
    updated_at = ChangedAt(_("updated at"), db_index=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.title

    def to_document(self) -> dict[str, Any]:
        """The canonical document, its quiz in it as the number of questions it draws."""
        quiz = getattr(self, "quiz", None)
        return {
            "code": self.code,
            "title": self.title,
            "kind": self.kind,
            "competency": self.competency,
            "summary": self.summary,
            "questions": str(sum(int(rule["count"]) for rule in quiz.rules) if quiz else 0),
            "needs": [course.code for course in self.needs.all()],
        }


def sees_drafts(user: Reader) -> bool:
    """Whether this reader may change lessons, and so sees those that are not published."""
    return bool(user.is_active and user.is_staff and user.has_perm("training.change_lesson"))


class LessonQuerySet(VerifiedRows, models.QuerySet["Lesson"]):
    def published(self) -> LessonQuerySet:
        return self.filter(status=Status.PUBLISHED, course__status=Status.PUBLISHED)

    def visible_to(self, user: Reader) -> LessonQuerySet:
        """Published in a published course, or the reader may change lessons."""
        if isinstance(user, AnonymousUser) or not user.is_active:
            return self.none()
        return self if sees_drafts(user) else self.published()


class Lesson(Verified, Indexed, models.Model):
    """One idea, read in a few minutes. Cards and checkpoints stand in the body by reference."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="lessons", verbose_name=_("course"))
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=5)
    facts = models.JSONField(_("facts"), default=list, blank=True)
    takeaways = models.JSONField(_("takeaways"), default=list, blank=True)
    checks = models.JSONField(_("checkpoints"), default=list, blank=True)
    body = MarkdownxField(_("text"))
    body_html = models.TextField(editable=False)
    # The body cut at its references: ["html", text], ["card", slug] or ["check", number], in order.
    segments = models.JSONField(default=list, editable=False)
    # [{"level": "2", "id": …, "title": …}]
    headings = models.JSONField(default=list, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_lessons",
        verbose_name=_("owner"),
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True, validators=[in_the_past])
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("verified by"),
    )
    verify_days = models.PositiveSmallIntegerField(
        _("verify every (days)"), default=VERIFY_DAYS, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    loaded_hash = models.CharField(max_length=64, blank=True, editable=False)
    updated_at = ChangedAt(_("updated at"), db_index=True)
    uses = GenericRelation("knowledge.Use", verbose_name=_("cards used"))

    objects = LessonQuerySet.as_manager()
    search_kind: ClassVar[str] = "lesson"
    search_parts: ClassVar[tuple[tuple[str, str], ...]] = ()

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        permissions = [("publish_lesson", "Can publish lessons directly")]
        ordering = ["course__position", "position", "slug"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("lesson", args=[self.course.code, self.slug])

    def to_document(self) -> dict[str, Any]:
        """The canonical document: front matter keys in order, then the body."""
        return {
            "course": self.course.code,
            "slug": self.slug,
            "position": str(self.position),
            "title": self.title,
            "minutes": str(self.minutes),
            "facts": list(self.facts),
            "takeaways": list(self.takeaways),
            "checks": list(self.checks),
            "body": self.body,
        }

    @classmethod
    def searchable(cls) -> models.QuerySet[Lesson]:
        return cls.objects.exclude(status=Status.RETIRED).select_related("course").order_by("pk")

    def search_document(self) -> SearchDocument | None:
        if self.status == Status.RETIRED:
            return None
        return SearchDocument(
            kind=self.search_kind,
            object_id=self.pk,
            slug=self.slug,
            title=self.title,
            aliases=tuple(self.takeaways),
            body=markdown.plain(self.body_html),
            codes=(),
            published=self.status == Status.PUBLISHED and self.course.status == Status.PUBLISHED,
            audience=(),
            facets=(f"course:{self.course.code}", f"competency:{self.course.competency}"),
            uses=0,
        )
