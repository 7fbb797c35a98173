"""The forms of questions: one a type, each with what that type needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.admin.document_form import DocumentForm
from knowledge.admin.fields import FactIds, fact_help
from knowledge.admin.rows import Choice, Column, LineList, Lines, RowsField, Text
from knowledge.documents import Document, Problem
from knowledge.enums import Side
from knowledge.models import Card, Line
from training.admin.options import option_columns
from training.documents import BODY, question_keys, question_problems
from training.enums import QuestionType
from training.models import Question
from training.services import questions

DIFFICULTIES = [(1, _("1 · known or not")), (2, _("2 · used in a situation")), (3, _("3 · weighed up"))]


def paragraph(label: Any, help_text: Any = "", rows: int = 3) -> forms.CharField:
    widget = AdminTextareaWidget({"rows": rows})
    return forms.CharField(label=label, help_text=help_text, widget=widget)


class QuestionForm(DocumentForm):
    """What all types share. Subclasses have a field for each key of their type's body."""

    boxes = {"id": "code"}
    kind: QuestionType
    deleted_words = _("Somebody has deleted this question meanwhile. Your text is still below: copy it.")

    code = forms.SlugField(
        label=_("id"), required=False, max_length=40, help_text=_("Left empty, the next number of the course is taken.")
    )
    difficulty = forms.TypedChoiceField(label=_("difficulty"), choices=DIFFICULTIES, coerce=int, initial=2)
    facts = FactIds(label=_("facts"), required=False, widget=AdminTextInputWidget)

    class Meta:
        model = Question
        fields = ("code", "course", "competency", "difficulty", "status", "card", "prompt", "explanation", "facts")
        widgets = {"prompt": AdminTextareaWidget({"rows": 3}), "explanation": AdminTextareaWidget({"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.type = self.kind
        for key in BODY[self.kind]:
            if key in self.instance.body:
                self.initial[key] = self.instance.body[key]
        if "facts" in self.fields:
            self.fields["facts"].help_text = fact_help()

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "code" in self.fields and not cleaned.get("code") and not self.errors:
            cleaned["code"] = questions.next_code(cleaned["course"])
        return super().clean()

    def problems(self, cleaned: dict[str, Any]) -> list[Problem]:
        found = question_problems(self._document(cleaned))
        code, course = cleaned.get("code"), cleaned.get("course")
        if code and not code.startswith(f"{course}-"):
            found.append((("id",), gettext("the id begins with the course: %s-") % course))
        self.instance.body = {key: cleaned[key] for key in BODY[self.kind]}
        return found

    def document(self) -> Document:
        return self._document(self.cleaned_data)

    def _document(self, cleaned: dict[str, Any]) -> Document:
        """The document as `Question.to_document` will give it after the save."""
        stored = {"id": self.instance.code, "competency": self.instance.competency, "card": self.instance.card}
        values = stored | cleaned | {"type": str(self.kind), "difficulty": str(cleaned["difficulty"])}
        values["id"] = cleaned.get("code") or self.instance.code
        values["card"] = values["card"].slug if values["card"] else ""
        return {key: values[key] for key in question_keys(self.kind) if key != "card" or values["card"]}


class SingleForm(QuestionForm):
    kind = QuestionType.SINGLE
    options = RowsField(*option_columns(), label=_("options"), start=4)


class MultipleForm(QuestionForm):
    kind = QuestionType.MULTIPLE
    options = RowsField(*option_columns(), label=_("options"), start=5)


class TrueFalseForm(QuestionForm):
    kind = QuestionType.TRUEFALSE
    options = RowsField(*option_columns(), label=_("options"), start=2, fixed=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The words are content, and content is Chinese.
        self.initial.setdefault("options", [{"text": text, "right": "no", "feedback": ""} for text in ("对", "错")])


class BetterForm(QuestionForm):
    """Its card is chosen before the form opens, and stays."""

    kind = QuestionType.BETTER
    options = RowsField(
        *option_columns(Choice("line", _("line"), ())),
        label=_("options"),
        start=2,
        fixed=True,
        help_text=_("The words follow the card: whoever edits a line there changes it here too."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.instance.card = getattr(self.request, "chosen_card", None)
        self.initial.setdefault("options", [{"line": "", "right": right, "feedback": ""} for right in ("yes", "no")])
        if self.instance.card and "options" in self.fields:
            self.fields["options"].column("line").choices = line_choices(self.instance.card)  # type: ignore[attr-defined]

    def problems(self, cleaned: dict[str, Any]) -> list[Problem]:
        known = set(Line.objects.filter(card=self.instance.card).values_list("code", flat=True))
        return super().problems(cleaned) + [
            (("options", at, "line"), gettext("Not a line of this card: %s") % option["line"])
            for at, option in enumerate(cleaned["options"])
            if option["line"] and option["line"] not in known
        ]


class OrderingForm(QuestionForm):
    kind = QuestionType.ORDERING
    steps = RowsField(Column("text", _("step"), Text(1)), label=_("steps, in the right order"), start=4, bare=True)
    feedback = paragraph(_("feedback"))


class MatchingForm(QuestionForm):
    kind = QuestionType.MATCHING
    pairs = RowsField(
        Column("left", _("left side"), Text(1)),
        Column("right", _("what belongs to it"), Text(1)),
        label=_("pairs"),
        start=4,
    )
    feedback = paragraph(_("feedback"))


class FillForm(QuestionForm):
    kind = QuestionType.FILL
    answers = LineList(
        label=_("accepted answers"),
        help_text=_("One a line. Width, case, spaces and punctuation do not count. The gap in the question is ____."),
    )
    feedback = paragraph(_("feedback"))


class RewriteForm(QuestionForm):
    kind = QuestionType.REWRITE
    draft = paragraph(_("reply to be rewritten"))
    points = RowsField(
        Column("name", _("what the reply must say")),
        Lines("any", _("wordings that count, one a line")),
        label=_("required points"),
        start=2,
        help_text=_("A point is made when any one of its wordings stands in the reply."),
    )
    forbids = LineList(
        label=_("wordings that spoil the reply"),
        required=False,
        help_text=_("One a line: words that must not stand in it, or the code of a wording rule, such as guessing."),
    )
    model = paragraph(_("a good reply"))


FORMS: dict[str, type[QuestionForm]] = {
    form.kind: form
    for form in (
        *(SingleForm, MultipleForm, TrueFalseForm, BetterForm),
        *(OrderingForm, MatchingForm, FillForm, RewriteForm),
    )
}


def line_choices(card: Card) -> list[tuple[Any, list[tuple[str, str]]]]:
    """The lines of a card by side, each with its code."""
    sides = ((Side.DO, card.say), (Side.DONT, card.avoid))
    return [(side.label, [(line.code, f"{line.code} {line.text}") for line in lines]) for side, lines in sides]
