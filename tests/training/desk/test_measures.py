"""How fast and how many at once, by hand."""

from __future__ import annotations

from tests.training.desk.making import script
from training.desk import curve
from training.desk.advance import Sent, advance
from training.desk.measures import first_response, mean, most_at_once, overlap, responses, waits

TALK = [Sent(10.0, "您好，119元", made=("应声", "报价")), Sent(20.0, "谢谢，今天发", made=("谢", "发货"))]


def test_waits_end_with_the_reply() -> None:
    state = advance(script(), 2, TALK, 100)
    assert waits(state, 100) == [(2, 10.0), (14.0, 20.0)]
    assert (first_response(state), responses([state])) == (8.0, [8.0, 6.0])


def test_who_is_never_answered_waits_to_the_end() -> None:
    assert waits(advance(script(), 0, [], 30), 30) == [(0, 30)]
    assert waits(advance(script(), 0, [], 500), 500) == [(0, 88)]
    assert first_response(advance(script(), 0, [], 500)) is None


def test_at_once() -> None:
    assert most_at_once([(0, 10), (10, 20), (5, 12)]) == 2
    assert most_at_once([]) == 0
    assert overlap([(0, 10), (5, 12), (8, 9)]) == 5
    assert overlap([(0, 10), (10, 20)]) == 0
    assert (mean([]), mean([1.0, 3.0])) == (None, 2.0)


def test_the_curve_holds_each_mark_until_the_next() -> None:
    drawn = curve.draw([(0, 3), (50, 5)], 100)
    assert drawn is not None
    assert drawn.steps == "M24.0 35.2H188.0V8.0H352.0"
    assert (drawn.begin, drawn.end) == ("0:00", "1:40")
    assert curve.draw([], 10) is None
