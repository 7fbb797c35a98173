"""XLSX: strings written as strings, read by openpyxl behind a guard.

Written by hand, because every export of the same content must be the same bytes (openpyxl puts the time into each
file), and because it is twelve times as fast. Read by openpyxl, which knows what Excel, WPS and LibreOffice write.
openpyxl is imported when a file comes: it costs a worker 15 MB, and most never see one.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _

from knowledge.tables.archive import content, open_zip
from knowledge.tables.guard import MAX_CELL, MAX_COLUMNS, Measure, Record, Refused

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_DEPTH = 64
MAX_STRINGS = 1_000_000
MAX_PARTS = 30_000  # elements of any other part: styles, names, relations
MAX_ROW_CELLS = 2_000  # of one row, empty ones counted: Excel writes those that have a border
MAX_SHEET_CELLS = 4_000_000
MAX_SHEETS = 20
FIRST = (1980, 1, 1, 0, 0, 0)  # the one moment at which every file is written

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
LITERAL = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # would be read as a character by its number
NUMBERED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Style 1: kept as text and wrapped, so that 007 stays 007 and =1+1 what it says. Style 2: the column names.
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/>'
    '<sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/>'
    '<diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    '</cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" '
    'fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" '
    'wrapText="1"/></xf><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" '
    'applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


# Writing


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int] = ()) -> bytes:
    """A workbook of one sheet, every cell a string. Raises Refused for a text that no cell can hold."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path, text in _frame(name):
            archive.writestr(_entry(path), text)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=False) as sheet:
            for piece in _sheet(header, rows, widths):
                sheet.write(piece.encode())
    return out.getvalue()


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, FIRST)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return entry


def _frame(name: str) -> Iterator[tuple[str, str]]:
    yield (
        "[Content_Types].xml",
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxml'
        'formats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override '
        f'PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/'
        f'sheet1.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="'
        f'{SHEET_TYPE}.styles+xml"/></Types>',
    )
    rels = f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    yield (
        "_rels/.rels",
        f'{rels}<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    yield (
        "xl/workbook.xml",
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="{escape(name)}" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{rels}<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship '
        f'Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    )
    yield "xl/styles.xml", STYLES


def _sheet(header: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    names = [column_name(at) for at in range(len(header))]
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" style="1" customWidth="1"/>'
        for at, width in enumerate(widths or [16] * len(header), start=1)
    )
    yield (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
        'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f"<cols>{columns}</cols><sheetData>"
    )
    yield _row(1, names, header, 2)
    for number, row in enumerate(rows, start=2):
        yield _row(number, names, row, 1)
    yield "</sheetData></worksheet>"


def _row(number: int, names: Sequence[str], cells: Sequence[str], style: int) -> str:
    written = [
        f'<c r="{name}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(cell, number)}</t></is>'
        "</c>"
        for name, cell in zip(names, cells, strict=False)
        if cell
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


def _text(cell: str, number: int) -> str:
    if len(cell) > MAX_CELL:
        values = {"row": number, "most": MAX_CELL}
        text = _("Row %(row)d has a text of more than %(most)d characters, which no spreadsheet holds. Use CSV.")
        raise Refused(text % values)
    return escape(LITERAL.sub("_x005F_", cell).replace("\r", "_x000D_"))


def column_name(at: int) -> str:
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


# Reading


@dataclass
class Sheet:
    name: str
    hidden: bool
    records: Iterator[Record] = field(repr=False)


def read(data: bytes) -> Iterator[Sheet]:
    """The sheets, whose records are read as they are asked for. Raises Refused, then or while reading."""
    merged = _inspect(data)
    from openpyxl import load_workbook  # see the head of this module

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]
    except Exception as error:  # openpyxl raises nearly anything on a book that breaks the rules
        raise _unreadable() from error
    if not sheets:
        raise _unreadable()
    if len(sheets) > MAX_SHEETS:
        raise Refused(_("There are more than %d sheets in this file.") % MAX_SHEETS)
    measure = Measure()
    for sheet in sheets:
        part = str(getattr(sheet, "_worksheet_path", ""))
        if part in merged:
            text = _("Sheet “%(sheet)s” has merged cells. Take the merging back, so that every row stands by itself.")
            raise Refused(text % {"sheet": sheet.title})
        yield Sheet(sheet.title, sheet.sheet_state != "visible", _records(sheet, measure))


def _records(sheet: Any, measure: Measure) -> Iterator[Record]:
    try:
        sheet.reset_dimensions()  # what the file says of its size may be anything
        for number, row in enumerate(sheet.iter_rows(), start=1):
            cells: list[str] = []
            odd: dict[int, str] = {}
            for at, cell in enumerate(row):
                text, wrong = _cell(cell)
                cells.append(text)
                if wrong:
                    odd[at] = wrong
            measure.add(number, cells)
            yield Record(number, cells, odd)
    except Refused:
        raise
    except Exception as error:
        raise _unreadable() from error


def _cell(cell: Any) -> tuple[str, str]:
    """(text, what is wrong with it). A number is taken as it is shown, where that is plain; nothing else is guessed."""
    value = cell.value
    if value is None:
        return "", ""
    if isinstance(value, str) and cell.data_type in {"s", "inlineStr", "str", "n"}:
        text = NUMBERED.sub(_numbered, value)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text, _("at most %d characters fit here") % MAX_CELL if len(text) > MAX_CELL else ""
    if cell.data_type == "n" and isinstance(value, int | float):
        return _number(value, str(cell.number_format or "General"))
    shown = str(value)[:40]
    return shown, _not_text(cell.data_type, shown)


def _numbered(found: re.Match[str]) -> str:
    """A character by its number; one that no text may hold stays as it is written."""
    number = int(found[1], 16)
    return chr(number) if number in {9, 10, 13} or (number >= 32 and not 0xD800 <= number < 0xE000) else found[0]


def _not_text(kind: str, shown: str) -> str:
    """What the spreadsheet has made of a cell that should hold text."""
    if kind == "f":
        return _("This is a formula. Copy the cell and paste it as a value.")
    if kind == "e":
        return _("The spreadsheet shows an error here (%s). Type what should stand here.") % shown
    if kind == "b":
        return _("The spreadsheet took this for true or false. Format the cell as text and type it again.")
    return _("The spreadsheet made a date or time of this. Format the cell as text and type it again.")


def _number(value: float, form: str) -> tuple[str, str]:
    plain = format(value, ".15g")
    odd = _("The spreadsheet shows this number in its own way. Format the cell as text and type it again.")
    if "e" in plain or abs(value) >= 10**15:
        return plain, odd
    if form in {"General", "@", "0"}:
        return plain, ""
    if set(form) == {"0"} and value == int(value) and value >= 0:  # 007
        return str(int(value)).zfill(len(form)), ""
    return plain, odd


# The guard


def _inspect(data: bytes) -> set[str]:
    """Look at every part once, without building anything. Returns the sheets with merged cells. Raises Refused."""
    archive = open_zip(data)
    names = archive.namelist()
    if "xl/workbook.xml" not in names and "[Content_Types].xml" not in names:
        raise Refused(_("This is no XLSX file. Save the list as “Excel workbook (.xlsx)” and try again."))
    if any("vbaproject" in name.lower() for name in names):
        raise Refused(_("There are macros in this file. Save it as “Excel workbook (.xlsx)”, without macros."))
    merged = set()
    for name in names:
        if name.lower().endswith((".xml", ".rels", ".vml")) and _Look(name).over(content(archive, name)):
            merged.add(name)
    return merged


class _Look:
    """One pass over a part: no document type, so no entity; not too deep, not too many of anything."""

    def __init__(self, name: str) -> None:
        self.is_sheet, self.is_strings = "worksheets/" in name, "sharedstrings" in name.lower()
        self.depth = self.count = self.in_row = 0
        self.merged = False
        limit = MAX_SHEET_CELLS if self.is_sheet else MAX_STRINGS * 4 if self.is_strings else MAX_PARTS
        self.limit = limit

    def over(self, part: bytes) -> bool:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            parser.Parse(part, True)
        except expat.ExpatError as error:
            raise _unreadable() from error
        return self.merged

    def _refuse(self, *_args: Any) -> None:
        raise Refused(_("There are definitions in this file that no spreadsheet writes. It was not opened."))

    def _start(self, name: str, _attributes: Any) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > MAX_DEPTH or self.count > self.limit:
            raise Refused(_("The file holds more than we read at a time. Split it and import the parts."))
        if self.is_sheet:
            name = name.rpartition(":")[2]
            if name == "row":
                self.in_row = 0
            elif name == "c":
                self.in_row += 1
                if self.in_row > MAX_ROW_CELLS:
                    values = {"most": MAX_COLUMNS}
                    raise Refused(
                        _("A row has more than %(most)d columns; so many belong to no list we know.") % values
                    )
            elif name == "mergeCell":
                self.merged = True

    def _end(self, _name: str) -> None:
        self.depth -= 1


def _unreadable() -> Refused:
    return Refused(_("The workbook cannot be read. Open it in a spreadsheet, save it as .xlsx anew and try again."))
