"""The schedule as a pure function: the same events give the same days, and what was forgotten comes back first."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import recalling
from training.recalling import AGAIN, EASY, GOOD, HARD

DAY = date(2026, 11, 22)
RATINGS = (AGAIN, HARD, GOOD, EASY)
# A history: ratings, each so many days after it was due (never before).
HISTORIES = st.lists(st.tuples(st.sampled_from(RATINGS), st.integers(0, 40)), max_size=12)


def after(history: list[tuple[int, int]], start: dict[str, Any] | None = None) -> tuple[dict[str, Any], date]:
    """The memory after these, and the day on which it is due next."""
    memory = start or recalling.fresh(DAY)
    for rating, late in history:
        memory = recalling.review(memory, rating, recalling.due(memory) + timedelta(days=late))
    return memory, recalling.due(memory)


@given(HISTORIES)
def test_forgotten_comes_back_no_later_than_remembered(history: list[tuple[int, int]]) -> None:
    """Or saying that one has forgotten would be a way to be left in peace."""
    memory, day = after(history)
    dues = [recalling.due(recalling.review(memory, rating, day)) for rating in RATINGS]
    assert dues == sorted(dues)
    assert dues[0] == day + timedelta(days=1)


def test_forgotten_comes_back_sooner_than_remembered() -> None:
    """With something new the four answers are told apart."""
    memory = recalling.fresh(DAY)
    dues = [(recalling.due(recalling.review(memory, rating, DAY)) - DAY).days for rating in RATINGS]
    assert dues == [1, 1, 2, 8]


@given(HISTORIES)
def test_the_same_events_give_the_same_schedule(history: list[tuple[int, int]]) -> None:
    """By way of JSON too, in which it is kept between any two of them."""
    memory = recalling.fresh(DAY)
    for rating, late in history:
        memory = recalling.review(json.loads(json.dumps(memory)), rating, recalling.due(memory) + timedelta(days=late))
    assert memory == after(history)[0]


@given(HISTORIES)
def test_never_today_and_never_in_more_than_a_year(history: list[tuple[int, int]]) -> None:
    memory, day = after(history)
    if memory["last"]:
        ahead = (day - date.fromisoformat(memory["last"])).days
        assert 1 <= ahead <= recalling.LONGEST_DAYS


def test_wrong_twice_on_a_day_is_wrong_once() -> None:
    """A checkpoint clicked through three times is one mistake."""
    once = recalling.lapse(recalling.fresh(DAY), DAY)
    assert recalling.lapse(once, DAY) == once
    assert recalling.lapse(once, DAY + timedelta(days=1)) != once


def test_a_lapse_is_due_tomorrow_however_well_it_was_known() -> None:
    memory, day = after([(GOOD, 0)] * 6)
    assert (day - date.fromisoformat(memory["last"])).days > 60
    assert recalling.due(recalling.lapse(memory, day)) == day + timedelta(days=1)


def test_what_is_expected() -> None:
    """Nothing of what was never asked, all of it on the day, nine in ten on the day it is due."""
    assert recalling.expected(recalling.fresh(DAY), DAY) is None
    memory, day = after([(GOOD, 0)] * 4)
    assert recalling.expected(memory, date.fromisoformat(memory["last"])) == 1
    assert recalling.expected(memory, day) == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize(
    ("right", "seconds", "forgotten", "rating"),
    [
        (False, 1, False, AGAIN),
        (True, 5, False, EASY),
        (True, 5, True, GOOD),
        (True, 20, False, GOOD),
        (True, 3600, False, HARD),
    ],
)
def test_the_rating_of_an_answer(right: bool, seconds: float, forgotten: bool, rating: int) -> None:
    """60 characters are read and thought over in 20 seconds."""
    assert recalling.answered(right, seconds, 60, forgotten) == rating


def test_the_library_is_not_imported_before_it_is_needed() -> None:
    """It costs a worker memory, and most requests recall nothing."""
    code = "import sys; from training import recalling; recalling.fresh; print('fsrs' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
