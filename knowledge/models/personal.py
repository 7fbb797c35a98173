"""What belongs to one reader: favourite lines and private snippets."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge import variables
from knowledge.documents import CODE
from knowledge.models.card import Line
from knowledge.search.document import SearchDocument
from knowledge.search.indexed import Indexed
from knowledge.text import fill_defaults


class Favourite(models.Model):
    """A line a reader keeps at hand."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    line = models.ForeignKey(Line, models.CASCADE, related_name="favourites")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["user", "line"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.line_id}"


class SnippetQuerySet(models.QuerySet["Snippet"]):
    def visible_to(self, user: Any) -> SnippetQuerySet:
        """A snippet is its author's alone; not even a trainer sees it."""
        return self.filter(user=user.pk) if user.is_authenticated else self.none()


class Snippet(Indexed, models.Model):
    """A private line with a short code, found by the same search."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="snippets")
    code = models.CharField(
        _("short code"),
        max_length=6,
        validators=[RegexValidator(CODE, _("2 to 4 lower-case letters and 1 or 2 digits."))],
    )
    title = models.CharField(_("when to use it"), max_length=30)
    text = models.TextField(_("text"), max_length=600)

    objects = SnippetQuerySet.as_manager()
    search_kind: ClassVar[str] = "snippet"
    search_parts: ClassVar[tuple[tuple[str, str], ...]] = ()

    class Meta:
        verbose_name = _("snippet")
        verbose_name_plural = _("snippets")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code"],
                name="snippet_code_once",
                violation_error_message=_("You already have a snippet with this code."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def clean(self) -> None:
        super().clean()
        if wrong := variables.problems(self.text):
            raise ValidationError({"text": _("Unknown field or stray brace: %s") % "、".join(wrong)})

    @property
    def parts(self) -> list[variables.Part]:
        return list(variables.split(self.text))

    @classmethod
    def searchable(cls) -> models.QuerySet[Snippet]:
        return cls.objects.order_by("pk")

    def search_document(self) -> SearchDocument:
        return SearchDocument(
            kind=self.search_kind,
            object_id=self.pk,
            slug=f"{self.user_id}-{self.code}",
            title=self.title,
            aliases=(),
            body=f"{self.text}\n{fill_defaults(self.text)}",
            codes=(self.code,),
            published=True,
            audience=(f"user:{self.user_id}",),
            facets=(),
            uses=0,
        )
