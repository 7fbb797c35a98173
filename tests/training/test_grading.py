"""Grading: every type, every kind of answer. A learner's pass hangs on each of these numbers."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training import making
from training.documents import freeze
from training.enums import QuestionType
from training.grading import GRADERS, grade, judge, share

KINDS = list(QuestionType.values)

text = st.text(max_size=8)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | text | st.sampled_from("0123"),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(text | st.sampled_from("0123"), inner, max_size=5),
    max_leaves=12,
)


def points(kind: str, answer: Any) -> str:
    return str(grade(making.frozen(kind), answer).points)


def test_every_type_has_a_grader() -> None:
    """A new type without one would end every attempt that drew it in an error."""
    assert set(GRADERS) == set(QuestionType)


@pytest.mark.parametrize("kind", KINDS)
def test_the_right_answer_has_full_marks(kind: str) -> None:
    """Whoever knows everything passes, however the question was shuffled."""
    for seed in range(20):
        asked = making.frozen(kind, seed)
        assert grade(asked, making.right_answer(asked)).right


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_is_nothing(kind: str) -> None:
    """A skipped item counts nothing and breaks nothing."""
    assert points(kind, None) == "0"


@pytest.mark.parametrize("kind", ["single", "truefalse", "better"])
def test_one_of_several_is_all_or_nothing(kind: str) -> None:
    """Half right does not exist where there is one right option."""
    asked = making.frozen(kind)
    got = {option["key"]: str(grade(asked, option["key"]).points) for option in asked["options"]}
    assert got == {option["key"]: "1" if option["right"] == "yes" else "0" for option in asked["options"]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (["0", "1"], "1.000"), (["0"], "0.500"), (["0", "2"], "0"), (["0", "1", "2"], "0.500"), (["2", "3"], "0"),
        (["0", "1", "2", "3"], "0"), ([], "0"), (["0", "0"], "0.500"), (["0", "99"], "0.500"), ("01", "0"),
    ],
)  # fmt: skip
def test_several_right_ones(answer: Any, expected: str) -> None:
    """(right - wrong) / right, never under 0: ticking everything earns nothing."""
    assert points("multiple", answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (["0", "1", "2", "3"], "1.000"), (["1", "0", "2", "3"], "0.833"), (["3", "2", "1", "0"], "0"),
        (["0", "3", "1", "2"], "0.667"), (["0", "1", "2"], "0"), (["0", "1", "2", "2"], "0"), ([0, 1, 2, 3], "1.000"),
        ("0123", "0"),
    ],
)  # fmt: skip
def test_ordering_is_the_share_of_pairs(answer: Any, expected: str) -> None:
    """One swap of neighbours costs one pair of six; an incomplete list is no answer."""
    assert points("ordering", answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"0": "0", "1": "1", "2": "2"}, "1.000"), ({"0": "0"}, "0.333"), ({"0": "0", "1": "2", "2": "1"}, "0"),
        ({"0": "0", "1": "1", "2": "1"}, "0.333"), ({"0": "0", "1": ""}, "0.333"), ({"9": "9"}, "0"), (["0"], "0"),
    ],
)  # fmt: skip
def test_matching_takes_wrong_pairs_off(answer: Any, expected: str) -> None:
    """A gap left open costs nothing more than itself; a guess does."""
    assert points("matching", answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("7天", "1"), (" ７ 天。", "1"), ("七天", "1"), ("abC", "1"), ("8天", "0"), ("", "0"), ("。", "0"), (7, "0")],
)
def test_fill_folds_width_case_space_and_marks(answer: Any, expected: str) -> None:
    """An input method decides these, not the learner."""
    assert points("fill", answer) == expected


def test_rewrite_says_what_was_made_missed_and_forbidden() -> None:
    """The result page explains the points by these names."""
    item = making.document("rewrite")
    half = judge("不好意思，您看。", item)
    assert (str(half.points), half.made, half.missed, half.forbidden) == ("0.500", ("致歉",), ("出路",), ())
    bad = judge("抱歉，没有了，换一件吧。", item)
    assert (str(bad.points), bad.missed, bad.forbidden) == ("0", (), ("没有",))


@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(1, 3, "0.333"), (2, 3, "0.667"), (1, 0, "0"), (-1, 3, "0"), (1, 16, "0.063")]
)
def test_share_rounds_half_up(part: int, whole: int, expected: str) -> None:
    """Bankers' rounding would make 1/16 another number on paper than on screen."""
    assert str(share(part, whole)) == expected


@pytest.mark.parametrize("kind", KINDS)
@given(answer=json)
@settings(max_examples=150, deadline=None)
def test_whatever_is_sent_is_between_nothing_and_full_marks(kind: str, answer: Any) -> None:
    """An answer comes from a browser: garbage must be 0 points, never an error that loses the attempt."""
    asked = making.frozen(kind)
    earned = grade(asked, answer).points
    assert Decimal(0) <= earned <= Decimal(1)
    assert earned == earned.quantize(Decimal("0.001"))


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 10_000), answer=json)
@settings(max_examples=60, deadline=None)
def test_shuffling_changes_no_grade(kind: str, seed: int, answer: Any) -> None:
    """Two people who answer the same get the same, though they saw the options in another order."""
    assert grade(making.frozen(kind, seed), answer) == grade(making.frozen(kind, 0), answer)


@given(chosen=st.sets(st.sampled_from("0123")))
def test_only_the_right_set_has_full_marks(chosen: set[str]) -> None:
    """Otherwise a lucky superset would pass."""
    assert grade(making.frozen("multiple"), sorted(chosen)).right == (chosen == {"0", "1"})


@given(order=st.permutations(["0", "1", "2", "3"]))
def test_only_the_right_order_has_full_marks(order: list[str]) -> None:
    """Reversing an order turns its points into the rest."""
    asked = making.frozen("ordering")
    earned = grade(asked, order).points
    assert (earned == 1) == (order == ["0", "1", "2", "3"])
    assert abs(earned + grade(asked, order[::-1]).points - 1) <= Decimal("0.001")


@pytest.mark.parametrize("kind", ["ordering", "matching"])
def test_the_shown_order_is_never_the_answer(kind: str) -> None:
    """A learner who touches nothing must not be right by luck."""
    for seed in range(200):
        asked = freeze(making.document(kind), random.Random(seed))
        shown = [part["key"] for part in asked["steps" if kind == "ordering" else "choices"]]
        assert shown != sorted(shown)
