"""The drawing of a dialogue: everything on it, no line through a box, no number on another."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as tries

from knowledge import files
from tests.training.desk.making import script
from tests.training.desk.test_advance import scripts
from training.desk.drawing import HEIGHT, LETTERS, WIDTH, Arrow, Drawing, Lane, draw
from training.desk.graph import reachable
from training.desk.script import Script, read

FILES = sorted((Path(settings.CONTENT_DIR) / "dialogues").glob("*.yaml"))
FIGURE = 8  # width of a number's digit


def points(way: Arrow | Lane) -> list[tuple[float, float]]:
    """The line, walked in small steps."""
    found: list[tuple[float, float]] = []
    for step, numbers in re.findall(r"([MCV])([-\d. ]+)", way.path):
        at = [float(number) for number in numbers.split()]
        if step == "M":
            found.append((at[0], at[1]))
        elif step == "V":
            x, y = found[-1]
            found += [(x, y + (at[0] - y) * part / 20) for part in range(1, 21)]
        else:
            ends = [found[-1], *zip(at[::2], at[1::2], strict=True)]
            found += [bezier(ends, part / 20) for part in range(1, 21)]
    return found


def bezier(ends: list[tuple[float, float]], t: float) -> tuple[float, float]:
    while len(ends) > 1:
        ends = [(a + (c - a) * t, b + (d - b) * t) for (a, b), (c, d) in pairwise(ends)]
    return ends[0]


def through(drawing: Drawing) -> list[tuple[str, str, str]]:
    """Lines that run through a box."""
    return [
        (way.to, way.path, box.id)
        for way in drawing.ways
        for box in drawing.boxes
        for x, y in points(way)
        if box.x + 1 < x < box.x + WIDTH - 1 and box.y + 1 < y < box.y + HEIGHT - 1
    ]


def is_sound(of: Script, drawing: Drawing) -> None:
    ways = {(turn.id, branch.to) for turn in of.turns.values() for branch in turn.branches}
    there = reachable({turn.id: [one.to for one in turn.branches] for turn in of.turns.values()}, of.start)
    assert {box.id for box in drawing.boxes} == there
    assert {(arrow.start, arrow.to) for arrow in drawing.arrows} == {way for way in ways if way[0] in there}
    assert through(drawing) == []
    for one, other in combinations(drawing.boxes, 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
    for first, second in combinations(drawing.arrows, 2):
        assert abs(first.label_x - second.label_x) >= 2 * FIGURE or abs(first.label_y - second.label_y) >= HEIGHT
    on_sheet = [0 <= x <= drawing.width and 0 <= y <= drawing.height for way in drawing.ways for x, y in points(way)]
    assert all(on_sheet)
    is_led(drawing)


def is_led(drawing: Drawing) -> None:
    """Each line ends in its box, or where a lane to that box goes on."""
    tops = {(box.id, round(box.middle, 1), box.y) for box in drawing.boxes}
    goes_on = {(lane.to, *points(lane)[0]) for lane in drawing.lanes}
    for way in drawing.ways:
        assert (way.to, *points(way)[-1]) in (tops if way.tip else goes_on)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_starter_dialogues_can_be_read(path: Path) -> None:
    of = read(files.read(path).value)
    is_sound(of, draw(of))


def test_few_lines_cross() -> None:
    """Half the branches lead backwards on the page if rows stay as written: up to 43 crossings, sorted at most 15."""
    crossings = {}
    for path in FILES:
        ways = [(way.to, points(way)) for way in draw(read(files.read(path).value)).ways]
        crossings[path.stem] = sum(
            cross(one, other) for (to, one), (there, other) in combinations(ways, 2) if to != there
        )
    assert {slug: count for slug, count in crossings.items() if count > 15} == {}


def cross(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> bool:
    """Whether two lines change sides, compared where both are."""
    places = dict[float, list[float]]()
    for x, y in (*one, *other):
        places.setdefault(round(y), []).append(x)
    sides = {found[0] < found[1] for found in places.values() if len(found) == 2 and abs(found[0] - found[1]) > 1}
    return len(sides) > 1


@tries(max_examples=60)
@given(scripts())
def test_any_dialogue_can_be_read(of: Script) -> None:
    """Every box and every line once, none through another box, numbers apart, all on the sheet."""
    is_sound(of, draw(of))
    assert draw(of) == draw(of)


def test_it_counts_where_people_went() -> None:
    drawing = draw(script(), {"t1": 3, "t2": 2}, {("t1", "t2"): 2})
    assert {box.id: box.count for box in drawing.boxes} == {
        "t1": 3, "t-again": 0, "t2": 2, "deal": 0, "later": 0, "gone": 0,
    }  # fmt: skip
    counted = draw(script(), {}, {("t1", "gone"): 3, ("t-again", "gone"): 4})
    assert [lane.count for lane in counted.lanes if lane.to == "gone"] == [3, 7]
    taken = {(arrow.start, arrow.to): arrow.count for arrow in drawing.arrows}
    assert (taken["t1", "t2"], sum(count or 0 for count in taken.values())) == (2, 2)


def test_lines_take_the_colour_of_where_they_lead() -> None:
    kinds = {arrow.to: arrow.kind for arrow in draw(script()).arrows}
    assert kinds == {"gone": "bad", "later": "fair", "deal": "good", "t2": "turn", "t-again": "turn"}


def test_words_are_cut_to_their_box() -> None:
    assert all(len(box.words) <= LETTERS for path in FILES for box in draw(read(files.read(path).value)).boxes)
