"""The radar's points: a picture must not say what the numbers do not."""

from __future__ import annotations

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.enums import Competency
from training import radar

LABELS = [f"能力{at}" for at in range(9)]
# A Chinese character is as wide as its size, a Latin letter about half of it.
WIDE, NARROW, TALL = 13, 7.2, 13


def reach(point: tuple[str, str]) -> float:
    """Its distance from the centre, in percent of the radius."""
    return 100 * hypot(float(point[0]) - radar.CENTRE_X, float(point[1]) - radar.CENTRE_Y) / radar.RADIUS


@given(st.lists(st.none() | st.integers(0, 100), min_size=9, max_size=9))
def test_every_value_stands_at_its_place(values: list[int | None]) -> None:
    """A known value at its share of the radius; an unknown one nowhere, its mark beyond the outer ring."""
    drawn = radar.draw(LABELS, values, 80)
    for axis, value in zip(drawn.axes, values, strict=True):
        assert (axis.at is None) == (value is None)
        if axis.at and value is not None:
            assert reach(axis.at) == pytest.approx(value, abs=0.2)
        assert reach(axis.hollow) > 104
        assert reach(axis.end) == pytest.approx(100, abs=0.2)


@given(st.lists(st.none() | st.integers(0, 100), min_size=9, max_size=9))
def test_only_known_neighbours_are_joined(values: list[int | None]) -> None:
    """A line through a gap would invent the value in between."""
    drawn = radar.draw(LABELS, values, 80)
    pairs = sum(values[at] is not None and values[(at + 1) % 9] is not None for at in range(9))
    assert (len(drawn.edges), len(drawn.faces)) == (pairs, pairs)


def test_the_first_axis_points_up_and_the_next_goes_right() -> None:
    """Clockwise, as one reads a clock; numbers never in another locale's form."""
    drawn = radar.draw(LABELS, [100] * 9, 80)
    assert drawn.axes[0].at == (f"{radar.CENTRE_X:.1f}", f"{radar.CENTRE_Y - radar.RADIUS:.1f}")
    assert float(drawn.axes[1].end[0]) > radar.CENTRE_X
    assert [axis.anchor for axis in drawn.axes] == ["middle", *["start"] * 4, *["end"] * 4]
    assert len(drawn.rings) == 4
    assert [round(reach(tuple(ring.split()[0].split(",")))) for ring in drawn.rings] == [25, 50, 75, 100]  # type: ignore[arg-type]
    assert round(reach(tuple(drawn.pass_line.split()[0].split(",")))) == 80  # type: ignore[arg-type]


def boxes(labels: list[str]) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of each label, measured generously."""
    found = []
    for axis in radar.draw(labels, [None] * 9, 80).axes:
        width = max(sum(WIDE if char > "\u2e80" else NARROW for char in line) for line, _y in axis.label)
        x, ys = float(axis.label_x), [float(y) for _line, y in axis.label]
        left = x - width * {"start": 0, "middle": 0.5, "end": 1}[axis.anchor]
        found.append((left, ys[0] - TALL, left + width, ys[-1] + 3))
    return found


CHINESE = ["语言能力", "产品知识", "心理素质", "服务态度", "应变能力", "交际能力", "规则制度", "中差评处理", "岗位规范"]


@pytest.mark.parametrize("labels", [CHINESE, [one.value.title() for one in Competency], ["Product knowledge"] * 9])
def test_labels_fit_and_keep_apart(labels: list[str]) -> None:
    """Inside the drawing, not on each other, not on the outer ring, in both languages."""
    found = boxes(labels)
    for at, (left, top, right, bottom) in enumerate(found):
        assert left >= 0
        assert top >= 0
        assert right <= radar.WIDTH
        assert bottom <= radar.HEIGHT
        for other in found[at + 1 :]:
            assert right < other[0] or other[2] < left or bottom < other[1] or other[3] < top
