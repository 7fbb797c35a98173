"""Which lessons teach a fact and which questions test it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from knowledge.enums import Status
from knowledge.models import Fact
from training.models import Lesson, Question

# E-60 is about the source itself; the others are taught but leave nothing to decide.
NO_LESSON = frozenset({"E-60"})
NO_QUESTION = frozenset({"C-50", "C-51", "C-60", "C-62", "C-63", "C-64", "E-60"})


@dataclass(frozen=True, slots=True)
class Row:
    """A fact; the lessons that name it; the questions that name it, or whose card carries it."""

    fact: str
    course: str
    lessons: tuple[str, ...]
    questions: tuple[str, ...]
    by_card: tuple[str, ...]

    @property
    def missing(self) -> str:
        """`lesson`, `question`, both, or nothing."""
        wanted = (
            ("lesson", self.lessons or self.fact in NO_LESSON),
            ("question", self.questions or self.by_card or self.fact in NO_QUESTION),
        )
        return " ".join(name for name, there in wanted if not there)


def table() -> list[Row]:
    """A row for every fact, of what is published."""
    taught, tested, carried = (defaultdict[str, list[str]](list) for _ in range(3))
    for slug, facts in Lesson.objects.published().values_list("slug", "facts"):
        for fact in facts:
            taught[fact].append(slug)
    asked = Question.objects.published().order_by("code").values_list("code", "facts", "card__facts", "card__status")
    for code, facts, of_card, status in asked:
        for fact in facts:
            tested[fact].append(code)
        for fact in set(of_card or []) - set(facts) if status == Status.PUBLISHED else ():
            carried[fact].append(code)
    return [
        Row(code, course, tuple(taught[code]), tuple(tested[code]), tuple(carried[code]))
        for code, course in Fact.objects.order_by("code").values_list("code", "course")
    ]
