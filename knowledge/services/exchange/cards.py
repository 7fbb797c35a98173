"""Cards in and out: compared and written for all cards of a file at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from knowledge import markdown
from knowledge.documents import Document, line_id
from knowledge.enums import Side, Status
from knowledge.models import Alias, Card, Fact, Line, LineCode, StagedRow, Use
from knowledge.models.fields import VERIFY_DAYS
from knowledge.search import index
from knowledge.search.entry import prepare
from knowledge.services.content import card_form
from knowledge.services.exchange.bulk import Statements, reserve, streamed
from knowledge.services.exchange.card_table import LAYOUT, final, parse, spread
from knowledge.services.exchange.registry import CellProblem, Entry, Exchange, How, Judged, Row
from knowledge.services.exchange.tables import formats
from knowledge.services.exchange.versions import Versions, tops

CHUNK = 500
Outcome = StagedRow.Outcome
TEXTS = ("title", "stage", "course", "competency", "groups", "facts", "neighbours", "principle")
COLUMNS = (*TEXTS, "trigger", "keywords", "audience", "principle_html", "status", "owner_id", "verify_days", "version")


@dataclass
class Site:
    """What is there, and what earlier rows of the file have taken."""

    facts: set[str]
    slugs: set[str]  # of the site and of the file
    codes: dict[str, uuid.UUID]  # short code -> the line it was given to
    lines: dict[uuid.UUID, str]  # line -> slug of its card
    teams: set[str]
    people: set[str]  # usernames
    claims: dict[str, str]  # alias or search word of a card that is not in the file -> slug
    may_publish: bool
    taken: dict[str, int] = field(default_factory=dict)  # slug or code -> row


class CardExchange(Exchange):
    kind = Card.search_kind
    label = gettext_lazy("cards")
    model = Card
    view_permission = "knowledge.view_card"
    publish_permission = "knowledge.publish_card"

    def site(self, slugs: Sequence[str], author: Any) -> Site:
        return Site(
            facts=set(Fact.objects.values_list("code", flat=True)),
            slugs={*Card.objects.values_list("slug", flat=True), *slugs},
            codes=dict(LineCode.objects.values_list("code", "line")),
            lines=dict(Line.objects.values_list("uuid", "card__slug")),
            teams=set(Team.objects.values_list("code", flat=True)),
            people=set(User.objects.filter(is_active=True).values_list("username", flat=True)),
            claims=_claims(set(slugs)),
            may_publish=author.has_perm(self.publish_permission),
        )

    def current(self, slugs: Sequence[str]) -> dict[str, Entry]:
        cards = Card.objects.filter(slug__in=slugs).with_parts().select_related("owner")
        return {card.slug: _entry(card) for card in cards}

    def judge(self, row: Row, site: Site, before: Entry | None) -> Judged:
        first = site.taken.setdefault(row.slug, row.number)
        if row.document is None or row.problems:
            return Judged(Outcome.WRONG, row.problems)
        if first != row.number:
            return Judged(
                Outcome.WRONG, [("slug", _("“%(slug)s” stands in row %(row)d already.") % _named(row, first))]
            )
        document = card_form(final(row.document, before.document if before else None))
        beside = {name: value for name, value in row.beside.items() if value or name == "owner"}
        if before and document == before.document and beside.items() <= before.beside.items():
            _take(document, row, site)
            return Judged(Outcome.SAME, document=document, beside=before.beside)
        problems = [*self._problems(document, row, site, before), *_beside_problems(beside, site, before)]
        if problems:
            return Judged(Outcome.WRONG, problems)
        return Judged(Outcome.CHANGED if before else Outcome.NEW, document=document, beside=beside)

    def _problems(self, document: Document, row: Row, site: Site, before: Entry | None) -> Iterator[CellProblem]:
        known: dict[str, set[str]] = {"facts": site.facts, "neighbours": site.slugs, "audience": site.teams}
        for name, among in known.items():
            there = set(before.document.get(name, ())) if before else set()
            for value in document.get(name, ()):
                if value not in among and value not in there:
                    yield name, _("%r is not known") % value
        for side in Side:
            for line in document[side.value]:
                yield from self._line_problems(line, document["slug"], row, site)
        yield from _claimed(document, row, site)
        if not document[Side.DO.value] and (before.beside["status"] if before else "") != Status.DRAFT:
            yield "text", _("A card needs a line to say before readers see it.")

    def _line_problems(self, line: Document, slug: str, row: Row, site: Site) -> Iterator[CellProblem]:
        code, identity = line["code"], uuid.UUID(line.get("id") or line_id(line["code"]))
        first = site.taken.setdefault(f"code {code}", row.number)
        if first != row.number:
            yield f"code {code}", _("“%(slug)s” stands in row %(row)d already.") % {"slug": code, "row": first}
        if site.codes.get(code, identity) != identity:
            yield f"code {code}", _("%s was given to another line and is never reused.") % code
        elif site.lines.get(identity, slug) != slug:
            yield (
                f"code {code}",
                _("%(code)s is a line of the card %(card)s.") % {"code": code, "card": site.lines[identity]},
            )

    def seen(self) -> dict[str, Any]:
        highest = tops(self.kind)
        rows = Card.objects.values_list("slug", "pk", "version", "status", "owner_id", "verify_days")
        return {slug: [pk, *rest, highest.get(pk, 0)] for slug, pk, *rest in rows}

    def plan(self, rows: Iterable[Row], how: How, progress: Callable[[int], None]) -> Plan:
        return Plan(rows, how, progress)

    def entries(self, chosen: QuerySet[Card] | None = None) -> Iterator[Entry]:
        cards = Card.objects.all() if chosen is None else Card.objects.filter(pk__in=chosen.values("pk"))
        for card in cards.with_parts().select_related("owner").order_by("slug").iterator(chunk_size=CHUNK):
            yield _entry(card)


def _take(document: Document, row: Row, site: Site) -> None:
    """What a row that changes nothing keeps from the rows behind it."""
    for side in Side:
        for line in document[side.value]:
            site.taken.setdefault(f"code {line['code']}", row.number)
    for text in (*document["aliases"], *document.get("keywords", ())):
        site.taken.setdefault(f"word {text}", row.number)


def _claims(in_file: set[str]) -> dict[str, str]:
    """A customer's words lead to one card. Those of the cards of the file are what the file says."""
    others = Card.objects.exclude(slug__in=in_file) if len(in_file) < CHUNK else Card.objects.all()
    found = {word: slug for slug, words in others.values_list("slug", "keywords") for word in words}
    found |= dict(Alias.objects.filter(card__in=others).values_list("text", "card__slug"))
    return {word: slug for word, slug in found.items() if slug not in in_file}


def _claimed(document: Document, row: Row, site: Site) -> Iterator[CellProblem]:
    for name in ("aliases", "keywords"):
        for text in document.get(name, ()):
            first = site.taken.setdefault(f"word {text}", row.number)
            if text in site.claims:
                yield (
                    name,
                    _("%(text)s leads to the card %(card)s already.") % {"text": text, "card": site.claims[text]},
                )
            elif first != row.number:
                yield name, _("“%(slug)s” stands in row %(row)d already.") % {"slug": text, "row": first}


def _named(row: Row, first: int) -> dict[str, Any]:
    return {"slug": row.slug, "row": first}


def _entry(card: Card) -> Entry:
    owner = card.owner.username if card.owner else ""
    return Entry(card.to_document(), {"status": card.status, "owner": owner, "verify_days": str(card.verify_days)})


def _beside_problems(beside: dict[str, str], site: Site, before: Entry | None) -> Iterator[CellProblem]:
    owner = beside.get("owner")
    if owner and owner not in site.people and not (before and before.beside["owner"] == owner):
        yield "owner", _("Nobody here has the username %s.") % owner[:40]
    status = beside.get("status")
    if before and status and status != before.beside["status"] and not site.may_publish:
        yield "status", _("Only who publishes may change the status of what is there. Leave this cell empty.")


class Plan:
    """The rows, revisions and index entries of an import, made ready."""

    def __init__(self, rows: Iterable[Row], how: How, progress: Callable[[int], None]) -> None:
        self.how, self.versions, self.statements = how, Versions(Card.search_kind, how), Statements()
        self.people = dict(User.objects.values_list("username", "pk"))
        self.codes = set(LineCode.objects.values_list("code", flat=True))
        self.entries: list[index.Packed] = []
        done = 0
        for chunk in streamed(rows, CHUNK):
            self._begin()
            self._chunk(chunk)
            self._collect()
            done += len(chunk)
            progress(done)

    def write(self) -> None:
        self.statements.run()
        index.store(self.entries)

    def _begin(self) -> None:
        """Objects are kept for one chunk; what is left of them is what the database takes."""
        self.cards: dict[str, list[Any]] = {"new": [], "changed": []}
        self.parts: dict[str, list[Any]] = {name: [] for name in ("new_lines", "lines", "new_aliases", "aliases")}
        self.gone: dict[type, list[int]] = {Line: [], Alias: []}
        self.claimed: list[LineCode] = []
        self.rechecked: list[int] = []

    def _chunk(self, rows: Sequence[Row]) -> None:
        there = {card.slug: card for card in Card.objects.filter(slug__in=[row.slug for row in rows]).with_parts()}
        keys = iter(reserve(Card, sum(row.slug not in there for row in rows)))
        for row in rows:
            document = row.document or {}
            if row.slug in there:
                self._change(there[row.slug], row, document)
            else:
                self._add(Card(pk=next(keys), slug=row.slug), row, document)

    def _add(self, card: Card, row: Row, document: Document) -> None:
        card.status = (row.beside.get("status") or Status.PUBLISHED) if self.how.publish else Status.DRAFT
        card.verify_days = int(row.beside.get("verify_days") or VERIFY_DAYS)
        card.owner_id = self.people.get(row.beside.get("owner", ""))
        self._fill(card, document)
        card.version = 1
        self.cards["new"].append(card)
        self.versions.publish(card.pk, card.slug, document)
        if not self.how.publish:
            self.versions.propose(card.pk, card.slug, document)
        self._write_parts(card, document, {}, {})

    def _change(self, card: Card, row: Row, document: Document) -> None:
        if "owner" in row.beside:
            card.owner_id = self.people.get(row.beside["owner"])
        card.verify_days = int(row.beside.get("verify_days") or card.verify_days)
        new_text = document != card.to_document()
        if not self.how.publish:
            if new_text:
                self.versions.refuse_foreign([card.pk])
                self.versions.propose(card.pk, card.slug, document)
            self._touch(card)
            return
        card.status = row.beside.get("status") or card.status
        if new_text:
            self._fill(card, document)
            card.version += 1
            self.versions.publish(card.pk, card.slug, document)
            self.rechecked.append(card.pk)
            lines = {line.uuid: line for line in card.lines.all()}
            self._write_parts(card, document, lines, {alias.text: alias for alias in card.aliases.all()})
        else:
            self._touch(card)
            return
        self.cards["changed"].append(card)

    def _touch(self, card: Card) -> None:
        """Its text stays; owner, interval or status are new."""
        self.cards["changed"].append(card)
        self._index(card)

    def _fill(self, card: Card, document: Document) -> None:
        for key in TEXTS:
            setattr(card, key, document[key])
        card.trigger, card.keywords = document.get("trigger", ""), document.get("keywords", [])
        card.audience = document.get("audience", [])
        card.principle_html = markdown.render(card.principle)

    def _write_parts(self, card: Card, document: Document, lines: dict[Any, Line], aliases: dict[str, Alias]) -> None:
        """Lines keep their rows by uuid, aliases by their text, as cards._write_lines and _write_aliases do."""
        kept = [
            self._line(card, side, at, part, lines) for side in Side for at, part in enumerate(document[side.value])
        ]
        names = [self._alias(card, at, text, aliases) for at, text in enumerate(document["aliases"])]
        self.gone[Line] += [line.pk for line in lines.values() if line not in kept]
        self.gone[Alias] += [alias.pk for alias in aliases.values() if alias not in names]
        card._prefetched_objects_cache = {"lines": kept, "aliases": names}  # type: ignore[attr-defined]
        self._index(card)

    def _line(self, card: Card, side: Side, position: int, part: Document, there: dict[Any, Line]) -> Line:
        identity = uuid.UUID(part.get("id") or line_id(part["code"]))
        line = there.get(identity) or Line(uuid=identity, card=card)
        self.parts["lines" if identity in there else "new_lines"].append(line)
        line.side, line.position, line.breaks = side, position, part.get("breaks", [])
        line.code, line.text, line.why = part["code"], part["text"], part["why"]
        if line.code not in self.codes:
            self.codes.add(line.code)
            self.claimed.append(LineCode(code=line.code, line=identity))
        return line

    def _alias(self, card: Card, position: int, text: str, there: dict[str, Alias]) -> Alias:
        alias = there.get(text) or Alias(card=card, text=text)
        if alias.pk is None:
            self.parts["new_aliases"].append(alias)
        elif alias.position != position:
            self.parts["aliases"].append(alias)
        alias.position = position
        return alias

    def _index(self, card: Card) -> None:
        """Its entry of the index, or what is to be taken out of it."""
        if document := card.search_document():
            self.entries.append(index.pack(prepare(document)))
        else:
            self.statements.after.append(lambda: index.remove(Card.search_kind, [card.pk]))

    def _collect(self) -> None:
        statements = self.statements
        for model, keys in self.gone.items():
            if keys:
                statements.delete(model, keys)
        statements.insert(self.cards["new"], stamped="updated_at")
        changed = [(*(getattr(card, name) for name in COLUMNS), card.pk) for card in self.cards["changed"]]
        statements.update(Card, [name.removesuffix("_id") for name in COLUMNS], changed, stamped="updated_at")
        names = ("side", "position", "breaks", "code", "text", "why")
        statements.update(
            Line, names, [(*(getattr(line, name) for name in names), line.pk) for line in self.parts["lines"]]
        )
        statements.update(Alias, ("position",), [(alias.position, alias.pk) for alias in self.parts["aliases"]])
        statements.insert(self.parts["new_lines"])
        statements.insert(self.parts["new_aliases"])
        statements.insert(self.claimed)
        self.versions.into(statements)
        if rechecked := self.rechecked:
            statements.after.append(lambda: Use.objects.filter(card__in=rechecked).update(recheck=True))


CARDS = CardExchange()
CARD_FORMATS = formats(LAYOUT, parse, spread)
