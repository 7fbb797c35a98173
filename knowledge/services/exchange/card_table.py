"""Cards as a table: a row a card, and below it a row for each of its lines. No database is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from knowledge.documents import Document, card_problems, tidy, tidy_document
from knowledge.enums import Competency, Course, CustomerGroup, Rule, Side, Stage, Status
from knowledge.services.exchange import words
from knowledge.services.exchange.registry import CellProblem, Entry, Row
from knowledge.tables.layout import Column, Layout, Line, folded, join, split, split_codes

CARD = "卡片"
SIDES = {Side.DO: "该说", Side.DONT: "不该说"}
PARTS = {
    **{folded(name): CARD for name in (CARD, "card")},
    **{folded(name): side for side, title in SIDES.items() for name in (side.value, title, side.name)},
}
COLUMNS = (
    Column("slug", "标识", needed=True, width=22),
    Column("part", "行", ("row", "类型"), needed=True, width=8),
    Column("title", "标题", needed=True, width=22),
    Column("stage", "阶段", needed=True, width=8),
    Column("course", "课程", needed=True, width=14),
    Column("competency", "能力", needed=True, width=14),
    Column("groups", "客群", width=18),
    Column("facts", "依据", width=12),
    Column("neighbours", "易混卡片", ("邻近卡片",), width=20),
    Column("trigger", "主动开口时机", width=24),
    Column("aliases", "顾客会说", needed=True, width=40),
    Column("keywords", "搜索词", width=20),
    Column("principle", "道理", needed=True, width=50),
    Column("code", "短码", needed=True, width=8),
    Column("text", "话术", ("line",), needed=True, width=50),
    Column("why", "理由", ("reason",), needed=True, width=36),
    Column("breaks", "违反", ("违反规则",), width=18),
    Column("id", "话术编号", ("uuid",), width=14),
    Column("audience", "限班组", ("班组",), width=14),
    Column("status", "状态", width=8),
    Column("owner", "负责人", width=14),
    Column("verify_days", "核实间隔", ("核实间隔（天）",), width=10),
)
BESIDE = ("status", "owner", "verify_days")
LISTS = {"facts": split_codes, "neighbours": split_codes, "aliases": split, "keywords": split, "audience": split_codes}
CHOICES: dict[Any, Any] = {
    "stage": Stage,
    "course": Course,
    "competency": Competency,
    "groups": CustomerGroup,
    "breaks": Rule,
}
OPTIONAL = ("trigger", "keywords", "audience")  # kept as they are when the file has no such column


def _starts(line: Line, first: Line | None) -> bool:
    """A card's own row begins it; a line's row that names another card belongs to none."""
    if PARTS.get(folded(line.cells.get("part", ""))) == CARD:
        return True
    slug = tidy(line.cells.get("slug", ""))
    return bool(first and slug and slug != tidy(first.cells.get("slug", "")))


LAYOUT = Layout("cards", COLUMNS, _starts)


def spread(entry: Entry) -> Iterator[dict[str, str]]:
    """The rows of a card."""
    document = entry.document
    yield {
        "slug": document["slug"],
        "part": CARD,
        "title": document["title"],
        "stage": words.word(Stage, document["stage"]),
        "course": words.word(Course, document["course"]),
        "competency": words.word(Competency, document["competency"]),
        "groups": words.words(CustomerGroup, document["groups"]),
        "facts": "、".join(document["facts"]),
        "neighbours": "、".join(document["neighbours"]),
        "trigger": document.get("trigger", ""),
        "aliases": join(document["aliases"]),
        "keywords": join(document.get("keywords", [])),
        "principle": document["principle"],
        "audience": "、".join(document.get("audience", [])),
        **{name: entry.beside.get(name, "") for name in BESIDE},
        "status": words.word(Status, entry.beside.get("status", "")),
    }
    for side in Side:
        for line in document[side.value]:
            yield {
                "slug": document["slug"],
                "part": SIDES[side],
                "code": line["code"],
                "text": line["text"],
                "why": line["why"],
                "breaks": words.words(Rule, line.get("breaks", [])),
                "id": line.get("id", ""),
            }


def parse(lines: list[Line]) -> Row:
    """The card of these rows, and what is wrong with it by the address of the cell."""
    head, parts = lines[0], lines[1:]
    slug = tidy(head.cells.get("slug", ""))
    if PARTS.get(folded(head.cells.get("part", ""))) != CARD:
        text = _("This row stands under no row of its card. A card begins with a row that says “%s” here.") % CARD
        return Row(head.number, slug[:120], None, [(head.place("part"), text)])
    problems = list(_part_problems(parts))
    if problems:
        return Row(head.number, slug[:120], None, problems)
    document = tidy_document(_document(head, parts))
    places = _places(head, parts)
    problems = [(_place(path, places, head), _said(path, document, told)) for path, told in card_problems(document)]
    beside = {name: tidy(head.cells[name]) for name in BESIDE if name in head.cells}
    if beside.get("status"):
        beside["status"] = words.code(Status, beside["status"])
    problems += _beside_problems(beside, head)
    document["keep"] = [name for name in OPTIONAL if name not in head.cells]
    own = {f"code {tidy(line.cells['code'])}": line.place("code") for line in parts}
    return Row(head.number, slug[:120], document, problems, beside, places=own)


def _document(head: Line, parts: list[Line]) -> Document:
    cells = head.cells
    document: Document = {
        "slug": cells["slug"].strip(),
        "title": cells["title"],
        "stage": words.code(Stage, cells["stage"]),
        "course": words.code(Course, cells["course"]),
        "competency": words.code(Competency, cells["competency"]),
        "groups": words.codes(CustomerGroup, cells.get("groups", "")),
    }
    found: dict[str, Any] = {name: cut(cells.get(name, "")) for name, cut in LISTS.items()}
    document |= {"facts": found["facts"], "neighbours": found["neighbours"]}
    found["audience"] = sorted(found["audience"])  # a set of teams: their order is no change
    if tidy(cells.get("trigger", "")):
        document["trigger"] = cells["trigger"]
    document["aliases"] = found["aliases"]
    document |= {name: found[name] for name in ("keywords", "audience") if found[name]}
    for side in Side:
        document[side.value] = [_line(line, side) for line in parts if _side(line) == side]
    document["principle"] = cells["principle"]
    return document


def _line(line: Line, side: Side) -> Document:
    part: Document = {"id": line.cells["id"].strip().lower()} if line.cells.get("id", "").strip() else {}
    part |= {"code": line.cells["code"].strip(), "text": line.cells["text"], "why": line.cells["why"]}
    if side is Side.DONT:
        part["breaks"] = words.codes(Rule, line.cells.get("breaks", ""))
    return part


def _side(line: Line) -> str:
    return PARTS.get(folded(line.cells.get("part", "")), "")


def _part_problems(parts: list[Line]) -> Iterator[CellProblem]:
    for line in parts:
        if _side(line) not in set(Side):
            text = _("“%(value)s” is no kind of row. Write %(kinds)s.")
            kinds = "、".join([CARD, *SIDES.values()])
            yield line.place("part"), text % {"value": line.cells.get("part", "")[:20], "kinds": kinds}
        elif _side(line) == Side.DO and line.cells.get("breaks", "").strip():
            yield line.place("breaks"), _("A line to say breaks no rule. Leave this cell empty.")


def _beside_problems(beside: dict[str, str], head: Line) -> Iterator[CellProblem]:
    if beside.get("status") and beside["status"] not in Status.values:
        text = _("“%(value)s” is no status. Write %(choices)s, or leave it empty.")
        values = {"value": beside["status"][:20], "choices": "、".join(words.all_words(Status))}
        yield head.place("status"), text % values
    days = beside.get("verify_days", "")
    if days and not (days.isascii() and days.isdigit() and 1 <= int(days[:5]) <= 3650):
        yield head.place("verify_days"), _("A whole number of days from 1 to 3650 is needed here.")


def _places(head: Line, parts: list[Line]) -> dict[tuple[str | int, ...], Line]:
    found: dict[tuple[str | int, ...], Line] = {(): head}
    for side in Side:
        for at, line in enumerate(line for line in parts if _side(line) == side):
            found[side.value, at] = line
    return found


def _place(path: tuple[str | int, ...], places: dict[tuple[str | int, ...], Line], head: Line) -> str:
    """The cell a problem of the document stands in."""
    line = places.get(path[:2], head)
    named = path[2:] if line is not head else path
    name = str(named[0]) if named else "slug"
    return line.place(name, LAYOUT.titles.get(name, ""))


def _said(path: tuple[str | int, ...], document: Document, sentence: str) -> str:
    """The sentence; of a word that is none of a fixed vocabulary one that lists the words, not the codes."""
    choices = next((CHOICES[name] for name in path[:3:2] if name in CHOICES), None)
    value: Any = document
    for step in path:
        value = value[step]
    if choices is None or not isinstance(value, str) or value in choices.values or not value:
        return sentence
    values = {"value": value[:20], "choices": "、".join(words.all_words(choices))}
    return _("“%(value)s” is not known here. Write one of %(choices)s.") % values


def final(document: Document, before: Document | None) -> Document:
    """The document without `keep`, with what the file leaves alone filled in from the live card."""
    kept = document.get("keep", [])
    whole = {key: value for key, value in document.items() if key != "keep"}
    before = before or {}
    whole |= {name: before[name] for name in kept if name in before}
    ids = {line["code"]: line["id"] for side in Side for line in before.get(side.value, []) if "id" in line}
    for side in Side:
        whole[side.value] = [
            {"id": ids[line["code"]], **line} if "id" not in line and line["code"] in ids else line
            for line in whole[side.value]
        ]
    return whole
