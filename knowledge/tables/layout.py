"""A kind of thing as a table: its columns, read by any of their names, written under one.

An item may take several rows: its own, and below it one for each of its parts. Cells that hold a list have an entry a
line; an entry of several fields has | between them. A backslash before a line break, bar or backslash that belongs to
the text keeps everything whole, so that what is written is read back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from knowledge.tables import csv, xlsx
from knowledge.tables.guard import Record, Refused

PROBLEM_TITLE = "问题"  # the last column of a file of wrong rows; not read when it comes back
PROBLEM_NAMES = (PROBLEM_TITLE, "problems")
UNREAD = 10  # columns or sheets named in a note
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """`title` heads it in our exports, in Chinese whoever exports; `name` and `others` are understood too."""

    name: str
    title: str
    others: tuple[str, ...] = ()
    needed: bool = False
    width: int = 16

    @property
    def names(self) -> set[str]:
        return {folded(name) for name in (self.name, self.title, *self.others)}


@dataclass
class Line:
    """One row of an item: cells by column, and where to find them."""

    number: int
    cells: dict[str, str]
    odd: dict[str, str]  # column -> what a spreadsheet made of the cell
    places: dict[str, str]  # column -> C7（标题）

    def place(self, name: str, title: str = "") -> str:
        return self.places.get(name) or f"{self.number}（{title or name}）"


@dataclass(frozen=True)
class Layout:
    """How a kind of thing stands in a table."""

    sheet: str  # name of the sheet in an export
    columns: tuple[Column, ...]
    starts: Callable[[Line, Line | None], bool]  # whether a line begins a new item, given the first of the last one
    titles: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "titles", {column.name: column.title for column in self.columns})


def folded(name: str) -> str:
    """A column's name as people type it."""
    return re.sub(r"[\s_*＊：:]+", "", name).lower()


# Cells


def join(items: Iterable[str]) -> str:
    """A list in one cell, an entry a line."""
    return "\n".join(_keep(item) for item in items)


def split(cell: str) -> list[str]:
    return [_give(entry) for entry in map(str.strip, cell.split("\n")) if entry]


def join_fields(entries: Iterable[Sequence[str]]) -> str:
    """A list of entries of several fields."""
    return "\n".join(" | ".join(_keep(item, bars=True) for item in entry) for entry in entries)


def split_fields(cell: str) -> list[list[str]]:
    return [[_give(item.strip()) for item in _at_bars(entry)] for entry in cell.split("\n") if entry.strip()]


def split_codes(cell: str) -> list[str]:
    """Words of a fixed vocabulary, however they are set apart."""
    return [word for word in re.split(r"[\s、,，;；|｜]+", cell) if word]


def _keep(item: str, bars: bool = False) -> str:
    kept = item.replace("\\", "\\\\").replace("\n", "\\n")
    return re.sub("([|｜])", r"\\\1", kept) if bars else kept


def _give(item: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1] if found[1] in "\\|｜" else found[0], item)


def _at_bars(entry: str) -> list[str]:
    parts, start, at = [], 0, 0
    while at < len(entry):
        if entry[at] == "\\":
            at += 1
        elif entry[at] in "|｜":
            parts.append(entry[start:at])
            start = at + 1
        at += 1
    return [*parts, entry[start:]]


# Files


def read_csv(layout: Layout, data: bytes, notes: list[str]) -> Iterator[list[Line]]:
    """The items of a CSV file, each as its lines."""
    if data[:4] == b"PK\x03\x04":
        raise Refused(
            _("The file is called .csv, but it is a workbook or an archive. Give it the name it should have.")
        )
    table = csv.read(data)
    notes += table.notes
    yield from _grouped(layout, _lines(layout, table.records(), "", notes))


def read_xlsx(layout: Layout, data: bytes, notes: list[str]) -> Iterator[list[Line]]:
    """The items of all sheets that have our columns. What is not read is named in `notes`."""
    if data[:2] != b"PK" and not data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(_("The file is called .xlsx, but it is no workbook. If it is a text table, call it .csv."))
    found, missing = False, ""
    for sheet in xlsx.read(data):
        if sheet.hidden:
            notes.append(_("The hidden sheet “%s” was not read.") % sheet.name)
            continue
        lines = _lines(layout, sheet.records, f"{sheet.name}!", notes)
        try:
            first = next(lines, None)
        except _NotOurs as error:
            missing = missing or str(error)
            notes.append(_("The sheet “%s” was not read: it has other columns.") % sheet.name)
            continue
        if first is not None:
            found = True
            yield from _grouped(layout, _again(first, lines))
    if not found:
        raise Refused(missing or _("The file is empty: there are no rows below the column names."))


class _NotOurs(Refused):
    """A table without the columns we need."""


def _again(first: Line, rest: Iterator[Line]) -> Iterator[Line]:
    yield first
    yield from rest


def _lines(layout: Layout, records: Iterator[Record], sheet: str, notes: list[str]) -> Iterator[Line]:
    """Rows below the first that is not empty, which names the columns. Empty rows are left out."""
    head = next((record for record in records if any(map(str.strip, record.cells))), None)
    if head is None:
        return
    columns = _header(layout, head, sheet, notes)
    titles = {at: head.cells[at].strip() for at in columns}
    anything = False
    for record in records:
        if not any(map(str.strip, record.cells)):
            continue
        anything = True
        cells = {name: record.cells[at] if at < len(record.cells) else "" for at, name in columns.items()}
        places = {name: f"{sheet}{letter(at)}{record.number}（{titles[at]}）" for at, name in columns.items()}
        odd = {columns[at]: sentence for at, sentence in record.odd.items() if at in columns}
        beyond = [at for at, cell in enumerate(record.cells) if cell.strip() and at >= len(head.cells)]
        if beyond:
            where = f"{sheet}{letter(beyond[0])}{record.number}"
            odd[""] = _("%s: there is a cell with no column name above it.") % where
        yield Line(record.number, cells, odd, places)
    if not anything and not sheet:
        raise Refused(_("The file is empty: there are no rows below the column names."))


def _header(layout: Layout, head: Record, sheet: str, notes: list[str]) -> dict[int, str]:
    """Place -> column. Raises Refused for a column that is missing or there twice; names what is not known."""
    by_name = {name: column.name for column in layout.columns for name in column.names}
    found: dict[int, str] = {}
    unknown = []
    for at, cell in enumerate(head.cells):
        name = by_name.get(folded(cell))
        if name and name in found.values():
            text = _("The column %(name)s is there twice, the second time in %(place)s.")
            raise Refused(text % {"name": cell.strip(), "place": f"{sheet}{letter(at)}{head.number}"})
        if name:
            found[at] = name
        elif cell.strip() and folded(cell) not in PROBLEM_NAMES:
            unknown.append(cell.strip()[:40])
    missing = [column for column in layout.columns if column.needed and column.name not in found.values()]
    if missing:
        names = "、".join(f"{column.title} ({column.name})" for column in missing)
        raise _NotOurs(_("These columns are missing: %s. Their names stand in the first row.") % names)
    if unknown:
        notes.append(_("These columns are not known and were not read: %s") % "、".join(unknown[:UNREAD]))
    return found


def _grouped(layout: Layout, lines: Iterator[Line]) -> Iterator[list[Line]]:
    group: list[Line] = []
    for line in lines:
        if group and layout.starts(line, group[0]):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def letter(at: int) -> str:
    """A column as a spreadsheet calls it, from 0."""
    return xlsx.column_name(at)


def write_csv(layout: Layout, rows: Iterable[dict[str, str]]) -> Iterator[bytes]:
    yield from csv.chunks(_with_header(layout, rows))


def write_xlsx(layout: Layout, rows: Iterable[dict[str, str]]) -> Iterator[bytes]:
    header = [column.title for column in layout.columns]
    cells = ([row.get(column.name, "") for column in layout.columns] for row in rows)
    yield xlsx.write(layout.sheet, header, cells, [column.width for column in layout.columns])


def give_back(layout: Layout, wrong: Iterable[tuple[Any, list[tuple[str, str]]]], *, as_csv: bool) -> bytes:
    """Wrong rows as they came, with what is wrong in a column behind them."""
    columns = (*layout.columns, Column(PROBLEM_NAMES[1], PROBLEM_TITLE, width=60))
    wider = Layout(layout.sheet, columns, layout.starts)

    def rows() -> Iterator[dict[str, str]]:
        for source, problems in wrong:
            told = "\n".join(f"{place}: {sentence}" if place else sentence for place, sentence in problems)
            for at, cells in enumerate(source):
                yield {**cells, PROBLEM_NAMES[1]: told if at == 0 else ""}

    return b"".join((write_csv if as_csv else write_xlsx)(wider, rows()))


def _with_header(layout: Layout, rows: Iterable[dict[str, str]]) -> Iterator[list[str]]:
    yield [column.title for column in layout.columns]
    for row in rows:
        yield [row.get(column.name, "") for column in layout.columns]
