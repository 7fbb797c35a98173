"""Marks in raw text, escaped first."""

import pytest

from knowledge.search.highlight import highlight


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("运费怎么算", ("运费",), "<mark>运费</mark>怎么算"),
        ("<b>运费</b>&", ("运费", "b"), "&lt;<mark>b</mark>&gt;<mark>运费</mark>&lt;/<mark>b</mark>&gt;&amp;"),
        ("换ＸＬ码", ("xl",), "换<mark>ＸＬ</mark>码"),
        ("退货运费险", ("退货", "货运", "运费"), "<mark>退货运费</mark>险"),
        ("没有", ("运费", ""), "没有"),
        ("<script>", (), "&lt;script&gt;"),
    ],
)
def test_highlight(text: str, words: tuple[str, ...], marked: str) -> None:
    assert highlight(text, words) == marked


def test_a_long_text_is_cut_to_a_window_around_the_marks() -> None:
    text = "前" * 100 + "运费" + "后" * 100
    shown = highlight(text, ("运费",), 20)
    assert shown == "…" + "前" * 12 + "<mark>运费</mark>" + "后" * 6 + "…"
    assert highlight(text, ("运费",), None) == "前" * 100 + "<mark>运费</mark>" + "后" * 100
    assert highlight("前" * 100, (), 10) == "前" * 10 + "…"
