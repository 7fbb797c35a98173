"""The canonical documents of questions and lessons, and how a question is frozen when it is asked."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from knowledge.documents import FACT, SLUG, Document, Problem, has_control
from knowledge.enums import Competency
from knowledge.enums import Course as CourseCode
from training.enums import QuestionType

HEAD = ("id", "type", "competency", "difficulty", "facts", "card", "prompt")
# type -> keys of its own, in file order
BODY: dict[str, tuple[str, ...]] = {
    QuestionType.SINGLE: ("options",),
    QuestionType.MULTIPLE: ("options",),
    QuestionType.TRUEFALSE: ("options",),
    QuestionType.BETTER: ("options",),
    QuestionType.ORDERING: ("steps", "feedback"),
    QuestionType.MATCHING: ("pairs", "feedback"),
    QuestionType.FILL: ("answers", "feedback"),
    QuestionType.REWRITE: ("draft", "points", "forbids", "model"),
}
# type -> (fewest, most) options, and how many of them may be right
OPTIONS = {
    QuestionType.SINGLE: ((2, 6), (1, 1)),
    QuestionType.MULTIPLE: ((3, 7), (2, 6)),
    QuestionType.TRUEFALSE: ((2, 2), (1, 1)),
    QuestionType.BETTER: ((2, 2), (1, 1)),
}
# The keys of a part of each list, in file order. PostgreSQL keeps JSON objects in an order of its own.
PARTS = {
    "options": ("text", "line", "right", "feedback"),
    "pairs": ("left", "right"),
    "points": ("name", "any"),
}
LESSON_KEYS = ("course", "slug", "position", "title", "minutes", "facts", "takeaways", "checks", "body")


# A card or a checkpoint in a lesson's text, on a line of its own.
PLACE = re.compile(r"\{\{(card|check):([a-z0-9-]+)\}\}")
# Words that stand where a lesson's slug would (training/urls.py).
RESERVED_SLUGS = frozenset({"quiz"})


def question_keys(kind: str) -> tuple[str, ...]:
    """The keys of a question of this type, in the order of the files; `card` may be missing."""
    return (*HEAD, *BODY.get(kind, ()), "explanation")


def in_file_order(kind: str, body: Document) -> Document:
    """A question's own keys, and those of its parts, as the files have them, whatever order the database gave."""
    return {
        name: [_part_in_order(name, part) for part in body[name]] if name in PARTS else body[name]
        for name in BODY[kind]
    }


def _part_in_order(name: str, part: Document) -> Document:
    return {key: part[key] for key in PARTS[name] if key in part}


def question_problems(document: Any) -> list[Problem]:
    """Everything wrong with a question document, each with its path."""
    if not isinstance(document, Mapping):
        return [((), _("a question must be a mapping of keys"))]
    kind = document.get("type")
    if kind not in QuestionType.values:
        return [(("type",), _none_of(kind, QuestionType.values))]
    keys = question_keys(str(kind))
    found: list[Problem] = [
        ((), _("the key %r is missing") % key) for key in keys if key not in document and key != "card"
    ]
    found += [((key,), _("the key %r is not known here") % key) for key in document if key not in keys]
    if found:
        return found
    found += _texts(document, ("id", "prompt", "explanation"), ())
    if not isinstance(document.get("card", ""), str):
        found.append((("card",), _("the slug of a card is needed here")))
    if found:
        return found
    if not SLUG.match(document["id"]):
        found.append((("id",), _("use lower-case letters, digits and single hyphens")))
    if document["competency"] not in Competency.values:
        found.append((("competency",), _none_of(document["competency"], Competency.values)))
    if document["difficulty"] not in ("1", "2", "3"):
        found.append((("difficulty",), _("1, 2 or 3")))
    found += _facts(document["facts"])
    if kind == QuestionType.BETTER and not document.get("card"):
        found.append((("card",), _("a better reply of two names its card")))
    return found + _CHECKS[QuestionType(kind)](document)


def lesson_problems(document: Any) -> list[Problem]:
    """Everything wrong with a lesson document."""
    if not isinstance(document, Mapping):
        return [((), _("a lesson must be a mapping of keys"))]
    found: list[Problem] = [((), _("the key %r is missing") % key) for key in LESSON_KEYS if key not in document]
    found += [((key,), _("the key %r is not known here") % key) for key in document if key not in LESSON_KEYS]
    if found:
        return found
    found += _texts(document, ("slug", "title", "body"), ())
    if found:
        return found
    if document["course"] not in CourseCode.values:
        found.append((("course",), _("%r is no course") % document["course"]))
    if not SLUG.match(document["slug"]):
        found.append((("slug",), _("use lower-case letters, digits and single hyphens")))
    if document["slug"] in RESERVED_SLUGS:
        found.append((("slug",), _("this word is an address of the site already")))
    for key in ("position", "minutes"):
        if not (isinstance(document[key], str) and document[key].isascii() and document[key].isdigit()):
            found.append(((key,), _("a whole number is needed here")))
    found += _facts(document["facts"])
    found += _list_of_texts(document["takeaways"], ("takeaways",))
    if not isinstance(document["checks"], list):
        return [*found, (("checks",), _("a list is needed here"))]
    for at, check in enumerate(document["checks"]):
        if not isinstance(check, Mapping) or set(check) != {"prompt", "options"}:
            found.append((("checks", at), _("a checkpoint has a prompt and options")))
        else:
            found += _texts(check, ("prompt",), ("checks", at))
            found += _options(check["options"], ("checks", at, "options"), ((2, 5), (1, 1)))
    return found + _place_problems(document["body"], len(document["checks"]))


def _place_problems(body: str, checks: int) -> list[Problem]:
    """References that the page could not show; a problem in the text has the path ("body", line from 0)."""
    found: list[Problem] = []
    seen: list[int] = []
    for at, line in enumerate(body.split("\n")):
        if "{{" not in line:
            continue
        place = PLACE.fullmatch(line)
        number = check_number(place[2]) if place and place[1] == "check" else 0
        if not place or (place[1] == "check" and not number):
            found.append((("body", at), _("a reference is {{card:slug}} or {{check:1}}, on a line of its own")))
        elif number > checks or number in seen:
            found.append((("body", at), _("there is no checkpoint %d left to put here") % number))
        elif number:
            seen.append(number)
    missing = [number for number in range(1, checks + 1) if number not in seen]
    return found + [
        (("checks", number - 1), _("the text has no place for it: write {{check:%d}} on a line of its own") % number)
        for number in missing
    ]


def check_number(part: str) -> int:
    """Which checkpoint a reference names; 0 when it is no number of one."""
    return int(part) if part.isdigit() and len(part) < 4 else 0


def places(body: str) -> list[tuple[str, str]]:
    """The text cut at its references, in order: ("html", Markdown), ("card", slug), ("check", number)."""
    parts: list[tuple[str, str]] = []
    text: list[str] = []
    for line in body.split("\n"):
        if place := PLACE.fullmatch(line):
            parts += [("html", "\n".join(text)), (place[1], place[2])]
            text = []
        else:
            text.append(line)
    return [(kind, part) for kind, part in [*parts, ("html", "\n".join(text))] if part.strip()]


def freeze(document: Document, rng: random.Random) -> Document:
    """The question as it will be shown: options, steps and right halves shuffled, each with a key.

    A key is the place in the document, as text, so that an answer means the same however it was shuffled.
    """
    frozen = dict(document)
    for name in ("options", "steps", "pairs"):
        if name in document:
            frozen[name] = [
                {"key": str(at), **(part if isinstance(part, Mapping) else {"text": part})}
                for at, part in enumerate(document[name])
            ]
    kind = document["type"]
    if kind in {QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.BETTER}:
        rng.shuffle(frozen["options"])
    elif kind == QuestionType.ORDERING:
        _shuffle_apart(frozen["steps"], rng)
    elif kind == QuestionType.MATCHING:
        frozen["choices"] = [{"key": pair["key"], "text": pair["right"]} for pair in frozen["pairs"]]
        _shuffle_apart(frozen["choices"], rng)
    return frozen


def _shuffle_apart(parts: list[Any], rng: random.Random) -> None:
    """Shuffle, but never into the order that is the answer."""
    before = list(parts)
    for _attempt in range(20):
        rng.shuffle(parts)
        if parts != before:
            return


def _texts(mapping: Mapping[str, Any], keys: tuple[str, ...], at: tuple) -> list[Problem]:
    return [((*at, key), wrong) for key in keys if (wrong := _no_text(mapping[key]))]


def _no_text(value: Any) -> str:
    """Why this is no text; empty when it is one."""
    if not isinstance(value, str) or not value.strip():
        return _("a text is needed here")
    return _("control characters are not allowed") if has_control(value) else ""


def _list_of_texts(value: Any, at: tuple, fewest: int = 1) -> list[Problem]:
    if not isinstance(value, list) or len(value) < fewest:
        return [(at, _("a list of at least %d is needed here") % fewest)]
    return [((*at, index), wrong) for index, item in enumerate(value) if (wrong := _no_text(item))]


def _facts(value: Any) -> list[Problem]:
    found = _list_of_texts(value, ("facts",), 0)
    return found or [
        (("facts", at), _("%r is no fact id") % fact) for at, fact in enumerate(value) if not FACT.match(fact)
    ]


def _options(
    value: Any, at: tuple, limits: tuple[tuple[int, int], tuple[int, int]], text: str = "text"
) -> list[Problem]:
    (fewest, most), (least_right, most_right) = limits
    if not isinstance(value, list) or not fewest <= len(value) <= most:
        return [(at, _between(fewest, most))]
    found: list[Problem] = []
    for index, option in enumerate(value):
        if not isinstance(option, Mapping) or set(option) != {text, "right", "feedback"}:
            found.append(((*at, index), _("an option has %s, right and feedback") % text))
            continue
        found += _texts(option, (text, "feedback"), (*at, index))
        if option["right"] not in ("yes", "no"):
            found.append(((*at, index, "right"), _("yes or no")))
    if not found and (twice := _repeated([option[text] for option in value])):
        found.append((at, _("%r stands here twice") % twice))
    right = sum(isinstance(option, Mapping) and option.get("right") == "yes" for option in value)
    if not found and not least_right <= right <= most_right:
        found.append((at, _right_between(least_right, most_right)))
    return found


def _between(fewest: int, most: int) -> str:
    if fewest == most:
        return _("exactly %d options are needed here") % most
    return _("%(fewest)d to %(most)d options are needed here") % {"fewest": fewest, "most": most}


def _right_between(fewest: int, most: int) -> str:
    if fewest == most:
        return _("exactly %d of them must be right") % most
    return _("%(fewest)d to %(most)d of them must be right") % {"fewest": fewest, "most": most}


def _none_of(value: Any, choices: list[str]) -> str:
    return _("%(value)r is none of %(choices)s") % {"value": value, "choices": ", ".join(choices)}


def _repeated(texts: list[str]) -> str:
    """A text that occurs twice: no learner could tell the two apart."""
    return next((text for at, text in enumerate(texts) if text in texts[:at]), "")


def _choice(document: Mapping[str, Any]) -> list[Problem]:
    kind = QuestionType(document["type"])
    return _options(document["options"], ("options",), OPTIONS[kind], "line" if kind == QuestionType.BETTER else "text")


def _ordering(document: Mapping[str, Any]) -> list[Problem]:
    found = _list_of_texts(document["steps"], ("steps",), 3) + _texts(document, ("feedback",), ())
    if not found and (twice := _repeated(document["steps"])):
        found.append((("steps",), _("%r stands here twice") % twice))
    return found


def _matching(document: Mapping[str, Any]) -> list[Problem]:
    pairs = document["pairs"]
    if not isinstance(pairs, list) or len(pairs) < 3:
        return [(("pairs",), _("at least 3 pairs are needed here"))]
    found = _texts(document, ("feedback",), ())
    for at, pair in enumerate(pairs):
        if not isinstance(pair, Mapping) or set(pair) != {"left", "right"}:
            found.append((("pairs", at), _("a pair has left and right")))
        else:
            found += _texts(pair, ("left", "right"), ("pairs", at))
    for side in ("left", "right"):
        if not found and (twice := _repeated([pair[side] for pair in pairs])):
            found.append((("pairs",), _("%r stands here twice") % twice))
    return found


def _fill(document: Mapping[str, Any]) -> list[Problem]:
    found = _list_of_texts(document["answers"], ("answers",)) + _texts(document, ("feedback",), ())
    if document["prompt"].count("____") != 1:
        found.append((("prompt",), _("one gap, written ____, is needed here")))
    return found


def _rewrite(document: Mapping[str, Any]) -> list[Problem]:
    found = _texts(document, ("draft", "model"), ()) + _list_of_texts(document["forbids"], ("forbids",), 0)
    points = document["points"]
    if not isinstance(points, list) or not points:
        return [*found, (("points",), _("at least one point is needed here"))]
    for at, point in enumerate(points):
        if not isinstance(point, Mapping) or set(point) != {"name", "any"}:
            found.append((("points", at), _("a point has a name and any of several wordings")))
        else:
            found += _texts(point, ("name",), ("points", at)) + _list_of_texts(point["any"], ("points", at, "any"))
    return found


_CHECKS = {
    QuestionType.SINGLE: _choice,
    QuestionType.MULTIPLE: _choice,
    QuestionType.TRUEFALSE: _choice,
    QuestionType.BETTER: _choice,
    QuestionType.ORDERING: _ordering,
    QuestionType.MATCHING: _matching,
    QuestionType.FILL: _fill,
    QuestionType.REWRITE: _rewrite,
}
