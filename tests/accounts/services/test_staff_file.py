"""What a staff list says, and what is wrong with it. No database."""

from __future__ import annotations

import csv
import io
import string

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import staff_file
from accounts.services.staff_file import MAX_BYTES, Problem, StaffRow, parse

HEAD = "staff_number,display_name,role,username,email,locale\n"
LI = StaffRow(2, "A1", "小李", "trainee")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def rows(text: str) -> list[StaffRow]:
    parsed = parse(text.encode())
    assert parsed.problems == []
    return parsed.rows


def sentences(text: str | bytes) -> list[str]:
    parsed = parse(text if isinstance(text, bytes) else text.encode())
    return [problem.sentence("staff.csv") for problem in parsed.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_ways_a_spreadsheet_saves(encoding: str, newline: str) -> None:
    """Excel in China writes GB18030 or a BOM; either would else turn every name, or the first column, into noise."""
    parsed = parse(f"工号,姓名,岗位{newline}A1,小李𠮷,客服{newline}".encode(encoding))
    assert (parsed.rows, parsed.problems) == ([StaffRow(2, "A1", "小李𠮷", "agent")], [])
    assert parsed.encoding == ("GB18030" if encoding == "gb18030" else "UTF-8")


@pytest.mark.parametrize(
    "head",
    [
        "staff_number,display_name,role",
        "工号,姓名,角色",
        " 工号 ,姓名,岗位",
        "员工编号,名字,角色",
        "Staff Number,Name,ROLE",
        "ｓｔａｆｆ＿ｎｕｍｂｅｒ,姓名,岗位",
    ],
)
def test_the_names_a_column_may_have(head: str) -> None:
    assert rows(f"{head}\nA1,小李,trainee\n") == [LI]


def test_columns_may_stand_in_any_order_with_others_between() -> None:
    assert rows("备注,角色,姓名,入职日期,工号\n好,学员,小李,2026-01-01,A1\n") == [LI]


def test_optional_columns() -> None:
    assert rows("工号,姓名,用户名,角色,邮箱,语言\na1,小李,ｌｉ,培训师,li@example.com,英文\n") == [
        StaffRow(2, "A1", "小李", "trainer", "li", "li@example.com", "en")
    ]


def test_what_a_spreadsheet_adds_is_taken_away() -> None:
    """Spaces, empty lines, trailing commas, and the quote our own exports put before a formula."""
    text = "工号,姓名,角色\n\n '-1 , '=小李 ,学员 ,,\n,,\n"
    assert rows(text) == [StaffRow(3, "-1", "=小李", "trainee")]


def test_rows_are_counted_as_the_spreadsheet_counts_them() -> None:
    """A cell with a line break is one row there; a count of lines would point below the mistake."""
    text = '备注,工号,姓名,角色\n"一\n二",A1,小李,trainee\n,A2,小王,boss\n'
    assert sentences(text) == ["staff.csv, row 3, role: “boss” is not a role. Use trainee, agent, trainer or manager."]


NUMBER_ERROR = "Use letters, digits and hyphens."


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (",小李,agent", ("staff_number", "This cell is empty.")),
        ("A1,,agent", ("display_name", "This cell is empty.")),
        ("A1,小李", ("role", "This cell is empty.")),
        ("A 1,小李,agent", ("staff_number", NUMBER_ERROR)),
        ("1.2E+08,小李,agent", ("staff_number", NUMBER_ERROR)),
        ("号,小李,agent", ("staff_number", NUMBER_ERROR)),
        ("A" * 21 + ",小李,agent", ("staff_number", "This is longer than 20 characters.")),
        ("A1," + "很" * 41 + ",agent", ("display_name", "This is longer than 40 characters.")),
        ("A1,小\u200b李,agent", ("display_name", "There is a line break or an invisible character in this cell.")),
        ('A1,"小\n李",agent', ("display_name", "There is a line break or an invisible character in this cell.")),
        ("A1,小李,boss", ("role", "“boss” is not a role. Use trainee, agent, trainer or manager.")),
        ("A1,小李,agent,,no", ("email", "Enter a valid email address.")),
        ("A1,小李,agent,,a@b.c,", ("email", "Enter a valid email address.")),
        ("A1,小李,agent,,x@" + "y" * 250 + ".com", ("email", "This is longer than 254 characters.")),
        ("A1,小李,agent,,,fr", ("locale", "“fr” is not a language we have. Use zh-hans or en.")),
        ("A1,小李,agent," + "u" * 151, ("username", "This is longer than 150 characters.")),
        (
            "A1,小李,agent,a b",
            (
                "username",
                "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
            ),
        ),
        (
            "A1,小李,agent,,,,x",
            ("", "This row has more cells than the first. Put text with a comma between double quotes."),
        ),
    ],
)
def test_one_mistake_is_one_sentence_with_its_place(line: str, problem: tuple[str, str]) -> None:
    parsed = parse(f"{HEAD}Z9,先,agent\n{line}\n".encode())
    assert parsed.problems == [Problem(3, *problem)]
    assert [row.staff_number for row in parsed.rows] == ["Z9"]


def test_a_chinese_list_is_answered_in_its_own_words() -> None:
    """Somebody with a column 工号 does not look for a staff_number."""
    with translation.override("zh-hans"):
        titles = [str(title) for title in staff_file.TITLES.values()]
    assert titles == ["工号", "姓名", "用户名", "角色", "邮箱", "语言", "班组"]


def test_all_mistakes_are_told_at_once() -> None:
    """Otherwise a list of fifty is corrected in fifty rounds."""
    assert sentences(f"{HEAD},小李,boss\nA2,,agent\n") == [
        "staff.csv, row 2, staff_number: This cell is empty.",
        "staff.csv, row 2, role: “boss” is not a role. Use trainee, agent, trainer or manager.",
        "staff.csv, row 3, display_name: This cell is empty.",
    ]


def test_names_given_twice() -> None:
    """The second row would overwrite the first, or fail in the database without a row."""
    assert sentences(f"{HEAD}A1,一,agent,x\na1,二,agent,y\nA3,三,agent,x\nA4,四,agent,X\n") == [
        "staff.csv, row 3, staff_number: “A1” is already in row 2.",
        "staff.csv, row 4, username: “x” is already in row 2.",
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "staff.csv: The file is empty. It needs a line of column names and a line a person."),
        (
            b"\xef\xbb\xbf\r\n ,\r\n",
            "staff.csv: The file is empty. It needs a line of column names and a line a person.",
        ),
        (HEAD.encode(), "staff.csv: There is nobody in the file, only column names."),
        (b"x" * (MAX_BYTES + 1), "staff.csv: The file is larger than 5 MB. Split it and import the parts."),
        (b"PK\x03\x04\0\0", "staff.csv: This is not a CSV file. Save the list as “CSV UTF-8” and try again."),
        (
            "工号".encode("utf-16"),
            "staff.csv: The text is neither UTF-8 nor GB18030. Save the list as “CSV UTF-8” and try again.",
        ),
        (
            HEAD.encode() + b'A1,"x"y,agent\n',
            "staff.csv, row 2: The row cannot be read as CSV: ',' expected after '\"'.",
        ),
        (b"staff_number,name\nA1,x\n", "staff.csv, row 1, role: This column is missing. Call it role / 角色 / 岗位."),
        ("工号,姓名,角色,姓名\n".encode(), "staff.csv, row 1, display_name: This column is there twice."),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(data: bytes, sentence: str) -> None:
    assert sentences(data) == [sentence]


names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40).filter(
    lambda text: not text.startswith("'")
)
numbers = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=20)


@given(
    people=st.lists(
        st.tuples(numbers, names, st.sampled_from(["trainee", "agent", "trainer", "manager"])),
        min_size=1,
        max_size=20,
        unique_by=lambda person: person[0],
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    dialect=st.sampled_from(["excel", "unix"]),
    columns=st.permutations(range(3)),
)
def test_what_is_written_is_read(people, encoding: str, dialect: str, columns) -> None:
    """Any name, quoted or not, in any column order, comes back as it was."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, dialect=dialect)
    for record in [("工号", "姓名", "角色"), *people]:
        writer.writerow([record[column] for column in columns])
    parsed = parse(out.getvalue().encode(encoding))
    assert parsed.problems == []
    assert parsed.rows == [StaffRow(number, *person) for number, person in enumerate(people, start=2)]


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: (HEAD + text).encode("utf-8", "replace")))
def test_any_bytes_are_answered(data: bytes) -> None:
    """A traceback tells a trainer nothing: whatever the file, there are good rows or sentences."""
    parsed = parse(data)
    assert bool(parsed.rows) or bool(parsed.problems)
    assert all(problem.sentence("x.csv").startswith("x.csv") for problem in parsed.problems)
    assert staff_file.REQUIRED == ("staff_number", "display_name", "role")
