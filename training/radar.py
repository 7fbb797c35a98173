"""The points of a radar drawing: numbers in, places out. No number is drawn that is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin

# In the drawing's own units, which a narrow window shows a little smaller: the labels there are set larger instead.
WIDTH, HEIGHT = 344, 258
CENTRE_X, CENTRE_Y, RADIUS = 172, 132, 80
RINGS = (25, 50, 75, 100)
HOLLOW = 7  # where what is not known yet is marked: beyond the outer ring, where no value can be
LABEL = 20
LINE_HEIGHT = 14


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis. Places are texts as SVG wants them; `at` is None where nothing is known."""

    label: tuple[tuple[str, str], ...]  # each line of it, and its y
    label_x: str
    anchor: str
    end: tuple[str, str]
    at: tuple[str, str] | None
    hollow: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Radar:
    """Rings and pass line as polygons, a triangle and an edge for each two known neighbours, and the axes."""

    width: int
    height: int
    centre: tuple[str, str]
    rings: tuple[str, ...]
    pass_line: str
    faces: tuple[str, ...]
    edges: tuple[tuple[tuple[str, str], tuple[str, str]], ...]
    axes: tuple[Axis, ...]


def draw(labels: Sequence[str], values: Sequence[int | None], pass_line: int) -> Radar:
    """A radar of these values, 0 to 100 or None, clockwise from the top. At least three."""
    angles = [2 * pi * at / len(values) for at in range(len(values))]
    points = [None if value is None else _place(angle, value) for angle, value in zip(angles, values, strict=True)]
    centre = _place(0, 0)
    sides = [(one, two) for one, two in pairwise([*points, points[0]]) if one and two]
    return Radar(
        width=WIDTH,
        height=HEIGHT,
        centre=centre,
        rings=tuple(_polygon(*(_place(angle, ring) for angle in angles)) for ring in RINGS),
        pass_line=_polygon(*(_place(angle, pass_line) for angle in angles)),
        faces=tuple(_polygon(centre, one, two) for one, two in sides),
        edges=tuple(sides),
        axes=tuple(_axis(*of) for of in zip(labels, angles, points, strict=True)),
    )


def _axis(label: str, angle: float, at: tuple[str, str] | None) -> Axis:
    """The label stands outside, on its side of the drawing; words of another script go on lines of their own."""
    side = sin(angle)
    lines = label.split()
    x, y = CENTRE_X + (RADIUS + LABEL) * side, CENTRE_Y - (RADIUS + LABEL) * cos(angle)
    # The block of lines is centred on its place beside, stands on it above and hangs from it below.
    first = y + 4 - LINE_HEIGHT * (len(lines) - 1) * (1 + cos(angle)) / 2
    return Axis(
        label=tuple((line, _number(first + LINE_HEIGHT * number)) for number, line in enumerate(lines)),
        label_x=_number(x),
        anchor="middle" if abs(side) < 0.1 else "start" if side > 0 else "end",
        end=_place(angle, 100),
        at=at,
        hollow=_place(angle, 100 + 100 * HOLLOW / RADIUS),
    )


def _place(angle: float, value: float) -> tuple[str, str]:
    reach = RADIUS * value / 100
    return _number(CENTRE_X + reach * sin(angle)), _number(CENTRE_Y - reach * cos(angle))


def _polygon(*points: tuple[str, str]) -> str:
    return " ".join(",".join(point) for point in points)


def _number(value: float) -> str:
    return f"{value:.1f}"
