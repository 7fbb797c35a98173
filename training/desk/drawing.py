"""The graph of a dialogue drawn in rows: where to put each box and each line so that no line runs through a box.

A turn stands in the row of the longest way to it, endings in the last one. A line that passes rows by has a lane in
each of them, and all lines to the same box share theirs. Rows are ordered so that few lines cross; lanes and boxes are
then moved under what leads to them. Numbers in, places out: the drawing is SVG by attributes
(templates/practice/_graph.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import fmean

from training.desk.graph import depths
from training.desk.script import Script

WIDTH, HEIGHT = 152, 46  # of a box
LANE = 4
ACROSS, DOWN = 24, 60  # between boxes
MARGIN = 12
LETTERS = 11  # of a box's second line
BELOW = 16  # from a box to the number on a line that leaves it
SWEEPS = 12

# A box by its name, or the lane of the lines to that box in a row.
Spot = tuple[str, int]
Rows = list[list[Spot]]
Links = dict[tuple[Spot, Spot], None]  # a set in order


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
    """All branches from one box to another, up to that box or to its lane; `kind` is that of the box it leads to,
    `count` how many talks took it, `tip` whether it ends there."""

    start: str
    to: str
    kind: str
    path: str
    tip: bool
    label_x: float
    label_y: float
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of what all lines to a box share on their way past others; `count` how many talks came along here."""

    to: str
    kind: str
    path: str
    tip: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    lanes: tuple[Lane, ...]
    box_width: int = WIDTH
    box_height: int = HEIGHT
    kinds: tuple[str, ...] = ("turn", "good", "fair", "bad")

    @property
    def ways(self) -> tuple[Arrow | Lane, ...]:
        """Every line there is."""
        return (*self.lanes, *self.arrows)


def draw(
    script: Script,
    visits: Mapping[str, int] | None = None,
    taken: Mapping[tuple[str, str], int] | None = None,
) -> Drawing:
    """The whole graph; with `visits` and `taken`, how many talks came by each box and took each line."""
    steps = {turn.id: [branch.to for branch in turn.branches] for turn in script.turns.values()}
    level = _levels(script, steps)
    pairs = list(dict.fromkeys((here, there) for here in steps if here in level for there in steps[here]))
    rows, links = _rows(level, pairs)
    _untangle(rows, links)
    middles = _middles(rows, links, level)
    left = min(middles[spot] - _width(spot, level) / 2 for row in rows for spot in row)
    middles = {spot: x - left + MARGIN for spot, x in middles.items()}
    boxes = {name: _box(script, name, middles[name, row] - WIDTH / 2, _top(row), visits) for name, row in level.items()}
    arrows = tuple(_arrows(boxes, level, pairs, middles, taken))
    lanes = tuple(_lanes(boxes, level, links, middles, taken))
    width = max(middles[spot] + _width(spot, level) / 2 for row in rows for spot in row) + MARGIN
    return Drawing(width, _top(len(rows) - 1) + HEIGHT + MARGIN, tuple(boxes.values()), arrows, lanes)


def _levels(script: Script, steps: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The row of every box that can be reached."""
    depth = depths(steps, script.start)
    last = 1 + max(depth[name] for name in script.turns if name in depth)
    found = {name: depth[name] for name in script.turns if name in depth}
    return found | {name: last for name in script.endings if name in depth}


def _rows(level: Mapping[str, int], pairs: Iterable[tuple[str, str]]) -> tuple[Rows, Links]:
    """What stands in each row, and what is linked to what in the next."""
    rows: Rows = [[] for _row in range(max(level.values()) + 1)]
    for name, row in level.items():
        rows[row].append((name, row))
    links: Links = {}
    for here, there in pairs:
        spots = [(here, level[here]), *((there, row) for row in range(level[here] + 1, level[there] + 1))]
        links |= dict.fromkeys(pairwise(spots))
        for spot in spots[1:-1]:
            if spot not in rows[spot[1]]:
                rows[spot[1]].append(spot)
    return rows, links


# The order within rows


def _untangle(rows: Rows, links: Links) -> None:
    """Order each row so that few lines cross: by the middle of what it is linked to, down and up, the best kept."""
    best, order = _crossings(rows, links), [list(row) for row in rows]
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for at in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            beside = {spot: place for place, spot in enumerate(rows[at - 1 if down else at + 1])}
            rows[at].sort(key=lambda spot, beside=beside: _barycentre(spot, beside, links))  # type: ignore[misc]
        _swap(rows, links)
        if (found := _crossings(rows, links)) < best:
            best, order = found, [list(row) for row in rows]
    rows[:] = order


def _barycentre(spot: Spot, beside: Mapping[Spot, int], links: Links) -> float:
    places = [place for other, place in beside.items() if (other, spot) in links or (spot, other) in links]
    return fmean(places) if places else len(beside) / 2


def _swap(rows: Rows, links: Links) -> None:
    """Change neighbours round as long as it helps."""
    better = True
    while better:
        better = False
        for number, row in enumerate(rows):
            near = {number - 1, number}
            for at in range(len(row) - 1):
                least = _crossings(rows, links, near)
                row[at], row[at + 1] = row[at + 1], row[at]
                if _crossings(rows, links, near) < least:
                    better = True
                else:
                    row[at], row[at + 1] = row[at + 1], row[at]


def _crossings(rows: Rows, links: Links, near: set[int] | None = None) -> int:
    """How many links cross, of those that leave these rows."""
    found = 0
    for number in range(len(rows) - 1) if near is None else near & set(range(len(rows) - 1)):
        above, below = ({spot: at for at, spot in enumerate(row)} for row in rows[number : number + 2])
        here = [(above[one], below[other]) for one, other in links if one in above]
        found += sum((one[0] - other[0]) * (one[1] - other[1]) < 0 for one, other in combinations(here, 2))
    return found


# Places


def _width(spot: Spot, level: Mapping[str, int]) -> int:
    return WIDTH if level[spot[0]] == spot[1] else LANE


def _middles(rows: Rows, links: Links, level: Mapping[str, int]) -> dict[Spot, float]:
    """The middle of every box and lane: as near as its row lets it to the middle of what it is linked to."""
    linked: dict[Spot, list[Spot]] = {spot: [] for row in rows for spot in row}
    for here, there in links:
        linked[here].append(there)
        linked[there].append(here)
    found: dict[Spot, float] = {}
    for row in rows:
        found |= dict(zip(row, _apart([0.0] * len(row), [_width(spot, level) for spot in row]), strict=True))
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [fmean(found[other] for other in linked[spot]) if linked[spot] else found[spot] for spot in row]
            found |= dict(zip(row, _apart(wanted, [_width(spot, level) for spot in row]), strict=True))
    return found


def _apart(wanted: Sequence[float], widths: Sequence[int]) -> list[float]:
    """Places in this order, wide enough apart, as near as can be to those wanted: what would overlap moves as a block
    to the mean of what its members want."""
    shifts = [0.0]
    for one, other in pairwise(widths):
        shifts.append(shifts[-1] + (one + other) / 2 + ACROSS)
    blocks: list[list[float]] = []
    for want, shift in zip(wanted, shifts, strict=True):
        blocks.append([want - shift])
        while len(blocks) > 1 and fmean(blocks[-2]) > fmean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    places = [fmean(block) for block in blocks for _member in block]
    return [place + shift for place, shift in zip(places, shifts, strict=True)]


def _top(row: int) -> float:
    return MARGIN + row * (HEIGHT + DOWN)


# Boxes and lines


def _box(script: Script, name: str, x: float, y: float, visits: Mapping[str, int] | None) -> Box:
    if name in script.turns:
        kind, words = "turn", script.turns[name].say[0]
    else:
        kind, words = script.endings[name].kind, script.endings[name].say or "…"
    short = words if len(words) <= LETTERS else words[: LETTERS - 1] + "…"
    return Box(name, kind, short, x, y, visits.get(name, 0) if visits is not None else None)


def _arrows(
    boxes: Mapping[str, Box],
    level: Mapping[str, int],
    pairs: Sequence[tuple[str, str]],
    middles: Mapping[Spot, float],
    taken: Mapping[tuple[str, str], int] | None,
) -> Iterable[Arrow]:
    """Each line leaves its box at a place of its own, in the order of where they go, with its number below it."""
    for name, box in boxes.items():
        row = level[name] + 1
        ways = sorted((there for here, there in pairs if here == name), key=lambda there: middles[there, row])
        for number, there in enumerate(ways, 1):
            port = box.x + WIDTH * number / (len(ways) + 1)
            foot = box.y + HEIGHT
            count = taken.get((name, there), 0) if taken is not None else None
            path = f"M{port:.1f} {foot:.1f}" + _down(port, foot, middles[there, row])
            yield Arrow(name, there, boxes[there].kind, path, level[there] == row, port, foot + BELOW, count)


def _lanes(
    boxes: Mapping[str, Box],
    level: Mapping[str, int],
    links: Links,
    middles: Mapping[Spot, float],
    taken: Mapping[tuple[str, str], int] | None,
) -> Iterable[Lane]:
    for spot, below in links:
        name, row = spot
        if row != level[name]:  # a lane, no box
            came = [number for (here, there), number in (taken or {}).items() if there == name and level[here] < row]
            foot = _top(row) + HEIGHT
            path = f"M{middles[spot]:.1f} {_top(row):.1f}V{foot:.1f}" + _down(middles[spot], foot, middles[below])
            count = sum(came) if taken is not None else None
            yield Lane(name, boxes[name].kind, path, level[name] == row + 1, count)


def _down(x: float, y: float, to: float) -> str:
    """A curve from a row's foot to the next row."""
    foot, bend = y + DOWN, DOWN / 2
    return f"C{x:.1f} {y + bend:.1f} {to:.1f} {foot - bend:.1f} {to:.1f} {foot:.1f}"
