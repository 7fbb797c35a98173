"""Lessons: edited like a document, saved as one version, never over somebody else's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from markdownx.models import MarkdownxField

from knowledge.admin.base import WithFacts
from knowledge.admin.document_form import DocumentForm
from knowledge.admin.fields import FactIds, fact_help
from knowledge.admin.filters import FreshnessFilter
from knowledge.admin.rows import Column, Parts, RowsField, RowsWidget, Text
from knowledge.admin.verified import VERIFIED_FIELDS, VerifiedAdmin
from knowledge.admin.widgets import MarkdownWidget
from knowledge.documents import Document, Problem
from knowledge.enums import Status
from knowledge.models import Card
from training.admin.base import Leaning, RecheckFilter
from training.admin.options import option_columns, options_read
from training.documents import LESSON_KEYS, lesson_problems, places
from training.models import Lesson
from training.services import lessons

LAST_POSITION = 99  # two digits of a file's name
LONGEST_PREVIEW = 20_000  # characters


class LessonTextWidget(MarkdownWidget):
    preview_name = "admin:training_lesson_preview"


class LessonForm(DocumentForm):
    """One lesson."""

    deleted_words = _("Somebody has deleted this lesson meanwhile. Your text is still below: copy it.")

    position = forms.IntegerField(
        label=_("position"),
        required=False,
        min_value=0,
        max_value=LAST_POSITION,
        help_text=_("Left empty, it comes last in its course."),
    )
    minutes = forms.IntegerField(label=_("minutes"), min_value=1, max_value=90, initial=5)
    facts = FactIds(label=_("facts"), required=False, widget=AdminTextInputWidget)
    takeaways = RowsField(Column("text", _("takeaway")), label=_("takeaways"), start=3, bare=True)
    checks = RowsField(
        Column("prompt", _("situation and question"), Text(2)),
        Parts("options", _("options"), RowsWidget(option_columns(), start=3)),
        label=_("checkpoints"),
        help_text=_("Put each into the text with {{check:1}}, {{check:2}} and so on, on a line of its own."),
    )

    class Meta:
        model = Lesson
        fields = (
            *("title", "slug", "course", "position", "minutes", "status", *VERIFIED_FIELDS),
            *("body", "takeaways", "checks", "facts"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "facts" in self.fields:
            self.fields["facts"].help_text = fact_help()
        if "body" in self.fields:
            self.fields["body"].help_text = _("{{card:slug}} on a line of its own shows a card of the phrasebook.")

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("position", 0) is None and cleaned.get("course"):
            last = lessons.next_position(cleaned["course"])
            cleaned["position"] = min(last, LAST_POSITION)
        return super().clean()

    def problems(self, cleaned: dict[str, Any]) -> list[Problem]:
        document = self._document(cleaned)
        return lesson_problems(document) + _unknown_cards(document["body"])

    def document(self) -> Document:
        return self._document(self.cleaned_data)

    def _document(self, cleaned: dict[str, Any]) -> Document:
        """The document as `Lesson.to_document` will give it after the save."""
        values: dict[str, Any] = {key: cleaned.get(key, getattr(self.instance, key, None)) for key in LESSON_KEYS}
        course = values["course"]
        texts = {"course": course.code, "position": str(values["position"]), "minutes": str(values["minutes"])}
        return values | texts


def _unknown_cards(body: str) -> list[Problem]:
    named = {
        number: slug for number, line in enumerate(body.split("\n")) for kind, slug in places(line) if kind == "card"
    }
    known = set(Card.objects.filter(slug__in=named.values()).values_list("slug", flat=True))
    return [
        (("body", number), gettext("Unknown card: %s") % slug) for number, slug in named.items() if slug not in known
    ]


@admin.register(Lesson)
class LessonAdmin(WithFacts, VerifiedAdmin, Leaning):
    form = LessonForm
    formfield_overrides = {MarkdownxField: {"widget": LessonTextWidget}}
    list_display = ("title", "course", "position", "minutes", "status", "owner", "fresh", "recheck", "version")
    list_filter = ("status", FreshnessFilter, RecheckFilter, "course", ("owner", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("course", "owner")
    list_per_page = 100
    search_fields = ("title", "slug", "body")
    search_help_text = _("Words of the title or the text.")
    actions = ("publish", "retire", "rechecked", "verify")

    def set_status(self, items: Iterable[Lesson], status: Status) -> None:
        lessons.set_status(items, status)

    def remove(self, items: Iterable[Lesson]) -> None:
        lessons.delete(items)

    def make_copy(self, request: HttpRequest, item: Lesson) -> Lesson:
        return lessons.duplicate(item, author=request.user)

    def view_on_site(self, lesson: Lesson) -> str:
        return reverse("lesson", args=[lesson.course.code, lesson.slug])

    # Form

    def get_fieldsets(self, request: HttpRequest, obj: Lesson | None = None) -> Any:
        head = (None, {"fields": ("title", "slug", ("course", "position", "minutes"), "status", VERIFIED_FIELDS)})
        if obj and not self.has_change_permission(request, obj):
            return [
                head,
                (_("Text"), {"fields": ("body_read", "checks_read", "takeaways_read", "fact_texts", "notes")}),
            ]
        facts = ("facts", "fact_texts", "notes") if obj else ("facts",)
        return [
            head,
            (_("Text"), {"fields": ("body",), "classes": ("text",)}),
            (_("Checkpoints"), {"fields": ("checks",)}),
            (_("What the reader has learnt"), {"fields": ("takeaways",)}),
            (_("Facts and what follows from them"), {"fields": facts}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Lesson | None = None) -> Any:
        """A slug is an address people have shared: it is chosen once."""
        fixed = ["fact_texts", "notes", "body_read", "checks_read", "takeaways_read"]
        fixed += ["slug"] if obj else []
        return fixed if self.has_publish_permission(request) else [*fixed, "status"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if body := form.base_fields.get("body"):
            body.widget.may_upload = request.user.has_perm("knowledge.upload_picture")
        return form

    @admin.display(description=_("text"))
    def body_read(self, lesson: Lesson) -> SafeString:
        return mark_safe(lesson.body_html)  # sanitised when it was rendered

    @admin.display(description=_("takeaways"))
    def takeaways_read(self, lesson: Lesson) -> SafeString:
        return format_html('<ul class="plain">{}</ul>', format_html_join("", "<li>{}</li>", zip(lesson.takeaways)))

    @admin.display(description=_("checkpoints"))
    def checks_read(self, lesson: Lesson) -> SafeString:
        return format_html_join(
            "", "<p>{}</p>{}", ((check["prompt"], options_read(check["options"])) for check in lesson.checks)
        )

    # Preview

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.preview_view))
        return [path("preview/", view, name="training_lesson_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The HTML of a lesson's text, its cards and checkpoints as boxes where they will stand. The header tells the
        script that this is no sign-in page."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        text = request.POST.get("text", "")
        if len(text) > LONGEST_PREVIEW:
            return HttpResponse(status=413)
        segments, _headings = lessons.render(text.replace("\r\n", "\n"))
        slugs = [part for kind, part in segments if kind == "card"]
        titles = dict(Card.objects.filter(slug__in=slugs).values_list("slug", "title"))
        parts = [(kind, part, titles.get(str(part), "")) for kind, part in segments]
        answer = render(request, "admin/training/preview.html", {"parts": parts})
        answer.headers["X-Fragment"] = "preview"
        return answer
