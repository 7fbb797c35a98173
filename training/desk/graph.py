"""The graph of a dialogue: what leads where, whether it goes in circles, and where to draw each box and line.

Boxes stand in layers, a layer for each step on the longest way to it; endings stand below everything. Numbers in,
places out: the drawing is SVG by attributes (templates/practice/_graph.html).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.desk.script import Script

Steps = Mapping[str, Sequence[str]]

WIDTH, HEIGHT = 152, 46  # of a box
ACROSS, DOWN = 20, 54  # between boxes
MARGIN = 12
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
    """The whole graph; with `visits` and `taken`, how many talks came by each box and each line."""
    steps = {turn.id: [branch.to for branch in turn.branches] for turn in script.turns.values()}
    depth = depths(steps, script.start)
    bottom = max((depth[name] for name in depth if name in script.turns), default=0) + 1
    layers: dict[int, list[str]] = {}
    for name in (*script.turns, *script.endings):
        if name in depth:
            layers.setdefault(depth[name] if name in script.turns else bottom, []).append(name)
    widest = max(len(names) for names in layers.values())
    width = 2 * MARGIN + widest * WIDTH + (widest - 1) * ACROSS
    boxes: dict[str, Box] = {}
    for layer, names in sorted(layers.items()):
        names.sort(key=lambda name: _above(name, steps, boxes))
        room = len(names) * WIDTH + (len(names) - 1) * ACROSS
        for at, name in enumerate(names):
            x = (width - room) / 2 + at * (WIDTH + ACROSS)
            boxes[name] = _box(script, name, x, MARGIN + layer * (HEIGHT + DOWN), visits)
    pairs = dict.fromkeys((here, there) for here in steps if here in boxes for there in steps[here] if there in boxes)
    arrows = tuple(_arrow(boxes[here], boxes[there], taken) for here, there in pairs)
    return Drawing(width, 2 * MARGIN + (bottom + 1) * HEIGHT + bottom * DOWN, tuple(boxes.values()), arrows)


def _above(name: str, steps: Steps, boxes: Mapping[str, Box]) -> float:
    """The mean place of the boxes already drawn that lead here: lines then cross less."""
    places = [box.middle for box in boxes.values() if name in steps.get(box.id, ())]
    return sum(places) / len(places) if places else 0.0


def _box(script: Script, name: str, x: float, y: float, visits: Mapping[str, int] | None) -> Box:
    if name in script.turns:
        kind, words = "turn", script.turns[name].say[0]
    else:
        kind, words = script.endings[name].kind, script.endings[name].say or "…"
    short = words if len(words) <= LETTERS else words[: LETTERS - 1] + "…"
    return Box(name, kind, short, x, y, visits.get(name, 0) if visits is not None else None)


def _arrow(here: Box, there: Box, taken: Mapping[tuple[str, str], int] | None) -> Arrow:
    x1, y1, x2, y2 = here.middle, here.y + HEIGHT, there.middle, there.y
    bend = (y2 - y1) / 2
    path = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}"
    count = taken.get((here.id, there.id), 0) if taken is not None else None
    return Arrow(here.id, there.id, path, (x1 + x2) / 2, (y1 + y2) / 2, count)
