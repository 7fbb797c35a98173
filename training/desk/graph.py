"""The graph of a dialogue: what leads where, and whether it goes in circles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Steps = Mapping[str, Sequence[str]]


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
