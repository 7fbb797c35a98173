"""Which branches of a turn can be taken at all, tried with every kind of reply there is; and where the models lead.

A situation is what the conditions ask about: the points made, one broken rule or none, the percent so far and the
seconds. One rule at a time is enough: a reply that breaks more only holds more of the branches before. A rule may be a
mere hint to the checker, which `any` does not count: `hints` are those that are; not knowing them, both are tried.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations, product

from training.desk.advance import AGAIN, READING, Sent, advance
from training.desk.script import Branch, Script, Turn


@dataclass(frozen=True, slots=True)
class Situation:
    made: frozenset[str]
    code: str  # of a broken rule; "any" stands for one that no branch names
    grave: bool  # more than a hint
    percent: int
    seconds: int


def holds(branch: Branch, here: Situation) -> bool:
    """The conditions of `advance`, asked of a situation."""
    if branch.breaks and not (here.code in branch.breaks or ("any" in branch.breaks and here.grave)):
        return False
    if not set(branch.has) <= here.made or (branch.misses and set(branch.misses) <= here.made):
        return False
    if branch.slower is not None and here.seconds <= branch.slower:
        return False
    return branch.score_below is None or here.percent < branch.score_below


def situations(script: Script, turn: Turn, hints: Collection[str] | None = None) -> Iterator[Situation]:
    """Every situation that this turn's conditions can tell apart."""
    names = {name for branch in turn.branches for name in (*branch.has, *branch.misses)}
    asked = [point.name for point in turn.points if point.name in names]
    required = {point.name for point in turn.points if not point.bonus}
    sets = [frozenset(some) for count in range(len(asked) + 1) for some in combinations(asked, count)]
    codes = {code for branch in turn.branches for code in branch.breaks if code != "any"}
    named = ((code, grave) for code in sorted(codes) for grave in _severities(code, hints))
    broken = [("", False), ("any", True), *named]
    longest = int(turn.seconds * (1 + AGAIN * script.patience))
    marks = {branch.slower + 1 for branch in turn.branches if branch.slower is not None}
    seconds = [0, *sorted(mark for mark in marks if mark < longest)]
    percents = _percents(script, turn, len(required - names))
    for made, (code, grave), second in product(sets, broken, seconds):
        for percent in percents[len(made & required), grave]:
            yield Situation(made, code, grave, percent, second)


def _severities(code: str, hints: Collection[str] | None) -> tuple[bool, ...]:
    """Whether a reply that breaks this rule is found grave: what there can be."""
    return (True, False) if hints is None else (code not in hints,)


def _percents(script: Script, turn: Turn, free: int) -> dict[tuple[int, bool], set[int]]:
    """By how many of the asked points are made and whether a rule is broken: the percent there can be so far. At the
    first turn only what this reply gives (`free` more points are asked by no branch), later on any."""
    limits = {branch.score_below for branch in turn.branches if branch.score_below is not None}
    most = max(turn.required, 1)
    found: dict[tuple[int, bool], set[int]] = {}
    for made in range(most + 1):
        shares = {100 * (made + more) // most for more in range(free + 1)} if limits else {100}
        if limits and turn.id != script.start:
            shares = {0, 100, *limits, *(limit - 1 for limit in limits)}
        found[made, False] = shares
        found[made, True] = {0, *(share // 2 for share in shares)} if turn.id == script.start and limits else shares
    return found


def untaken(script: Script, turn: Turn, hints: Collection[str] | None = None) -> dict[int, set[int]]:
    """Numbers of branches that are never the first to hold, each with those before it that take what it waits for; with
    none where its own conditions never hold together."""
    before: dict[int, set[int]] = {at: set() for at in range(len(turn.branches))}
    for here in situations(script, turn, hints):
        if not before:
            break
        holding = [at for at, branch in enumerate(turn.branches) if branch.is_rest or holds(branch, here)]
        if not holding:
            continue
        first, *hidden = holding
        before.pop(first, None)
        for at in hidden:
            if at in before:
                before[at].add(first)
    return before


def rehearse(script: Script) -> str:
    """The ending that whoever says the model at every turn comes to."""
    events: list[Sent] = []
    now = 1.0
    for _step in range(len(script.turns) + 1):
        state = advance(script, 0, events, now)
        if state.over:
            break
        turn = script.turns[state.turn]
        events.append(Sent(now, turn.model, made=tuple(point.name for point in turn.points)))
        now += READING + 1
    return advance(script, 0, events, now).ending
