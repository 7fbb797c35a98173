"""Which questions mislead: the first answers of everybody, measured by training/statistics.py.

An edited question is another question: each version is measured by itself, and the list tells of the live one. The
keys of a frozen question are places in its document, so answers to one version count together however it was shuffled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, permutations
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from knowledge.enums import Course, Status
from knowledge.services import workflow
from training import statistics
from training.documents import freeze
from training.enums import AttemptState, ItemFlag, QuestionType
from training.grading import grade
from training.models import AttemptItem, Question
from training.services import drawing, questions
from training.services.asking import WAYS
from training.statistics import FEWEST, Answer, Choice, Thirds, Times

CHOOSING = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUEFALSE, QuestionType.BETTER)
SORTS = ("code", "answers", "facility", "discrimination", "flags")
# So many pairs can be put together at random by hand; of more, guessing earns next to nothing.
MOST_PAIRS = 6
# No blind guess earns more on average: one of two options, or any order.
MOST_GUESSED = 0.5
# Parts are shown in the order of the document: how they fall does not matter here.
DICE = Random(0)  # noqa: S311
FIELDS = ("points", "max_points", "attempt__points", "attempt__max_points", "answer", "seconds")


@dataclass(frozen=True, slots=True)
class Measured:
    """What the first answers to one version of a question say. All but their number is None until it is enough."""

    count: int
    facility: float | None = None
    discrimination: float | None = None
    flags: tuple[ItemFlag, ...] = ()
    times: Times | None = None

    @property
    def enough(self) -> bool:
        return self.count >= FEWEST

    @property
    def missing(self) -> int:
        """How many answers more it takes."""
        return max(0, FEWEST - self.count)

    @property
    def percent(self) -> int:
        """The facility in whole percent, for a bar."""
        return round(100 * (self.facility or 0))


@dataclass(frozen=True, slots=True)
class Item:
    """A question of the list."""

    question: Question
    measured: Measured

    @property
    def course(self) -> str:
        return str(Course(self.question.course).label)

    @property
    def way(self) -> str:
        return str(WAYS[self.question.type])


@dataclass(frozen=True, slots=True)
class Part:
    """An option, or what there is to get right: a pair, a step, a point of a reply."""

    text: str
    right: bool
    choice: Choice
    unused: bool = False
    suspect: bool = False

    @property
    def percent(self) -> int:
        return round(100 * self.choice.share)

    @property
    def upper(self) -> int | None:
        """Of the stronger third, in whole percent."""
        return None if self.choice.upper is None else round(100 * self.choice.upper)

    @property
    def lower(self) -> int | None:
        return None if self.choice.lower is None else round(100 * self.choice.lower)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a question as it was asked, and what its answers say; parts only when they are enough."""

    number: int
    document: Mapping[str, Any]
    measured: Measured
    parts: tuple[Part, ...]
    unanswered: int

    @property
    def chosen(self) -> bool:
        """Whether its parts are options to choose, else things to get right."""
        return self.document["type"] in CHOOSING


# The list


def items(
    course: str = "", flag: str = "", sort: str = "code", *, retired: bool = False, viewer: Any = None
) -> list[Item]:
    """The questions people are asked, with what the answers to their live versions say. Two queries.

    `flag` is one of ItemFlag, or `any`. With a `viewer`, without those about cards that are for other teams alone.
    """
    rows = Question.objects.for_teams_of(viewer) if viewer else Question.objects.all()
    rows = rows.filter(status__in=[Status.PUBLISHED, *([Status.RETIRED] if retired else [])])
    rows = rows.filter(course=course) if course else rows
    answers = _answers_by_question(course)
    found = [Item(one, _measure(_keyed(one), answers.get(one.pk, []))) for one in rows]
    if flag:
        found = [one for one in found if (one.measured.flags if flag == "any" else flag in one.measured.flags)]
    return sorted(found, key=_order(sort))


def _answers_by_question(course: str) -> dict[int, list[tuple[Any, ...]]]:
    rows = _first_answers().filter(question_version=F("question__version"))
    rows = rows.filter(question__course=course) if course else rows
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, *values in rows.values_list("question_id", *FIELDS):
        found[pk].append(tuple(values))
    return found


def _keyed(question: Question) -> Mapping[str, Any]:
    """As much of the live question as measuring needs: its type and parts, each with the key it is asked with."""
    return freeze({"type": question.type, **question.body}, DICE)


def _first_answers() -> QuerySet[AttemptItem]:
    return AttemptItem.objects.filter(
        first=True, attempt__state=AttemptState.FINISHED, question__isnull=False
    ).order_by()


def _order(sort: str) -> Callable[[Item], Any]:
    places = {code: at for at, code in enumerate(Course.values)}

    def key(item: Item) -> Any:
        measured, home = item.measured, (places[item.question.course], item.question.code)
        first: dict[str, Any] = {
            "answers": -measured.count,
            "facility": 2.0 if measured.facility is None else measured.facility,
            "discrimination": 2.0 if measured.discrimination is None else measured.discrimination,
            "flags": [list(ItemFlag).index(flag) for flag in measured.flags] or [len(ItemFlag)],
        }
        return (first.get(sort, 0), *home)

    return key


# One question


def versions(question: Question) -> list[Version]:
    """Every version that was asked, and the live one, newest first. Three queries, four for one never asked."""
    rows: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    asked: dict[int, int] = {}
    found = _first_answers().filter(question=question).values_list("question_version", "pk", *FIELDS)
    for number, pk, *values in found:
        rows[number].append(tuple(values))
        asked[number] = max(pk, asked.get(number, 0))
    documents = dict(AttemptItem.objects.filter(pk__in=asked.values()).values_list("question_version", "document"))
    if question.version not in documents:
        documents[question.version] = drawing.asked_now([question], DICE)[0]
    return [_version(number, documents[number], rows[number]) for number in sorted(documents, reverse=True)]


def _version(number: int, document: Mapping[str, Any], rows: Sequence[tuple[Any, ...]]) -> Version:
    measured = _measure(document, rows)
    unanswered = sum(row[4] is None for row in rows)
    parts = _parts(document, rows) if measured.enough else ()
    return Version(number, document, measured, parts, unanswered)


def _parts(document: Mapping[str, Any], rows: Sequence[tuple[Any, ...]]) -> tuple[Part, ...]:
    names = _names(document)
    answers = [_answer(row, _got(document, row[4])) for row in rows]
    found = statistics.choices(answers, list(names), _thirds(answers))
    right = right_keys(document)
    unused, suspect = statistics.unused(found, right), statistics.suspects(found, right)
    return tuple(Part(text, key in right, found[key], key in unused, key in suspect) for key, text in names.items())


def _names(document: Mapping[str, Any]) -> dict[str, str]:
    """By key: the words of what can be chosen or got right, in the order of the document."""
    kind = document["type"]
    if kind == QuestionType.REWRITE:
        return {point["name"]: point["name"] for point in document["points"]}
    if kind == QuestionType.FILL:
        return {"": "、".join(document["answers"])}
    name = {QuestionType.MATCHING: "pairs", QuestionType.ORDERING: "steps"}.get(kind, "options")
    parts = sorted(document[name], key=lambda part: int(part["key"]))
    return {
        part["key"]: f"{part['left']} → {part['right']}" if name == "pairs" else str(part["text"]) for part in parts
    }


# Measuring


def _measure(document: Mapping[str, Any], rows: Sequence[tuple[Any, ...]]) -> Measured:
    if len(rows) < FEWEST:
        return Measured(len(rows))
    # What people got right of other types is read on the page of one question: grading it anew takes its time.
    chosen = _chosen if document["type"] in CHOOSING else lambda _given: ()
    answers = [_answer(row, chosen(row[4])) for row in rows]
    facility = statistics.facility(answers)
    discrimination = statistics.discrimination(answers) if _enough_to_compare(answers) else None
    flags = _flags(document, answers, facility or 0.0, discrimination)
    return Measured(len(rows), facility, discrimination, tuple(flags), statistics.times(answers))


def _enough_to_compare(answers: Sequence[Answer]) -> bool:
    """Answers that stood alone in their attempt say how hard a question is, and nothing of whom it tells apart."""
    return len(statistics.comparable(answers)) >= FEWEST


def _thirds(answers: Sequence[Answer]) -> Thirds:
    return statistics.thirds(answers) if _enough_to_compare(answers) else Thirds()


def _answer(row: tuple[Any, ...], keys: tuple[str, ...]) -> Answer:
    points, most, total, whole, _given, seconds = row
    return Answer(points or Decimal(0), most, total or Decimal(0), whole or Decimal(0), keys, seconds)


def _chosen(given: Any) -> tuple[str, ...]:
    """The keys of the options chosen."""
    if given is None:
        return ()
    return tuple(given) if isinstance(given, list) else (given,)


def _got(document: Mapping[str, Any], given: Any) -> tuple[str, ...]:
    """The keys of the options chosen, or of the parts got right."""
    kind = document["type"]
    if kind in CHOOSING:
        return _chosen(given)
    if kind == QuestionType.REWRITE:
        return grade(document, given).made
    if kind == QuestionType.FILL:
        return ("",) if grade(document, given).right else ()
    if kind == QuestionType.MATCHING:
        return tuple(left for left, right in (given or {}).items() if left == right)
    return tuple(key for at, key in enumerate(given or []) if key == str(at))


def right_keys(document: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the right options; of what is not chosen from options, everything is right."""
    if document["type"] not in CHOOSING:
        return frozenset(_names(document))
    return frozenset(option["key"] for option in document["options"] if option["right"] == "yes")


def _flags(
    document: Mapping[str, Any], answers: Sequence[Answer], facility: float, discrimination: float | None
) -> Iterable[ItemFlag]:
    if document["type"] in CHOOSING:
        keys, right = [option["key"] for option in document["options"]], right_keys(document)
        found = statistics.choices(answers, keys, _thirds(answers))
    else:
        found, right = {}, frozenset()
    if statistics.suspects(found, right):
        yield ItemFlag.KEY
    if discrimination is not None and discrimination < 0:
        yield ItemFlag.NEGATIVE
    elif discrimination is not None and discrimination < statistics.LOW:
        yield ItemFlag.LOW
    if facility <= MOST_GUESSED and facility < guessing(document):
        yield ItemFlag.HARD
    if facility > statistics.TOO_EASY:
        yield ItemFlag.EASY
    if statistics.unused(found, right):
        yield ItemFlag.UNUSED


def guessing(document: Mapping[str, Any]) -> float:
    """What blind guessing earns on average, 0 to 1, by the rules of credit."""
    answers = _guesses(document)
    return float(sum(grade(document, answer).points for answer in answers) / len(answers)) if answers else 0.0


def _guesses(document: Mapping[str, Any]) -> list[Any]:
    """Every answer somebody could give blindly; none where there is nothing to choose from."""
    kind = document["type"]
    if kind in CHOOSING:
        keys = [option["key"] for option in document["options"]]
        if kind != QuestionType.MULTIPLE:
            return list(keys)
        return [list(some) for size in range(1, len(keys) + 1) for some in combinations(keys, size)]
    if kind == QuestionType.MATCHING and len(document["pairs"]) <= MOST_PAIRS:
        keys = [pair["key"] for pair in document["pairs"]]
        return [dict(zip(keys, order, strict=True)) for order in permutations(keys)]
    if kind == QuestionType.ORDERING:  # half of any two stand right: an order and its reverse
        keys = [step["key"] for step in document["steps"]]
        return [keys, keys[::-1]]
    return []


# Doing something about it


@transaction.atomic
def retire(question: Question, *, by: Any) -> None:
    """Draw it no more. What was answered stays, and it can be published again in the admin."""
    questions.set_status([question], Status.RETIRED)
    workflow.note_status([question], Status.RETIRED, by=by)
