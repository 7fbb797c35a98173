"""When to ask again: FSRS of the `fsrs` library, as a pure function of what is known, a rating and a day.

The unit is the local day, never the hour: whoever recalls at nine and whoever recalls at noon get the same schedule,
and a day's work may be done in one go or in five. Intervals are not fuzzed: the library's fuzz rolls dice, and a
schedule that can be told again from its events is worth more than items spread over neighbouring days
(docs/decisions/0021-remembering.md).

A memory is a plain dict, kept as JSON: {"state", "step", "stability", "difficulty", "due", "last", "rating"}, days in
ISO form; `rating` is the last one. The library is imported with the first call: a worker that never recalls
anything does without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

Memory = Mapping[str, Any]

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
RETENTION = 0.9
# What was forgotten comes back tomorrow: the steps of minutes that the library begins with suit no once-a-day use.
STEP = timedelta(days=1)
# A year: what is asked later than that has been forgotten with the job it was for.
LONGEST_DAYS = 365


def fresh(day: date) -> dict[str, Any]:
    """Of something never asked: to be asked for the first time on the day after."""
    state = {"state": 1, "step": 0, "stability": None, "difficulty": None}
    return state | {"due": (day + STEP).isoformat(), "last": None, "rating": None}


def review(memory: Memory, rating: int, day: date) -> dict[str, Any]:
    """The memory after it was asked on this day. `rating` is 1 (again) to 4 (easy); ValueError for any other."""
    from fsrs import Rating

    card, _log = _scheduler().review_card(_card(memory), Rating(rating), _moment(day))
    return {
        "state": card.state.value,
        "step": card.step,
        "stability": card.stability,
        "difficulty": card.difficulty,
        "due": card.due.date().isoformat(),
        "last": day.isoformat(),
        "rating": int(rating),
    }


def lapse(memory: Memory, day: date) -> dict[str, Any]:
    """The memory after a wrong answer somewhere else. Wrong twice on one day is wrong once."""
    forgotten_today = memory["last"] == day.isoformat() and memory["rating"] == AGAIN
    return dict(memory) if forgotten_today else review(memory, AGAIN, day)


def expected(memory: Memory, day: date) -> float | None:
    """The chance, 0 to 1, that it is remembered on this day; None for something never asked."""
    if memory["last"] is None:
        return None
    return float(_scheduler().get_card_retrievability(_card(memory), _moment(day)))


def due(memory: Memory) -> date:
    return date.fromisoformat(memory["due"])


def answered(right: bool, seconds: float, length: int, forgotten: bool) -> int:
    """The rating of an answer that was graded: nobody rates themselves where the truth is known.

    `length` is that of the text to be read first, in characters; `forgotten` says that it was wrong the last time:
    then being quick proves nothing yet.
    """
    if not right:
        return AGAIN
    usual = 10 + length / 6  # seconds: reading at a calm pace, and a breath to think
    if seconds > 3 * usual:
        return HARD
    return EASY if seconds <= usual / 2 and not forgotten else GOOD


@cache
def _scheduler() -> Any:
    from fsrs import Scheduler

    return Scheduler(
        desired_retention=RETENTION,
        learning_steps=(STEP,),
        relearning_steps=(STEP,),
        maximum_interval=LONGEST_DAYS,
        enable_fuzzing=False,
    )


def _card(memory: Memory) -> Any:
    """The library's card. Its id is given: without one it is made of the clock, after a sleep."""
    from fsrs import Card, State

    return Card(
        card_id=0,
        state=State(memory["state"]),
        step=memory["step"],
        stability=memory["stability"],
        difficulty=memory["difficulty"],
        due=_moment(due(memory)),
        last_review=_moment(date.fromisoformat(memory["last"])) if memory["last"] else None,
    )


def _moment(day: date) -> datetime:
    """A local day in the library's terms, which takes UTC only."""
    return datetime.combine(day, time(), UTC)
