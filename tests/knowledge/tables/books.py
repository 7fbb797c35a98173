"""Workbooks as other programs write them, and as nobody should."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from knowledge.tables import xlsx

SHEET = "xl/worksheets/sheet1.xml"


def book(*rows: list[Any], title: str = "Sheet1") -> bytes:
    """A workbook of one sheet, written by openpyxl."""
    from openpyxl import Workbook

    made = Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return saved(made)


def saved(made: Any) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(name: str, content: bytes, data: bytes | None = None) -> bytes:
    """A sound workbook with one part put in or replaced."""
    data = data or xlsx.write("a", ["slug"], [["x"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()


def sheet(inside: str, head: str = "") -> bytes:
    """A sound workbook whose sheet holds these rows, as XML."""
    text = f'{xlsx.HEAD}{head}<worksheet xmlns="{xlsx.MAIN}"><sheetData>{inside}</sheetData></worksheet>'
    return with_part(SHEET, text.encode())


def told(data: bytes) -> str:
    """The sentence a file is refused with; empty when all of it can be read."""
    from knowledge.tables.guard import Refused

    try:
        for one in xlsx.read(data):
            for _record in one.records:
                pass
    except Refused as refused:
        return str(refused)
    return ""
