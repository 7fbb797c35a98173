"""What a run is measured by beside its points: how fast, and how many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from training.desk.advance import State

Stretch = tuple[float, float]


def waits(state: State, until: float) -> list[Stretch]:
    """When this customer waited for an answer: from a turn's first line to the reply, or to the end without one."""
    found = []
    for played in state.played:
        end = played.asked_at + played.seconds if played.seconds is not None else state.ended_at
        found.append((played.asked_at, until if end is None else end))
    if state.waiting_since is not None:
        found.append((state.waiting_since, until))
    return found


def responses(states: Iterable[State]) -> list[float]:
    """Seconds from a turn to its first reply, of every turn that has one."""
    return [played.seconds for state in states for played in state.played if played.seconds is not None]


def first_response(state: State) -> float | None:
    """Of the first turn; None when it was never answered."""
    return next((played.seconds for played in state.played[:1]), None)


def mean(seconds: Sequence[float]) -> float | None:
    return sum(seconds) / len(seconds) if seconds else None


def most_at_once(stretches: Iterable[Stretch]) -> int:
    """How many of these stretches overlap at the busiest moment; one that ends as another begins does not."""
    marks = sorted((at, change) for start, end in stretches for at, change in ((start, 1), (end, -1)) if end > start)
    now = most = 0
    for _at, change in marks:
        now += change
        most = max(most, now)
    return most


def overlap(stretches: Iterable[Stretch]) -> float:
    """Seconds during which two or more of these stretches run."""
    marks = sorted((at, change) for start, end in stretches for at, change in ((start, 1), (end, -1)))
    now, total, before = 0, 0.0, 0.0
    for at, change in marks:
        if now > 1:
            total += at - before
        now, before = now + change, at
    return total
