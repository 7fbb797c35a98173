"""Synonyms in and out: a row a group. A number says which group is meant; without one, a group of the same words. A
number that is not here is of a group that was deleted, or of another site: the group comes back under it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.documents import Document, has_control, tidy
from knowledge.models import StagedRow, SynonymGroup
from knowledge.models.synonym import parse_words
from knowledge.services.exchange.bulk import Statements, keep_clear, reserve
from knowledge.services.exchange.registry import CellProblem, Entry, Exchange, How, Judged, Row
from knowledge.services.exchange.tables import formats
from knowledge.tables.layout import Column, Layout, Line

Outcome = StagedRow.Outcome
COLUMNS = (
    Column("id", "编号", width=8),
    Column("words", "同义词", ("词", "词组", "synonyms"), needed=True, width=50),
    Column("note", "备注", width=30),
)
LAYOUT = Layout("synonyms", COLUMNS, lambda line, first: True)
LONGEST = 100  # characters of a key; a longer group goes by its digest


def parse(lines: list[Line]) -> Row:
    """The group of a row, and what is wrong with it by the address of the cell."""
    line = lines[0]
    number = line.cells.get("id", "").strip()
    sound = number.isascii() and number.isdigit() and len(number) < 10 and int(number) > 0
    number = str(int(number)) if sound else number
    text = " ".join(parse_words(line.cells["words"]))
    document = {"id": number, "words": text, "note": tidy(line.cells.get("note", ""))}
    problems = []
    if number and not sound:
        problems.append((line.place("id"), _("This is no number of a group. Leave it empty for a new one.")))
    try:
        SynonymGroup(words=line.cells["words"], note=document["note"]).full_clean()
    except ValidationError as error:
        problems += [(line.place(name), " ".join(said)) for name, said in error.message_dict.items()]
    if has_control(line.cells["words"].replace("\n", "")) or has_control(document["note"]):
        problems.append((line.place("words"), _("control characters are not allowed")))
    return Row(line.number, number[:9] or _key(text), document, problems)


def spread(entry: Entry) -> Iterator[dict[str, str]]:
    yield entry.document


def _key(words: str) -> str:
    """The slug of a group without a number: its words, whatever their order."""
    key = " ".join(sorted(words.split()))
    return f"={key}" if len(key) <= LONGEST else f"#{hashlib.sha256(key.encode()).hexdigest()}"


@dataclass
class Site:
    keys: dict[str, int]  # words -> group
    taken: dict[str, int] = field(default_factory=dict)  # words -> row of the file
    numbers: dict[str, int] = field(default_factory=dict)  # number -> row of the file


class SynonymExchange(Exchange):
    kind = "synonyms"
    label = gettext_lazy("synonyms")
    model = SynonymGroup
    view_permission = "knowledge.view_synonymgroup"

    def site(self, slugs: Sequence[str], author: Any) -> Site:
        return Site({_key(words): pk for pk, words in SynonymGroup.objects.values_list("pk", "words")})

    def current(self, slugs: Sequence[str]) -> dict[str, Entry]:
        wanted = set(slugs)
        found = {}
        for group in SynonymGroup.objects.all():
            for slug in (str(group.pk), _key(group.words)):
                if slug in wanted:
                    found[slug] = _entry(group)
        return found

    def judge(self, row: Row, site: Site, before: Entry | None) -> Judged:
        if row.document is None or row.problems:
            return Judged(Outcome.WRONG, row.problems)
        if problems := list(_problems(row, row.document, site, before)):
            return Judged(Outcome.WRONG, problems)
        if before is None:
            return Judged(Outcome.NEW, document=row.document)
        document = row.document | {"id": before.document["id"]}
        return Judged(Outcome.SAME if document == before.document else Outcome.CHANGED, document=document)

    def seen(self) -> dict[str, Any]:
        rows = list(SynonymGroup.objects.values_list("pk", "words", "note"))
        return {slug: list(row) for row in rows for slug in (str(row[0]), _key(row[1]))}

    def plan(self, rows: Iterable[Row], how: How, progress: Callable[[int], None]) -> Batch:
        documents = [row.document or {} for row in rows]
        there = set(SynonymGroup.objects.values_list("pk", flat=True))
        unnumbered = [one for one in documents if not one["id"]]
        named = [(int(one["id"]), one) for one in documents if one["id"]]
        returning = [(pk, one) for pk, one in named if pk not in there]
        statements = Statements()
        if returning:
            keep_clear(SynonymGroup, max(pk for pk, _one in returning))
        new = [*returning, *zip(reserve(SynonymGroup, len(unnumbered)), unnumbered, strict=True)]
        groups = [SynonymGroup(pk=pk, words=one["words"], note=one["note"]) for pk, one in new]
        statements.insert(groups, stamped="changed_at")
        changed = [(one["words"], one["note"], pk) for pk, one in named if pk in there]
        statements.update(SynonymGroup, ("words", "note"), changed, stamped="changed_at")
        return Batch(statements)

    def entries(self, chosen: QuerySet[SynonymGroup] | None = None) -> Iterator[Entry]:
        groups = SynonymGroup.objects.all() if chosen is None else chosen
        for group in groups.order_by("words", "pk"):
            yield _entry(group)


@dataclass
class Batch:
    statements: Statements

    def write(self) -> None:
        self.statements.run()


def _entry(group: SynonymGroup) -> Entry:
    return Entry({"id": str(group.pk), "words": group.words, "note": group.note})


def _problems(row: Row, document: Document, site: Site, before: Entry | None) -> Iterator[CellProblem]:
    key, number = _key(document["words"]), document["id"]
    first = site.taken.setdefault(key, row.number)
    if first != row.number:
        text = _("“%(slug)s” stands in row %(row)d already.")
        yield "words", text % {"slug": document["words"], "row": first}
    elif number and (earlier := site.numbers.setdefault(number, row.number)) != row.number:
        yield "id", _("“%(slug)s” stands in row %(row)d already.") % {"slug": number, "row": earlier}
    elif number and before and not set(before.document["words"].split()) & set(document["words"].split()):
        text = _("Group %(number)s here is “%(words)s”. Leave the number empty for a new one.")
        yield "id", text % {"number": number, "words": before.document["words"][:40]}
    elif number and site.keys.get(key, int(number)) != int(number):
        yield "words", _("Group %d has these words already.") % site.keys[key]


SYNONYMS = SynonymExchange()
SYNONYM_FORMATS = formats(LAYOUT, parse, spread)
