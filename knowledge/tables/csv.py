"""CSV that people open in a spreadsheet: written in one form, read in every form a spreadsheet saves.

Written: UTF-8 with a byte order mark, commas, CRLF, one ' before a cell that a spreadsheet would run as a formula.
Read: UTF-8, UTF-16 with its mark, or GB18030; commas, semicolons or tabs; any line ends. What was found is told.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from knowledge.tables.guard import MAX_CELL, MAX_UPLOAD, Measure, Record, Refused, too_large

BOM = b"\xef\xbb\xbf"
CHUNK = 500  # rows
RISKY = frozenset("'=+-@\t\r")  # how a cell begins that would not be text to a spreadsheet
SEPARATORS = ",;\t"
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"), (b"\xff\xfe", "utf-16", "UTF-16"), (b"\xfe\xff", "utf-16", "UTF-16"))


def escape(cell: str) -> str:
    """The cell as it is safe to open: `unescape` gives it back."""
    return f"'{cell}" if cell[:1] in RISKY and cell else cell


def unescape(cell: str) -> str:
    """A cell without the quote that `escape`, or a careful person, put before it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in RISKY and len(cell) > 1 else cell


def chunks(rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """The file piece by piece, for rows that are many."""
    yield BOM
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for number, row in enumerate(rows, start=1):
        writer.writerow([escape(cell) for cell in row])
        if number % CHUNK == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    if rest := out.getvalue():
        yield rest.encode()


def write(rows: Iterable[Iterable[str]]) -> bytes:
    """The whole file."""
    return b"".join(chunks(rows))


@dataclass
class Table:
    """A CSV file that can be read: how it was written, and its rows."""

    encoding: str
    separator: str
    text: str = field(repr=False)

    @property
    def notes(self) -> list[str]:
        """What the reader should know of how the file was understood."""
        told = [_("Read as %(encoding)s.") % {"encoding": self.encoding}]
        if self.encoding == "GB18030":
            told = [_("Read as GB18030: look whether the Chinese below reads as it should.")]
        if self.separator != ",":
            name = _("tabs") if self.separator == "\t" else _("semicolons")
            told.append(_("Its cells are separated by %(separator)s.") % {"separator": name})
        return told

    def records(self) -> Iterator[Record]:
        """Rows from 1, line breaks in cells as \\n. Raises Refused where it is no table any more."""
        lines = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator, strict=True)
        measure, number = Measure(), 0
        try:
            for number, cells in enumerate(lines, start=1):
                measure.add(number, cells)
                yield Record(number, [unescape(_newlines(cell)) for cell in cells], _too_long(cells))
        except csv.Error as error:
            values = {"row": number + 1, "error": _in_words(error)}
            raise Refused(_("Row %(row)d cannot be read: %(error)s") % values) from error


def read(data: bytes, limit: int = MAX_UPLOAD) -> Table:
    """How a file is written. Raises Refused when it is no text we know."""
    if len(data) > limit:
        raise too_large(limit)
    text, encoding = decode(data)
    if not text.strip():
        raise Refused(_("The file is empty."))
    if "\0" in text:
        raise Refused(_("This is no CSV file: there are NUL bytes in it. Save the list as “CSV UTF-8” and try again."))
    return Table(encoding, _separator(text), text)


def decode(data: bytes) -> tuple[str, str]:
    """(text, name of the encoding). A file with a byte order mark is what the mark says. Raises Refused."""
    for mark, codec, name in MARKS:
        if data.startswith(mark):
            try:
                return data.decode(codec), name
            except UnicodeDecodeError as error:
                values = {"encoding": name, "row": data[: error.start + len(mark)].count(b"\n") + 1}
                text = _("The file says it is %(encoding)s, but line %(row)d is not. Save it anew as “CSV UTF-8”.")
                raise Refused(text % values) from error
    for codec, name in (("utf-8", "UTF-8"), ("gb18030", "GB18030")):
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise Refused(_("The text is neither UTF-8 nor GB18030. Save the list as “CSV UTF-8” and try again."))


def _separator(text: str) -> str:
    """What separates the names of the columns: the mark that stands most often in the first line, outside quotes."""
    head = re.split(r"[\r\n]", re.sub(r'"[^"]*"', "", text[:20_000].lstrip()), maxsplit=1)[0]
    return max(SEPARATORS, key=head.count)


def _newlines(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n") if "\r" in cell else cell


def _too_long(cells: list[str]) -> dict[int, str]:
    sentence = _("at most %d characters fit here")
    return {at: sentence % MAX_CELL for at, cell in enumerate(cells) if len(cell) > MAX_CELL}


def _in_words(error: csv.Error) -> str:
    """The parser's reasons that people meet, in our words."""
    if "limit" in str(error):
        return _("a cell holds more than 100,000 characters.")
    return _("a quotation mark is left open, or stands in the middle of a cell.")
