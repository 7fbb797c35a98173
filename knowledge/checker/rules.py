"""The document of a wording rule: what a file, a form and a revision hold, and everything that can be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from knowledge.checker.engine import CompiledRule, check
from knowledge.checker.patterns import BadPattern, compiled
from knowledge.enums import Rule, Severity

Document = dict[str, Any]
Problem = tuple[tuple[str | int, ...], str]  # as in knowledge.documents

KEYS = ("code", "severity", "about", "better", "lesson", "card", "clues", "unless", "without", "catches", "passes")
SPARING = ("unless", "without")  # of the rule: for all its clues; left out where they say nothing
PATTERN_KEYS = ("match", "beside", *SPARING)
NUMBER_KEYS = ("longest", "least", "dense")
CLUE_KEYS = (*PATTERN_KEYS, "within", "form", *NUMBER_KEYS, "better")
WITHIN = ("", "clause", "sentence", "reply")
FORMS = ("", "question", "statement")
MOST_CLUES, MOST_PATTERNS, MOST_EXAMPLES, LONGEST_EXAMPLE = 60, 400, 200, 500
_NUMBER = re.compile(r"[1-9][0-9]{0,3}\Z")


def canonical(document: Document) -> Document:
    """The keys in the order of the file; those that may say nothing, and do, are left out."""
    ordered = {key: document[key] for key in KEYS if key not in SPARING or document.get(key)}
    ordered["clues"] = [{key: clue[key] for key in CLUE_KEYS if clue.get(key)} for clue in document["clues"]]
    return ordered


def rule_problems(document: Any) -> list[Problem]:
    """What is wrong with the document, its examples last: they are run when all else is sound."""
    if not isinstance(document, dict) or set(document) | set(SPARING) != set(KEYS):
        return [((), _("the keys here are %s") % "、".join(KEYS))]
    return _head(document) or _clues(document["clues"]) or _sparing(document) or _examples(document)


def found_in(document: Document, text: str) -> list[str]:
    """What the rule of a sound document finds in a text, as it stands there."""
    return [text[one.start : one.end] for one in check(text, [CompiledRule.read(document)])]


def _head(document: Document) -> list[Problem]:
    found: list[Problem] = []
    for key, choices in (("code", Rule.values), ("severity", Severity.values)):
        if document[key] not in choices:
            found.append(((key,), _("%r is not known") % document[key]))
    found += [((key,), _("a text is needed here")) for key in ("lesson", "card") if not isinstance(document[key], str)]
    if not isinstance(document["about"], str) or not document["about"]:
        found.append((("about",), _("Say what the rule finds, and why it matters.")))
    for key, least in (("better", 0), ("catches", 1), ("passes", 1)):
        found += _texts(document[key], (key,), least, MOST_EXAMPLES, LONGEST_EXAMPLE)
    return found


def _clues(clues: Any) -> list[Problem]:
    if not isinstance(clues, list) or not 0 < len(clues) <= MOST_CLUES:
        return [(("clues",), _("A rule has 1 to %d clues.") % MOST_CLUES)]
    return [problem for at, clue in enumerate(clues) for problem in _clue(clue, ("clues", at))]


def _sparing(document: Document) -> list[Problem]:
    return [problem for key in SPARING for problem in _pattern_list(document.get(key, []), (key,), 0)]


def _clue(clue: Any, at: tuple[str | int, ...]) -> list[Problem]:
    if not isinstance(clue, dict) or not set(clue) <= set(CLUE_KEYS):
        return [(at, _("the keys here are %s") % "、".join(CLUE_KEYS))]
    found: list[Problem] = []
    for key in PATTERN_KEYS:
        found += _pattern_list(clue.get(key, []), (*at, key), int(key == "match" and not clue.get("longest")))
    for key, choices in (("within", WITHIN), ("form", FORMS)):
        if clue.get(key, "") not in choices:
            found.append(((*at, key), _("%r is not known") % clue[key]))
    for key in NUMBER_KEYS:
        if clue.get(key) and not _NUMBER.match(str(clue[key])):
            found.append(((*at, key), _("a whole number is needed here")))
    if not isinstance(clue.get("better", ""), str):
        found.append(((*at, "better"), _("a text is needed here")))
    return found


def _pattern_list(value: Any, at: tuple[str | int, ...], least: int) -> list[Problem]:
    return _texts(value, at, least, MOST_PATTERNS, None) or _patterns(value, at)


def _patterns(texts: Sequence[str], at: tuple[str | int, ...]) -> list[Problem]:
    found: list[Problem] = []
    for line, text in enumerate(texts, 1):
        try:
            compiled(text)
        except BadPattern as bad:
            found.append((at, _("Line %(line)d, %(pattern)s: %(problem)s.") % {
                "line": line, "pattern": shortened(text), "problem": bad,
            }))  # fmt: skip
    return found


def _texts(value: Any, at: tuple[str | int, ...], least: int, most: int, longest: int | None) -> list[Problem]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        return [(at, _("a list is needed here"))]
    if len(value) < least:
        return [(at, _("At least one is needed here."))]
    if len(value) > most:
        return [(at, _("At most %d fit here.") % most)]
    if longest and any(len(text) > longest for text in value):
        return [(at, _("at most %d characters fit here") % longest)]
    return []


def _examples(document: Document) -> list[Problem]:
    rule = CompiledRule.read(document)
    found: list[Problem] = []
    for line, text in enumerate(document["catches"], 1):
        if not check(text, [rule]):
            values = {"line": line, "text": text}
            found.append((("catches",), _("Line %(line)d must be found, and the rule does not: %(text)s") % values))
    for line, text in enumerate(document["passes"], 1):
        if hits := check(text, [rule]):
            span = text[hits[0].start : hits[0].end]
            values = {"line": line, "span": span, "text": text}
            sentence = _("Line %(line)d must pass, and the rule finds “%(span)s” in it: %(text)s") % values
            found.append((("passes",), sentence))
    return found


def shortened(text: str, longest: int = 30) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
