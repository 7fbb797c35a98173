"""The pattern language: what it means, what it refuses, and that nothing written in it can run away."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from knowledge.checker.patterns import MOST_WAYS, BadPattern, Pattern

pieces = st.sampled_from([*"保三天到a()|?…#^$→*+[", "保证", "ab", "…3", "!("])


def found(pattern: str, text: str) -> str:
    match = Pattern(pattern).regex.search(text)
    return match.group() if match else ""


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        ("保证(明|后)天", "我保证后天到", "保证后天"),
        ("很?好", "很好", "很好"),
        ("保证…3到", "保证三天内到", "保证三天内到"),
        ("保证…2到", "保证三天以内到", ""),
        ("#天", "十二天", "十二天"),
        ("^没有$", "没有了", "没有"),
        ("^没有$", "还没有货", ""),
        ("好!(的|像)", "好的好像好", "好"),
        ("sku", "这个sku号", "sku"),
        ("po", "polo衫", ""),
        ("不要…3", "不要把它发", "不要把它发"),
        ("a.b*", "a.b*", "a.b*"),
    ],
)
def test_what_it_means(pattern: str, text: str, wanted: str) -> None:
    """A trainer writes these by the list beside the box: each sign must do what the list says."""
    assert found(pattern, text) == wanted


def test_behind_an_arrow_stands_the_better_word() -> None:
    """One line a typo, instead of a row each."""
    assert (Pattern("帐号→账号").better, found("帐号→账号", "帐号")) == ("账号", "帐号")


UNREAD = [*"()…#", "a)", "()", "(a|)", "x?", "^$", "…99a", "(((((((a)))))))", "a" * 2001]


@pytest.mark.parametrize("text", UNREAD)
def test_what_cannot_be_read_says_why(text: str) -> None:
    """In words, or the trainer is left with a red box."""
    with override("en"), pytest.raises(BadPattern, match=r"\w+ \w+"):
        Pattern(text)


@pytest.mark.parametrize("text", ["a?" * 30 + "b", "(a|aa)" * 20 + "b", "…30a…30b…30c…30d", "(#|#)(#|#)(#|#)(#|#)x"])
def test_what_could_run_away_is_refused(text: str) -> None:
    """One such rule and every reply of every worker waits for it."""
    with pytest.raises(BadPattern):
        Pattern(text)


@given(st.lists(pieces, min_size=1, max_size=14).map("".join))
def test_every_pattern_read_is_bounded_and_says_what_it_needs(text: str) -> None:
    """By construction: no repetition without an end, a bounded number of ways, a text that must stand there."""
    try:
        pattern = Pattern(text)
    except BadPattern:
        return
    assert 1 <= pattern.ways <= MOST_WAYS
    assert pattern.groups
    assert all(all(group) for group in pattern.groups)
    plain = re.sub(r"\\.|\[[^\]]*\]", "", pattern.source)
    assert set("*+") & set(plain) == set()
    assert not pattern.regex.search("")


@given(st.lists(st.sampled_from(["a", "b", "(a|b)", "a?", "(a|ab)", "…2", "#"]), min_size=1, max_size=6).map("".join))
def test_the_ways_are_counted_right(text: str) -> None:
    """Every end that a match can have at one place is one of the ways: an undercount would be no bound."""
    try:
        pattern = Pattern(text.replace("a", "甲").replace("b", "乙"))
    except BadPattern:
        return
    sample = "甲乙甲甲乙乙一二甲乙"
    ends = {end for end in range(1, len(sample) + 1) if pattern.regex.fullmatch(sample, 0, end)}
    assert len(ends) <= pattern.ways
