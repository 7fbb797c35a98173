"""CSV as we write it and as spreadsheets save it."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from knowledge.tables import csv
from knowledge.tables.guard import Refused

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30)
MORE = "The file holds more than we read at a time. Split it and import the parts."
NUL = "This is no CSV file: there are NUL bytes in it. Save the list as “CSV UTF-8” and try again."
MARKED = "The file says it is UTF-8, but line 2 is not. Save it anew as “CSV UTF-8”."
NEITHER = "The text is neither UTF-8 nor GB18030. Save the list as “CSV UTF-8” and try again."


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def cells(data: bytes) -> list[list[str]]:
    return [record.cells for record in csv.read(data).records()]


def told(data: bytes) -> str:
    try:
        list(csv.read(data).records())
    except Refused as refused:
        return str(refused)
    return ""


@given(st.lists(st.lists(TEXT, min_size=2, max_size=4), min_size=1, max_size=5))
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    """An export that came back another would change content nobody touched."""
    head = [["slug", "title"]]
    assert cells(csv.write(head + rows)) == head + rows


@given(TEXT)
def test_a_cell_keeps_its_first_character(cell: str) -> None:
    assert csv.unescape(csv.escape(cell)) == cell
    assert csv.escape(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_the_form() -> None:
    """A mark for Excel, one quote before a formula, line breaks within quotes."""
    assert csv.write([["a", "=1+1"], ["'x", "行1\n行2😀"]]) == "\ufeffa,'=1+1\r\n''x,\"行1\n行2😀\"\r\n".encode()


@pytest.mark.parametrize(
    ("data", "read", "notes"),
    [
        ("标题,短码\n运费,fr1\n".encode(), [["标题", "短码"], ["运费", "fr1"]], ["Read as UTF-8."]),
        ("标题,短码\n运费,fr1\n".encode("gb18030"), [["标题", "短码"], ["运费", "fr1"]],
         ["Read as GB18030: look whether the Chinese below reads as it should."]),
        ("标题\t短码\r\n运费\tfr1\r\n".encode("utf-16"), [["标题", "短码"], ["运费", "fr1"]],
         ["Read as UTF-16.", "Its cells are separated by tabs."]),
        (b"a;b\n1,5;2\n", [["a", "b"], ["1,5", "2"]], ["Read as UTF-8.", "Its cells are separated by semicolons."]),
        (b"a,b\r1,2\r3,4\r", [["a", "b"], ["1", "2"], ["3", "4"]], ["Read as UTF-8."]),
        (b'"a;b;c;d",e\n"1\r\n2",3\n', [["a;b;c;d", "e"], ["1\n2", "3"]], ["Read as UTF-8."]),
        (b"a,b\n'=1,''x\n", [["a", "b"], ["=1", "'x"]], ["Read as UTF-8."]),
    ],
)  # fmt: skip
def test_as_spreadsheets_save_it(data: bytes, read: list[list[str]], notes: list[str]) -> None:
    assert cells(data) == read
    assert csv.read(data).notes == notes


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n", "The file is empty."),
        (b"a,b\n\0,1\n", NUL),
        ("a,b\n".encode("utf-16")[2:], NUL),
        (b"\xef\xbb\xbfa,b\n\xd4\xcb,1\n", MARKED),
        (b"a,b\n\xff\xff\xff,1\n", NEITHER),
        (b"a,b\n" + b"x" * 1_000_000 + b",1\n", "Row 2 cannot be read: a cell holds more than 100,000 characters."),
        (b'a,b\n"open,1\n', "Row 2 cannot be read: a quotation mark is left open, or stands in the middle of a cell."),
        (b'a,b\n"x"y,1\n', "Row 2 cannot be read: a quotation mark is left open, or stands in the middle of a cell."),
        (b"a,b\n" + b"1," * 1_000_000 + b"1\n", "Row 2 has more than 50 columns; so many belong to no list we know."),
        (b"a,b\n" + b"\n" * 1_100_000, MORE),
        (b"a,b\n" + b"1," + b"," * 5_000_000, MORE),
        (b"a,b\n" + b"1,2\n" * 250_000, MORE),
    ],
)  # fmt: skip
def test_what_is_refused(data: bytes, sentence: str) -> None:
    """Each in words, none with a fault, none kept in memory whole as cells."""
    assert told(data) == sentence


def test_a_file_too_large_is_not_looked_at() -> None:
    assert told(b"a" * (20 * 1024 * 1024 + 1)) == "The file is larger than 20 MB. Split it and import the parts."


def test_a_cell_of_more_than_a_spreadsheet_holds_is_told() -> None:
    record = list(csv.read(b"a,b\n" + b"x" * 40_000 + b",1\n").records())[1]
    assert record.odd == {0: "at most 32767 characters fit here"}
