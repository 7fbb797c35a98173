"""Item analysis against numbers worked out by hand, and by laws that hold for any answers."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import statistics
from training.statistics import Answer, Choice, Thirds, Times

# Twenty attempts at four items A B C D of one point each; C gives half a point for half of it.
TABLE = """
1 1 1 1
1 1 1 1
1 1 1 1
1 1 1 1
1 1 1 0
1 1 1 0
1 1 0 1
1 1 0 0
1 1 .5 0
1 0 1 0
1 0 1 1
1 0 .5 0
1 1 0 1
0 1 1 0
0 1 0 1
0 0 0 1
0 0 .5 1
0 0 0 0
0 1 0 1
0 0 0 1
"""
ROWS = [[Decimal(cell) for cell in row.split()] for row in TABLE.split("\n") if row]

# Worked with pencil and a table of roots. x is the score of the item, y the points of the other three (dividing all y
# by 3 changes no correlation), r = (20·Σxy - Σx·Σy) / √((20·Σx² - (Σx)²)·(20·Σy² - (Σy)²)).
#
#      Σx    Σy    Σx²   Σy²    Σxy   20·Σxy - Σx·Σy           root of                          r      facility Σx/20
# A   13    35.5  13    76.75  26     520 - 461.5  =  58.5   91    · 274.75 = 25002.25 (158.121)   .36997   .65
# B   13    35.5  13    77.75  25.5   510 - 461.5  =  48.5   91    · 294.75 = 26822.25 (163.775)   .29614   .65
# C   10.5  38     9.75 88     22     440 - 399    =  41     84.75 · 316    = 26781    (163.649)   .25054   .525
# D   12    36.5  12    88.75  20.5   410 - 438    = -28     96    · 442.75 = 42504    (206.165)  -.13581   .6
BY_HAND = {0: (0.650, 0.370), 1: (0.650, 0.296), 2: (0.525, 0.251), 3: (0.600, -0.136)}


def answers(rows: list[list[Decimal]], item: int, most: int = 1) -> list[Answer]:
    return [Answer(row[item], Decimal(most), sum(row, Decimal(0)), Decimal(most * len(row))) for row in rows]


@pytest.mark.parametrize("item", BY_HAND)
def test_by_hand(item: int) -> None:
    """Facility and discrimination to three decimals."""
    given_ = answers(ROWS, item)
    found = statistics.facility(given_), statistics.discrimination(given_)
    assert [round(value, 3) for value in found if value is not None] == list(BY_HAND[item])


def test_the_item_is_not_compared_with_itself() -> None:
    """With its own points left in, D would look sound."""
    item_in_total = [(float(row[3]), float(sum(row))) for row in ROWS]
    naive = statistics.pearson([x for x, _y in item_in_total], [y for _x, y in item_in_total])
    corrected = statistics.discrimination(answers(ROWS, 3))
    assert naive is not None
    assert corrected is not None
    assert corrected < 0 < naive


def test_points_are_shares_of_their_maximum() -> None:
    """1.5 of 2 points is .75; the rest is what the others gave of what the others could."""
    one = Answer(Decimal("1.5"), Decimal(2), Decimal("3.5"), Decimal(6))
    assert (one.score, one.rest) == (0.75, 0.5)


@pytest.mark.parametrize(
    ("scores", "rests"),
    [
        (["1"] * 20, ["1", "0"] * 10),  # everybody right
        (["0"] * 20, ["1", "0"] * 10),  # nobody
        (["1", "0"] * 10, ["1"] * 20),  # the rest never varies
        (["0.1"] * 20, ["0.3", "0.7"] * 10),  # a share no float holds exactly
    ],
)
def test_what_never_varies_tells_nothing(scores: list[str], rests: list[str]) -> None:
    """None, not an error, and no number made of rounding."""
    rows = [[Decimal(score), Decimal(rest)] for score, rest in zip(scores, rests, strict=True)]
    assert statistics.discrimination(answers(rows, 0)) is None


def test_equal_shares_of_different_wholes_do_not_vary() -> None:
    """1 of 3 and 2 of 6 are the same rest, though their points differ."""
    rows = [
        Answer(Decimal(0), Decimal(1), Decimal(1), Decimal(4)),
        Answer(Decimal(1), Decimal(1), Decimal(3), Decimal(7)),
    ]
    assert [one.rest for one in rows] == [1 / 3, 1 / 3]
    assert statistics.discrimination(rows * 10) is None


def test_an_attempt_with_nothing_else() -> None:
    """One question alone has no rest: it counts for the facility and for nothing more."""
    alone = [Answer(Decimal(at % 2), Decimal(1), Decimal(at % 2), Decimal(1)) for at in range(20)]
    assert (statistics.facility(alone), statistics.discrimination(alone)) == (0.5, None)
    assert statistics.thirds(alone) == Thirds()


def test_no_answers() -> None:
    """Nothing asked, nothing told."""
    assert (statistics.facility([]), statistics.discrimination([]), statistics.times([])) == (None, None, None)
    assert statistics.choices([], ["0"], Thirds()) == {"0": Choice(0, 0.0, None, None)}


# Thirds and choices


def chose(rest: int, *keys: str, seconds: int = 0) -> Answer:
    return Answer(Decimal(0), Decimal(1), Decimal(rest), Decimal(11), keys, seconds)


def test_thirds() -> None:
    """Of seven the upper and lower three; whoever ties with the last of them belongs too."""
    parted = statistics.thirds([chose(rest) for rest in (9, 1, 5, 7, 3, 8, 2)])
    assert sorted(one.total for one in parted.upper) == [7, 8, 9]
    assert sorted(one.total for one in parted.lower) == [1, 2, 3]
    tied = statistics.thirds([chose(rest) for rest in (1, 2, 2, 2, 5, 7, 8)])
    assert sorted(one.total for one in tied.lower) == [1, 2, 2, 2]
    assert sorted(one.total for one in tied.upper) == [5, 7, 8]


def test_thirds_that_are_one() -> None:
    """Where the cut falls among equals there is no stronger and no weaker third."""
    assert statistics.thirds([chose(rest) for rest in (1, 5, 5, 5, 5, 9)]) == Thirds()


def test_choices_by_thirds() -> None:
    """Counts of all, shares of the thirds; one answer may choose several."""
    given_ = [chose(9, "0"), chose(8, "0", "1"), chose(5, "1"), chose(4), chose(2, "2"), chose(1, "1", "2")]
    assert statistics.choices(given_, ["0", "1", "2", "3"], statistics.thirds(given_)) == {
        "0": Choice(2, 2 / 6, 1.0, 0.0),
        "1": Choice(3, 3 / 6, 0.5, 0.5),
        "2": Choice(2, 2 / 6, 0.0, 1.0),
        "3": Choice(0, 0.0, 0.0, 0.0),
    }


def choice(share: float, upper: float | None = None) -> Choice:
    return Choice(round(100 * share), share, upper, None)


def test_unused_distractors() -> None:
    """Under 5 in 100; the key never is one, and of two options facility has said it."""
    found = {"0": choice(0.02), "1": choice(0.05), "2": choice(0.049), "3": choice(0.0)}
    assert statistics.unused(found, frozenset("0")) == ["2", "3"]
    assert statistics.unused({"0": choice(1.0), "1": choice(0.0)}, frozenset("0")) == []
    assert statistics.unused({}, frozenset()) == []


def test_suspicion_of_the_key() -> None:
    """What the stronger third prefers to the key, or to one of several keys; a tie accuses nobody."""
    preferred = {"0": choice(0.3, 0.2), "1": choice(0.3, 0.5), "2": choice(0.4, 0.2)}
    assert statistics.suspects(preferred, frozenset("0")) == ["1"]
    two_keys = {"0": choice(0.9, 0.9), "1": choice(0.1, 0.1), "2": choice(0.2, 0.3)}
    assert statistics.suspects(two_keys, frozenset("01")) == ["2"]
    assert statistics.suspects({"0": choice(0.3, 0.5), "1": choice(0.3, 0.5)}, frozenset("0")) == []
    assert statistics.suspects({"0": choice(0.1), "1": choice(0.9)}, frozenset("0")) == []


def test_times() -> None:
    """Median and quartiles of those measured: nobody answers in 0 seconds."""
    assert statistics.times([chose(1, seconds=at) for at in (40, 0, 10, 20, 30, 0, 50)]) == Times(30, 20, 40)
    assert statistics.times([chose(1, seconds=at) for at in (0, 7)]) is None


# Laws

SHARES = st.integers(0, 4).map(lambda quarters: Decimal(quarters) / 4)
SHEETS = st.lists(st.lists(SHARES, min_size=3, max_size=3), min_size=2, max_size=40)


@given(SHEETS)
def test_discrimination_stays_within_its_bounds(rows: list[list[Decimal]]) -> None:
    for item in range(3):
        found = statistics.discrimination(answers(rows, item))
        assert found is None or -1 <= found <= 1


@given(SHEETS, st.integers())
def test_no_order_of_rows_decides(rows: list[list[Decimal]], seed: int) -> None:
    """To the last bit: two looks at the same answers show the same page, whatever the database gives first."""
    given_ = answers(rows, 0)
    shuffled = Random(seed).sample(given_, len(given_))
    assert statistics.discrimination(shuffled) == statistics.discrimination(given_)
    assert statistics.facility(shuffled) == statistics.facility(given_)
    for part in ("upper", "lower"):
        totals = [sorted(one.total for one in getattr(statistics.thirds(rows_), part)) for rows_ in (shuffled, given_)]
        assert totals[0] == totals[1]


@given(SHEETS, SHARES)
def test_an_item_all_answer_alike_changes_no_other(rows: list[list[Decimal]], same: Decimal) -> None:
    """It tells nothing itself, and moves everybody's rest by as much."""
    before = statistics.discrimination(answers(rows, 0))
    longer = [[*row, same] for row in rows]
    after = statistics.discrimination(answers(longer, 0))
    assert statistics.discrimination(answers(longer, 3)) is None
    assert (before is None) == (after is None)
    assert before is None or after == pytest.approx(before, abs=1e-9)


@given(st.lists(st.integers(0, 11).map(chose), max_size=40))
def test_thirds_never_overlap(given_: list[Answer]) -> None:
    """The weakest of the stronger stands above the strongest of the weaker, and each holds a third at least."""
    parted = statistics.thirds(given_)
    if parted.upper:
        assert min(one.total for one in parted.upper) > max(one.total for one in parted.lower)
        assert min(len(parted.upper), len(parted.lower)) * 3 >= len(given_)
