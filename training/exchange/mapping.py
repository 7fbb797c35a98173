"""From a question of Moodle's to a document of ours: what fits, what is put in, and what is named as lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from knowledge.documents import SLUG, Document, tidy_document
from knowledge.enums import Competency
from knowledge.enums import Course as CourseCode
from training.enums import QuestionType
from training.exchange import bodies, carried
from training.exchange.losses import LEFT_OUT
from training.exchange.moodle import CATEGORY, Asked, Loss

# The id of a question that brought none in our form.
MADE = re.compile(r"-m[0-9a-f]{10}\Z")
Seen = dict[str, tuple[int, Document]]  # id -> line and document


@dataclass(frozen=True, slots=True)
class Course:
    """A course as a target: its code, and the competency its questions train unless they say another."""

    code: str
    competency: str


@dataclass(slots=True)
class Mapped:
    """What became of a question. Without a document it is left out, or `broken` and then an error of the file."""

    line: int
    label: str
    document: Document | None = None
    course: str = ""
    status: str = ""
    losses: list[Loss] = field(default_factory=list)
    broken: str = ""
    why: str = ""  # what `broken` leaves open


def mapped(
    questions: Iterable[Asked],
    named: Mapping[str, Course],
    chosen: Course | None,
    wrong: Callable[[Document], str],
    texts: Mapping[str, str],
) -> Iterator[Mapped]:
    """Every question of a file in order, each with what was lost.

    `named`: courses by code and by title; `chosen`: for questions whose category names none; `wrong(document)`: why
    it cannot be asked here, or nothing; `texts`: the words of card lines by their code.
    """
    seen: Seen = {}
    for asked in questions:
        found = Mapped(asked.line, asked.label, broken=asked.broken)
        if not asked.broken and asked.kind != CATEGORY:
            _fill_in(found, asked, named, chosen, texts)
        if found.document is not None and not found.broken:
            if why := wrong(found.document):
                found.document = None
                if _is_ours(asked):
                    found.broken, found.why = "limits", why
                else:
                    asked.lose("limits", why)
            else:
                _once(found, asked, seen)
        # Of a question that stays outside, that it does is all there is to say.
        outside = [loss for loss in asked.losses if loss.code in LEFT_OUT]
        found.losses = outside if found.document is None and outside else asked.losses
        yield found


def _once(found: Mapped, asked: Asked, seen: Seen) -> None:
    """The same question twice comes in once. An id of ours for two different ones is an error; one that was made from
    the words of the question is made anew, in the same way every time."""
    document, made = found.document or {}, 1
    code = document["id"]
    while document["id"] in seen:
        line, first = seen[document["id"]]
        if first == document:
            found.document = None
            asked.lose("twice", line)
            return
        if not MADE.search(code):
            found.broken = "twice"
            return
        made += 1
        document["id"] = f"{code}-{made}"
    seen[document["id"]] = (found.line, document)


def _fill_in(
    found: Mapped,
    asked: Asked,
    named: Mapping[str, Course],
    chosen: Course | None,
    texts: Mapping[str, str],
) -> None:
    ours, strange = carried.unpack(asked.tags, asked.meta)
    if strange:
        asked.lose("tags", "、".join(strange))
    body = bodies.body(asked, ours, texts)
    if body is None:
        return
    course, code = _place(asked, named, chosen, body["type"])
    if course is None:
        found.broken = "course"
        return
    found.course, found.status = course.code, str(ours.get("status", ""))
    found.document = _document(asked, ours, course, code, body)


def _document(asked: Asked, ours: dict[str, Any], course: Course, code: str, body: Document) -> Document:
    put: list[str] = []
    competency, difficulty, facts = (ours.get(key) for key in ("competency", "difficulty", "facts"))
    if competency not in Competency.values:
        competency = course.competency
        put.append(_("competency %s") % Competency(competency).label)
    if difficulty not in ("1", "2", "3"):
        difficulty = "2"
        put.append(_("difficulty 2"))
    explanation = asked.general
    if body["type"] == QuestionType.ORDERING and not explanation:
        explanation = str(ours.get("explanation", ""))
    if not explanation:
        explanation = bodies.NO_EXPLANATION
        put.append(_("explanation “%s”") % bodies.NO_EXPLANATION)
    put += body.pop("put", [])
    if put:
        asked.lose("defaults", "；".join(put))
    document: Document = {
        "id": code,
        "type": str(body.pop("type")),
        "competency": competency,
        "difficulty": difficulty,
        "facts": facts or [],
    }
    if isinstance(ours.get("card"), str):
        document["card"] = ours["card"]
    whole = document | {"prompt": body.pop("prompt", asked.prompt), **body, "explanation": explanation}
    return dict(tidy_document(whole))


def _is_ours(asked: Asked) -> bool:
    """Whether a writer of ours has made it, wherever it has been since."""
    return any(tag.startswith("type:") for tag in asked.tags)


def _place(asked: Asked, named: Mapping[str, Course], chosen: Course | None, kind: str) -> tuple[Course | None, str]:
    """The course of a question and its id: those it has when they are ours, else some that stay the same next time."""
    parts = [part.strip() for part in asked.category.split("/")]
    under = next((named[part] for part in reversed(parts) if part in named), None)
    for own in (asked.idnumber, asked.name):
        course = under or named.get(own.split("-", 1)[0])
        if course and _may_be_ours(own, asked):
            if asked.idnumber and own != asked.idnumber:
                asked.lose("id", asked.idnumber)
            if asked.name and asked.name != own:
                asked.lose("name", asked.name)
            return course, own
    if under is None and asked.category:
        asked.lose("category", asked.category)
    course = under or chosen
    if course is None:
        return None, ""
    if asked.name:
        asked.lose("name", asked.name)
    if asked.idnumber:
        asked.lose("id", asked.idnumber)
        identity = f"id\n{asked.category}\n{asked.idnumber}"
    else:
        identity = f"{kind}\n{asked.name}\n{asked.prompt}"
    return course, f"{course.code}-m{hashlib.sha256(identity.encode()).hexdigest()[:10]}"


def _may_be_ours(code: str, asked: Asked) -> bool:
    """An id in our form begins with a course; one of another form is ours when we have written its question."""
    known = code.split("-", 1)[0] in CourseCode.values and "-" in code
    return bool(SLUG.match(code)) and len(code) <= 40 and (known or _is_ours(asked))
