"""What no table may be, whatever its format: the limits, and how a refusal is told."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

MAX_UPLOAD = 20 * 1024 * 1024  # bytes of a text file; 20,000 people or 5,000 cards are a fifth of it
MAX_PACKED = 5 * 1024 * 1024  # bytes of a zipped file: XLSX, a folder of lessons
MAX_COLUMNS = 50
MAX_ROWS = 200_000  # a card takes a row, and a row for each of its lines
MAX_NUMBER = 1_048_576  # the last row of a spreadsheet; one that says it is further down has nothing above it
MAX_PLACES = 4_000_000  # cells, empty ones counted: a row reaches as far as its last
MAX_CELLS = 1_000_000  # with anything in them
MAX_TEXT = 60_000_000  # characters in all cells together: one shared string may be named a million times
MAX_CELL = 32_767  # characters, as in a spreadsheet


class Refused(Exception):
    """Why a file cannot be used, as a sentence for the person who brought it."""


class Record(NamedTuple):
    """A row of a table: its number as a spreadsheet counts, its cells, and of some cells what is wrong with them."""

    number: int
    cells: list[str]
    odd: dict[int, str]  # place of the cell, from 0 -> sentence


class Measure:
    """Counts what has been read of one file. Raises Refused when it is too much, before it is all in memory."""

    def __init__(self) -> None:
        self.rows = self.cells = self.text = self.places = 0

    def add(self, number: int, cells: list[str]) -> None:
        self.places += len(cells)
        if number > MAX_NUMBER or self.places > MAX_PLACES:
            raise _too_much()
        filled = [cell for cell in cells if cell]
        if not filled:
            return
        self.rows += 1
        self.cells += len(filled)
        self.text += sum(map(len, filled))
        if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
            values = {"row": number, "most": MAX_COLUMNS}
            raise Refused(_("Row %(row)d has more than %(most)d columns; so many belong to no list we know.") % values)
        if self.rows > MAX_ROWS or self.cells > MAX_CELLS or self.text > MAX_TEXT:
            raise _too_much()


def in_megabytes(size: int) -> int:
    return size // 1024 // 1024


def too_large(limit: int) -> Refused:
    return Refused(
        _("The file is larger than %(size)d MB. Split it and import the parts.") % {"size": in_megabytes(limit)}
    )


def _too_much() -> Refused:
    return Refused(_("The file holds more than we read at a time. Split it and import the parts."))
