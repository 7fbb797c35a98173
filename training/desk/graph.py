"""The graph of a dialogue: what leads where, whether it goes in circles, and where to draw each box and line.

Turns stand in the order of the longest way to them, endings below everything. Numbers in, places out: the drawing is
SVG by attributes (templates/practice/_graph.html).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.desk.script import Script

Steps = Mapping[str, Sequence[str]]

WIDTH, HEIGHT = 152, 46  # of a box
ACROSS, DOWN = 24, 40  # between boxes
MARGIN = 12
SIDE = 40  # beside the boxes, for lines that pass others by
LETTERS = 11  # of a box's second line


def reachable(steps: Steps, start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += steps.get(here, ())
    return seen


def circle(steps: Steps) -> list[str]:
    """The first way that comes back to where it began; empty without one."""
    done: set[str] = set()

    def walk(here: str, way: list[str]) -> list[str]:
        if here in way:
            return way[way.index(here) :]
        if here in done:
            return []
        for there in steps.get(here, ()):
            if found := walk(there, [*way, here]):
                return found
        done.add(here)
        return []

    return next((found for start in steps if (found := walk(start, []))), [])


def depths(steps: Steps, start: str) -> dict[str, int]:
    """Of everything reachable: the steps of the longest way to it. Needs a graph without circles."""
    found = {start: 0}
    for here in _sorted(steps, start):
        for there in steps.get(here, ()):
            found[there] = max(found.get(there, 0), found[here] + 1)
    return found


def _sorted(steps: Steps, start: str) -> list[str]:
    """What is reachable, each before all it leads to."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(here: str) -> None:
        seen.add(here)
        for there in steps.get(here, ()):
            if there not in seen:
                visit(there)
        order.append(here)

    visit(start)
    return order[::-1]


@dataclass(frozen=True, slots=True)
class Box:
    """A turn or an ending. `kind` is turn, good, fair or bad; `count` how many talks came here."""

    id: str
    kind: str
    words: str
    x: float
    y: float
    count: int | None = None

    @property
    def middle(self) -> float:
        return self.x + WIDTH / 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """All branches from one box to another, as one curve; `count` how many talks took them."""

    start: str
    to: str
    path: str
    label_x: float
    label_y: float
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    box_width: int = WIDTH
    box_height: int = HEIGHT


def draw(
    script: Script,
    visits: Mapping[str, int] | None = None,
    taken: Mapping[tuple[str, str], int] | None = None,
) -> Drawing:
    """The whole graph; with `visits` and `taken`, how many talks came by each box and each line.

    Each turn has a row of its own: what most turns lead on to stands in the first column, the rest in the second.
    """
    steps = {turn.id: [branch.to for branch in turn.branches] for turn in script.turns.values()}
    depth = depths(steps, script.start)
    turns = sorted((name for name in script.turns if name in depth), key=lambda name: depth[name])
    rows = {name: at for at, name in enumerate(turns)}
    ends = [name for name in script.endings if name in depth]
    room = len(ends) * WIDTH + (len(ends) - 1) * ACROSS
    width = max(room, 2 * WIDTH + ACROSS) + 2 * (MARGIN + SIDE)
    first, second = width / 2 - WIDTH - ACROSS / 2, width / 2 + ACROSS / 2
    way = _best_way(script)
    boxes = {
        name: _box(script, name, first if name in way else second, MARGIN + rows[name] * (HEIGHT + DOWN), visits)
        for name in turns
    }
    foot = MARGIN + len(turns) * (HEIGHT + DOWN)
    for at, name in enumerate(ends):
        boxes[name] = _box(script, name, (width - room) / 2 + at * (WIDTH + ACROSS), foot, visits)
    pairs = dict.fromkeys((here, there) for here in turns for there in steps[here] if there in boxes)
    arrows = tuple(_arrow(boxes[here], boxes[there], taken) for here, there in pairs)
    return Drawing(width, foot + HEIGHT + MARGIN, tuple(boxes.values()), arrows)


def _best_way(script: Script) -> set[str]:
    """The turns on the way of the best mood: what somebody passes who does well."""
    here, way = script.start, set()
    while here in script.turns and here not in way:
        way.add(here)
        here = max(script.turns[here].branches, key=lambda branch: branch.mood).to
    return way


def _box(script: Script, name: str, x: float, y: float, visits: Mapping[str, int] | None) -> Box:
    if name in script.turns:
        kind, words = "turn", script.turns[name].say[0]
    else:
        kind, words = script.endings[name].kind, script.endings[name].say or "…"
    short = words if len(words) <= LETTERS else words[: LETTERS - 1] + "…"
    return Box(name, kind, short, x, y, visits.get(name, 0) if visits is not None else None)


def _arrow(here: Box, there: Box, taken: Mapping[tuple[str, str], int] | None) -> Arrow:
    """Down to the next row by the foot of the box; past other rows by its side, so that no box hides the line."""
    rows = round((there.y - here.y) / (HEIGHT + DOWN))
    x1, y1, x2, y2 = here.middle, here.y + HEIGHT, there.middle, there.y
    if rows == 1:
        bend = (y2 - y1) / 2
        path = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}"
        middle = (x1 + x2) / 2, (y1 + y2) / 2
    else:
        side = 1 if there.middle > here.middle else -1
        x1, y1 = here.middle + side * WIDTH / 2, here.y + HEIGHT / 2
        out = x1 + side * (14 + 9 * rows)
        if there.kind == "turn":
            x2, y2 = there.middle + side * WIDTH / 2, there.y + HEIGHT / 2
            out = (max if side > 0 else min)(out, x2 + side * (14 + 9 * rows))
            path = f"M{x1:.1f} {y1:.1f}C{out:.1f} {y1:.1f} {out:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        else:
            path = f"M{x1:.1f} {y1:.1f}C{out:.1f} {y1:.1f} {x2:.1f} {(y1 + y2) / 2:.1f} {x2:.1f} {y2:.1f}"
        middle = (x1 + 3 * out) / 4, (2 * y1 + y2) / 3
    count = taken.get((here.id, there.id), 0) if taken is not None else None
    return Arrow(here.id, there.id, path, *middle, count)
