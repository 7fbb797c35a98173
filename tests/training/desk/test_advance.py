"""A customer as a function of events and time: whatever is asked when, the same comes out."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.desk.making import document, script
from training.desk.advance import READING, Sent, State, advance, score
from training.desk.script import LEFT, Script, read

CODES = ("cold", "conflict", "typo")


@st.composite
def scripts(draw: Any) -> Script:
    """Any graph that goes forward: turns lead to later turns or to endings, under conditions of every kind."""
    count = draw(st.integers(1, 5))
    names = [f"t{at}" for at in range(count)]
    endings = ["good", "fair", "bad"]

    def branch(at: int, *, last: bool) -> dict[str, Any]:
        made: dict[str, Any] = {
            "to": draw(st.sampled_from([*names[at + 1 :], *endings])),
            "mood": str(draw(st.integers(-3, 2))),
            "why": "因为。",
        }
        if last:
            return made
        kind = draw(st.sampled_from(["breaks", "has", "misses", "score_below", "slower"]))
        values: dict[str, Any] = {
            "breaks": [draw(st.sampled_from([*CODES, "any"]))],
            "has": [draw(st.sampled_from(["甲", "乙"]))],
            "misses": [draw(st.sampled_from(["甲", "乙"]))],
            "score_below": str(draw(st.integers(1, 100))),
            "slower": str(draw(st.integers(1, 60))),
        }
        return made | {kind: values[kind]}

    turns = [
        {
            "id": name,
            "say": ["话"],
            "points": [{"name": one, "any": [one], "why": "因为。"} for one in "甲乙"],
            "nudge": "人呢",
            "model": "甲乙",
            "branches": [
                *(branch(at, last=False) for _number in range(draw(st.integers(0, 3)))),
                branch(at, last=True),
            ],
        }
        for at, name in enumerate(names)
    ]
    return read(
        document(
            mood=str(draw(st.integers(1, 5))),
            patience=str(draw(st.integers(1, 4))),
            first_seconds=str(draw(st.integers(15, 60))),
            seconds=str(draw(st.integers(15, 60))),
            turns=turns,
            endings=[{"id": name, "kind": name, "say": "走了", "why": "因为。"} for name in endings],
        )
    )


EVENTS = st.lists(
    st.builds(
        Sent,
        at=st.floats(0, 400, allow_nan=False),
        text=st.sampled_from(["甲", "乙", "嗯"]),
        errors=st.sampled_from([(), ("cold",), ("conflict",)]),
        warnings=st.sampled_from([(), ("typo",)]),
        made=st.sampled_from([(), ("甲",), ("乙",), ("甲", "乙")]),
    ),
    max_size=8,
)
MOMENTS = st.lists(st.floats(0, 900, allow_nan=False), max_size=12)
END = 10_000.0


@settings(max_examples=120)
@given(scripts(), EVENTS, MOMENTS, st.floats(0, 60), st.randoms(use_true_random=False))
def test_polls_and_order_change_nothing(
    of: Script, events: list[Sent], polls: list[float], arrival: float, dice: random.Random
) -> None:
    """A refresh, a second tab or a late poll must not move the customer; nor the order in which rows are read."""
    told = advance(of, arrival, events, END)
    for moment in polls:
        advance(of, arrival, events, moment)
    mixed = list(events)
    dice.shuffle(mixed)
    assert advance(of, arrival, mixed, END) == told


@settings(max_examples=120)
@given(scripts(), EVENTS, MOMENTS, st.floats(0, 60))
def test_replay_equals_live(of: Script, events: list[Sent], polls: list[float], arrival: float) -> None:
    """What the page saw while it went on is a beginning of what the report tells: nobody's words are taken back."""
    whole = advance(of, arrival, events, END)
    for moment in sorted(polls):
        known = [event for event in events if event.at <= moment]
        live = advance(of, arrival, known, moment)
        assert live == advance(of, arrival, events, moment)
        assert live.transcript == whole.transcript[: len(live.transcript)]
        assert live.played == whole.played[: len(live.played)]
        assert live.moods == whole.moods[: len(live.moods)]


@settings(max_examples=120)
@given(scripts(), EVENTS, st.floats(0, 60), st.integers(0, 8))
def test_a_kill_between_two_events_loses_nothing(of: Script, events: list[Sent], arrival: float, at: int) -> None:
    """Begun anew from what was kept, with the rest sent later, it comes out as if nothing had happened."""
    ordered = sorted(events, key=lambda event: (event.at, repr(event)))
    kept = ordered[:at]
    advance(of, arrival, kept, kept[-1].at if kept else 0)
    assert advance(of, arrival, [*kept, *ordered[at:]], END) == advance(of, arrival, events, END)


@settings(max_examples=120)
@given(scripts(), EVENTS, EVENTS, st.floats(0, 60))
def test_what_comes_after_the_end_changes_nothing(
    of: Script, events: list[Sent], late: list[Sent], arrival: float
) -> None:
    told = advance(of, arrival, events, END)
    assert told.ended_at is not None
    after = [Sent(told.ended_at + 0.1 + one.at, one.text, one.errors, (), (), one.made) for one in late]
    assert advance(of, arrival, [*events, *after], 2 * END) == told


@settings(max_examples=120)
@given(scripts(), EVENTS, st.floats(0, 60))
def test_every_talk_ends_and_its_numbers_stay_in_bounds(of: Script, events: list[Sent], arrival: float) -> None:
    told = advance(of, arrival, events, END)
    assert told.over
    assert told.turn == ""
    assert told.next is None
    assert all(0 <= mood <= 5 for _at, mood in told.moods)
    assert 0 <= score(told.played) <= 1
    assert all(turn.points <= turn.maximum for turn in told.played)
    assert [line.at for line in told.transcript] == sorted(line.at for line in told.transcript)


@settings(max_examples=60)
@given(scripts(), EVENTS, st.floats(0, 60), st.floats(0, 500, allow_nan=False))
def test_nothing_happens_before_what_is_announced(
    of: Script, events: list[Sent], arrival: float, moment: float
) -> None:
    """A page that trusts `next` sleeps through nothing: until then, without a reply, the state stands still."""
    known = [event for event in events if event.at <= moment]
    here = advance(of, arrival, known, moment)
    if here.next is None:
        return
    just_before = max(moment, here.next - 0.001)
    assert _seen(advance(of, arrival, known, just_before)) == _seen(here)
    assert _seen(advance(of, arrival, known, here.next)) != _seen(here)


def _seen(state: State) -> tuple[Any, ...]:
    return state.arrived, state.turn, state.transcript, state.ending, state.waiting_since


# By hand: the clocks, to the second

SCRIPT = script()
GOOD = Sent(10.0, "您好，券后119元", made=("应声", "报价"))


def test_nobody_is_there_before_arriving() -> None:
    assert advance(SCRIPT, 5, [], 4.999).arrived is False
    assert advance(SCRIPT, 5, [], 5).transcript[0].text == "老板在吗"


def test_an_unanswered_customer_nudges_and_leaves() -> None:
    """40 seconds, then 24 for each nudge: patience 2 means two nudges and gone at the third."""
    quiet = [advance(SCRIPT, 0, [], at) for at in (39.999, 40, 63.999, 64, 87.999, 88)]
    assert [sum(line.who == "nudge" for line in one.transcript) for one in quiet] == [0, 1, 1, 2, 2, 2]
    assert [one.ending for one in quiet] == ["", "", "", "", "", LEFT]
    assert [one.mood for one in quiet] == [3, 2, 2, 1, 1, 1]
    assert [one.answer_by for one in quiet[:4]] == [40, 64, 64, 88]
    assert (quiet[-1].played[0].seconds, quiet[-1].played[0].points) == (None, Decimal(0))


def test_who_asks_again_says_something_else() -> None:
    """Nobody types the same line twice: the turn's nudge first, then the customer's own, the last of them for good."""

    def nudges(**changes: Any) -> list[str]:
        told = advance(read(document(patience="4", **changes)), 0, [], END)
        return [line.text for line in told.transcript if line.who == "nudge"]

    assert nudges(again=["还在吗", "走了啊"]) == ["人呢", "还在吗", "走了啊", "走了啊"]
    assert nudges() == ["人呢"] * 4


def test_a_reply_stops_the_clock_and_the_customer_reads() -> None:
    before, after = (advance(SCRIPT, 0, [GOOD], at) for at in (10 + READING - 0.001, 10 + READING))
    assert (before.turn, before.waiting_since, before.answer_by) == ("t1", None, None)
    assert (after.turn, after.waiting_since, after.answer_by) == ("t2", 14.0, 74.0)
    assert after.played[0].branch is not None
    assert after.played[0].branch.why == "价说清了。"


def test_a_second_reply_while_the_customer_reads_counts_to_the_same_turn() -> None:
    two = [Sent(10.0, "您好", made=("应声",)), Sent(12.0, "券后119元", made=("报价",))]
    (played,) = advance(SCRIPT, 0, two, 14).played
    assert (played.made, played.missed, played.seconds) == (("应声", "报价"), (), 10.0)
    assert advance(SCRIPT, 0, two, 14).turn == "t2"


def test_a_reply_at_the_very_second_of_the_nudge_comes_after_it() -> None:
    told = advance(SCRIPT, 0, [Sent(40.0, "您好")], 40)
    assert [line.who for line in told.transcript] == ["customer", "customer", "nudge", "trainee"]


def test_points_are_halved_by_a_warning_and_gone_with_an_error() -> None:
    made = ("应声", "报价")
    for errors, warnings, points in (((), (), "2"), ((), ("typo",), "1"), (("conflict",), ("typo",), "0")):
        (played,) = advance(SCRIPT, 0, [Sent(3, "x", errors, warnings, (), made)], 7).played
        assert played.points == Decimal(points)


def test_conditions_decide_in_their_order() -> None:
    """A broken rule goes first, the points next, the rest last."""
    for sent, to in (
        (Sent(3, "没有", ("cold",), made=("报价",)), "gone"),
        (Sent(3, "119元", made=("报价",)), "t2"),
        (Sent(3, "嗯"), "t-again"),
    ):
        branch = advance(SCRIPT, 0, [sent], 7).played[0].branch
        assert branch is not None
        assert branch.to == to


def test_slowness_and_the_percent_so_far_decide_too() -> None:
    first = Sent(3, "您好，119元", made=("应声", "报价"))
    slow, fast = (advance(SCRIPT, 0, [first, Sent(at, "今天发", made=("发货",))], 200) for at in (58.0, 50.0))
    assert (slow.ending, fast.ending) == ("later", "deal")
    late = advance(SCRIPT, 0, [Sent(3, "嗯"), Sent(10, "119元", made=("报价",))], 200)
    assert (late.ending, late.played[-1].branch and late.played[-1].branch.why) == ("later", "说得太慢。")


def test_a_customer_who_says_nothing_last_just_goes() -> None:
    told = advance(SCRIPT, 0, [Sent(3, "没有", ("cold",))], 7)
    assert (told.ending, told.transcript[-1].who) == ("gone", "trainee")
