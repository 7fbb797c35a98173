"""Readings, and what letters may stand for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.search.pinyin import initial_tokens, parses, pinyin_tokens, readings

unhurried = settings(deadline=None)  # a loaded machine is no failure


def spelt(letters: str) -> list[list[str]]:
    return [[part.readings[0] + ("" if part.whole else "-") for part in parse] for parse in parses(letters)]


@pytest.mark.parametrize(
    ("letters", "likeliest"),
    [
        ("yunfei", ["yun", "fei"]),
        ("yunf", ["yun", "f-"]),
        ("tuikuanjindu", ["tui", "kuan", "jin", "du"]),
        ("yf", ["y-", "f-"]),
        ("tuikjd", ["tui", "k-", "j-", "d-"]),
        ("xian", ["xian"]),
    ],
)
def test_the_likeliest_parse(letters: str, likeliest: list[str]) -> None:
    assert spelt(letters)[0] == likeliest


def test_other_parses_follow() -> None:
    assert ["xi", "an"] in spelt("xian")
    assert spelt("v") == spelt("y") == spelt("uvi") == spelt("a1") == []


def test_tokens_hold_every_reading() -> None:
    assert readings("重")[:2] == ("zhong", "chong")
    assert pinyin_tokens("便宜") == ["bianyi", "pianyi", "yi"]
    assert initial_tokens("运费险") == ["yfx", "fx", "x"]
    assert pinyin_tokens("々") == []


@unhurried
@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=60))
def test_letters_are_parsed_completely_and_quickly(letters: str) -> None:
    for parse in parses(letters):
        joined = "".join(part.readings[0] for part in parse)
        assert joined == letters.replace("lue", "lve").replace("nue", "nve")
    assert len(parses(letters)) <= 8
