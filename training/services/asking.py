"""What a page needs to ask a frozen question: a view of the document and of the answer so far. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from training.enums import QuestionType
from training.grading import LONGEST
from training.models import AttemptItem

GAP = "____"
# How a learner is told to answer; the names of the types in the enum are a trainer's.
WAYS: dict[str, str | Promise] = {
    QuestionType.SINGLE: _("Choose one"),
    QuestionType.MULTIPLE: _("Choose several"),
    QuestionType.TRUEFALSE: _("True or false"),
    QuestionType.ORDERING: _("Put in order"),
    QuestionType.MATCHING: _("Match"),
    QuestionType.FILL: _("Fill in"),
    QuestionType.BETTER: _("Which reply is better"),
    QuestionType.REWRITE: _("Rewrite the reply"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """An option, a step or a left half: its key, its words, and what is chosen for it so far."""

    key: str
    text: str
    chosen: Any = None


class OfItsType:
    """What follows from the type of a frozen question."""

    __slots__ = ()
    document: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.document["type"])

    @property
    def way(self) -> str:
        """How a learner is told to answer."""
        return str(WAYS[self.kind])


@dataclass(frozen=True, slots=True)
class Asked(OfItsType):
    """One question on a page. `name` begins the names of its fields."""

    position: int
    document: Mapping[str, Any]
    answer: Any
    sequence: int = 0
    seconds: int = 0

    @property
    def name(self) -> str:
        return f"a{self.position}"

    @property
    def around(self) -> tuple[str, str]:
        """The prompt before and after its gap; all of it before when there is none."""
        before, _gap, after = str(self.document["prompt"]).partition(GAP)
        return before, after

    @property
    def options(self) -> list[Part]:
        """In the order shown; chosen is true or false."""
        chosen = self.answer if isinstance(self.answer, list) else [self.answer]
        return [Part(option["key"], option["text"], option["key"] in chosen) for option in self.document["options"]]

    @property
    def steps(self) -> list[Part]:
        """In the order given so far, else as shown; chosen is the place, from 1, or 0."""
        order = self.answer if isinstance(self.answer, list) else []
        steps = [
            Part(step["key"], step["text"], order.index(step["key"]) + 1 if step["key"] in order else 0)
            for step in self.document["steps"]
        ]
        return sorted(steps, key=lambda step: step.chosen)

    @property
    def places(self) -> range:
        return range(1, len(self.document["steps"]) + 1)

    @property
    def pairs(self) -> list[Part]:
        """The left halves; chosen is the key of a right one, or nothing."""
        chosen = self.answer if isinstance(self.answer, dict) else {}
        return [Part(pair["key"], pair["left"], chosen.get(pair["key"], "")) for pair in self.document["pairs"]]

    @property
    def longest(self) -> int:
        return LONGEST[QuestionType(self.kind)]


def asked(item: AttemptItem) -> Asked:
    return Asked(item.position, item.document, item.answer, item.sequence, item.seconds)
