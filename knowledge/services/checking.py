"""Judge a reply by the rules of the site: findings in place, what to write instead, and what is good already.

Nothing of a reply is stored or logged. The rules are compiled once and kept until the newest change of their table,
read in each request, says that there are others: an edit holds from the next request on, in every worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

from django.db import DatabaseError, connection

from knowledge import files
from knowledge.checker.engine import CompiledRule, Finding, Severity, Verdict, check, verdict
from knowledge.checker.praise import Praise, praise
from knowledge.enums import Rule, Status
from knowledge.models import Card, Line, WordingRule
from knowledge.models.audience import viewer_of
from knowledge.search import engine, indexed
from knowledge.services.rules import FOLDER
from knowledge.text import clean_query, fill_defaults

LONGEST = 2000  # characters of a reply


@dataclass(frozen=True)
class Rules:
    """Those in force, ready to judge by, and their rows by code."""

    version: str
    compiled: tuple[CompiledRule, ...]
    rows: dict[str, WordingRule]


_cached = Rules("", (), {})


def current_rules() -> Rules:
    """The published rules. One small query reads the version each time."""
    global _cached
    with connection.cursor() as cursor:
        # By hand, like the synonyms: the ORM takes ten times as long to build it as the database to answer.
        cursor.execute(f"SELECT MAX(updated_at), COUNT(*), MAX(id) FROM {WordingRule._meta.db_table}")  # noqa: S608
        version = str(cursor.fetchone())
    if _cached.version != version:
        rows = WordingRule.objects.filter(status=Status.PUBLISHED).select_related("card")
        by_code = {rule.code: rule for rule in sorted(rows, key=lambda rule: Rule.values.index(rule.code))}
        compiled = tuple(CompiledRule.read(rule.to_document()) for rule in by_code.values())
        _cached = Rules(version, compiled, by_code)
    return _cached


def warm() -> None:
    """Compile the rules in force before the workers part: a second's work, and memory that they share. No connection
    stays open, and where the database does not answer the first reply has to wait for it."""
    with suppress(DatabaseError):
        judge("您好")
    connection.close()


def starter_rules(folder: Path) -> tuple[CompiledRule, ...]:
    """The rules of the content files, for where no database holds any. Raises FileProblem."""
    found = {path.stem: path for path in (folder / FOLDER).glob("*.yaml")}
    return tuple(CompiledRule.read(files.read(found[code]).value) for code in Rule.values if code in found)


def judge(text: str) -> tuple[list[Finding], Verdict]:
    """What the rules of the site find in a reply, and whether it may go out."""
    found = check(text, current_rules().compiled)
    return found, verdict(found)


@dataclass(frozen=True)
class Piece:
    """A stretch of the reply, and the numbers of the findings it belongs to, from 1."""

    text: str
    numbers: tuple[int, ...] = ()
    severity: str = ""
    ends: tuple[int, ...] = ()  # those that end with it


@dataclass(frozen=True)
class Told:
    """A finding for people."""

    number: int
    code: str
    label: str
    severity: str
    severity_label: str
    text: str
    rule: WordingRule
    better: str  # what may stand in its place, letter for letter
    start: int  # in the units a browser counts texts by
    end: int
    lesson: Any = None
    card: Any = None
    like: int = 0  # the number of the first finding of this rule, where it is not this one


@dataclass(frozen=True)
class Judgement:
    text: str
    verdict: Verdict
    findings: list[Told]
    pieces: list[Piece]
    good: list[Praise]
    corrected: str  # with every letter-for-letter correction; empty without any
    cut: bool
    user: Any

    @property
    def labels(self) -> list[str]:
        """The kinds of findings, each once: what an ear is told of them."""
        return list(dict.fromkeys(one.label for one in self.findings))

    @cached_property
    def nearest(self) -> Card | None:
        """The card that comes closest to what the reply is about, as far as this reader may see it."""
        if not self.findings:
            return None
        hits = engine.match_message(self.text, viewer_of(self.user), kinds=("card",), limit=1).hits
        cards = Card.objects.visible_to(self.user).with_parts().filter(pk__in=[hit.object_id for hit in hits])
        return next((card for card in cards if card.say), None)

    @property
    def line(self) -> str:
        """What that card says, as it is pasted when nobody has filled in anything."""
        return fill_defaults(self.nearest.say[0].text) if self.nearest else ""


def line_to_start_from(code: str, user: Any) -> Line | None:
    """The 该说 line with this short code, if this reader may see it."""
    found = Line.objects.visible_to(user).copyable().filter(code=clean_query(code, 6).text)
    return found.select_related("card").first()


def judged(raw: str, user: Any) -> Judgement:
    """The judgement of a reply for people, of its first LONGEST characters."""
    text = raw[:LONGEST]
    rules = current_rules()
    found = check(text, rules.compiled)
    return Judgement(
        text=text,
        verdict=verdict(found),
        findings=_told(text, found, rules, user),
        pieces=pieces(text, found),
        good=praise(text, [(one.start, one.end) for one in found]),
        corrected=_corrected(text, found),
        cut=len(raw) > LONGEST,
        user=user,
    )


def _told(text: str, found: Sequence[Finding], rules: Rules, user: Any) -> list[Told]:
    rows = [rules.rows[one.code] for one in found]
    lessons = lessons_by_slug({rule.lesson for rule in rows if rule.lesson}, user)
    visible = Card.objects.visible_to(user).filter(pk__in={rule.card_id for rule in rows if rule.card_id})
    cards = {card.pk: card for card in visible} if any(rule.card_id for rule in rows) else {}
    firsts: dict[str, int] = {}
    for number, one in enumerate(found, 1):
        firsts.setdefault(one.code, number)
    return [
        Told(
            number=number,
            code=one.code,
            label=str(rule),
            severity=one.severity.value,
            severity_label=str(rule.get_severity_display()),
            text=text[one.start : one.end],
            rule=rule,
            better=one.better,
            start=_units(text[: one.start]),
            end=_units(text[: one.end]),
            lesson=lessons.get(rule.lesson),
            card=cards.get(rule.card_id or 0),
            like=firsts[one.code] if firsts[one.code] != number else 0,
        )
        for number, (one, rule) in enumerate(zip(found, rows, strict=True), 1)
    ]


def lessons_by_slug(slugs: set[str], user: Any) -> dict[str, Any]:
    """The lessons of the app above that this reader may see; it has told the index of them (knowledge.search)."""
    models = [model for model in indexed.registered() if model.search_kind == "lesson"] if slugs else []
    return {one.slug: one for model in models for one in model.objects.visible_to(user).filter(slug__in=slugs)}


def all_lessons(user: Any) -> dict[str, Any]:
    """The same of all of them, by title."""
    models = [model for model in indexed.registered() if model.search_kind == "lesson"]
    return {one.slug: one for model in models for one in model.objects.visible_to(user).order_by("title")}


def _units(text: str) -> int:
    """The length of a text as a browser counts it: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Span(Protocol):
    """A finding, or what was kept of one."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def severity(self) -> str: ...


def pieces(text: str, found: Sequence[Span]) -> list[Piece]:
    """The reply cut wherever a finding begins or ends."""
    cuts = sorted({0, len(text), *(one.start for one in found), *(one.end for one in found)})
    order = [severity.value for severity in Severity]
    out = []
    for start, end in pairwise(cuts):
        here = [(at, one) for at, one in enumerate(found, 1) if one.start <= start and end <= one.end]
        worst = min((str(one.severity) for _at, one in here), key=order.index, default="")
        ended = tuple(at for at, one in here if one.end == end)
        out.append(Piece(text[start:end], tuple(at for at, _one in here), worst, ended))
    return out


def _corrected(text: str, found: Sequence[Finding]) -> str:
    """The text with each finding that says what stands in its place put right; where two overlap, the first."""
    out, at = "", 0
    for one in found:
        if one.better and one.start >= at:
            out, at = out + text[at : one.start] + one.better, one.end
    return out + text[at:] if at else ""
