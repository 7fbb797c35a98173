"""The card form and its rows: everything is checked before anything is written."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from knowledge.admin.base import kept_order, place_attrs
from knowledge.admin.fields import FactIds, WordList, fact_help
from knowledge.admin.written import TidyForm, VersionedForm
from knowledge.documents import Document, card_problems, line_id
from knowledge.enums import CustomerGroup, Rule, Side, Status
from knowledge.models import Alias, Card, Line
from knowledge.services import cards

LAST_POSITION = 32_767

# Rows


class RowForm(TidyForm):
    """A row with a place. A new row with nothing but a place, which the script gives, is an empty row."""

    position = forms.IntegerField(label=_("position"), required=False, min_value=0, max_value=LAST_POSITION)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].widget.attrs |= place_attrs()

    @cached_property
    def changed_data(self) -> list[str]:
        changed = super().changed_data
        return [] if changed == ["position"] and not self.instance.pk else changed

    def clean_position(self) -> int | None:
        position = self.cleaned_data["position"]
        return self.instance.position if position is None and self.instance.pk else position


class AliasForm(RowForm):
    class Meta:
        model = Alias
        fields = ("text", "position")
        # In a table no label stands beside the box.
        widgets = {"text": AdminTextInputWidget(attrs={"aria-label": _("customers say")})}

    def validate_constraints(self) -> None:
        """Left to the whole card: two rows may exchange their texts, and the rows step aside for it."""


class LineForm(RowForm):
    class Meta:
        model = Line
        fields: tuple[str, ...] = ("code", "position", "text", "why")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
            "why": AdminTextInputWidget,
        }


class AvoidForm(LineForm):
    breaks = forms.MultipleChoiceField(
        label=_("rules it breaks"), choices=Rule.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta(LineForm.Meta):
        fields = (*LineForm.Meta.fields, "breaks")

    def clean_breaks(self) -> list[str]:
        return kept_order(self.instance.breaks, self.cleaned_data["breaks"])


class RowFormSet(BaseInlineFormSet):
    """Rows in order. Each set tells its card of itself, so that the card form can look at the whole document.

    What it says is saved as part of that document (Drafted), never row by row. Of a card with a draft the rows are
    those of the draft, some of which no reader has seen: they have no key yet.
    """

    prefix_name = "aliases"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.__dict__.setdefault("row_sets", {})[self.prefix_name] = self

    @classmethod
    def get_default_prefix(cls) -> str:
        return cls.prefix_name

    def get_queryset(self) -> Any:
        """Of a form sent in: the rows in the order it names them, an unsaved one where somebody else has deleted
        a row meanwhile. Stock admin would leave such a row, and what was typed into it, off the page."""
        rows = self._drafted(list(super().get_queryset()))
        if not self.is_bound:
            return rows
        by_pk = {str(row.pk): row for row in rows if row.pk}
        keys = [self.data.get(f"{self.add_prefix(at)}-id", "") for at in range(self.initial_form_count())]
        return [by_pk.get(key) or type(self).model() for key in keys]  # type: ignore[misc]

    def _drafted(self, live: list[Any]) -> list[Any]:
        """The rows of the open draft, in its order, those that are live under their keys; of no draft, the live
        ones."""
        if not (document := self.draft_document):
            return live
        known = {self.known_by(row): row for row in live}
        rows = []
        for place, part in enumerate(document[self.prefix_name]):
            row = known.get(self.known_in(part)) or type(self).model()  # type: ignore[misc]
            self.fill(row, part)
            row.position = place
            rows.append(row)
        return rows

    @property
    def draft_document(self) -> Document | None:
        draft = getattr(self.instance, "draft", None)
        return draft.document if draft else None

    def known_by(self, row: Any) -> str:
        return str(row.text)

    def known_in(self, part: Any) -> str:
        return str(part)

    def fill(self, row: Any, part: Any) -> None:
        row.text = part

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """A row of a draft has no key to send back."""
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        if "id" in form.fields and not form.instance.pk and (self.draft_document or not self._key_sent(i)):
            form.fields["id"].required = False
            form.empty_permitted = True
        return form

    def _key_sent(self, at: int) -> bool:
        return bool(self.is_bound and self.data.get(f"{self.add_prefix(at)}-id"))

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = gettext("Delete")

    def clean(self) -> None:
        """Rows without a place go to the end, as they stand."""
        super().clean()
        places = [row.instance.position for row in self.forms if row.instance.position is not None]
        following = max(places, default=-1) + 1
        for row in self.forms:
            if row.instance.position is None:
                row.instance.position = following
                following += 1

    @property
    def kept_rows(self) -> list[Any]:
        """The forms of the rows there will be, in their order."""
        rows = [row for row in self.forms if row.instance.pk or row.has_changed()]
        rows = [row for row in rows if row not in self.deleted_forms]
        return sorted(rows, key=lambda row: (row.instance.position, row.instance.pk or float("inf")))


class AliasFormSet(RowFormSet):
    """Ways customers say it, known by their words."""


class LineFormSet(RowFormSet):
    side = Side.DO
    prefix_name = Side.DO.value

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)
        form.instance.side = self.side
        return form

    def known_by(self, row: Any) -> str:
        return str(row.uuid)

    def known_in(self, part: Any) -> str:
        return str(part.get("id") or line_id(part["code"]))

    def fill(self, row: Any, part: Any) -> None:
        row.uuid = uuid.UUID(self.known_in(part))
        row.code, row.text, row.why = part["code"], part["text"], part["why"]
        row.breaks = part.get("breaks", [])

    def clean(self) -> None:
        """A line of the draft that is not live yet keeps the identity the draft gave it, by its code."""
        super().clean()
        if document := self.draft_document:
            drafted = {part["code"]: self.known_in(part) for part in document[self.prefix_name]}
            held = {str(row.instance.uuid) for row in self.forms if row.instance.pk}
            for row in self.forms:
                identity = drafted.get(row.instance.code)
                if not row.instance.pk and identity and identity not in held:
                    row.instance.uuid = uuid.UUID(identity)


class AvoidFormSet(LineFormSet):
    side = Side.DONT
    prefix_name = Side.DONT.value


# The card


class CardForm(VersionedForm):
    """One card, checked as the whole document it will be."""

    deleted_words = _("Somebody has deleted this card meanwhile. Your text is still below: copy it.")
    overtaken_words = _(
        "%(who)s changed this card at %(when)s, after you had opened it. Nothing was saved and your text "
        "is still below: open the card in another tab, and bring the two together there."
    )

    groups = forms.MultipleChoiceField(
        label=_("customer groups"),
        choices=CustomerGroup.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    facts = FactIds(label=_("facts"), required=False, widget=AdminTextInputWidget)
    keywords = WordList(
        label=_("search words"),
        required=False,
        widget=AdminTextInputWidget,
        help_text=_("What staff type to find this card and no customer would say. Found, never shown."),
    )
    neighbours = forms.MultipleChoiceField(
        label=_("easily confused with"), required=False, widget=forms.CheckboxSelectMultiple
    )
    audience = forms.MultipleChoiceField(
        label=_("only for teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For words that are one shop's own. Without a tick everybody reads the card."),
    )

    class Meta:
        model = Card
        fields = "__all__"  # the admin's fieldsets name what is shown
        widgets = {"trigger": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "facts" in self.fields:
            self.fields["facts"].help_text = fact_help()
        if "neighbours" in self.fields:
            self.fields["neighbours"].choices = self._other_cards()  # type: ignore[attr-defined]
        if "audience" in self.fields:
            self.fields["audience"].choices = self._teams()  # type: ignore[attr-defined]

    def _other_cards(self) -> list[tuple[str, str]]:
        """The neighbours first, in their order, those that exist no more too: saving drops nothing unseen.
        Then every other card, in the order of the titles."""
        others = dict(Card.objects.exclude(pk=self.instance.pk).order_by("title").values_list("slug", "title"))
        near = [(slug, others.pop(slug, gettext("%s (deleted)") % slug)) for slug in self.instance.neighbours]
        return [*near, *others.items()]

    def _teams(self) -> list[tuple[str, str]]:
        """Every team by its name, and the codes of those that exist no more: saving drops nothing unseen."""
        teams = dict(Team.objects.values_list("code", "name"))
        gone = [code for code in self.instance.audience if code not in teams]
        return [*teams.items(), *((code, gettext("%s (deleted)") % code) for code in gone)]

    def clean_audience(self) -> list[str]:
        return sorted(self.cleaned_data["audience"])

    def clean_groups(self) -> list[str]:
        return kept_order(self.instance.groups, self.cleaned_data["groups"])

    def clean_neighbours(self) -> list[str]:
        return kept_order(self.instance.neighbours, self.cleaned_data["neighbours"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        row_sets: dict[str, Any] = self.instance.__dict__.get("row_sets", {})
        sound = [row_set.is_valid() for row_set in row_sets.values()]
        if not self.errors and all(sound):
            self._check_document(cleaned, row_sets)
        return cleaned

    def _check_document(self, cleaned: dict[str, Any], row_sets: dict[str, Any]) -> None:
        """What only the whole document shows, told on the field it concerns."""
        rows = {name: row_set.kept_rows for name, row_set in row_sets.items()}
        self._check_elsewhere(cleaned, rows)
        for path, sentence in card_problems(self._document(cleaned, rows)):
            self._tell(path, str(sentence), rows)
        if self.status_after == Status.PUBLISHED and not rows.get(Side.DO):
            self.add_error(None, gettext("A published card needs at least one line to say. Add one, or keep a draft."))

    def _check_elsewhere(self, cleaned: dict[str, Any], rows: dict[str, list[Any]]) -> None:
        """A customer's words lead to one card."""
        claimed = cards.claimed_elsewhere(self.instance)
        sentence = gettext("This leads to another card already: %s")
        for row in rows.get("aliases", []):
            if title := claimed.get(row.instance.text):
                row.add_error("text", sentence % title)
        if taken := [f"{word} ({claimed[word]})" for word in cleaned.get("keywords", []) if word in claimed]:
            self.add_error("keywords", sentence % "、".join(taken))

    def document(self) -> Document:
        row_sets: dict[str, Any] = self.instance.__dict__.get("row_sets", {})
        return self._document(self.cleaned_data, {name: row_set.kept_rows for name, row_set in row_sets.items()})

    def _document(self, cleaned: dict[str, Any], rows: dict[str, list[Any]]) -> Document:
        """The document as `Card.to_document` will give it after the save."""
        keys = ("slug", "title", "stage", "course", "competency", "groups", "facts", "neighbours")
        document: Document = {key: cleaned.get(key, getattr(self.instance, key)) for key in keys}
        if trigger := cleaned.get("trigger", self.instance.trigger):
            document["trigger"] = trigger
        document["aliases"] = [row.instance.text for row in rows.get("aliases", [])]
        if keywords := cleaned.get("keywords", self.instance.keywords):
            document["keywords"] = keywords
        if audience := cleaned.get("audience", self.instance.audience):
            document["audience"] = audience
        for side in Side:
            document[side.value] = [row.instance.to_document() for row in rows.get(side, [])]
        return document | {"principle": cleaned.get("principle", self.instance.principle)}

    def _tell(self, path: tuple[str | int, ...], sentence: str, rows: dict[str, list[Any]]) -> None:
        """Put a problem of the document on the field or row it is about."""
        head = str(path[0]) if path else ""
        if head in rows and len(path) > 1:
            row = rows[head][int(path[1])]
            name = str(path[2]) if len(path) > 2 else "text"
            row.add_error(name if name in row.fields else None, sentence)
        else:
            self.add_error(head if head in self.fields else None, sentence)
