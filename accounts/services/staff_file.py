"""Staff lists as CSV files: what a file says, and what is wrong with it. No database is asked."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.models import User, clean_staff_number, plain

MAX_BYTES = 5 * 1024 * 1024

# Column names, and the words for a role or a language, as a spreadsheet may have them. Compared in lower case.
HEADERS = {
    "staff_number": ("staff_number", "staff number", "工号", "员工号", "员工编号"),
    "display_name": ("display_name", "display name", "name", "姓名", "名字"),
    "username": ("username", "user name", "用户名"),
    "role": ("role", "角色", "岗位"),
    "email": ("email", "e-mail", "邮箱", "电子邮箱"),
    "locale": ("locale", "language", "语言"),
    "team": ("team", "班组", "小组"),
}
REQUIRED = ("staff_number", "display_name", "role")
ROLE_WORDS = {
    **{role.value: role for role in Role},
    "学员": Role.TRAINEE,
    "客服": Role.AGENT,
    "培训师": Role.TRAINER,
    "主管": Role.MANAGER,
}
LOCALE_WORDS = {
    **{code: code for code, _name in settings.LANGUAGES},
    "zh": "zh-hans",
    "中文": "zh-hans",
    "简体中文": "zh-hans",
    "english": "en",
    "英文": "en",
    "英语": "en",
}
# Unicode categories of what nobody sees in a cell; private use stays, rare names are written with it.
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# What a message calls the columns: by the first of the words above that its reader would write.
TITLES = {
    "staff_number": gettext_lazy("staff_number"),
    "display_name": gettext_lazy("display_name"),
    "username": gettext_lazy("username"),
    "role": gettext_lazy("role"),
    "email": gettext_lazy("email"),
    "locale": gettext_lazy("locale"),
    "team": gettext_lazy("team"),
}
_COLUMN = {name: column for column, names in HEADERS.items() for name in names}


class StaffRow(NamedTuple):
    """One good row. Empty username, e-mail, locale or team: the file says nothing about it, what is there stays."""

    row: int
    staff_number: str
    display_name: str
    role: str
    username: str = ""
    email: str = ""
    locale: str = ""
    team: str = ""  # name or code


class Problem(NamedTuple):
    """Why a row, or with row 0 the whole file, is refused."""

    row: int
    column: str
    text: str

    def sentence(self, name: str) -> str:
        """File, row and field in one sentence."""
        if not self.row:
            return _("%(file)s: %(problem)s") % {"file": name, "problem": self.text}
        if not self.column:
            return _("%(file)s, row %(row)d: %(problem)s") % {"file": name, "row": self.row, "problem": self.text}
        values = {"file": name, "row": self.row, "field": TITLES[self.column], "problem": self.text}
        return _("%(file)s, row %(row)d, %(field)s: %(problem)s") % values


@dataclass
class Parsed:
    """What the file says: good rows in file order, and what is wrong with the others."""

    encoding: str = ""
    rows: list[StaffRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding name) of a file as spreadsheets save it. Raises ValueError when it is neither."""
    for encoding, name in (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")):
        try:
            return data.decode(encoding), name
        except UnicodeDecodeError:
            continue
    raise ValueError("neither UTF-8 nor GB18030")


def parse(data: bytes) -> Parsed:
    """Read and judge the file alone. Never raises on bad content: it is all in `problems`."""
    if len(data) > MAX_BYTES:
        return _refused(too_big())
    try:
        text, encoding = decode(data)
    except ValueError:
        return _refused(_("The text is neither UTF-8 nor GB18030. Save the list as “CSV UTF-8” and try again."))
    if "\0" in text:
        return _refused(_("This is not a CSV file. Save the list as “CSV UTF-8” and try again."))
    parsed = Parsed(encoding)
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        text = _("The row cannot be read as CSV: %(error)s.") % {"error": error}
        parsed.problems.append(Problem(len(records) + 1, "", text))
        return parsed
    _read_records(records, parsed)
    return parsed


def too_big() -> str:
    size = MAX_BYTES // 1024 // 1024
    return _("The file is larger than %(size)d MB. Split it and import the parts.") % {"size": size}


def _refused(text: str) -> Parsed:
    return Parsed(problems=[Problem(0, "", text)])


def _read_records(records: Sequence[Sequence[str]], parsed: Parsed) -> None:
    if not any(any(cell.strip() for cell in record) for record in records):
        text = _("The file is empty. It needs a line of column names and a line a person.")
        parsed.problems.append(Problem(0, "", text))
        return
    columns, problems = _read_header(records[0])
    parsed.problems += problems
    if problems:
        return
    seen: dict[tuple[str, str], int] = {}
    for number, record in enumerate(records[1:], start=2):
        if any(cell.strip() for cell in record):
            row, problems = _read_row(number, columns, record)
            problems += _repeated(row, seen)
            parsed.problems += problems
            if not problems:
                parsed.rows.append(row)
    if not parsed.rows and not parsed.problems:
        parsed.problems.append(Problem(0, "", _("There is nobody in the file, only column names.")))


def _read_header(cells: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """The column of each cell of the first line, "" for one we do not use."""
    columns = [_COLUMN.get(plain(cell).lower(), "") for cell in cells]
    problems = [
        Problem(1, name, _("This column is missing. Call it %(names)s.") % {"names": _either(HEADERS[name])})
        for name in REQUIRED
        if name not in columns
    ]
    twice = [name for name in HEADERS if columns.count(name) > 1]
    problems += [Problem(1, name, _("This column is there twice.")) for name in twice]
    return columns, problems


def _either(names: Iterable[str]) -> str:
    return " / ".join(names)


def _clean(cell: str) -> str:
    """A cell without the quote that keeps spreadsheets from running it as a formula (our own exports write it)."""
    cell = cell.strip()
    return cell[1:].strip() if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@"} else cell


def _read_row(number: int, columns: Sequence[str], record: Sequence[str]) -> tuple[StaffRow, list[Problem]]:
    """The row as it would be stored, and everything wrong with it."""
    if any(cell.strip() for cell in record[len(columns) :]):
        text = _("This row has more cells than the first. Put text with a comma between double quotes.")
        return StaffRow(number, "", "", ""), [Problem(number, "", text)]
    return read_cells(number, {name: _clean(cell) for name, cell in zip(columns, record, strict=False) if name})


def read_cells(number: int, cells: Mapping[str, str]) -> tuple[StaffRow, list[Problem]]:
    """A person from the cells of a row by column, whatever file they stood in."""
    row = StaffRow(
        row=number,
        staff_number=clean_staff_number(cells.get("staff_number")) or "",
        display_name=cells.get("display_name", "").strip(),
        role=ROLE_WORDS.get(plain(cells.get("role", "")).lower(), ""),
        username=plain(cells.get("username", "")),
        email=cells.get("email", "").strip(),
        locale=LOCALE_WORDS.get(plain(cells.get("locale", "")).lower(), ""),
        team=plain(cells.get("team", "")),
    )
    return row, list(_row_problems(row, cells))


def _row_problems(row: StaffRow, cells: Mapping[str, str]) -> Iterator[Problem]:
    for name in REQUIRED:
        if not cells.get(name, "").strip():
            yield Problem(row.row, name, _("This cell is empty."))
    for name in ("staff_number", "display_name", "username", "email"):
        yield from _field_problems(row, name)
    if cells.get("role", "").strip() and not row.role:
        yield Problem(row.row, "role", _not_a_role(cells["role"]))
    if cells.get("locale", "").strip() and not row.locale:
        text = _("“%(value)s” is not a language we have. Use zh-hans or en.") % {"value": short(cells["locale"])}
        yield Problem(row.row, "locale", text)


def _field_problems(row: StaffRow, name: str) -> Iterator[Problem]:
    value: str = getattr(row, name)
    model_field: Any = User._meta.get_field(name)
    if not value:
        return
    if len(value) > model_field.max_length:
        text = _("This is longer than %(count)d characters.") % {"count": model_field.max_length}
        yield Problem(row.row, name, text)
    elif any(unicodedata.category(char) in INVISIBLE for char in value):
        yield Problem(row.row, name, _("There is a line break or an invisible character in this cell."))
    else:
        try:
            validate_email(value) if name == "email" else model_field.run_validators(value)
        except ValidationError as error:
            yield Problem(row.row, name, " ".join(error.messages))


def _not_a_role(value: str) -> str:
    return _("“%(value)s” is not a role. Use trainee, agent, trainer or manager.") % {"value": short(value)}


def short(value: str) -> str:
    return value if len(value) <= 20 else f"{value[:19]}…"


def _repeated(row: StaffRow, seen: dict[tuple[str, str], int]) -> list[Problem]:
    """A staff number or username that an earlier row has. Remembers this row's."""
    problems = []
    for name in ("staff_number", "username"):
        value: str = getattr(row, name)
        if value and (first := seen.setdefault((name, value), row.row)) != row.row:
            text = _("“%(value)s” is already in row %(row)d.") % {"value": short(value), "row": first}
            problems.append(Problem(row.row, name, text))
    return problems
