"""After the load: is everything there that the server said yes to, once? Runs inside the site (place.inside)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings

from training.enums import AttemptState
from training.grading import grade
from training.models import Attempt, AttemptItem
from training.services import rewriting

Saved = Mapping[int, tuple[int, Any]]  # position -> sequence and answer


def show() -> None:
    """Print one line of what was looked at, then a line a fault."""
    promises = json.loads((Path(settings.DATA_DIR) / "promises.json").read_text())
    attempts = list(Attempt.objects.prefetch_related("items"))
    found = [sentence for attempt in attempts for sentence in faults_of(attempt, promises.get(str(attempt.pk)))]
    missing = promises.keys() - {str(attempt.pk) for attempt in attempts}
    found += [f"attempt {pk}: gone" for pk in sorted(missing)]
    found += faults_of_people((one.user_id, one.number, one.state) for one in attempts)
    answers = sum(len(one["answers"]) for one in promises.values())
    finished = sum(one["finished"] for one in promises.values())
    print(f"{len(attempts)} attempts, {answers} answers and {finished} results looked at again: {len(found)} faults")
    for sentence in found:
        print(sentence)


def faults_of(attempt: Attempt, promise: Mapping[str, Any] | None) -> list[str]:
    """What is wrong with one attempt; without a promise nobody has heard of it, which is no fault while it is new."""
    items = list(attempt.items.all())
    found = faults_of_result(attempt, items)
    if promise:
        saved = {item.position: (item.sequence, item.answer) for item in items}
        found += lost(promise, saved)
        if promise["finished"] and attempt.state != AttemptState.FINISHED:
            found.append("handed in, and open again")
    return [f"attempt {attempt.pk}: {sentence}" for sentence in found]


def lost(promise: Mapping[str, Any], saved: Saved) -> list[str]:
    """Answers that got their yes and are not there.

    One that was sent later and got no answer may be there instead: the connection broke, not the promise.
    """
    found = []
    for position, (sequence, answer) in promise["answers"].items():
        later = tuple(promise["asked"].get(position, (0, None)))
        there = saved.get(int(position))
        if there != (sequence, answer) and not (there == later and later[0] > sequence):
            found.append(f"question {position}: {sequence} {answer!r} was saved, {there!r} is there")
    return found


def faults_of_result(attempt: Attempt, items: Sequence[AttemptItem]) -> list[str]:
    """An open attempt has no result; a finished one has that of its own questions and answers, graded again."""
    if attempt.state != AttemptState.FINISHED:
        graded = attempt.points is not None or attempt.finished_at or any(item.points is not None for item in items)
        return ["open, with points"] if graded else []
    again = [grade(item.document, item.answer, rewriting.codes(item.found)).points * item.max_points for item in items]
    found = [
        f"question {item.position}: {item.points} points, {points} when graded again"
        for item, points in zip(items, again, strict=True)
        if item.points != points
    ]
    most = sum((item.max_points for item in items), Decimal(0))
    passed = 100 * sum(again, Decimal(0)) >= attempt.pass_mark * most
    if (attempt.points, attempt.max_points, attempt.passed) != (sum(again, Decimal(0)), most, passed):
        found.append(f"{attempt.points} of {attempt.max_points} points, {sum(again, Decimal(0))} of {most} again")
    return found


def faults_of_people(attempts: Iterable[tuple[int, int, str]]) -> list[str]:
    """Of (person, number, state): one open attempt at most, numbered from 1 without gap or double."""
    numbers: dict[int, list[int]] = {}
    open_ones: Counter[int] = Counter()
    for person, number, state in attempts:
        numbers.setdefault(person, []).append(number)
        open_ones[person] += state != AttemptState.FINISHED
    twice = [f"person {person}: {count} open attempts" for person, count in open_ones.items() if count > 1]
    return twice + [
        f"person {person}: attempts numbered {sorted(found)}"
        for person, found in numbers.items()
        if sorted(found) != list(range(1, len(found) + 1))
    ]
