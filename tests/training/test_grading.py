"""Grading: every type, every kind of answer. A learner's pass hangs on each of these numbers."""

from __future__ import annotations

import random
from decimal import Decimal
from json import dumps, loads
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training import making
from training.documents import freeze
from training.enums import QuestionType
from training.grading import FITTERS, GRADERS, LONGEST, Misfit, fit, fold, grade, judge, share

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
    assert set(GRADERS) == set(FITTERS) == set(QuestionType)


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


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.5 kg", "１．５ＫＧ", True), ("1.5", "15", False), ("3-5天", "35天", False), ("3-5天", "３～５天", True),
        ("3-5天", "3到5天", True), ("10:30", "1030", False), ("10:30", "10：30", True), ("1,000 元", "1000元", True),
        ("1 000", "1000", True), ("7、8", "78", True), ("A-B", "ab", True), ("好。", "好", True), ("1/2", "12", False),
    ],
)  # fmt: skip
def test_a_mark_between_two_digits_counts(one: str, other: str, same: bool) -> None:
    """Fifteen yuan typed for one and a half is a wrong answer, whatever else folding forgives."""
    assert (fold(one) == fold(other)) == same


def test_words_that_fold_to_nothing_are_held_by_no_reply() -> None:
    """A point that accepts a bare mark would be made by silence, and a forbidden one would void every reply."""
    item = making.document("rewrite", points=[{"name": "省略", "any": ["……"]}], forbids=["。"])
    assert judge("好。……", item).points == 0
    assert judge("好。……", item).forbidden == ()


def test_two_points_of_one_name_are_two_points() -> None:
    """The one made does not hide the one missed."""
    points = [{"name": "致歉", "any": ["抱歉"]}, {"name": "致歉", "any": ["久等"]}]
    half = judge("抱歉。", making.document("rewrite", points=points))
    assert (str(half.points), half.made, half.missed) == ("0.500", ("致歉",), ("致歉",))


def test_a_rules_code_is_no_word_to_look_for() -> None:
    """It is there for the reply checker; in a learner's English it would cost all points."""
    item = making.document("rewrite", forbids=["cold", "没有"])
    assert judge("抱歉，外面 cold，换一件吧。", item).forbidden == ()


def test_a_broken_rule_spoils_only_where_it_is_forbidden() -> None:
    """The caller says which rules a reply breaks; the question says which of them it will not have."""
    item = making.document("rewrite", forbids=["cold", "guessing", "没有"])
    spoilt = grade(item, "抱歉，换一件吧。", {"guessing", "absolute"})
    assert (str(spoilt.points), spoilt.broken, spoilt.made) == ("0", ("guessing",), ("致歉", "出路"))
    fine = grade(item, "抱歉，换一件吧。", {"absolute", "没有"})
    assert (str(fine.points), fine.broken, fine.forbidden) == ("1.000", (), ())
    asked = making.frozen("single")
    assert grade(asked, making.right_answer(asked), {"guessing"}).right


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


# What is kept of an answer


def kept(kind: str, answer: Any, seed: int = making.RNG_SEED) -> Any:
    """The answer as it is kept, or the code of the misfit in brackets, so that the two cannot be mixed up."""
    try:
        return fit(making.frozen(kind, seed), answer)
    except Misfit as misfit:
        return (misfit.code,)


@pytest.mark.parametrize("kind", KINDS)
def test_the_right_answer_is_kept_with_full_marks(kind: str) -> None:
    """Or knowing everything would not be enough."""
    for seed in range(20):
        asked = making.frozen(kind, seed)
        assert grade(asked, fit(asked, making.right_answer(asked))).right


@pytest.mark.parametrize(
    ("kind", "nothing"),
    [
        *((kind, None) for kind in KINDS), ("single", ""), ("multiple", []), ("ordering", []), ("matching", {}),
        ("matching", {"0": "", "1": ""}), ("fill", " \t"), ("rewrite", "\r\n"),
    ],
)  # fmt: skip
def test_nothing_is_kept_as_nothing(kind: str, nothing: Any) -> None:
    """Unticking all boxes leaves the question open again."""
    assert kept(kind, nothing) is None


@pytest.mark.parametrize(
    ("kind", "answer", "as_kept"),
    [
        ("multiple", ["2", "0"], ["0", "2"]), ("matching", {"2": "1", "0": "", "1": "0"}, {"1": "0", "2": "1"}),
        ("fill", "  七天\u2028 ", "七天"), ("rewrite", "a\r\nb\rc", "a\nb\nc"), ("rewrite", "a\x00\ud800b", "ab"),
        ("single", "9", ("shape",)), ("ordering", ["0", "1"], ("places",)), ("ordering", ["9"], ("shape",)),
        ("fill", "七" * 101, ("long",)), ("rewrite", "好" * 600, "好" * 600), ("rewrite", "好" * 601, ("long",)),
    ],
)  # fmt: skip
def test_an_answer_has_one_form(kind: str, answer: Any, as_kept: Any) -> None:
    """Two windows that say the same must be seen to say the same."""
    assert kept(kind, answer) == as_kept


@pytest.mark.parametrize("kind", KINDS)
@given(answer=json)
@settings(max_examples=200, deadline=None)
def test_whatever_is_sent_is_kept_in_one_form_or_refused(kind: str, answer: Any) -> None:
    """Never another error; what is kept is JSON that any database takes, fits again, and earns what was sent."""
    asked = making.frozen(kind)
    once = kept(kind, answer)
    if isinstance(once, tuple):
        assert once in {("shape",), ("long",), ("places",)}
        return
    assert fit(asked, once) == once
    dumped = dumps(once, ensure_ascii=False)
    assert loads(dumped) == once
    dumped.encode()  # no lone surrogate
    assert "\\u0000" not in dumped
    if kind in LONGEST:
        assert once is None or 0 < len(once) <= LONGEST[QuestionType(kind)]
    assert grade(asked, once) == grade(asked, answer)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 10_000), answer=json)
@settings(max_examples=40, deadline=None)
def test_shuffling_changes_nothing_that_is_kept(kind: str, seed: int, answer: Any) -> None:
    """A key means the same option in everybody's order."""
    assert kept(kind, answer, seed) == kept(kind, answer, 0)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_freezing_adds_keys_and_changes_no_words(kind: str, seed: int) -> None:
    """The key of every part is its place in the document, so that an answer can be read years later."""
    document, asked = making.document(kind), making.frozen(kind, seed)
    for name in ("options", "steps", "pairs"):
        for part in asked.get(name, []):
            original = document[name][int(part["key"])]
            words = original if isinstance(original, dict) else {"text": original}
            assert {key: part[key] for key in words} == words
    for choice in asked.get("choices", []):
        assert choice["text"] == document["pairs"][int(choice["key"])]["right"]


@given(chosen=st.dictionaries(st.sampled_from("012"), st.sampled_from("012")))
def test_only_the_right_pairs_have_full_marks(chosen: dict[str, str]) -> None:
    """As with the sets and the orders above."""
    right = chosen == {"0": "0", "1": "1", "2": "2"}
    assert grade(making.frozen("matching"), chosen).right == right


@given(said=st.sets(st.sampled_from(["抱歉", "换一", "没有", "好的"])))
def test_only_a_reply_with_all_points_and_no_fault_has_full_marks(said: set[str]) -> None:
    """Both required points, nothing forbidden."""
    right = {"抱歉", "换一"} <= said and "没有" not in said
    assert grade(making.frozen("rewrite"), "，".join(sorted(said))).right == right


@given(answer=text | st.sampled_from(["7天", "七 天", "abc", "ＡＢＣ", "7天内"]))
def test_only_an_accepted_wording_has_full_marks(answer: str) -> None:
    """Equal after folding, not merely alike."""
    assert grade(making.frozen("fill"), answer).right == (fold(answer) in {"7天", "七天", "abc"})
