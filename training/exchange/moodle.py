"""What a question is to Moodle, whichever of its formats it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# A text longer than this is no question: reading markup takes time that grows with it.
LONGEST = 20_000
GAP = "____"
# No question: a heading under which those that follow stand.
CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Loss:
    """A part of the source without a counterpart here: a code of `losses.SENTENCES`, and which part it was."""

    code: str
    detail: str = ""


@dataclass(slots=True)
class Answer:
    """`weight` in per cent, negative where choosing it takes points off; `tolerance` of a number, or its range."""

    text: str
    weight: float = 0.0
    feedback: str = ""
    tolerance: float = 0.0


@dataclass(slots=True)
class Asked:
    """One question as its file has it, texts already plain. `broken` says why it cannot be read at all."""

    line: int
    kind: str = ""
    name: str = ""
    prompt: str = ""
    general: str = ""
    single: bool = True
    answers: list[Answer] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    # Feedback on the answer as a whole: right, partly right, wrong.
    whole: list[str] = field(default_factory=list)
    template: str = ""
    grader: str = ""
    category: str = ""
    idnumber: str = ""
    tags: list[str] = field(default_factory=list)
    # What a writer of ours has put beside the question, where Moodle does not look.
    meta: dict[str, Any] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    broken: str = ""

    def lose(self, code: str, detail: object = "") -> None:
        """Name a part that finds no place, once."""
        loss = Loss(code, str(detail))
        if loss not in self.losses:
            self.losses.append(loss)

    @property
    def label(self) -> str:
        """How a person finds it in the file: its name, or the beginning of its text."""
        return (self.name or self.prompt.replace("\n", " "))[:40]


def number(text: str) -> float | None:
    """A finite number as Moodle writes them, or None."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < 1e15 else None


def shortly(value: float) -> str:
    """A number without the zeros nobody reads: 33.33333, 1, -50."""
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
