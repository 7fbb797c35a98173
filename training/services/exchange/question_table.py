"""Questions as a table: a row a question, all eight types. No database is asked.

Options stand in columns A to G, their feedback in columns of their own, and the answer is a letter. What has no
options has its answer as a list in the cell: the steps in their order, pairs and points with | between their parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from knowledge.documents import Document, tidy, tidy_document
from knowledge.enums import Competency, Status
from knowledge.enums import Course as CourseCode
from knowledge.services.exchange import words
from knowledge.services.exchange.registry import CellProblem, Entry, Row
from knowledge.tables.layout import Column, Layout, Line, join, join_fields, split, split_codes, split_fields
from training.documents import question_problems
from training.enums import QuestionType

LETTERS = "ABCDEFG"
COLUMNS = (
    Column("id", "编号", ("题号",), needed=True, width=16),
    Column("course", "课程", width=14),
    Column("type", "题型", needed=True, width=12),
    Column("competency", "能力", needed=True, width=14),
    Column("difficulty", "难度", needed=True, width=6),
    Column("facts", "依据", width=12),
    Column("card", "卡片", width=18),
    Column("prompt", "题干", ("题目",), needed=True, width=50),
    *(Column(f"option_{letter}", f"选项{letter}", (letter,), width=28) for letter in LETTERS),
    Column("answer", "答案", ("正确答案",), needed=True, width=20),
    *(Column(f"feedback_{letter}", f"反馈{letter}", width=28) for letter in LETTERS),
    Column("feedback", "反馈", ("整题反馈",), width=28),
    Column("draft", "待改的话", ("原句",), width=30),
    Column("forbids", "不能出现", width=20),
    Column("model", "参考答案", ("参考改法",), width=30),
    Column("explanation", "解析", needed=True, width=40),
    Column("status", "状态", width=8),
)
LAYOUT = Layout("questions", COLUMNS, lambda line, first: True)
OPTION_TYPES = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUEFALSE, QuestionType.BETTER)
# Where the parts of a document stand in the table.
CELL_OF = {"steps": "answer", "pairs": "answer", "answers": "answer", "points": "answer"}


def spread(entry: Entry) -> Iterator[dict[str, str]]:
    """The one row of a question."""
    document = entry.document
    cells = {
        "id": document["id"],
        "course": words.word(CourseCode, entry.beside.get("course", "")),
        "type": words.word(QuestionType, document["type"]),
        "competency": words.word(Competency, document["competency"]),
        "difficulty": document["difficulty"],
        "facts": "、".join(document["facts"]),
        "card": document.get("card", ""),
        "prompt": document["prompt"],
        "explanation": document["explanation"],
        "status": words.word(Status, entry.beside.get("status", "")),
    }
    cells |= {name: document[name] for name in ("feedback", "draft", "model") if name in document}
    yield cells | _answer_cells(document)


def _answer_cells(document: Document) -> dict[str, str]:
    kind = document["type"]
    if kind == QuestionType.ORDERING:
        return {"answer": join(document["steps"])}
    if kind == QuestionType.FILL:
        return {"answer": join(document["answers"])}
    if kind == QuestionType.MATCHING:
        return {"answer": join_fields([pair["left"], pair["right"]] for pair in document["pairs"])}
    if kind == QuestionType.REWRITE:
        points = ([point["name"], *point["any"]] for point in document["points"])
        return {"answer": join_fields(points), "forbids": join(document["forbids"])}
    text = "line" if kind == QuestionType.BETTER else "text"
    cells = {"answer": ""}
    for letter, option in zip(LETTERS, document["options"], strict=False):
        cells |= {f"option_{letter}": option[text], f"feedback_{letter}": option["feedback"]}
        cells["answer"] += letter if option["right"] == "yes" else ""
    return cells


def parse(lines: list[Line]) -> Row:
    """The question of a row, and what is wrong with it by the address of the cell."""
    line = lines[0]
    document = tidy_document(_document(line.cells))
    beside = {"course": words.code(CourseCode, line.cells.get("course", "") or document["id"].rpartition("-")[0])}
    if tidy(line.cells.get("status", "")):
        beside["status"] = words.code(Status, line.cells["status"])
    problems = [*_cell_problems(line, beside), *_document_problems(line, document)]
    filled = [letter for letter in LETTERS if line.cells.get(f"option_{letter}", "").strip()]
    places = {f"options {at}": line.place(f"option_{letter}") for at, letter in enumerate(filled)}
    return Row(line.number, document["id"][:120], document, problems, beside, places=places)


def _document(cells: dict[str, str]) -> Document:
    kind = words.code(QuestionType, cells["type"])
    document: Document = {
        "id": cells["id"].strip(),
        "type": kind,
        "competency": words.code(Competency, cells["competency"]),
        "difficulty": cells["difficulty"].strip(),
        "facts": split_codes(cells.get("facts", "")),
    }
    if cells.get("card", "").strip():
        document["card"] = cells["card"].strip()
    return document | {"prompt": cells["prompt"], **_body(kind, cells), "explanation": cells["explanation"]}


def _body(kind: str, cells: dict[str, str]) -> Document:
    answer = cells["answer"]
    feedback = {"feedback": cells.get("feedback", "")}
    if kind in OPTION_TYPES:
        return {"options": _options(cells, "line" if kind == QuestionType.BETTER else "text")}
    if kind == QuestionType.ORDERING:
        return {"steps": split(answer), **feedback}
    if kind == QuestionType.FILL:
        return {"answers": split(answer), **feedback}
    if kind == QuestionType.MATCHING:
        return {"pairs": [_pair(fields) for fields in split_fields(answer)], **feedback}
    return {
        "draft": cells.get("draft", ""),
        "points": [{"name": fields[0], "any": fields[1:]} for fields in split_fields(answer)],
        "forbids": split(cells.get("forbids", "")),
        "model": cells.get("model", ""),
    }


def _pair(fields: list[str]) -> Document:
    return {"left": fields[0], "right": fields[1] if len(fields) == 2 else ""}


def _options(cells: dict[str, str], text: str) -> list[Document]:
    right = set(_letters(cells["answer"]))
    return [
        {
            text: cells[f"option_{letter}"].strip() if text == "line" else cells[f"option_{letter}"],
            "right": "yes" if letter in right else "no",
            "feedback": cells.get(f"feedback_{letter}", ""),
        }
        for letter in LETTERS
        if cells.get(f"option_{letter}", "").strip()
    ]


def _letters(answer: str) -> list[str]:
    """The letters of an answer, set apart or not, of either width."""
    return [
        chr(ord(char) - 0xFEE0) if "Ａ" <= char <= "ｚ" else char
        for char in answer.upper()
        if char not in " 、,，;；\n"
    ]


def _cell_problems(line: Line, beside: dict[str, str]) -> Iterator[CellProblem]:
    if beside["course"] not in CourseCode.values:
        text = _("“%(value)s” is no course. Write one of %(choices)s.")
        values = {"value": beside["course"][:20], "choices": "、".join(words.all_words(CourseCode))}
        yield line.place("course", "课程"), text % values
    if "status" in beside and beside["status"] not in Status.values:
        text = _("“%(value)s” is no status. Write %(choices)s, or leave it empty.")
        values = {"value": beside["status"][:20], "choices": "、".join(words.all_words(Status))}
        yield line.place("status"), text % values
    if words.code(QuestionType, line.cells["type"]) in OPTION_TYPES:
        filled = [letter for letter in LETTERS if line.cells.get(f"option_{letter}", "").strip()]
        if odd := [letter for letter in _letters(line.cells["answer"]) if letter not in filled]:
            yield line.place("answer"), _("There is no option %s. Write the letters of the right options.") % odd[0][:5]
    elif words.code(QuestionType, line.cells["type"]) == QuestionType.MATCHING:
        for at, fields in enumerate(split_fields(line.cells["answer"]), start=1):
            if len(fields) != 2:
                text = _("Line %d: write a pair as “left | right”.")
                yield line.place("answer"), text % at


def _document_problems(line: Line, document: Document) -> Iterator[CellProblem]:
    choices: dict[str, Any] = {"type": QuestionType, "competency": Competency}
    for path, sentence in question_problems(document):
        name = str(path[0]) if path else "id"
        if name in choices:
            text = _("“%(value)s” is not known here. Write one of %(choices)s.")
            values = {"value": line.cells[name][:20], "choices": "、".join(words.all_words(choices[name]))}
            yield line.place(name), text % values
        else:
            yield line.place(_cell(line, path, name)), sentence


def _cell(line: Line, path: tuple[str | int, ...], name: str) -> str:
    """The column a problem of the document stands in."""
    if name == "options":
        filled = [letter for letter in LETTERS if line.cells.get(f"option_{letter}", "").strip()]
        if len(path) > 1:
            return f"{'feedback' if path[-1] == 'feedback' else 'option'}_{filled[int(path[1])]}"
        return "answer" if filled else "option_A"
    return CELL_OF.get(name, name)
