"""The canonical document of a content type: a plain dict of strings and lists, in a fixed key order.

File, hash, diff, revision, import, export and restore all use it (docs/decisions/0001-content-versions.md).
Validation here needs no database; what does (unique codes, known slugs) is checked by the services.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import uuid
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from knowledge import variables
from knowledge.enums import Competency, Course, CustomerGroup, Rule, Side, Stage, Status

Document = dict[str, Any]
Problem = tuple[tuple[str | int, ...], str]  # path of keys and indexes inside the document, sentence

CARD_KEYS = (
    "slug",
    "title",
    "stage",
    "course",
    "competency",
    "groups",
    "facts",
    "neighbours",
    "trigger",
    "aliases",
    "keywords",
    "audience",
    "do",
    "dont",
    "principle",
)
OPTIONAL_KEYS = frozenset({"trigger", "keywords", "audience"})
# What the columns hold (knowledge/models/card.py): SQLite would take more without a word, PostgreSQL would not.
LIMITS = {"slug": 60, "title": 60, "text": 600, "why": 200}
MAX_ALIAS = 200
UNSEEN = (str(Status.DRAFT), str(Status.RETIRED))  # a status that a file says
LINE_KEYS = {Side.DO: ("id", "code", "text", "why"), Side.DONT: ("id", "code", "text", "why", "breaks")}
CODE = re.compile(r"[a-z]{2,4}[0-9]{1,2}\Z")  # \d would take full-width digits too
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
# Words a card's slug may not be, because a path beside it already is (knowledge/urls.py).
RESERVED_SLUGS = frozenset({"match"})
FACT = re.compile(r"[A-Z]-[0-9]{2}[a-z]?\Z")
TEAM = re.compile(r"[-a-zA-Z0-9_]{1,30}\Z")  # the code of a team, as accounts.Team keeps it
LINE_NAMESPACE = uuid.UUID("5f0f7c1e-6f3e-4a27-9b1d-6c1c6a1f2e84")


def in_words(problems: Iterable[Problem]) -> list[str]:
    """A sentence for each problem, its place before it."""
    return ["/".join(map(str, path)) + ": " + sentence for path, sentence in problems]


def line_id(code: str) -> str:
    """The identity a starter line has unless its document names another one."""
    return str(uuid.uuid5(LINE_NAMESPACE, code))


def tidy(text: str) -> str:
    r"""NFC, newlines as \n, no trailing white space on any line nor around the whole."""
    unified = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in unified.split("\n")).strip()


def tidy_document(value: Any) -> Any:
    """The document with every string tidied, to any depth."""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, list):
        return [tidy_document(item) for item in value]
    return {key: tidy_document(item) for key, item in value.items()}


def take_status(document: Document) -> tuple[str, list[Problem]]:
    """Take `status` out of what a file says of an item; empty for one that is published. It stands beside the
    document, not in it: publishing a text makes no new version of it."""
    status = document.pop("status", "")
    if status in ("", *UNSEEN):
        return status, []
    return "", [(("status",), _none_of(status, list(UNSEEN)))]


def with_status(document: Document, status: str) -> Document:
    """The document as a file has it: what is published goes without saying."""
    return {**document, "status": status} if status in UNSEEN else document


def digest(document: Document) -> str:
    """SHA-256 of the document, 64 hex digits. Equal documents, equal digests, whatever wrote them."""
    return hashlib.sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def has_control(text: str) -> bool:
    r"""Whether text holds a character no file round trip keeps: controls but \n, lone surrogates, line separators."""
    return any(
        (unicodedata.category(char) in {"Cc", "Cs"} and char != "\n") or char in "\u2028\u2029\ufeff\ufffe\uffff"
        for char in text
    )


def without_control(text: str) -> str:
    r"""The text without them, as every database takes it: what separates lines is \n, a tab is a space."""
    lines = re.sub(r"\r\n?|[\u2028\u2029]", "\n", text).replace("\t", " ")
    return "".join(char for char in lines if not has_control(char))


def card_problems(document: Any) -> list[Problem]:
    """Everything wrong with a card document, each with the path to it; empty when it is sound."""
    if not isinstance(document, dict):
        return [((), _("a card must be a mapping of keys"))]
    found = _key_problems(document, CARD_KEYS, OPTIONAL_KEYS, ())
    if found:
        return found
    found += _text_problems(document, ("slug", "title", "principle"), ())
    if document.get("trigger", "") != "":
        found += _text_problems(document, ("trigger",), ())
    found += _choice_problems(document)
    for key in ("groups", "facts", "neighbours", "aliases", "keywords", "audience"):
        found += _list_problems(document.get(key, []), (key,))
    if found:
        return found
    if not SLUG.match(document["slug"]):
        found.append((("slug",), _("use lower-case letters, digits and single hyphens")))
    if document["slug"] in RESERVED_SLUGS:
        found.append((("slug",), _("this word is an address of the site already")))
    found += [
        (("facts", at), _("%r is no fact id") % fact)
        for at, fact in enumerate(document["facts"])
        if not FACT.match(fact)
    ]
    found += [
        (("audience", at), _("%r is no team code") % code)
        for at, code in enumerate(document.get("audience", []))
        if not TEAM.match(code)
    ]
    for side in Side:
        found += _side_problems(document[side.value], side)
    return found or _repeated_problems(document)


def _repeated_problems(document: Document) -> list[Problem]:
    """Codes and ids that two lines of the card share. Needs lines that are sound each by itself."""
    found: list[Problem] = []
    seen: set[str] = set()
    for side in Side:
        for index, line in enumerate(document[side.value]):
            identity = line.get("id") or line_id(line["code"])
            if twice := next((key for key, value in (("code", line["code"]), ("id", identity)) if value in seen), ""):
                found.append(((side.value, index, twice), _("%r stands here twice") % line.get(twice, identity)))
            seen |= {line["code"], identity}
    return found


def _key_problems(mapping: Document, keys: tuple[str, ...], optional: frozenset[str], at: tuple) -> list[Problem]:
    missing = [key for key in keys if key not in mapping and key not in optional]
    unknown = [key for key in mapping if key not in keys]
    return [(at, _("the key %r is missing") % key) for key in missing] + [
        ((*at, key), _("the key %r is not known here") % key) for key in unknown
    ]


def _text_problems(mapping: Document, keys: tuple[str, ...], at: tuple) -> list[Problem]:
    found: list[Problem] = []
    for key in keys:
        value = mapping.get(key)
        if not isinstance(value, str) or not value.strip():
            found.append(((*at, key), _("a text is needed here")))
        elif has_control(value):
            found.append(((*at, key), _("control characters are not allowed")))
        elif len(value) > LIMITS.get(key, len(value)):
            found.append(((*at, key), _("at most %d characters fit here") % LIMITS[key]))
    return found


def _choice_problems(document: Document) -> list[Problem]:
    found: list[Problem] = []
    for key, choices in (("stage", Stage), ("course", Course), ("competency", Competency)):
        if document[key] not in choices.values:
            found.append(((key,), _none_of(document[key], choices.values)))
    if isinstance(document["groups"], list):
        found += [
            (("groups", at), _none_of(group, CustomerGroup.values))
            for at, group in enumerate(document["groups"])
            if group not in CustomerGroup.values
        ]
    return found


def _none_of(value: Any, choices: list[str]) -> str:
    return _("%(value)r is none of %(choices)s") % {"value": value, "choices": ", ".join(choices)}


def _list_problems(value: Any, at: tuple) -> list[Problem]:
    if not isinstance(value, list):
        return [(at, _("a list is needed here"))]
    found: list[Problem] = []
    for index, item in enumerate(value):
        if not isinstance(item, str) or not item.strip():
            found.append(((*at, index), _("a text is needed here")))
        elif has_control(item):
            found.append(((*at, index), _("control characters are not allowed")))
        elif item in value[:index]:
            found.append(((*at, index), _("%r stands here twice") % item))
        elif len(item) > MAX_ALIAS:
            found.append(((*at, index), _("at most %d characters fit here") % MAX_ALIAS))
    return found


def _side_problems(lines: Any, side: Side) -> list[Problem]:
    if not isinstance(lines, list):
        return [((side.value,), _("a list of lines is needed here"))]
    found: list[Problem] = []
    for index, line in enumerate(lines):
        at = (side.value, index)
        if not isinstance(line, dict):
            found.append((at, _("a line must be a mapping of keys")))
            continue
        wrong = _key_problems(line, LINE_KEYS[side], frozenset({"id"}), at)
        wrong = wrong or _text_problems(line, ("code", "text", "why"), at)
        found += wrong or _line_problems(line, side, at)
    return found


def _line_problems(line: Document, side: Side, at: tuple) -> list[Problem]:
    found: list[Problem] = []
    if not CODE.match(line["code"]):
        found.append(((*at, "code"), _("a short code is 2 to 4 lower-case letters and 1 or 2 digits")))
    if wrong := variables.problems(line["text"]):
        found.append(((*at, "text"), _("unknown field or stray brace: %s") % "、".join(wrong)))
    if "id" in line and not _is_uuid(line["id"]):
        found.append(((*at, "id"), _("an id is a UUID")))
    if side is Side.DONT:
        listed = _list_problems(line["breaks"], (*at, "breaks"))
        if line["breaks"] == []:
            listed = [((*at, "breaks"), _("name at least one rule this line breaks"))]
        found += listed or [
            ((*at, "breaks", index), _("%r is no rule code") % code)
            for index, code in enumerate(line["breaks"])
            if code not in Rule.values
        ]
    return found


def _is_uuid(value: Any) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except (AttributeError, TypeError, ValueError):
        return False
