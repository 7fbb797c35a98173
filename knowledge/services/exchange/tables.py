"""The two formats every kind of thing has: XLSX and CSV, of one layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from knowledge.services.exchange.registry import CellProblem, Entry, Format, Row
from knowledge.tables import guard, layout, xlsx
from knowledge.tables.layout import Layout, Line

CSV_TYPE = "text/csv; charset=utf-8"
Parse = Callable[[list[Line]], Row]
Spread = Callable[[Entry], Iterator[dict[str, str]]]


def formats(kind: Layout, parse: Parse, spread: Spread) -> tuple[Format, Format]:
    """`parse` makes a Row of an item's lines, `spread` the lines of an entry."""

    def reading(read: Callable[..., Iterator[list[Line]]]) -> Callable[[bytes, list[str]], Iterator[Row]]:
        return lambda data, notes: (_row(parse, lines) for lines in read(kind, data, notes))

    def writing(write: Callable[..., Iterator[bytes]]) -> Callable[[Iterable[Entry]], Iterator[bytes]]:
        return lambda entries: write(kind, (line for entry in entries for line in spread(entry)))

    def returning(as_csv: bool) -> Callable[[Iterable[tuple[Any, list[CellProblem]]]], bytes]:
        return lambda wrong: layout.give_back(kind, wrong, as_csv=as_csv)

    return (
        Format(
            name="xlsx",
            label="XLSX",
            extensions=(".xlsx", ".xlsm", ".xls"),  # the last two to be refused in words
            content_type=xlsx.MIME,
            read=reading(layout.read_xlsx),
            write=writing(layout.write_xlsx),
            give_back=returning(False),
            limit=guard.MAX_PACKED,
        ),
        Format(
            name="csv",
            label="CSV",
            extensions=(".csv", ".tsv", ".txt"),
            content_type=CSV_TYPE,
            read=reading(layout.read_csv),
            write=writing(layout.write_csv),
            give_back=returning(True),
            limit=guard.MAX_UPLOAD,
        ),
    )


def _row(parse: Parse, lines: list[Line]) -> Row:
    """The row, with what a spreadsheet made of its cells told first, and with its source."""
    odd = [(line.places.get(name, ""), sentence) for line in lines for name, sentence in line.odd.items()]
    row = parse(lines)
    places = {**lines[0].places, **row.places}
    return row._replace(problems=odd or row.problems, source=[line.cells for line in lines], places=places)
