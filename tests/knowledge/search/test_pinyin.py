"""Readings, and what letters may stand for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.search.pinyin import TABLE, initial_tokens, parses, pinyin_tokens, readings
from tests.knowledge.search.readings import table, told

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


def test_every_reading_is_pypinyins() -> None:
    """The table stands in for a dictionary of 12 MB: one character read otherwise, and pinyin finds it no more."""
    everything = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    assert [char for char in everything if readings(char) != told(char) and "\u3400" <= char <= "\u9fff"] == []
    assert [char for char in everything if readings(char) and not "\u3400" <= char <= "\u9fff"] == []


def test_the_table_is_as_written_by_its_module() -> None:
    """A newer pypinyin may read differently: then the file is written anew and INDEX_VERSION raised."""
    assert TABLE.read_text(encoding="utf-8") == table()


@unhurried
@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=60))
def test_letters_are_parsed_completely_and_quickly(letters: str) -> None:
    for parse in parses(letters):
        joined = "".join(part.readings[0] for part in parse)
        assert joined == letters.replace("lue", "lve").replace("nue", "nve")
    assert len(parses(letters)) <= 8
