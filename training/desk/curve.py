"""The satisfaction of a customer over a talk as a step curve: seconds and marks in, places out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.desk.script import MOODS

# In the drawing's own units.
WIDTH, HEIGHT = 360, 96
LEFT, RIGHT, TOP, BOTTOM = 24, 8, 8, 20


@dataclass(frozen=True, slots=True)
class Curve:
    """`steps` is the line, `dots` the places where it changes; `levels` are the lines behind with their number."""

    width: int
    height: int
    steps: str
    dots: tuple[tuple[str, str], ...]
    levels: tuple[tuple[int, str], ...]
    begin: str
    end: str
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - 4


def draw(moods: Sequence[tuple[float, int]], until: float) -> Curve | None:
    """Marks of 0 to 5 at their seconds, held until the next one and until the end. None without any."""
    if not moods:
        return None
    begin = moods[0][0]
    span = max(until - begin, 1.0)

    def x(second: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (second - begin) / span

    places = [(x(second), _y(mood)) for second, mood in moods]
    path = f"M{places[0][0]:.1f} {places[0][1]:.1f}"
    for across, down in places[1:]:
        path += f"H{across:.1f}V{down:.1f}"
    return Curve(
        WIDTH,
        HEIGHT,
        f"{path}H{x(max(until, moods[-1][0])):.1f}",
        tuple((f"{across:.1f}", f"{down:.1f}") for across, down in places),
        tuple((level, f"{_y(level):.1f}") for level in range(MOODS + 1)),
        _clock(begin),
        _clock(until),
    )


def _y(mood: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - mood / MOODS)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
