"""Wording rules: clues row by row, examples that are run before anything is saved, and a box to try the rule in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import Drafted
from knowledge.admin.document_form import DocumentForm
from knowledge.admin.rows import Choice, Column, LineList, Lines, RowsField
from knowledge.checker.rules import KEYS, canonical, found_in, rule_problems
from knowledge.documents import Document, Problem, tidy, tidy_document
from knowledge.enums import Status
from knowledge.models import Card, WordingRule
from knowledge.services import checking, rules, workflow
from knowledge.services.rules import FORM_WORDS, WITHIN_WORDS, read_rule

LONGEST_TRIAL = checking.LONGEST
PATTERN_PLACES = (("clues",), ("unless",), ("without",))
CLUE_COLUMNS = (
    Lines("match", _("finds")),
    Lines("beside", _("only beside")),
    Lines("unless", _("not where this overlaps")),
    Lines("without", _("not in a reply with")),
    Choice("within", _("looks only within"), [(key, WITHIN_WORDS[key]) for key in ("sentence", "reply")],
           WITHIN_WORDS["clause"]),
    Choice("form", _("only"), [(key, FORM_WORDS[key]) for key in ("question", "statement")], _("in any sentence")),
    Column("longest", _("only in replies of at most so many characters")),
    Column("least", _("at least so many times")),
    Column("dense", _("one to so many characters at most")),
    Column("better", _("what stands there instead, letter for letter")),
)  # fmt: skip


class RuleForm(DocumentForm):
    """One rule. A rule that breaks its own examples is refused here as everywhere."""

    better = LineList(label=_("better wording"), required=False, help_text=_("One a line."))
    lesson = forms.ChoiceField(label=_("lesson"), required=False)
    clues = RowsField(
        *CLUE_COLUMNS,
        label=_("clues"),
        help_text=_("With nothing to find, but a greatest length, a clue finds every reply that short as a whole."),
    )
    unless = LineList(
        label=_("not where this overlaps"), required=False, help_text=_("Patterns, one a line. They spare every clue.")
    )
    without = LineList(
        label=_("not in a reply with"), required=False, help_text=_("Patterns, one a line. They spare every clue.")
    )
    catches = LineList(
        label=_("must be found"),
        help_text=_("Replies the rule must find, one a line. They are run before it is saved."),
    )
    passes = LineList(
        label=_("must not be found"), help_text=_("Replies it must let pass, one a line: the traps above all.")
    )
    trial = forms.CharField(
        label=_("Try it"),
        required=False,
        max_length=LONGEST_TRIAL,
        widget=forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
        help_text=_("A reply to try the rule on as it stands above. Nothing of it is kept."),
    )
    found: list[str] | None = None  # in the trial

    class Meta:
        model = WordingRule
        fields = (
            "severity",
            "status",
            "about",
            "better",
            "card",
            "lesson",
            "clues",
            "unless",
            "without",
            "catches",
            "passes",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "lesson" in self.fields:
            named = [(self.instance.lesson, self.instance.lesson)] if self.instance.lesson else []
            titles = {slug: lesson.title for slug, lesson in checking.all_lessons(self.request.user).items()}
            choices = dict(named) | titles
            self.fields["lesson"].choices = [("", "---------"), *choices.items()]  # type: ignore[attr-defined]

    def problems(self, cleaned: dict[str, Any]) -> list[Problem]:
        return rules.problems(self._document(cleaned))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "_try" in self.data:
            self._try(cleaned)
        return cleaned

    def _try(self, cleaned: dict[str, Any]) -> None:
        """Nothing is saved: what the rule would find, though its examples may not hold yet."""
        grave = set(self.errors) - {"catches", "passes", "__all__"}
        text = tidy(cleaned.get("trial") or "")
        document = self._document(cleaned | {key: cleaned.get(key, []) for key in ("catches", "passes")})
        if grave or not text or [place for place, _told in rule_problems(document) if place[:1] in PATTERN_PLACES]:
            self.add_error(None, gettext("Nothing is saved. There is nothing to try yet: write a reply into the box."))
            return
        self.found = found_in(document, text)
        spans = "、".join(f"「{span}」" for span in self.found)
        told = gettext("Tried, not saved. The rule finds: %s") % spans if spans else ""
        self.add_error(None, told or gettext("Tried, not saved. The rule finds nothing in this reply."))

    def document(self) -> Document:
        return self._document(self.cleaned_data)

    def _document(self, cleaned: dict[str, Any]) -> Document:
        """The document as `WordingRule.to_document` will give it after the save."""
        rule = self.instance
        card = cleaned.get("card", rule.card)
        values = {key: cleaned.get(key, getattr(rule, key)) for key in KEYS if key not in ("code", "card")}
        return canonical(tidy_document({"code": rule.code, **values, "card": card.slug if card else ""}))


@admin.register(WordingRule)
class WordingRuleAdmin(Drafted):
    form = RuleForm
    change_form_template = "admin/knowledge/wordingrule/change_form.html"
    list_display = ("name", "severity", "status", "clue_count", "example_count", "version")
    list_filter = ("severity", "status")
    search_fields = ("code", "about")
    ordering = ("code",)
    actions = ("publish", "retire")
    save_on_top = True

    class Media:
        css = {"all": ["admin_ours/card.css", "admin_ours/lists.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A rule a code: they came with the site."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[WordingRule]:
        return super().get_queryset(request).select_related("card")

    @admin.display(description=_("wording rule"), ordering="code")
    def name(self, rule: WordingRule) -> str:
        return str(rule)

    @admin.display(description=_("clues"))
    def clue_count(self, rule: WordingRule) -> int:
        return len(rule.clues)

    @admin.display(description=_("examples"))
    def example_count(self, rule: WordingRule) -> int:
        return len(rule.catches) + len(rule.passes)

    # Actions

    @admin.action(description=_("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[WordingRule]) -> None:
        self._stage(request, list(queryset), Status.PUBLISHED, gettext("Published."))

    @admin.action(description=_("Retire"), permissions=["publish"])
    def retire(self, request: HttpRequest, queryset: QuerySet[WordingRule]) -> None:
        self._stage(request, list(queryset), Status.RETIRED, gettext("Retired."))

    def set_status(self, items: Iterable[WordingRule], status: Status) -> None:
        rules.set_status(items, status)

    def _stage(self, request: HttpRequest, chosen: list[WordingRule], status: Status, entry: str) -> None:
        self.set_status(chosen, status)
        workflow.note_status(chosen, status, by=request.user)
        for rule in chosen:
            self.log_change(request, rule, entry)
        done = ngettext("%(count)d changed to “%(status)s”.", "%(count)d changed to “%(status)s”.", len(chosen))
        self.message_user(request, done % {"count": len(chosen), "status": status.label}, messages.SUCCESS)

    # Form

    def get_fieldsets(self, request: HttpRequest, obj: WordingRule | None = None) -> Any:
        head = (None, {"fields": ("code", "severity", "status")})
        if obj and not self.has_change_permission(request, obj):
            read = ("about", "better_read", "clues_read", "catches_read", "passes_read")
            return [head, (_("Rule"), {"fields": (*read, "card", "lesson")})]
        return [
            head,
            (_("What people read"), {"fields": ("about", "better", "card", "lesson")}),
            (_("What it finds"), {"fields": ("clues", "unless", "without"), "classes": ("clues",)}),
            (_("Examples that prove it"), {"fields": ("catches", "passes")}),
            (_("Try it"), {"fields": ("trial",)}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: WordingRule | None = None) -> Any:
        fixed = ["code", "better_read", "clues_read", "catches_read", "passes_read"]
        return fixed if self.has_publish_permission(request) else [*fixed, "status"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        only_read = dict.fromkeys(
            name for name in ("trial", *self.get_readonly_fields(request, obj))
            if name in RuleForm.base_fields and (name != "trial" or not self.has_change_permission(request, obj))
        )  # fmt: skip
        own = type(RuleForm.__name__, (RuleForm,), only_read)
        return super().get_form(request, obj, change, **{"form": own, **kwargs})

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "card" and field is not None:
            field.queryset = Card.objects.order_by("title")
            for door in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{door}_related", False)
        return field

    @admin.display(description=_("better wording"))
    def better_read(self, rule: WordingRule) -> SafeString:
        return _list(rule.better)

    @admin.display(description=_("clues"))
    def clues_read(self, rule: WordingRule) -> SafeString:
        said = read_rule(rule.to_document())["clues"]
        return _list("；".join(clue.get("match", [])) for clue in said)

    @admin.display(description=_("must be found"))
    def catches_read(self, rule: WordingRule) -> SafeString:
        return _list(rule.catches)

    @admin.display(description=_("must not be found"))
    def passes_read(self, rule: WordingRule) -> SafeString:
        return _list(rule.passes)


def _list(rows: Iterable[str]) -> SafeString:
    return format_html('<ul class="plain">{}</ul>', format_html_join("", "<li>{}</li>", ((row,) for row in rows)))
