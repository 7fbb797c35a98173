"""Quizzes and exams: what is drawn, when it is passed, how often it may be tried."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from knowledge.admin.rows import Choice, Number, RowsField
from knowledge.admin.written import WrittenForm
from knowledge.enums import Competency
from knowledge.enums import Course as CourseCode
from training.admin.base import Copied
from training.admin.options import bullets
from training.enums import QuizKind
from training.models import Quiz
from training.services import pools, quizsets
from training.services.quizzes import PRACTICE

MINUTE, HOUR = 60, 3600
DIFFICULTIES = [("1", "1"), ("2", "2"), ("3", "3")]
KNOWN = {"course": CourseCode.values, "competency": Competency.values, "difficulty": ["1", "2", "3"]}


class Span(forms.IntegerField):
    """Seconds in the database, a unit people plan in on the page."""

    def __init__(self, unit: int, **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(widget=AdminIntegerFieldWidget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value // self.unit if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        spans = super().clean(value)
        return spans if spans is None else spans * self.unit

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def pass_mark_field() -> forms.IntegerField:
    return forms.IntegerField(label=_("pass mark, percent"), min_value=1, max_value=100, initial=80)


def time_limit_field() -> Span:
    return Span(
        MINUTE, label=_("time limit, minutes"), required=False, min_value=1, max_value=600, help_text=_("Empty: none.")
    )


def cooldown_field() -> Span:
    return Span(HOUR, label=_("wait between attempts, hours"), min_value=0, max_value=720, initial=0)


class QuizForm(WrittenForm):
    """One quiz. In the database a rule leaves out what does not matter to it; here that is an empty choice."""

    rules = RowsField(
        Choice("course", _("course"), CourseCode.choices, _("any")),
        Choice("competency", _("competency"), Competency.choices, _("any")),
        Choice("difficulty", _("difficulty"), DIFFICULTIES, _("any")),
        Number("count", _("number of questions")),
        label=_("draw rules"),
        help_text=_("Drawn in this order, no question twice."),
    )
    pass_mark = pass_mark_field()
    time_limit = time_limit_field()
    attempts_allowed = forms.IntegerField(
        label=_("attempts allowed"), required=False, min_value=1, max_value=99, help_text=_("Empty: any number.")
    )
    cooldown = cooldown_field()

    class Meta:
        model = Quiz
        fields = ("title", "slug", "status", "rules", "pass_mark", "time_limit", "attempts_allowed", "cooldown")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "rules" not in self.fields:
            return
        self.initial["rules"] = [_row(rule) for rule in self.instance.rules]
        self._note_pools(self.instance.rules)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("slug") == PRACTICE:
            self.add_error("slug", gettext("this word is an address of the site already"))
        if "rules" in cleaned:
            rows, changed = cleaned["rules"], "rules" in self.changed_data
            cleaned["rules"] = [_rule(row) for row in rows]
            self._check_rules(rows, changed or "status" in self.changed_data)
        return cleaned

    def _check_rules(self, rows: list[dict[str, Any]], newly: bool) -> None:
        """A pool may shrink under a quiz that was sound: that is no reason to refuse another change of it."""
        if not rows:
            self.add_error("rules", gettext("Name at least one rule: a quiz draws its questions by them."))
        for at, row in enumerate(rows):
            if not isinstance(row["count"], int) or not row["count"]:
                self._tell(at, "count", gettext("a whole number is needed here"))
            for key, known in KNOWN.items():
                if row[key] and row[key] not in known:
                    self._tell(at, key, gettext("%r is not known") % row[key])
        if self.errors:
            return
        rules = self.cleaned_data["rules"]
        self._note_pools(rules)
        for at, wanted, left in pools.short(rules) if newly else ():
            values = {"wanted": wanted, "left": left}
            self._tell(
                at, "count", gettext("%(wanted)d are wanted, and %(left)d published questions are left for it") % values
            )

    def _tell(self, at: int, key: str, sentence: str) -> None:
        field: Any = self.fields["rules"]
        self.add_error("rules", field.tell((at, key), sentence))

    def _note_pools(self, rules: list[dict[str, Any]]) -> None:
        widget: Any = self.fields["rules"].widget
        widget.notes = {
            at: ngettext("Pool: %d published question.", "Pool: %d published questions.", size) % size
            for at, size in enumerate(pools.sizes(rules))
        }


def _row(rule: dict[str, Any]) -> dict[str, Any]:
    return {key: str(rule.get(key) or "") for key in pools.KEYS} | {"count": rule["count"]}


def _rule(row: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = {key: row[key] for key in pools.KEYS if row[key]}
    if row["difficulty"] in KNOWN["difficulty"]:
        named["difficulty"] = int(named["difficulty"])
    return named | {"count": row["count"]}


def _in_words(rule: dict[str, Any]) -> str:
    labels = {str(code): str(label) for code, label in (*CourseCode.choices, *Competency.choices)}
    named = [str(rule[key]) for key in pools.KEYS if rule.get(key)]
    return " · ".join(labels.get(name, name) for name in named) or gettext("any")


class QuizRead:
    """A quiz for those who may only look."""

    read = ("rules_read", "pass_mark", "limits_read")

    @admin.display(description=_("draw rules"))
    def rules_read(self, quiz: Quiz) -> SafeString:
        return bullets((str(rule["count"]), _in_words(rule)) for rule in quiz.rules)

    @admin.display(description=_("limits"))
    def limits_read(self, quiz: Quiz) -> str:
        limits = []
        if quiz.time_limit:
            minutes = quiz.time_limit // MINUTE
            limits.append(ngettext("%d minute", "%d minutes", minutes) % minutes)
        if quiz.attempts_allowed:
            limits.append(ngettext("%d attempt", "%d attempts", quiz.attempts_allowed) % quiz.attempts_allowed)
        if quiz.cooldown:
            hours = quiz.cooldown // HOUR
            limits.append(ngettext("%d hour between attempts", "%d hours between attempts", hours) % hours)
        return "、".join(limits) or gettext("None.")

    @admin.display(description=_("number of questions"))
    def total(self, quiz: Quiz) -> int:
        return sum(int(rule["count"]) for rule in quiz.rules)


@admin.register(Quiz)
class QuizAdmin(QuizRead, Copied):
    form = QuizForm
    list_display = ("title", "kind", "status", "total", "pass_mark", "limits_read")
    list_filter = ("kind", "status")
    search_fields = ("title", "slug")
    ordering = ("kind", "slug")
    actions = ("publish", "retire")

    def get_queryset(self, request: HttpRequest) -> Any:
        """The practice of wrong answers draws by no rules: there is nothing to set."""
        return super().get_queryset(request).exclude(kind=QuizKind.PRACTICE)

    def remove(self, items: Iterable[Quiz]) -> None:
        quizsets.delete(items)

    def make_copy(self, request: HttpRequest, item: Quiz) -> Quiz:
        return quizsets.duplicate(item)

    def view_on_site(self, quiz: Quiz) -> str:
        return reverse("quiz_preview", args=[quiz.slug])

    def get_fieldsets(self, request: HttpRequest, obj: Quiz | None = None) -> Any:
        head = ("title", "slug", *(("kind", "course") if obj else ()), "status")
        if obj and not self.has_change_permission(request, obj):
            return [(None, {"fields": head}), (_("Rules"), {"fields": self.read})]
        limits = (("pass_mark", "time_limit"), ("attempts_allowed", "cooldown"))
        return [
            (None, {"fields": head}),
            (_("Questions"), {"fields": ("total", "rules") if obj else ("rules",)}),
            (_("Limits"), {"fields": limits}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Quiz | None = None) -> Any:
        """The quiz of a course is made with its course: what is added here is an exam."""
        fixed = ("total", "rules_read", "limits_read", "kind", "course")
        return (*fixed, "slug") if obj else fixed

    def save_model(self, request: HttpRequest, obj: Quiz, form: Any, change: bool) -> None:
        if not change:
            obj.kind = QuizKind.EXAM
        obj.save()
