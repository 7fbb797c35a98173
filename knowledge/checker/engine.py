"""Judge a reply by wording rules: the same text, the same findings. Pure; nothing is stored, nothing is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

from knowledge.checker.folding import CLAUSE_END, SENTENCE_END, Folded, fold, sentences
from knowledge.checker.patterns import Pattern, compiled
from knowledge.checker.sieve import Sieve

STOP = "\x02"
Span = tuple[int, int, str]  # from, to, and what may stand there instead
_CLAUSES = str.maketrans(dict.fromkeys(CLAUSE_END, STOP))
_SENTENCES = str.maketrans(dict.fromkeys(SENTENCE_END, STOP))


class Severity(StrEnum):
    ERROR, WARNING, HINT = "error", "warning", "hint"


class Verdict(StrEnum):
    """An error blocks, a warning revises, hints alone are a note."""

    OK, REVISE, BLOCK = "ok", "revise", "block"


@dataclass(frozen=True, slots=True)
class Finding:
    """A span of the reply as typed, the rule it breaks, and what might stand there instead (empty: see the rule)."""

    code: str
    severity: Severity
    start: int
    end: int
    better: str = ""


def _read(document: Mapping[str, Any], key: str) -> tuple[Pattern, ...]:
    return tuple(compiled(text) for text in document.get(key, ()))


@dataclass(frozen=True, eq=False)
class Clue:
    """One way of breaking a rule: `match`, where a `beside` stands in the same stretch (`within`) if there are any, but
    not where an `unless` overlaps, nor in a reply that has a `without`. Without a `match`: any reply that is no longer
    than `longest`, as a whole."""

    match: tuple[Pattern, ...]
    beside: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()
    without: tuple[Pattern, ...] = ()
    within: str = "clause"  # clause, sentence or reply: how far a gap reaches
    form: str = ""  # "", question or statement: of the sentence
    longest: int = 0  # only in replies of at most so many letters, digits and characters
    least: int = 1  # so many matches apart from each other, no less
    dense: int = 0  # no more than so many letters of the reply to each match
    better: str = ""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Clue:
        """From the plain document of a clue. Raises BadPattern."""
        return cls(
            _read(document, "match"),
            _read(document, "beside"),
            _read(document, "unless"),
            _read(document, "without"),
            document.get("within") or "clause",
            document.get("form", ""),
            int(document.get("longest") or 0),
            int(document.get("least") or 1),
            int(document.get("dense") or 0),
            document.get("better", ""),
        )


@dataclass(frozen=True, eq=False)
class CompiledRule:
    """The clues of a code. `unless` and `without` of the rule hold for each of them."""

    code: str
    severity: Severity
    clues: tuple[Clue, ...]
    unless: tuple[Pattern, ...] = ()
    without: tuple[Pattern, ...] = ()

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> CompiledRule:
        """From the plain document of a rule. Raises BadPattern."""
        clues = tuple(map(Clue.read, document["clues"]))
        severity = Severity(document["severity"])
        return cls(document["code"], severity, clues, _read(document, "unless"), _read(document, "without"))


class Reply:
    """A reply made ready once for all rules."""

    def __init__(self, typed: str) -> None:
        self.folded: Folded = fold(typed)
        text = self.folded.text
        self.views = {
            "clause": _joined(text.translate(_CLAUSES)),
            "sentence": _joined(text.translate(_SENTENCES)),
            "reply": text.replace("\n", " "),
        }
        self.letters = sum(char.isalnum() for char in text)
        whole = self.views["reply"]
        self.beginnings = frozenset(whole) | {whole[at : at + 2] for at in range(len(whole))}

    @property
    def first(self) -> int:
        """Where its first letter, digit or character stands."""
        return next(at for at, char in enumerate(self.folded.text) if char.isalnum())

    @property
    def last(self) -> int:
        """And its last."""
        text = self.folded.text
        return next(at for at in reversed(range(len(text))) if text[at].isalnum())

    @cached_property
    def questions(self) -> list[tuple[int, int]]:
        return [(one.start, one.end) for one in sentences(self.folded.text) if one.question]

    def asks(self, at: int) -> bool:
        """Whether the character stands in a question."""
        return any(start <= at < end for start, end in self.questions)


def _joined(text: str) -> str:
    """Spaces beside a stop are part of it."""
    while f" {STOP}" in text or f"{STOP} " in text:
        text = text.replace(f" {STOP}", STOP * 2).replace(f"{STOP} ", STOP * 2)
    return text


def check(typed: str, rules: Iterable[CompiledRule]) -> list[Finding]:
    """All findings, by place; of one rule, overlapping ones are one."""
    reply = Reply(typed)
    found: list[Finding] = []
    if reply.letters:
        hearing = Hearing(reply, _sieve(tuple(rules)))
        for rule, clues in hearing.worth_trying().items():
            found += _of_rule(rule, clues, hearing)
    return sorted(found, key=lambda one: (one.start, one.end, one.code))


Worth = dict[Clue, list[Pattern]]  # those of its patterns that could match


# Those in force, and one or two rules being edited: a sieve of all rules takes 8 MB, and that of rules which have been
# replaced is never asked for again.
@lru_cache(maxsize=4)
def _sieve(rules: tuple[CompiledRule, ...]) -> Sieve:
    return Sieve(rules)


class Hearing:
    """A reply before rules: each pattern that could match is searched for once."""

    def __init__(self, reply: Reply, sieve: Sieve) -> None:
        self.reply, self._sieve = reply, sieve
        self._standing = sieve.standing(reply.beginnings)
        self._found: dict[tuple[Pattern, str], list[tuple[int, int]]] = {}

    def worth_trying(self) -> dict[CompiledRule, Worth]:
        """The clues that could find something: of thousands of patterns a few dozen."""
        out: dict[CompiledRule, Worth] = {}
        for rule, clue in self._sieve.wholes:
            if self.reply.letters <= clue.longest:
                out.setdefault(rule, {})[clue] = []
        for rule, clue, pattern in self._sieve.worth_trying(self.reply.beginnings, self._standing, self.reply.letters):
            out.setdefault(rule, {}).setdefault(clue, []).append(pattern)
        return out

    def spans(self, pattern: Pattern, within: str) -> list[tuple[int, int]]:
        """Where a pattern stands in a view of the reply."""
        if not self._sieve.lets(pattern, self._standing):
            return []
        if (pattern, within) not in self._found:
            matches = pattern.regex.finditer(self.reply.views[within])
            self._found[pattern, within] = [found.span() for found in matches if found.end() > found.start()]
        return self._found[pattern, within]

    def beside(self, patterns: Sequence[Pattern], within: str, span: Span) -> bool:
        """Whether one of them stands in the stretch of the view around the span."""
        view = self.reply.views[within]
        start, end = view.rfind(STOP, 0, span[0]) + 1, view.find(STOP, span[1])
        end = end if end >= 0 else len(view)
        possible = (pattern for pattern in patterns if self._sieve.lets(pattern, self._standing))
        return any(pattern.regex.search(view, start, end) for pattern in possible)


def _of_rule(rule: CompiledRule, clues: Worth, hearing: Hearing) -> list[Finding]:
    reply = hearing.reply
    found = sorted(span for clue, match in clues.items() for span in _of_clue(clue, match, rule, hearing))
    spans = [(*reply.folded.span(start, end), better) for start, end, better in found]
    merged: list[Span] = []
    for start, end, better in spans:
        if merged and start < merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end), before[2] if end <= before[1] else "")
        else:
            merged.append((start, end, better))
    return [Finding(rule.code, rule.severity, *span) for span in merged]


def _of_clue(clue: Clue, match: Sequence[Pattern], rule: CompiledRule, hearing: Hearing) -> list[Span]:
    reply = hearing.reply
    spans = [] if clue.match else [(reply.first, reply.last + 1, clue.better)]
    for pattern in match:
        better = pattern.better or clue.better
        spans += [(start, end, better) for start, end in hearing.spans(pattern, clue.within)]
    if spans and clue.beside:
        spans = [span for span in spans if hearing.beside(clue.beside, clue.within, span)]
    if spans and clue.form:
        spans = [span for span in spans if reply.asks(span[0]) == (clue.form == "question")]
    if not spans or any(hearing.spans(pattern, "reply") for pattern in chain(rule.without, clue.without)):
        return []
    for pattern in chain(rule.unless, clue.unless):
        for a, b in hearing.spans(pattern, "sentence"):
            spans = [span for span in spans if not (a < span[1] and span[0] < b)]
    apart = len(_apart(spans))
    if apart < clue.least or (clue.dense and reply.letters > clue.dense * apart):
        return []
    return spans


def _apart(spans: list[Span]) -> list[Span]:
    out: list[Span] = []
    for span in sorted(spans):
        if not out or span[0] >= out[-1][1]:
            out.append(span)
    return out


def verdict(findings: Iterable[Finding]) -> Verdict:
    """An error blocks, a warning revises, hints alone are ok with a note (the severest counts)."""
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Verdict.BLOCK
    return Verdict.REVISE if Severity.WARNING in severities else Verdict.OK


def codes(findings: Iterable[Finding]) -> list[str]:
    """Each code once, by its first span."""
    return list(dict.fromkeys(finding.code for finding in findings))
