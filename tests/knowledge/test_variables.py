"""The {名|默认} fields of a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import variables
from knowledge.variables import Part


def test_a_line_is_cut_into_text_and_fields() -> None:
    """The page prints these parts in order: one lost or doubled is a wrong word to a customer."""
    assert list(variables.split("{顾客称呼|您}好，{店名}发{快递|}，谢谢")) == [
        Part("您", "顾客称呼"),
        Part("好，"),
        Part("", "店名"),
        Part("发"),
        Part("", "快递"),
        Part("，谢谢"),
    ]


@pytest.mark.parametrize("text", ["", "没有字段", "{", "}", "{}", "{|x}", "a{店名", "店名}", "{a\nb}"])
def test_what_is_no_field_stays_text(text: str) -> None:
    """Half a brace is shown as it stands, never swallowed."""
    assert list(variables.split(text)) == ([Part(text)] if text else [])


@given(st.text(alphabet="{}|店名快递好 a\n", max_size=30))
def test_the_parts_join_to_the_line_again(text: str) -> None:
    """Cutting may lose nothing, whatever braces a trainer types."""
    fields = list(variables.FIELD.finditer(text))
    sources = iter([field[0] for field in fields])
    assert "".join(next(sources) if part.name else part.text for part in variables.split(text)) == text


def test_each_name_has_one_scope() -> None:
    """A customer's value in the shop scope would greet the next customer with the last one's name."""
    assert set() == variables.SHOP & variables.CUSTOMER
    assert (len(variables.SHOP), len(variables.CUSTOMER)) == (13, 27)
    assert {Part("", name).scope for name in variables.SHOP} == {"shop"}
    assert {Part("", name).scope for name in variables.CUSTOMER} == {"customer"}
    assert Part("您好").scope == ""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{店名}您好", []),
        ("{顾客称呼|您}好", []),
        ("{店铺}您好", ["店铺"]),
        ("{店名|小{店}", ["店", "{"]),
        ("{店名", ["{"]),
        ("店名}", ["}"]),
        ("{}", ["{", "}"]),
        ("}{", ["{", "}"]),
        ("{手机号}和{店名}和{密码|x}", ["手机号", "密码"]),
    ],
)
def test_unknown_names_and_stray_braces_are_told(text: str, wrong: list[str]) -> None:
    """Nobody could fill a field outside the vocabulary, and its line would never copy."""
    assert variables.problems(text) == wrong
