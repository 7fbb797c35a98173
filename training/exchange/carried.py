"""What of a question has no place in Moodle, and how it travels there and back.

Moodle keeps a question's id and its tags, also when a trainer exports it again from there: type, competency,
difficulty, facts, card and line codes go as tags. What fits no tag goes as JSON into a note of ours that Moodle does
not look at (a comment line in GIFT, an element of our own in XML); whoever edits the visible text wins over it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from knowledge.documents import FACT, Document
from knowledge.enums import Competency, Status
from training.enums import QuestionType

# Moodle cuts a tag at 50 characters and refuses some of ASCII's signs.
_FITS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}\Z")
_TAG = re.compile(r"(type|competency|difficulty|fact|card|status|line\d):(.+)\Z")

VALUES: dict[str, Any] = {
    "type": QuestionType.values,
    "competency": Competency.values,
    "difficulty": ("1", "2", "3"),
    "fact": (),
    "status": Status.values,
}


def pack(document: Document, status: str = "") -> tuple[list[str], dict[str, Any]]:
    """The tags of a document, and what of it no tag can hold. That it is published is not said."""
    tags: list[str] = []
    beside: dict[str, Any] = {}
    for key in ("type", "competency", "difficulty", "card"):
        if key in document:
            _put(tags, beside, key, document[key])
    for fact in document["facts"]:
        _put(tags, beside, "fact", fact)
    if document["type"] == QuestionType.BETTER:
        for at, option in enumerate(document["options"], 1):
            _put(tags, beside, f"line{at}", option["line"])
    if status not in ("", Status.PUBLISHED):
        tags.append(f"status:{status}")
    return tags, beside


def _put(tags: list[str], beside: dict[str, Any], key: str, value: str) -> None:
    if _FITS.match(value):
        tags.append(f"{key}:{value}")
    else:
        beside[key] = value


def unpack(tags: list[str], beside: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the tags and the note say of a document, facts as a list, and the tags that are none of ours."""
    found: dict[str, Any] = {key: value for key, value in beside.items() if key != "facts"}
    facts: list[str] = []
    strange = []
    for tag in tags:
        ours = _TAG.match(tag.strip())
        if not ours:
            strange.append(tag)
        elif ours[1] == "fact" and FACT.match(ours[2]):
            facts.append(ours[2])
        elif ours[2] not in VALUES.get(ours[1], (ours[2],)):
            strange.append(tag)
        else:
            found[ours[1]] = ours[2]
    if facts:
        found["facts"] = facts
    return found, strange


def dumps(beside: dict[str, Any]) -> str:
    """The note on one line, in characters that neither format takes for its own."""
    text = json.dumps(beside, ensure_ascii=False, separators=(", ", ": "))
    # Moodle reads "[id:" and "[tag:" wherever they stand in a comment of GIFT.
    return text.replace("[id:", "\\u005bid:").replace("[tag:", "\\u005btag:")


def loads(text: str) -> dict[str, Any] | None:
    """The note again; None when it is no note of ours any more."""
    try:
        value = json.loads(text)
        sound = isinstance(value, dict) and all(isinstance(part, int) or _is_text(part) for part in value.values())
    except (ValueError, RecursionError):
        return None
    return value if sound else None


def _is_text(value: Any) -> bool:
    """Whether a value is what documents are made of: texts, lists and mappings of them."""
    if isinstance(value, dict):
        return all(_is_text(part) for part in value.values())
    return isinstance(value, str) or (isinstance(value, list) and all(_is_text(part) for part in value))
