"""The text rules both sides of the search share."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.text import CleanQuery, clean_query, fill_defaults, mask_digits, normalise, runs, tokenise, whole

unhurried = settings(deadline=None)  # a loaded machine is no failure
any_text = st.text(st.characters(codec=None), max_size=80)
hanzi = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  运费\n\t多少 ", "运费 多少"),
        ("运\x00费\x1f", "运费"),
        ("a\ud800b\udfff", "ab"),
        ("\u200b运\u202e费\ufeff", "运费"),
        ("", ""),
        ("👩‍💻 在吗", "👩‍💻 在吗"),
    ],
)
def test_clean_query(raw: str, clean: str) -> None:
    assert clean_query(raw) == CleanQuery(clean, False)


def test_clean_query_cuts_and_says_so() -> None:
    assert clean_query("运" * 201) == CleanQuery("运" * 200, True)
    assert clean_query("运" * 200) == CleanQuery("运" * 200, False)
    assert clean_query("运" * 10_001, 10_000) == CleanQuery("运" * 10_000, True)


@unhurried
@given(any_text)
def test_a_clean_query_is_fit_for_any_database(raw: str) -> None:
    text = clean_query(raw).text
    text.encode()  # no lone surrogate
    assert not re.search(r"[\x00-\x1f\x7f]|^\s|\s$|\s\s", text)
    assert clean_query(text).text == text


@pytest.mark.parametrize(
    ("text", "normal"), [("ＡＢＣ１２３", "abc123"), ("满 99  减\n10", "满 99 减 10"), ("㎏", "kg"), ("İ", "i̇")]
)
def test_normalise(text: str, normal: str) -> None:
    assert normalise(text) == normal


@unhurried
@given(any_text)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("退货运费", ["退货", "货运", "运费", "费"]),
        ("费", ["费"]),
        ("满99元减10", ["满", "99", "元减", "减", "10"]),
        ("iphone13 pro", ["iphone13", "13", "pro"]),
        ("7.5 a-b", ["7", "5", "a", "b"]),
        ("退货，运费", ["退货", "货", "运费", "费"]),
        ("😀%_\"'", []),
    ],
)
def test_tokenise(text: str, tokens: list[str]) -> None:
    assert tokenise(text) == tokens


@unhurried
@given(any_text)
def test_tokens_are_short_and_hold_nothing_special(text: str) -> None:
    for token in tokenise(normalise(text)):
        assert 1 <= len(token) <= 64
        assert not re.search(r"[\s*~^\"'\\]", token)


@unhurried
@given(any_text, hanzi, any_text)
def test_every_two_characters_of_a_run_are_a_token(before: str, inside: str, after: str) -> None:
    whole = normalise(f"{before} {inside} {after}")
    tokens = set(tokenise(whole))
    for run in runs(whole):
        if run.kind == "cjk":
            assert {run.text[i : i + 2] for i in range(len(run.text))} <= tokens


@unhurried
@given(any_text)
def test_every_beginning_of_a_word_begins_a_token(text: str) -> None:
    whole = normalise(text)
    tokens = tokenise(whole)
    for run in runs(whole):
        if run.kind == "word":
            word = run.text[:64]
            assert all(any(token.startswith(word[:n]) for token in tokens) for n in range(1, len(word) + 1))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13800138000谢谢", "电话*谢谢"),
        ("138 0013 8000", "*"),
        ("138-0013-8000", "*"),
        ("１３８００１３８０００", "*"),
        ("单号 2026112233445566 和 7654321", "单号 * 和 *"),
        ("满99减10，订单123456", "满99减10，订单123456"),
    ],
)
def test_mask_digits(text: str, masked: str) -> None:
    assert mask_digits(text) == masked


def test_fill_defaults() -> None:
    assert fill_defaults("按{快递|快递公司}的价寄到{地区}，{备注|}好") == "按快递公司的价寄到地区，好"
    assert fill_defaults("没有变量 {} {|}") == "没有变量 {} {|}"


@pytest.mark.parametrize(
    ("text", "digits", "number"),
    [("0", 2, 0), ("42", 2, 42), ("042", 3, 42), ("420", 2, None), ("", 2, None), ("-1", 2, None), ("1.5", 3, None),
     (" 1", 2, None), ("٣", 2, None), ("²", 2, None), ("4" * 5000, 9, None)],
)  # fmt: skip
def test_a_whole_number_is_digits_and_few(text: str, digits: int, number: int | None) -> None:
    """Five thousand digits are an error to Python, and to a database those beyond its column."""
    assert whole(text, digits) == number
