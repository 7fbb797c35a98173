"""The engine: spans that fit the reply as it was typed, whatever was typed, and the same findings every time."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings as site
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.checker.engine import CompiledRule, Severity, check, codes, verdict
from knowledge.checker.praise import praise
from knowledge.services.checking import starter_rules

WORDS = [
    "保证三天到",
    "帐号",
    "您好",
    "滚",
    " ",
    "\r\n",
    "\u3000",
    "😀",
    "ＳＫＵ",
    "sku",
    "\ud800",
    "\u200b",
    "，？",
    "㎏ﬁ",
]
bits = st.sampled_from(WORDS)
typed = st.one_of(st.text(max_size=40), st.lists(bits | st.text(st.characters(), max_size=3), max_size=12).map("".join))


@cache
def rules() -> tuple[CompiledRule, ...]:
    return starter_rules(site.CONTENT_DIR)


def rule(**clue: Any) -> CompiledRule:
    return CompiledRule.read({"code": "absolute", "severity": "error", "clues": [clue]})


@settings(deadline=None)  # the first one reads the rules
@given(typed)
def test_spans_fit_what_was_typed(text: str) -> None:
    """A mark that begins in the middle of an emoji or behind the end breaks the page of whoever typed it."""
    found = check(text, rules())
    assert all(0 <= one.start < one.end <= len(text) and text[one.start : one.end] for one in found)
    assert found == sorted(found, key=lambda one: (one.start, one.end, one.code))
    assert found == check(text, rules())
    for one in rules():
        mine = [(hit.start, hit.end) for hit in found if hit.code == one.code]
        assert all(before[1] <= after[0] for before, after in pairwise(mine))
    praise(text, [(one.start, one.end) for one in found])


@pytest.mark.parametrize(
    ("clue", "text", "wanted"),
    [
        ({"match": ["保证"]}, "我😀保证", ["保证"]),
        ({"match": ["sku"]}, "这个ＳＫＵ", ["ＳＫＵ"]),
        ({"match": ["保证"]}, "保\0证\u202e", ["保\0证"]),
        ({"match": ["保证…8到"]}, "保证质量，明天到", []),
        ({"match": ["保证…8到"], "within": "sentence"}, "保证质量，明天到", ["保证质量，明天到"]),
        ({"match": ["保证"], "unless": ["不敢保证"]}, "不敢保证，但保证尽力", ["保证"]),
        ({"match": ["不退"], "beside": ["特价|拆封"]}, "特价，不退。拆封不退", ["不退"]),
        ({"match": ["不退"], "beside": ["特价|拆封"], "within": "sentence"}, "不退的，特价。不退", ["不退"]),
        ({"match": ["不退"], "beside": ["^特价"], "within": "sentence"}, "好。特价不退，不退", ["不退", "不退"]),
        ({"match": ["不退"], "beside": ["特价"], "within": "reply"}, "不退。这是特价。", ["不退"]),
        ({"match": ["不能"], "without": ["抱歉"]}, "抱歉。不能", []),
        ({"match": ["没有"], "longest": "4"}, "没有这个颜色了", []),
        ({"longest": "4"}, "。没货~", ["没货"]),
        ({"longest": "4", "without": ["您"]}, "您说", []),
        ({"longest": "4"}, "没有这个了", []),
        ({"match": ["没有"], "form": "question"}, "没有货吗？没有", ["没有"]),
        ({"match": ["不"], "least": "3"}, "不能不", []),
        ({"match": ["不"], "least": "2", "dense": "2"}, "不好不坏", ["不", "不"]),
    ],
)
def test_what_a_clue_says(clue: Any, text: str, wanted: list[str]) -> None:
    """Exceptions and conditions are what keeps 不敢保证 from being scolded."""
    assert [text[one.start : one.end] for one in check(text, [rule(**clue)])] == wanted


def test_the_severest_finding_decides() -> None:
    """A hint alone is ready to send."""
    found = check("保证三天到，帐号", rules())
    assert codes(found) == ["absolute", "typo"]
    assert (verdict(found), verdict(found[1:]), verdict([])) == ("block", "ok", "ok")
    assert [one.severity for one in found] == [Severity.ERROR, Severity.HINT]


def test_what_is_good_is_not_what_is_wrong() -> None:
    """Three days are no concrete time to praise where they are the promise that is marked."""
    assert praise("您好，很抱歉，我马上去查，20分钟内回您") == ["greeting", "apology", "time", "next"]
    assert praise("给您添麻烦了，剩下的交给我，明早十点前答复您") == ["apology", "time", "next"]
    assert praise("好的呢，显腿长一点，敷15分钟，支持七天无理由，180天只换不修") == []
    found = check("保证三天到", rules())
    assert praise("保证三天到", [(one.start, one.end) for one in found]) == []
