"""The form of a dialogue: its graph as rows of turns, points, branches and endings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import kept_order
from knowledge.admin.document_form import DocumentForm
from knowledge.admin.fields import FactIds, fact_help
from knowledge.admin.rows import Choice, Column, LineList, Lines, Marks, Parts, RowsField, RowsWidget, Text, lines
from knowledge.documents import Document, Problem
from knowledge.enums import Rule
from knowledge.models import Card
from training.desk.documents import ANY, BRANCH_KEYS, DIALOGUE_KEYS, RANGES, in_order
from training.models import Dialogue
from training.services import dialogues
from training.services.wording import OUTCOMES

# Keys of the document that are boxes of the form and no columns.
LOOSE = ("facts", "cards", "brief", *RANGES, "again", "turns", "endings")
ANY_WORDS = gettext_lazy("any error or warning")


class RuleWords(Column):
    """Rules by their names, one a line; kept as codes. What is no rule stays as typed, for the form to refuse."""

    empty: Any = []

    def __init__(self, name: str, label: Any) -> None:
        super().__init__(name, label, Text(2))

    def read(self, data: Any, name: str) -> list[str]:
        codes = {str(rule.label): rule.value for rule in Rule} | {str(ANY_WORDS): ANY}
        return [codes.get(word, word) for word in lines(data.get(name) or "")]

    def draw(self, name: str, value: Any, attrs: dict[str, Any], marks: Marks) -> SafeString:
        words = {**{rule.value: str(rule.label) for rule in Rule}, ANY: str(ANY_WORDS)}
        return self.widget.render(name, "\n".join(words.get(code, code) for code in value), attrs)


def _points(start: int) -> RowsWidget:
    columns = (
        Column("name", _("what the reply must say")),
        Lines("any", _("wordings that count, one a line")),
        Column("why", _("reason"), Text(1)),
    )
    return RowsWidget(columns, start=start)


def _branches() -> RowsWidget:
    columns = (
        Column("to", _("leads to")),
        Column("mood", _("satisfaction, -3 to 2")),
        RuleWords("breaks", _("breaks one of these rules")),
        Lines("has", _("makes all of these points")),
        Lines("misses", _("misses one of these points")),
        Column("score_below", _("percent so far below")),
        Column("slower", _("slower than seconds")),
        Column("why", _("reason"), Text(1)),
    )
    return RowsWidget(columns, start=2)


def number(label: Any, key: str, initial: int, help_text: Any = "") -> forms.IntegerField:
    least, most = RANGES[key]
    return forms.IntegerField(label=label, min_value=least, max_value=most, initial=initial, help_text=help_text)


class DialogueForm(DocumentForm):
    """One dialogue."""

    deleted_words = _("Somebody has deleted this dialogue meanwhile. Your text is still below: copy it.")

    facts = FactIds(label=_("facts"), required=False, widget=AdminTextInputWidget)
    cards = forms.MultipleChoiceField(
        label=_("cards"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("One to three whose words fit. When one changes, this dialogue is marked to be looked at again."),
    )
    brief = forms.CharField(
        label=_("what the trainee can look up"),
        widget=AdminTextareaWidget({"rows": 5}),
        help_text=_("The order as it stands beside the chat: every fact that a reply may use."),
    )
    mood = number(_("satisfaction"), "mood", 3, _("At the beginning, 1 to 5."))
    patience = number(_("patience"), "patience", 2, _("How often the customer asks again before leaving."))
    again = LineList(
        label=_("asking again"),
        required=False,
        help_text=_("What the customer says after a turn's nudge when still nobody answers: up to three, one a line."),
    )
    first_seconds = number(_("seconds to the first answer"), "first_seconds", 60)
    seconds = number(_("seconds to each later answer"), "seconds", 90)
    turns = RowsField(
        Column("id", _("id")),
        Lines("say", _("customer says, a message a line")),
        Parts("points", _("required points"), _points(2)),
        Parts("bonus", _("points beyond that"), _points(0)),
        Column("nudge", _("nudge")),
        Column("model", _("a good reply"), Text(3)),
        Parts("branches", _("branches"), _branches()),
        label=_("turns"),
        start=3,
        help_text=_("The first one begins. Branches are tried from the top; the last has no condition."),
    )
    endings = RowsField(
        Column("id", _("id")),
        Choice("kind", _("outcome"), list(OUTCOMES.items())),
        Column("say", _("customer says last"), Text(1)),
        Column("why", _("reason"), Text(1)),
        label=_("endings"),
        start=3,
        help_text=_("At least one good, one fair and one bad."),
    )

    class Meta:
        model = Dialogue
        fields = ("title", "slug", "stage", "course", "competency", "group", "status")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in LOOSE:
            if key in self.instance.document:
                self.initial.setdefault(key, self.instance.document[key])
        if "facts" in self.fields:
            self.fields["facts"].help_text = fact_help()
        if "cards" in self.fields:
            self.fields["cards"].choices = self._cards()  # type: ignore[attr-defined]

    def _cards(self) -> list[tuple[str, str]]:
        """Those it leans on first, then every other card by its title."""
        others = dict(Card.objects.order_by("title").values_list("slug", "title"))
        own = [(slug, others.pop(slug, gettext("%s (deleted)") % slug)) for slug in self._own_cards]
        return [*own, *others.items()]

    @property
    def _own_cards(self) -> list[str]:
        return list(self.instance.document.get("cards", []))

    def clean_cards(self) -> list[str]:
        return kept_order(self._own_cards, self.cleaned_data["cards"])

    def problems(self, cleaned: dict[str, Any]) -> list[Problem]:
        return dialogues.problems(self._document(cleaned))

    def document(self) -> Document:
        return self._document(self.cleaned_data)

    def _document(self, cleaned: dict[str, Any]) -> Document:
        """The document as `Dialogue.to_document` will give it after the save."""
        values: dict[str, Any] = {key: cleaned.get(key, getattr(self.instance, key, None)) for key in DIALOGUE_KEYS}
        values |= {key: str(values[key]) for key in RANGES}
        values["turns"] = [_turn(turn) for turn in values["turns"]]
        if not values["again"]:
            del values["again"]
        return in_order(values)


def _turn(row: Document) -> Document:
    """A turn without the boxes that were left empty."""
    turn = {key: value for key, value in row.items() if key != "bonus" or value}
    turn["branches"] = [
        {key: branch[key] for key in BRANCH_KEYS if key in ("to", "why") or branch[key]} for branch in row["branches"]
    ]
    return turn
