"""The page of an attempt, read and answered as its script does: what is asked, an answer, the fields it is sent in."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

FIELDSET = re.compile(r"<fieldset (.*?)</fieldset>", re.DOTALL)
WORDS = ("7 天", "四十八小时", "抱歉，这款要等到货，先给您看看另外一款", "您稍等，我这就去问", "A1")


@dataclass(frozen=True)
class Question:
    """One question: its keys as they stand on the page, and for matching what may be chosen for them."""

    position: int
    kind: str
    sequence: int
    keys: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


def read_sheet(page: str) -> list[Question]:
    """The questions of the page of an open attempt."""
    return [_read(found[1]) for found in FIELDSET.finditer(page)]


def _read(field: str) -> Question:
    data = dict(re.findall(r' data-([a-z]+)="([^"]*)"', field.partition(">")[0]))
    kind, position = data["kind"], int(data["q"])
    keys, choices = re.findall(rf'name="a{position}" value="(\d+)"', field), []
    if kind == "ordering":
        keys = re.findall(r'<li data-key="(\d+)"', field)
    elif kind == "matching":
        keys = re.findall(r'data-key="(\d+)"', field)
        choices = re.findall(r'<option value="(\d+)"', field.partition("</select>")[0])
    return Question(position, kind, int(data["sequence"]), tuple(keys), tuple(choices))


def choose(question: Question, dice: random.Random) -> Any:
    """Some answer that fits, in the shape in which it is kept."""
    if question.kind in {"fill", "rewrite"}:
        return dice.choice(WORDS)
    if question.kind == "multiple":
        return sorted(dice.sample(question.keys, dice.randint(1, len(question.keys))), key=int)
    if question.kind == "ordering":
        return dice.sample(question.keys, len(question.keys))
    if question.kind == "matching":
        return {key: dice.choice(question.choices) for key in sorted(question.keys, key=int)}
    return dice.choice(question.keys)


def fields(question: Question, answer: Any) -> list[tuple[str, str]]:
    """The form fields of an answer, as the browser sends them when the whole page is handed in."""
    name = f"a{question.position}"
    if question.kind == "multiple":
        return [(name, key) for key in answer]
    if question.kind == "ordering":
        return [(f"{name}-{key}", str(place)) for place, key in enumerate(answer, 1)]
    if question.kind == "matching":
        return [(f"{name}-{key}", chosen) for key, chosen in answer.items()]
    return [(name, answer)]
