"""Questions in and out: compared and written for all questions of a file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.documents import Document
from knowledge.enums import Status
from knowledge.models import Card, Fact, Line, StagedRow, Use
from knowledge.services.exchange.bulk import Statements, reserve, streamed
from knowledge.services.exchange.registry import CellProblem, Entry, Exchange, How, Judged, Row
from knowledge.services.exchange.tables import formats
from knowledge.services.exchange.versions import Versions, tops
from training.documents import BODY
from training.enums import QuestionType
from training.models import Question
from training.services.exchange.question_table import LAYOUT, parse, spread

CHUNK = 500
LONGEST_CODE = 40
Outcome = StagedRow.Outcome
COLUMNS = (
    *("course", "competency", "type", "difficulty", "facts", "card", "prompt", "body", "explanation", "status"),
    "version",
)


@dataclass
class Site:
    """What is there, and what earlier rows of the file have taken."""

    facts: set[str]
    cards: dict[str, set[str]]  # slug -> short codes of its lines
    may_publish: bool
    taken: dict[str, int] = field(default_factory=dict)  # id -> row


class QuestionExchange(Exchange):
    kind = Question.search_kind
    label = gettext_lazy("questions")
    model = Question
    view_permission = "training.view_question"
    publish_permission = "training.publish_question"

    def site(self, slugs: Sequence[str], author: Any) -> Site:
        cards: dict[str, set[str]] = {slug: set() for slug in Card.objects.values_list("slug", flat=True)}
        for slug, code in Line.objects.values_list("card__slug", "code"):
            cards[slug].add(code)
        facts = set(Fact.objects.values_list("code", flat=True))
        return Site(facts, cards, author.has_perm(self.publish_permission))

    def current(self, slugs: Sequence[str]) -> dict[str, Entry]:
        found = Question.objects.filter(code__in=slugs).select_related("card")
        return {question.code: _entry(question) for question in found}

    def judge(self, row: Row, site: Site, before: Entry | None) -> Judged:
        first = site.taken.setdefault(row.slug, row.number)
        if row.document is None or row.problems:
            return Judged(Outcome.WRONG, row.problems)
        if first != row.number:
            text = _("“%(slug)s” stands in row %(row)d already.") % {"slug": row.slug, "row": first}
            return Judged(Outcome.WRONG, [("id", text)])
        beside = {name: value for name, value in row.beside.items() if value}
        if before and row.document == before.document and beside.items() <= before.beside.items():
            return Judged(Outcome.SAME, document=row.document, beside=before.beside)
        if problems := list(self._problems(row.document, beside, site, before)):
            return Judged(Outcome.WRONG, problems)
        return Judged(Outcome.CHANGED if before else Outcome.NEW, document=row.document, beside=beside)

    def _problems(
        self, document: Document, beside: dict[str, str], site: Site, before: Entry | None
    ) -> Iterator[CellProblem]:
        if len(document["id"]) > LONGEST_CODE:
            yield "id", _("at most %d characters fit here") % LONGEST_CODE
        there = set(before.document["facts"]) if before else set()
        for fact in document["facts"]:
            if fact not in site.facts and fact not in there:
                yield "facts", _("%r is not known") % fact
        card = document.get("card", "")
        if card and card not in site.cards:
            yield "card", _("Unknown card: %s") % card
        elif document["type"] == QuestionType.BETTER:
            for at, option in enumerate(document["options"]):
                if option["line"] not in site.cards[card]:
                    yield f"options {at}", _("Not a line of this card: %s") % option["line"]
        status = beside.get("status")
        if before and status and status != before.beside["status"] and not site.may_publish:
            yield "status", _("Only who publishes may change the status of what is there. Leave this cell empty.")

    def seen(self) -> dict[str, Any]:
        highest = tops(self.kind)
        rows = Question.objects.values_list("code", "pk", "version", "status", "course")
        return {code: [pk, *rest, highest.get(pk, 0)] for code, pk, *rest in rows}

    def plan(self, rows: Iterable[Row], how: How, progress: Callable[[int], None]) -> Plan:
        return Plan(rows, how, progress)

    def entries(self, chosen: QuerySet[Question] | None = None) -> Iterator[Entry]:
        found = Question.objects.all() if chosen is None else Question.objects.filter(pk__in=chosen.values("pk"))
        for question in found.select_related("card").order_by("course", "code").iterator(chunk_size=CHUNK):
            yield _entry(question)


def _entry(question: Question) -> Entry:
    return Entry(question.to_document(), {"course": question.course, "status": question.status})


class Plan:
    """The rows, uses and revisions of an import, made ready."""

    def __init__(self, rows: Iterable[Row], how: How, progress: Callable[[int], None]) -> None:
        self.how, self.versions, self.statements = how, Versions(Question.search_kind, how), Statements()
        self.cards = {slug: (pk, version) for slug, pk, version in Card.objects.values_list("slug", "pk", "version")}
        self.card_versions = dict(self.cards.values())
        self.here = ContentType.objects.get_for_model(Question)
        done = 0
        for chunk in streamed(rows, CHUNK):
            self._begin()
            self._chunk(chunk)
            self._collect()
            done += len(chunk)
            progress(done)

    def _begin(self) -> None:
        """Objects are kept for one chunk; what is left of them is what the database takes."""
        self.new: list[Question] = []
        self.changed: list[Question] = []
        self.uses: list[Use] = []
        self.unused: list[int] = []

    def _collect(self) -> None:
        if self.unused:
            self.statements.delete(Use, self.unused)
        self.statements.insert(self.new)
        changed = [(*(_value(question, name) for name in COLUMNS), question.pk) for question in self.changed]
        self.statements.update(Question, COLUMNS, changed)
        self.statements.insert(self.uses)
        self.versions.into(self.statements)

    def write(self) -> None:
        self.statements.run()

    def _chunk(self, rows: Sequence[Row]) -> None:
        found = Question.objects.filter(code__in=[row.slug for row in rows]).select_related("card")
        there = {question.code: question for question in found}
        uses: dict[int, list[Use]] = {}
        for use in Use.objects.filter(content_type=self.here, object_id__in=[one.pk for one in there.values()]):
            uses.setdefault(use.object_id, []).append(use)
        keys = iter(reserve(Question, sum(row.slug not in there for row in rows)))
        for row in rows:
            document = row.document or {}
            if question := there.get(row.slug):
                self._change(question, row, document, uses.get(question.pk, []))
            else:
                self._add(Question(pk=next(keys), code=row.slug), row, document)

    def _add(self, question: Question, row: Row, document: Document) -> None:
        question.status = (row.beside.get("status") or Status.PUBLISHED) if self.how.publish else Status.DRAFT
        question.course, question.version = row.beside["course"], 1
        self._fill(question, document)
        self.new.append(question)
        self._use(question, [])
        self.versions.publish(question.pk, question.code, document)
        if not self.how.publish:
            self.versions.propose(question.pk, question.code, document)

    def _change(self, question: Question, row: Row, document: Document, uses: list[Use]) -> None:
        new_text = document != question.to_document()
        if not self.how.publish:
            if new_text:
                self.versions.refuse_foreign([question.pk])
                self.versions.propose(question.pk, question.code, document)
            return
        question.status = row.beside.get("status") or question.status
        question.course = row.beside.get("course") or question.course
        if new_text:
            question.version += 1
            self._fill(question, document)
            self._use(question, uses)
            self.versions.publish(question.pk, question.code, document)
        self.changed.append(question)

    def _fill(self, question: Question, document: Document) -> None:
        question.difficulty = int(document["difficulty"])
        question.card_id = self.cards[document["card"]][0] if "card" in document else None
        for key in ("type", "competency", "facts", "prompt", "explanation"):
            setattr(question, key, document[key])
        question.body = {key: document[key] for key in BODY[document["type"]]}

    def _use(self, question: Question, there: list[Use]) -> None:
        """A use that stays keeps its flag, as uses.write does."""
        self.unused += [use.pk for use in there if use.card_id != question.card_id]
        if question.card_id and all(use.card_id != question.card_id for use in there):
            version = self.card_versions[question.card_id]
            self.uses.append(
                Use(
                    card_id=question.card_id,
                    kind=Use.Kind.QUESTION,
                    content_type=self.here,
                    object_id=question.pk,
                    card_version_seen=version,
                )
            )


def _value(question: Question, name: str) -> Any:
    return question.card_id if name == "card" else getattr(question, name)


QUESTIONS = QuestionExchange()
QUESTION_FORMATS = formats(LAYOUT, parse, spread)
