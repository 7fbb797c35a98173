"""Lists of parts as rows: read whatever is sent, drawn so that what was sent stands there again."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from knowledge.admin.rows import Choice, Column, Lines, Number, Parts, RowsField, RowsWidget, Tick
from tests.knowledge.admin.page import _Form

OPTIONS = (Column("text", "option"), Tick("right", "right"), Column("feedback", "feedback"))


def field(**shape: Any) -> RowsField:
    return RowsField(*OPTIONS, label="options", **shape)


def nested() -> RowsField:
    return RowsField(Column("prompt", "prompt"), Parts("options", "options", RowsWidget(OPTIONS)), label="checks")


def option(text: str, right: str = "no") -> dict[str, str]:
    return {"text": text, "right": right, "feedback": "f"}


def sent(widget: Any, value: Any) -> dict[str, Any]:
    """What a browser sends for rows as they are drawn."""

    class Response:
        content = f'<form id="x">{widget.render("rows", value, {"id": "id_rows"})}</form>'

    form = _Form("x")
    form.feed(Response.content)
    return {name: value[0] if isinstance(value, list) else value for name, value in form.data.items()}


@pytest.mark.parametrize(
    "value",
    [
        [],
        [option("甲", "yes"), option("乙")],
        [option("一行\n两行"), option('"<b>&amp;'), option("", "yes")],
    ],
)
def test_drawn_and_read_is_the_same(value: Any) -> None:
    """An untouched form must not make a version of its own."""
    widget = field().widget
    assert widget.value_from_datadict(sent(widget, value), {}, "rows") == value


def test_rows_within_rows() -> None:
    value = [{"prompt": "哪句？", "options": [option("甲", "yes"), option("乙")]}, {"prompt": "再来", "options": []}]
    widget = nested().widget
    assert widget.value_from_datadict(sent(widget, value), {}, "rows") == value


def test_other_boxes() -> None:
    """A choice that is none any more, and a number that is none, come back for the form to judge."""
    columns = (Lines("any", "any"), Choice("course", "course", [("a", "A")]), Number("count", "count"))
    widget = RowsField(*columns, label="x").widget
    value = [{"any": ["甲", "乙"], "course": "a", "count": 3}, {"any": [], "course": "gone", "count": "x"}]
    assert widget.value_from_datadict(sent(widget, value), {}, "rows") == value


def test_order_follows_the_numbers() -> None:
    """Without script a row is moved by its number; one without a number goes to the end."""
    data = {"rows-0-text": "a", "rows-0-position": "9", "rows-1-text": "b", "rows-1-position": "2"}
    data |= {"rows-4-text": "c", "rows-4-position": "", "rows-2-text": "d", "rows-2-position": "x"}
    assert [row["text"] for row in field().widget.value_from_datadict(data, {}, "rows")] == ["b", "a", "d", "c"]


def test_blank_and_taken_back_rows_are_none() -> None:
    data = {"rows-0-text": " ", "rows-1-text": "b", "rows-1-DELETE": "on", "rows-2-text": "c"}
    assert [row["text"] for row in field().widget.value_from_datadict(data, {}, "rows")] == ["c"]


def test_fixed_rows_cannot_be_taken_back() -> None:
    data = {"rows-0-text": "a", "rows-0-DELETE": "on"}
    assert [row["text"] for row in field(fixed=True).widget.value_from_datadict(data, {}, "rows")] == ["a"]


def test_hostile_names_cost_nothing() -> None:
    """Bad input is expected input."""
    data = {f"rows-{at}-text": str(at) for at in range(500)} | {"rows-٣-text": "x", "rows--1-text": "x", "rows-": "x"}
    found = field().widget.value_from_datadict(data, {}, "rows")
    assert [row["text"] for row in found] == [str(at) for at in range(60)]


def test_bare_rows_are_texts() -> None:
    widget = RowsField(Column("text", "takeaway"), label="takeaways", bare=True).widget
    assert widget.value_from_datadict({"rows-0-text": "一", "rows-1-text": ""}, {}, "rows") == ["一"]
    assert widget.value_from_datadict(sent(widget, ["一", "二"]), {}, "rows") == ["一", "二"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ((), "wrong"),
        ((1, "feedback"), "Row 2, feedback: wrong"),
        ((0,), "Row 1: wrong"),
    ],
)
def test_a_problem_names_its_place(path: Any, told: str) -> None:
    with override("en"):
        assert field().tell(path, "wrong") == told


def test_a_problem_in_a_row_within_a_row() -> None:
    """The sentence above the list, and the box itself: marked, and described by the sentence beside it."""
    checks = nested()
    with override("en"):
        assert checks.tell((0, "options", 1, "text"), "wrong") == "Row 1-2, option: wrong"
    html = checks.widget.render("checks", [{"prompt": "p", "options": [option("a"), option("b")]}], {"id": "id_checks"})
    assert html.count('aria-invalid="true"') == html.count(">wrong</p>") == 1
    assert 'aria-describedby="id_checks-0-options-1-text_error"' in html
    assert 'id="id_checks-0-options-1-text_error"' in html


def test_rows_have_names() -> None:
    """Every row has a button Remove: which one is told by the group it stands in."""
    with override("en"):
        html = field().widget.render("rows", [option("a")], {"id": "id_rows"})
    assert [html.count(f'role="group" aria-label="{name}"') for name in ("Row 1", "Row 2", "Row 3")] == [1, 1, 0]


def test_marks_belong_to_one_form() -> None:
    """A widget is shared by all requests until it is copied."""
    first = field()
    copy = type(first).__deepcopy__(first, {})
    copy.tell((0, "text"), "wrong")
    assert (first.widget.marks, list(copy.widget.marks)) == ({}, [(0, "text")])


def test_a_template_row_sends_nothing() -> None:
    """What the script copies stands in a template: a browser never sends it."""
    html = field().widget.render("rows", [], {"id": "id_rows"})
    before, inside = html.split("<template>")
    assert "__prefix__" not in before
    assert 'name="rows-__prefix__-text"' in inside
