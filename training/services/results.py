"""Results: what was asked, answered and earned, told from the frozen documents alone. Later edits change nothing.

Only where to read on (lessons, cards) is looked up as it is today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Competency
from knowledge.models import Card
from knowledge.services.checking import Piece
from training.enums import QuestionType, QuizKind
from training.grading import Grade, grade, plain
from training.models import Attempt, AttemptItem, Certificate, Lesson, Path
from training.services import certificates, rewriting
from training.services.asking import WAYS, OfItsType
from training.services.rewriting import Fault, Found

LESSONS_SHOWN = 2
ALL_OR_NOTHING = _("1 point for the right answer, 0 otherwise.")
# The rules of credit in a learner's words: doors show them all, a result the one of each question.
CREDIT: dict[str, str | Promise] = {
    QuestionType.SINGLE: ALL_OR_NOTHING,
    QuestionType.TRUEFALSE: ALL_OR_NOTHING,
    QuestionType.BETTER: ALL_OR_NOTHING,
    QuestionType.MULTIPLE: _("The share of the right options you chose; each wrong one takes one off, never under 0."),
    QuestionType.MATCHING: _("The share of the right pairs; each wrong one takes one off, never under 0."),
    QuestionType.ORDERING: _("The share of any two steps that stand in the right order."),
    QuestionType.FILL: _("1 point for an accepted answer; width, case, spaces and punctuation do not count."),
    QuestionType.REWRITE: _("The share of the points made; 0 with wording that should not be used."),
}


def credit_rules() -> list[tuple[str, str]]:
    """Every rule of credit once: the ways of asking that it is for, and its sentence."""
    ways: dict[str, list[str]] = {}
    for kind, sentence in CREDIT.items():
        ways.setdefault(str(sentence), []).append(str(WAYS[kind]))
    return [("、".join(names), sentence) for sentence, names in ways.items()]


@dataclass(frozen=True, slots=True)
class Row:
    """An option, or a left half, or a place of an order: what was chosen for it and what is right."""

    text: str
    mine: str = ""
    right: str = ""
    chosen: bool = False
    sound: bool = False  # an option that is right; a pair or place filled in rightly
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Told(OfItsType):
    """One question of a result."""

    position: int
    document: Mapping[str, Any]
    answer: Any
    points: Decimal
    maximum: Decimal
    found: Sequence[Found] = ()
    lessons: tuple[Lesson, ...] = ()
    card: Card | None = None

    @property
    def credit(self) -> str:
        return str(CREDIT[self.kind])

    @property
    def state(self) -> str:
        """right, part, wrong or none, which is no answer at all."""
        if self.answer is None:
            return "none"
        if self.points == self.maximum:
            return "right"
        return "part" if self.points else "wrong"

    @property
    def earned(self) -> str:
        return plain(self.points)

    @property
    def most(self) -> str:
        return plain(self.maximum)

    @property
    def grade(self) -> Grade:
        """For what a rewrite made and missed."""
        return grade(self.document, self.answer, rewriting.codes(self.found))

    @property
    def faults(self) -> list[Fault]:
        """What the wording rules found in a rewritten reply when it was graded."""
        return rewriting.faults(self.document, self.answer, self.found)

    @property
    def pieces(self) -> list[Piece]:
        """A rewritten reply, cut wherever a finding begins or ends."""
        return rewriting.pieces(self.answer, self.found)

    @property
    def options(self) -> list[Row]:
        """As they were shown; feedback with the chosen and the right ones."""
        chosen = self.answer if isinstance(self.answer, list) else [self.answer]
        rows = []
        for option in self.document["options"]:
            mine, right = option["key"] in chosen, option["right"] == "yes"
            feedback = option["feedback"] if mine or right else ""
            rows.append(Row(option["text"], chosen=mine, sound=right, feedback=feedback))
        return rows

    @property
    def places(self) -> list[Row]:
        """The steps in the right order, each with what was put there."""
        texts = {step["key"]: step["text"] for step in self.document["steps"]}
        order = self.answer if isinstance(self.answer, list) else []
        return [
            Row(texts[key], mine=texts.get(order[at], "") if at < len(order) else "", sound=order[at : at + 1] == [key])
            for at, key in enumerate(sorted(texts, key=int))
        ]

    @property
    def pairs(self) -> list[Row]:
        given = self.answer if isinstance(self.answer, dict) else {}
        texts = {pair["key"]: pair["right"] for pair in self.document["pairs"]}
        return [
            Row(
                pair["left"],
                mine=texts.get(given.get(pair["key"], ""), ""),
                right=pair["right"],
                sound=given.get(pair["key"]) == pair["key"],
            )
            for pair in self.document["pairs"]
        ]


@dataclass(frozen=True, slots=True)
class Bar:
    """What was earned of one competency."""

    label: str
    points: Decimal
    maximum: Decimal

    @property
    def percent(self) -> int:
        """Rounded down, as the whole score is."""
        return int(100 * self.points / self.maximum) if self.maximum else 0

    @property
    def earned(self) -> str:
        return plain(self.points)

    @property
    def most(self) -> str:
        return plain(self.maximum)


@dataclass(frozen=True, slots=True)
class Result:
    """A finished attempt, told. `certificate` is the one that stands; `claimable` says that it was never issued."""

    attempt: Attempt
    items: tuple[Told, ...]
    bars: tuple[Bar, ...]
    certificate: Certificate | None
    claimable: bool

    @property
    def earned(self) -> str:
        return plain(self.attempt.points or Decimal(0))

    @property
    def most(self) -> str:
        return plain(self.attempt.max_points or Decimal(0))

    @property
    def wrong(self) -> int:
        return sum(item.state != "right" for item in self.items)


def tell(attempt: Attempt, reader: Any) -> Result:
    """The result of a finished attempt, as `reader` may see it: what was asked stays, the ways to cards are theirs.

    A fixed number of queries, however many items it has.
    """
    items = list(attempt.items.select_related("question"))
    lessons, cards = _lessons(items), _cards(items, reader)
    told = tuple(
        replace(
            told_item(item),
            lessons=_teaching(item, lessons, attempt.quiz.course_id),
            card=cards.get(item.document.get("card", "")),
        )
        for item in items
    )
    certificate, claimable = _certificate(attempt)
    return Result(attempt, told, tuple(_bars(items)), certificate, claimable)


def told_item(item: AttemptItem) -> Told:
    return Told(item.position, item.document, item.answer, item.points or Decimal(0), item.max_points, item.found)


def told_now(document: Mapping[str, Any], answer: Any, found: Sequence[Found] = ()) -> Told:
    """A question graded here and now by what was found in the answer when it was given: nothing is stored."""
    points = grade(document, answer, rewriting.codes(found)).points
    return Told(1, document, answer, points, Decimal(1), found)


def told_by_rules(document: Mapping[str, Any], answer: Any) -> Told:
    """A question graded by the wording rules of this moment, for a preview."""
    [found] = rewriting.found_in([(document, answer)])
    return told_now(document, answer, found)


def model_that_falls_short(document: Mapping[str, Any]) -> Told | None:
    """The good reply of a rewrite, where the rules and points of this moment do not give it full marks."""
    if document["type"] != QuestionType.REWRITE:
        return None
    told = told_by_rules(document, document["model"])
    return None if told.state == "right" else told


def _bars(items: Iterable[AttemptItem]) -> Iterable[Bar]:
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for item in items:
        earned, most = sums.get(item.competency, (Decimal(0), Decimal(0)))
        sums[item.competency] = earned + (item.points or Decimal(0)), most + item.max_points
    for competency in Competency:
        if competency in sums:
            yield Bar(str(competency.label), *sums[competency])


def _lessons(items: Iterable[AttemptItem]) -> list[Lesson]:
    """Published lessons that teach a fact of any of the items."""
    wanted = {fact for item in items for fact in item.document["facts"]}
    lessons = Lesson.objects.published().select_related("course").only("slug", "title", "facts", "course__code")
    return [lesson for lesson in lessons if wanted.intersection(lesson.facts)]


def _teaching(item: AttemptItem, lessons: Iterable[Lesson], course: int | None) -> tuple[Lesson, ...]:
    """Where this is taught, two lessons at most: those of the quiz's own course first, then the question's."""
    home = item.question.course if item.question else ""
    found = [lesson for lesson in lessons if set(lesson.facts).intersection(item.document["facts"])]
    found.sort(key=lambda lesson: (lesson.course_id != course, lesson.course.code != home))
    return tuple(found[:LESSONS_SHOWN])


def _cards(items: Iterable[AttemptItem], reader: Any) -> dict[str, Card]:
    slugs = {item.document["card"] for item in items if item.document.get("card")}
    return {card.slug: card for card in Card.objects.published().for_teams_of(reader).filter(slug__in=slugs)}


def _certificate(attempt: Attempt) -> tuple[Certificate | None, bool]:
    """The certificate that stands, of the exam's path; and whether one is earned that was never issued, as after a
    power cut between grading and issuing."""
    if attempt.quiz.kind != QuizKind.EXAM or not attempt.passed:
        return None, False
    path = Path.objects.filter(exam=attempt.quiz_id).first()
    if path is None:
        return None, False
    issued = list(Certificate.objects.filter(user=attempt.user_id, path=path))
    standing = next((one for one in issued if one.revoked_at is None), None)
    return standing, not issued and certificates.is_earned(attempt.user, path)
