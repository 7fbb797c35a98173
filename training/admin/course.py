"""Courses: what they are, what comes before them, their lessons in order, and their quiz."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from knowledge.admin.rows import RowsField, Told
from knowledge.admin.written import WrittenForm
from knowledge.enums import Course as CourseCode
from knowledge.enums import Status
from training.admin.base import Staged
from training.admin.quiz import QuizForm, QuizRead
from training.enums import QuizKind
from training.models import Course, Lesson, Quiz
from training.services import courses, items


class CourseForm(WrittenForm):
    """One course with the order of its lessons; its quiz is a form beside it."""

    needs = forms.ModelMultipleChoiceField(
        label=_("courses to finish first"),
        queryset=Course.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    lessons = RowsField(Told("lesson", ""), label=_("lessons"), start=0, bare=True, fixed=True)

    class Meta:
        model = Course
        fields = ("code", "title", "kind", "competency", "summary", "position", "status", "needs")
        widgets = {"summary": AdminTextareaWidget({"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "needs" in self.fields:
            self.fields["needs"].queryset = Course.objects.exclude(pk=self.instance.pk)  # type: ignore[attr-defined]
        if "code" in self.fields:
            taken = set(Course.objects.values_list("code", flat=True))
            self.fields["code"].choices = [  # type: ignore[attr-defined]
                choice for choice in CourseCode.choices if choice[0] not in taken
            ]
        if "lessons" in self.fields and self.instance.pk:
            self._list_lessons()

    def _list_lessons(self) -> None:
        field: Any = self.fields["lessons"]
        rows = list(self.instance.lessons.all())
        field.column("lesson").told = {str(lesson.pk): _lesson_row(lesson) for lesson in rows}
        self.initial["lessons"] = [str(lesson.pk) for lesson in rows]
        field.help_text = format_html(
            '<a href="{}?course={}">{}</a>',
            *(reverse("admin:training_lesson_add"), self.instance.pk, gettext("Add a lesson")),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.instance.pk and (way := courses.circle(self.instance, cleaned.get("needs", ()))):
            told = gettext("These courses would wait for each other, and nobody could begin: %s") % " → ".join(way)
            self.add_error("needs", told)
        return cleaned

    def order(self) -> list[Lesson]:
        """The lessons as the form has them, when it has moved any; one that came meanwhile goes to the end."""
        if "lessons" not in self.changed_data:
            return []
        there = {str(lesson.pk): lesson for lesson in self.instance.lessons.select_related("course")}
        asked = [there.pop(pk) for pk in self.cleaned_data["lessons"] if pk in there]
        return [*asked, *there.values()]


def _lesson_row(lesson: Lesson) -> SafeString:
    minutes = ngettext("%d minute", "%d minutes", lesson.minutes) % lesson.minutes
    address = reverse("admin:training_lesson_change", args=[lesson.pk])
    return format_html('<a href="{}">{}</a> · {} · {}', address, lesson.title, minutes, lesson.get_status_display())


class CourseQuizForm(QuizForm):
    """The quiz that ends a course; without a title it takes the course's."""

    title = forms.CharField(label=_("title"), max_length=60, required=False)


class QuizInline(QuizRead, admin.StackedInline):
    model = Quiz
    form = CourseQuizForm
    extra = max_num = 1
    can_delete = False
    view_on_site = False
    show_change_link = True
    verbose_name = verbose_name_plural = _("Course quiz")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """What came too late for the course is told on its quiz too: neither was saved."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.request = request  # type: ignore[attr-defined]
        return formset

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj and not self.has_change_permission(request, obj):
            return ("title", "status", *self.read)
        limits = ("time_limit", "attempts_allowed", "cooldown", "base")
        return ("title", "status", "total", "rules", "pass_mark", *limits)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("total", "rules_read", "limits_read")


@admin.register(Course)
class CourseAdmin(Staged):
    form = CourseForm
    inlines = (QuizInline,)
    list_display = ("title", "code", "kind", "competency", "status", "lesson_count", "position")
    list_editable = ("position",)
    list_filter = ("status", "kind")
    search_fields = ("title", "summary", "code")
    actions = ("publish", "retire")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The codes are fixed: when each has its course, there is none to add."""
        return super().has_add_permission(request) and Course.objects.count() < len(CourseCode)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Course]:
        return super().get_queryset(request).annotate(lesson_total=Count("lessons"))

    @admin.display(description=_("lessons"), ordering="lesson_total")
    def lesson_count(self, course: Any) -> int:
        return int(course.lesson_total)

    def set_status(self, items: Iterable[Course], status: Status) -> None:
        courses.set_status(items, status)

    def remove(self, items: Iterable[Course]) -> None:
        courses.delete(items)

    def view_on_site(self, course: Course) -> str:
        return reverse("course", args=[course.code])

    def get_fieldsets(self, request: HttpRequest, obj: Course | None = None) -> Any:
        head = ("title", "code", ("kind", "competency"), "summary", ("position", "status"))
        if obj and not self.has_change_permission(request, obj):
            return [(None, {"fields": head}), (_("Lessons"), {"fields": ("needs_read", "lessons_read")})]
        lists = [(_("Lessons"), {"fields": ("lessons",)})] if obj else []
        return [(None, {"fields": (*head, "needs")}), *lists]

    def get_readonly_fields(self, request: HttpRequest, obj: Course | None = None) -> Any:
        return ("needs_read", "lessons_read", "code") if obj else ("needs_read", "lessons_read")

    @admin.display(description=_("courses to finish first"))
    def needs_read(self, course: Course) -> str:
        return "、".join(map(str, course.needs.all())) or self.get_empty_value_display()

    @admin.display(description=_("lessons"))
    def lessons_read(self, course: Course) -> SafeString:
        return format_html_join("", "<p>{}</p>", ((_lesson_row(lesson),) for lesson in course.lessons.all()))

    def save_model(self, request: HttpRequest, obj: Course, form: Any, change: bool) -> None:
        if isinstance(form, CourseForm):
            order = form.order() if change else ()
            courses.save(obj, needs=form.cleaned_data["needs"], order=order, author=request.user)
        else:  # a row of the list, where only the position is changed
            obj.save()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for quiz in formset.save(commit=False):
            # The title is content, and content is Chinese.
            quiz.title = quiz.title or f"{quiz.course.title}小测"
            if not quiz.slug:
                taken = Quiz.objects.filter(slug=quiz.course.code).exists()
                quiz.slug = items.free_slug(Quiz, quiz.course.code) if taken else quiz.course.code
                quiz.kind = QuizKind.COURSE
            quiz.save()
