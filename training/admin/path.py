"""Paths: courses in order, and the exam at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.admin.rows import Choice, RowsField
from knowledge.admin.written import WrittenForm
from knowledge.documents import SLUG
from knowledge.enums import Status
from training.admin.base import Copied
from training.admin.options import bullets
from training.admin.quiz import QuizRead, cooldown_field, pass_mark_field, time_limit_field
from training.models import Course, Enrolment, Path
from training.services import paths, pools


class PathForm(WrittenForm):
    """One path. The exam's fields are its quiz in the words people plan in."""

    # Not `courses`: the model has that, and a form saves it as it likes.
    steps = RowsField(Choice("course", _("course"), ()), label=_("courses, in order"), start=3, bare=True)
    each = forms.IntegerField(
        label=_("exam: questions from each course"),
        required=False,
        min_value=1,
        max_value=20,
        help_text=_("Left empty, the path ends without an exam, and without a certificate."),
    )
    pass_mark = pass_mark_field()
    time_limit = time_limit_field()
    cooldown = cooldown_field()

    class Meta:
        model = Path
        fields = ("title", "slug", "summary", "position", "valid_months", "status")
        widgets = {"summary": AdminTextareaWidget({"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "steps" not in self.fields:
            return
        field: Any = self.fields["steps"]
        field.column("course").choices = list(Course.objects.values_list("code", "title"))
        if self.instance.pk:
            self.initial["steps"] = [step.course.code for step in self.instance.steps.select_related("course")]
        if exam := paths.exam_of(self.instance):
            self.initial.update(asdict(exam))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        slug = cleaned.get("slug")
        if slug and not SLUG.match(slug):
            self.add_error("slug", gettext("use lower-case letters, digits and single hyphens"))
        codes = cleaned.get("steps", [])
        self._check_courses(codes, cleaned)
        if cleaned.get("each") and not self.errors and {"each", "steps"} & set(self.changed_data):
            self._check_pools(codes, cleaned["each"])
        return cleaned

    def _check_courses(self, codes: list[str], cleaned: dict[str, Any]) -> None:
        field: Any = self.fields["steps"]
        known = dict(field.column("course").choices)
        for at, code in enumerate(codes):
            if code not in known:
                self.add_error("steps", field.tell((at,), gettext("%r is no course") % code))
            elif code in codes[:at]:
                self.add_error("steps", field.tell((at,), gettext("%r stands here twice") % str(known[code])))
        if not codes and (cleaned.get("status") == Status.PUBLISHED or cleaned.get("each")):
            self.add_error("steps", gettext("A path that readers see, or one with an exam, needs a course."))

    def _check_pools(self, codes: list[str], each: int) -> None:
        rules = [{"course": code, "count": each} for code in codes]
        titles = dict(Course.objects.values_list("code", "title"))
        if few := [f"{titles[codes[at]]} ({left})" for at, _wanted, left in pools.short(rules)]:
            self.add_error("each", gettext("Fewer published questions than that: %s") % "、".join(few))

    def exam(self) -> paths.Exam | None:
        cleaned = self.cleaned_data
        if not cleaned["each"]:
            return None
        return paths.Exam(cleaned["each"], cleaned["pass_mark"], cleaned["time_limit"], cleaned["cooldown"])


@admin.register(Path)
class PathAdmin(QuizRead, Copied):
    form = PathForm
    list_display = ("title", "slug", "course_count", "exam", "valid_months", "status", "position")
    list_editable = ("position",)
    list_select_related = ("exam",)
    list_filter = ("status",)
    search_fields = ("title", "summary", "slug")
    actions = ("publish", "retire")
    rides_along = (Enrolment,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Path]:
        return super().get_queryset(request).annotate(course_total=Count("steps"))

    @admin.display(description=_("courses"), ordering="course_total")
    def course_count(self, path: Any) -> int:
        return int(path.course_total)

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Path]) -> None:
        """Not without a course: readers would be sent on a way that leads nowhere."""
        if empty := [path.title for path in queryset.filter(steps=None)]:
            told = gettext("Nothing was published. These paths have no course yet: %s") % "、".join(empty)
            self.message_user(request, told, messages.ERROR)
        else:
            super().publish(request, queryset)

    def remove(self, items: Iterable[Path]) -> None:
        paths.delete(items)

    def make_copy(self, request: HttpRequest, item: Path) -> Path:
        return paths.duplicate(item)

    def get_view_on_site_url(self, obj: Path | None = None) -> str | None:
        """Readers' pages know published paths only."""
        return reverse("path", args=[obj.slug]) if obj and obj.status == Status.PUBLISHED else None

    def get_fieldsets(self, request: HttpRequest, obj: Path | None = None) -> Any:
        head = ("title", "slug", "summary", ("position", "valid_months"), "status")
        if obj and not self.has_change_permission(request, obj):
            return [(None, {"fields": head}), (_("Courses"), {"fields": ("courses_read", "exam_read")})]
        exam = ("each", ("pass_mark", "time_limit", "cooldown"))
        return [
            (None, {"fields": head}),
            (_("Courses"), {"fields": ("steps",)}),
            (_("Final exam"), {"fields": (*exam, "exam_read") if obj and obj.exam else exam}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Path | None = None) -> Any:
        fixed = ("courses_read", "exam_read")
        return (*fixed, "slug") if obj else fixed

    @admin.display(description=_("courses"))
    def courses_read(self, path: Path) -> SafeString:
        steps = path.steps.select_related("course")
        return bullets((f"{at}.", step.course.title) for at, step in enumerate(steps, 1))

    @admin.display(description=_("exam as it is"))
    def exam_read(self, path: Path) -> Any:
        if not (quiz := path.exam):
            return self.get_empty_value_display()
        address = reverse("admin:training_quiz_change", args=[quiz.pk])
        return format_html('<a href="{}">{}</a> {}', address, quiz.title, self.rules_read(quiz))

    def save_model(self, request: HttpRequest, obj: Path, form: Any, change: bool) -> None:
        if not isinstance(form, PathForm):  # a row of the list, where only the position is changed
            obj.save()
            return
        by_code = {course.code: course for course in Course.objects.all()}
        paths.save(obj, [by_code[code] for code in form.cleaned_data["steps"]], form.exam())
