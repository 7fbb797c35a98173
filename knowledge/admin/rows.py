"""What a document keeps as a list of parts, filled in row by row: boxes, blank rows at the end, and no JSON.

Without script a row is added in the blank ones, moved by its number and taken back by its tick; with it
(admin_ours/rows.js, admin_ours/lists.js) by buttons.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from knowledge.admin.base import place_attrs
from knowledge.documents import tidy
from knowledge.text import whole

MOST_ROWS = 60  # read of one list to which rows can be added: a request is not a way to make the server work
Path = tuple[str | int, ...]
Marks = dict[Path, str]


class Text(forms.Textarea):
    """A text of a row; `rows=1` for a short one."""

    def __init__(self, rows: int = 2) -> None:
        super().__init__({"rows": rows, "class": "vLargeTextField"})


class Column:
    """One box of a row."""

    empty: Any = ""

    def __init__(self, name: str, label: str | Promise, widget: forms.Widget | None = None) -> None:
        self.name, self.label = name, label
        self.widget = widget or AdminTextInputWidget()

    def read(self, data: Any, name: str) -> Any:
        """The value as the document keeps it."""
        return tidy(data.get(name) or "")

    def blank(self, value: Any) -> bool:
        return value == self.empty

    def draw(self, name: str, value: Any, attrs: dict[str, Any], marks: Marks) -> SafeString:
        return self.widget.render(name, value, attrs)


class Tick(Column):
    """yes or no."""

    empty = "no"

    def __init__(self, name: str, label: str | Promise) -> None:
        super().__init__(name, label, forms.CheckboxInput())

    def read(self, data: Any, name: str) -> str:
        return "yes" if data.get(name) else "no"

    def draw(self, name: str, value: Any, attrs: dict[str, Any], marks: Marks) -> SafeString:
        return self.widget.render(name, value == "yes", attrs)


class Lines(Column):
    """A list of texts, one a line."""

    empty: Any = []

    def __init__(self, name: str, label: str | Promise) -> None:
        super().__init__(name, label, Text(3))

    def read(self, data: Any, name: str) -> list[str]:
        return lines(data.get(name) or "")

    def draw(self, name: str, value: Any, attrs: dict[str, Any], marks: Marks) -> SafeString:
        return self.widget.render(name, "\n".join(value), attrs)


class Choice(Column):
    """One of several; the empty choice is one too."""

    def __init__(self, name: str, label: str | Promise, choices: Any, empty: str | Promise = "---------") -> None:
        super().__init__(name, label)
        self.choices, self.none = choices, empty

    def draw(self, name: str, value: Any, attrs: dict[str, Any], marks: Marks) -> SafeString:
        """A value that is no choice any more stays, so that an untouched form gives back what it came from."""
        choices = [("", self.none), *self.choices]
        if value and value not in dict(self.choices):
            choices.append((value, value))
        return forms.Select(choices=choices).render(name, value, attrs)


class Number(Column):
    """A whole number; what is none stays text, for the form to refuse."""

    def __init__(self, name: str, label: str | Promise) -> None:
        super().__init__(name, label, forms.NumberInput({"min": 1, "class": "vSmallNumber"}))

    def read(self, data: Any, name: str) -> int | str:
        text = tidy(data.get(name) or "")
        number = whole(text, 4)
        return text if number is None else number


class Told(Column):
    """Something to read, by a key that is sent along hidden."""

    told: Mapping[Any, Any] = {}

    def __init__(self, name: str, label: str | Promise) -> None:
        super().__init__(name, label, forms.HiddenInput())

    def draw(self, name: str, value: Any, attrs: dict[str, Any], marks: Marks) -> SafeString:
        attrs = {key: attrs[key] for key in attrs if key == "id"}
        return SafeString(self.widget.render(name, value, attrs) + SafeString(self.told.get(value, "")))


class Parts(Column):
    """Rows within a row."""

    empty: Any = []

    def __init__(self, name: str, label: str | Promise, rows: RowsWidget) -> None:
        super().__init__(name, label, rows)
        self.rows = rows

    def read(self, data: Any, name: str) -> list[Any]:
        return self.rows.value_from_datadict(data, {}, name)

    def draw(self, name: str, value: Any, attrs: dict[str, Any], marks: Marks) -> SafeString:
        rows = copy(self.rows)
        rows.marks = marks
        return rows.render(name, value, {"id": attrs["id"]})


class RowsWidget(forms.Widget):
    """The rows. `start` rows stand there from the beginning, and one blank after those that are filled; `bare` rows
    are plain values, of one column; `fixed` ones can be moved, but none comes or goes."""

    use_fieldset = True

    class Media:
        css = {"all": ["admin_ours/card.css", "admin_ours/lists.css"]}
        js = ["admin_ours/rows.js", "admin_ours/lists.js"]

    def __init__(self, columns: Sequence[Column], *, start: int = 1, bare: bool = False, fixed: bool = False) -> None:
        super().__init__()
        self.columns, self.start, self.bare, self.fixed = tuple(columns), start, bare, fixed
        self.marks: Marks = {}  # what is wrong, by the path within the list
        self.notes: Mapping[int, str] = {}  # what is to be said beside a row, by its number

    def __deepcopy__(self, memo: Any) -> RowsWidget:
        """One for each form: what is wrong in one is nobody else's."""
        made = super().__deepcopy__(memo)
        made.columns, made.marks, made.notes = tuple(copy(column) for column in self.columns), {}, {}
        return made

    def id_for_label(self, id_: str) -> str:
        return ""

    # Reading

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        row = re.compile(rf"{re.escape(name)}-([0-9]{{1,4}})-")
        numbers = sorted({int(found[1]) for key in data if (found := row.match(key))})
        numbers = numbers if self.fixed else numbers[:MOST_ROWS]
        numbers.sort(key=lambda number: _place(data.get(f"{name}-{number}-position")))
        parts = [
            {column.name: column.read(data, f"{name}-{number}-{column.name}") for column in self.columns}
            for number in numbers
            if self.fixed or not data.get(f"{name}-{number}-DELETE")
        ]
        kept = [part for part in parts if not all(column.blank(part[column.name]) for column in self.columns)]
        return [part[self.columns[0].name] for part in kept] if self.bare else kept

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False  # no rows are an empty list, never "not asked"

    # Drawing

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        stem = (attrs or {}).get("id") or f"id_{name}"
        rows = [self._row(name, stem, str(at), part) for at, part in enumerate(value or [])]
        blanks = 0 if self.fixed else max(self.start - len(rows), 1)
        rows += [self._row(name, stem, str(at), None) for at in range(len(rows), len(rows) + blanks)]
        context = {
            "kind": name.rsplit("-", 1)[-1],
            "bare": self.bare,
            "stem": stem,
            "rows": rows,
            "fixed": self.fixed,
            "blank": self._row(name, stem, "__prefix__", None),
        }
        return SafeString(render_to_string("admin/training/rows.html", context))

    def _row(self, name: str, stem: str, at: str, part: Any) -> dict[str, Any]:
        part = {self.columns[0].name: part} if self.bare and part is not None else part or {}
        place = {} if at == "__prefix__" else {"value": int(at)}
        return {
            "label": gettext("Row %(row)s") % {"row": int(at) + 1} if at.isdigit() else "",
            "say": gettext("Row %(row)s"),
            "name": f"{name}-{at}",
            "place": place_attrs() | place,
            "note": self.notes.get(int(at), "") if at.isdigit() else "",
            "cells": [self._cell(column, f"{name}-{at}", f"{stem}-{at}", at, part) for column in self.columns],
        }

    def _cell(self, column: Column, name: str, stem: str, at: str, part: Mapping[str, Any]) -> dict[str, Any]:
        here: Path = (int(at),) if at.isdigit() else (at,)
        own = here if self.bare else (*here, column.name)
        wrong = "" if isinstance(column, Parts) else self.marks.get(own, "")
        attrs: dict[str, Any] = {"id": f"{stem}-{column.name}"}
        if wrong:
            attrs |= {"aria-invalid": "true", "aria-describedby": f"{stem}-{column.name}_error"}
        inner = {path[len(own) :]: sentence for path, sentence in self.marks.items() if path[: len(own)] == own}
        value = part.get(column.name, column.empty)
        html = column.draw(f"{name}-{column.name}", value, attrs, inner)
        return {
            "column": column.name,
            "label": column.label,
            "id": attrs["id"],
            "html": html,
            "wrong": wrong,
            "tick": isinstance(column, Tick),
            "plain": isinstance(column, Parts | Told),
        }


class RowsField(forms.Field):
    """A list of parts. `tell` marks a box of it."""

    widget: Any = RowsWidget

    def __init__(
        self, *columns: Column, start: int = 1, bare: bool = False, fixed: bool = False, **kwargs: Any
    ) -> None:
        widget = RowsWidget(columns, start=start, bare=bare, fixed=fixed)
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> list[Any]:
        return value or []

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != (data or [])

    def column(self, name: str) -> Any:
        return next(column for column in self.widget.columns if column.name == name)

    def tell(self, path: Path, sentence: str) -> str:
        """Mark the box at this path of the list. The sentence comes back with its place before it, for the list
        above the rows."""
        if not path:
            return sentence
        columns: Sequence[Column] = self.widget.columns
        numbers, label, end = [], "", 0
        for at, part in enumerate(path):
            if isinstance(part, int) and columns:
                numbers.append(str(part + 1))
                end, label = at + 1, str(columns[0].label) if self.widget.bare else ""
            elif found := next((column for column in columns if column.name == part), None):
                end, label = at + 1, str(found.label)
                columns = found.rows.columns if isinstance(found, Parts) else ()
        self.widget.marks[path[:end]] = sentence
        values = {"row": "-".join(numbers), "column": label, "problem": sentence}
        if label:
            return gettext("Row %(row)s, %(column)s: %(problem)s") % values
        return gettext("Row %(row)s: %(problem)s") % values


class LineList(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=AdminTextareaWidget({"rows": 4}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return lines(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != lines(data or "")


def lines(text: str) -> list[str]:
    return [line for one in tidy(text).split("\n") if (line := one.strip())]


def _place(given: Any) -> float:
    """Where a row asks to stand; at the end without a number."""
    place = whole(str(given or ""), 5)
    return float("inf") if place is None else place
