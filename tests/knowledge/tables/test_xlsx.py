"""XLSX written in one form, read from every program, and refused where it would hold a worker."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date
from datetime import time as clock
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.tables import xlsx
from knowledge.tables.archive import open_zip
from knowledge.tables.guard import Refused
from tests.knowledge.tables.books import book, saved, sheet, told, with_part

# What XML can hold: everything but controls, surrogates and two numbers that are no characters.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30)
DAMAGED = "The file is damaged or not what its name says. Save it anew and try again."
NO_BOOK = "This is no XLSX file. Save the list as “Excel workbook (.xlsx)” and try again."
MORE = "The file holds more than we read at a time. Split it and import the parts."
UNREADABLE = "The workbook cannot be read. Open it in a spreadsheet, save it as .xlsx anew and try again."
SWOLLEN = "Unpacked, the file would be larger than 50 MB. It was not opened. Split it and try again."
DEFINED = "There are definitions in this file that no spreadsheet writes. It was not opened."
COLUMNS = "A row has more than 50 columns; so many belong to no list we know."


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def cells(data: bytes) -> list[list[str]]:
    return [record.cells for one in xlsx.read(data) for record in one.records]


@given(st.lists(st.lists(TEXT, min_size=2, max_size=3), max_size=4))
@settings(max_examples=50)
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    width = 3
    full = [row + [""] * (width - len(row)) for row in rows]
    read = [row + [""] * (width - len(row)) for row in cells(xlsx.write("a", ["x", "y", "z"], full))]
    assert read == [["x", "y", "z"], *full]


def test_the_same_content_is_the_same_bytes() -> None:
    """openpyxl would put the time into each file, and nobody could tell a changed export from an old one."""
    first = xlsx.write("卡片", ["a"], [["=1+1"], ["007"]])
    time.sleep(0.01)
    assert xlsx.write("卡片", ["a"], [["=1+1"], ["007"]]) == first


def test_other_programs_read_strings_and_nothing_else() -> None:
    """What looks like a formula or a number stays the text it was; one that spells a character by number too."""
    from openpyxl import load_workbook

    data = xlsx.write("卡片", ["a", "b"], [["=1+1", "007"], ["行1\n行2", "<&>😀"]])
    page = load_workbook(io.BytesIO(data)).active
    assert [[cell.value for cell in row] for row in page.rows] == [["a", "b"], ["=1+1", "007"], ["行1\n行2", "<&>😀"]]
    assert {cell.data_type for row in page.rows for cell in row} == {"s"}
    assert (page.title, page.freeze_panes, page["A2"].number_format) == ("卡片", "A2", "@")
    assert cells(xlsx.write("a", ["x"], [["_x0041_"]])) == [["x"], ["_x0041_"]]


def test_a_text_no_cell_holds_is_refused() -> None:
    with pytest.raises(Refused, match="Row 2 has a text of more than 32767 characters"):
        xlsx.write("a", ["x"], [["x" * 32_768]])


@pytest.mark.parametrize(
    ("value", "form", "text", "wrong"),
    [
        ("007", "General", "007", ""),
        (7, "General", "7", ""),
        (7, "000", "007", ""),
        (2.0, "General", "2", ""),
        (1.5, "General", "1.5", ""),
        (1e5, "0.00E+00", "100000", "The spreadsheet shows this number in its own way. "
         "Format the cell as text and type it again."),
        (6222021234567890123, "General", "6.22202123456789e+18", "The spreadsheet shows this number in its own way. "
         "Format the cell as text and type it again."),
        (0.5, "0%", "0.5", "The spreadsheet shows this number in its own way. "
         "Format the cell as text and type it again."),
        (True, "General", "True", "The spreadsheet took this for true or false. "
         "Format the cell as text and type it again."),
        (clock(12, 30), "h:mm", "12:30:00", "The spreadsheet made a date or time of this. "
         "Format the cell as text and type it again."),
        (date(2026, 11, 26), "yyyy-mm-dd", "2026-11-26 00:00:00", "The spreadsheet made a date or time of this. "
         "Format the cell as text and type it again."),
        ("#N/A", "General", "#N/A", "The spreadsheet shows an error here (#N/A). Type what should stand here."),
        ("=1+1", "General", "=1+1", "This is a formula. Copy the cell and paste it as a value."),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_made_of_a_cell_is_told(value: Any, form: str, text: str, wrong: str) -> None:
    """Nothing is guessed: a short code that became a date must not be stored as one."""
    from openpyxl import Workbook

    made = Workbook()
    made.active["A1"] = value
    made.active["A1"].number_format = form
    record = next(next(xlsx.read(saved(made))).records)
    assert (record.cells, record.odd) == ([text], {0: wrong} if wrong else {})


def hidden() -> bytes:
    from openpyxl import Workbook

    made = Workbook()
    made.active.append(["a"])
    made.create_sheet("secret").sheet_state = "hidden"
    return saved(made)


def test_hidden_sheets_are_known_as_such() -> None:
    assert [(one.name, one.hidden) for one in xlsx.read(hidden())] == [("Sheet", False), ("secret", True)]


def merged() -> bytes:
    from openpyxl import Workbook

    made = Workbook()
    made.active.append(["a", "b"])
    made.active.merge_cells("A1:B1")
    return saved(made)


def archive(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def encrypted() -> bytes:
    data = bytearray(xlsx.write("a", ["x"], []))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(mark)
        data[place + at] |= 1
    return bytes(data)


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(8)
    ) + "]>"
)  # fmt: skip
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: b"", DAMAGED),
        (lambda: b"PK\x03\x04 and no more", DAMAGED),
        (lambda: xlsx.write("a", ["x"], [["y"]])[:-60],
         DAMAGED),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
         "The file is protected by a password, or in the old format. Save it without a password, anew."),
        (encrypted, "The file is protected by a password. Save it without one and try again."),
        (lambda: b"PK" + bytes(5 * 1024 * 1024), "The file is larger than 5 MB. Split it and import the parts."),
        (lambda: archive(a_dot_txt=b"x"), NO_BOOK),
        (lambda: with_part("xl/media/bomb.bin", bytes(60 * 1024 * 1024)), SWOLLEN),
        (lambda: with_part("xl/media/bomb.bin", bytes(3 * 1024 * 1024)), SWOLLEN),
        (lambda: archive(**{f"a{at}": b"" for at in range(201)}),
         "There are more than 200 files in this file; it is not what it says it is."),
        (lambda: with_part("xl/embeddings/more.zip", archive(a=b"b")),
         "There are packed files inside this file. It was not opened."),
        (lambda: with_part("xl/vbaProject.bin", b"x"),
         "There are macros in this file. Save it as “Excel workbook (.xlsx)”, without macros."),
        (lambda: sheet("", LAUGHS), DEFINED),
        (lambda: sheet("", OUTSIDE), DEFINED),
        (lambda: with_part("xl/sharedStrings.xml", f"{OUTSIDE}<sst/>".encode()), DEFINED),
        (lambda: sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&#xD800;</t></is></c></row>'), UNREADABLE),
        (lambda: sheet("<row><c>"), UNREADABLE),
        (lambda: with_part("xl/workbook.xml", b"<workbook/>"), UNREADABLE),
        (lambda: sheet('<row r="1">' + "<c/>" * 1_000_000 + "</row>"), SWOLLEN),  # 4 MB of one byte pattern
        (lambda: sheet('<row r="1">' + "".join(f'<c s="{at}"/>' for at in range(100_000)) + "</row>"), COLUMNS),
        (lambda: sheet('<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'),
         "Row 1048576 has more than 50 columns; so many belong to no list we know."),
        (lambda: sheet('<row r="999999999999"><c r="A999999999999"/></row>'), MORE),  # openpyxl gives every row above
        (lambda: sheet('<row r="1e15"/>'), MORE),
        (lambda: sheet("".join(f'<row r="{at}"><c r="ZZZ{at}" s="{at % 99}"/></row>' for at in range(1, 3000))), MORE),
        (lambda: sheet("<a>" * 100 + "</a>" * 100), MORE),
        (lambda: with_part("xl/styles.xml", b"<styleSheet>" + b"".join(
            b'<xf numFmtId="%d"/>' % at for at in range(40_000)) + b"</styleSheet>"), MORE),
        (merged, "Sheet “Sheet” has merged cells. Take the merging back, so that every row stands by itself."),
    ],
)  # fmt: skip
def test_hostile_files_end_in_a_sentence(make: Any, sentence: str) -> None:
    """And soon: nobody's import waits behind one of these."""
    data, began = make(), time.monotonic()
    assert told(data) == sentence
    assert time.monotonic() - began < 20


def test_one_string_named_a_million_times_is_counted_each_time() -> None:
    """A shared string costs the file a few bytes a cell, but every document its whole length."""
    strings = f'<sst xmlns="{xlsx.MAIN}"><si><t>{"长" * 30_000}</t></si></sst>'
    types = zipfile.ZipFile(io.BytesIO(xlsx.write("a", ["x"], []))).read("[Content_Types].xml").decode()
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{xlsx.SHEET_TYPE}.sharedStrings+xml"/></Types>'
    rels = f'{xlsx.HEAD}<Relationships xmlns="{xlsx.PACKAGE}/relationships"><Relationship Id="rId1" Type="{xlsx.OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{xlsx.OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'  # noqa: E501
    rows = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 5000))
    data = with_part("xl/sharedStrings.xml", strings.encode(), sheet(rows))
    data = with_part("[Content_Types].xml", types.replace("</Types>", override).encode(), data)
    assert told(with_part("xl/_rels/workbook.xml.rels", rels.encode(), data)) == MORE


def test_empty_rows_far_below_are_no_harm() -> None:
    """Excel writes rows that were only formatted; they count for nothing."""
    data = sheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row><row r="1048576"><c r="A1048576"/></row>'
    )
    assert told(data) == ""


def test_the_guard_serves_other_archives_too() -> None:
    assert open_zip(archive(a_dot_md=b"x")).namelist() == ["a.md"]


def test_a_plain_book_of_another_program() -> None:
    assert cells(book(["标题", "短码"], ["运费", "fr1"])) == [["标题", "短码"], ["运费", "fr1"]]
