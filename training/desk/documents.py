"""The canonical document of a dialogue, and everything that keeps one from being played."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from knowledge.documents import FACT, SLUG, Document, Problem, has_control
from knowledge.enums import Competency, CustomerGroup, Rule, Stage
from knowledge.enums import Course as CourseCode
from training.desk.graph import circle, reachable
from training.desk.matching import heard, makes
from training.desk.rehearsal import rehearse, untaken
from training.desk.script import LEFT, Turn, read

DIALOGUE_KEYS = (
    *("slug", "title", "stage", "course", "competency", "group", "facts", "cards", "brief"),
    *("mood", "patience", "again", "first_seconds", "seconds", "turns", "endings"),
)
TURN_KEYS = ("id", "say", "points", "bonus", "nudge", "model", "branches")
POINT_KEYS = ("name", "any", "why")
BRANCH_KEYS = ("to", "mood", "breaks", "has", "misses", "score_below", "slower", "why")
CONDITIONS = BRANCH_KEYS[2:-1]
ENDING_KEYS = ("id", "kind", "say", "why")
KINDS = ("good", "fair", "bad")
CHOICES = {
    "stage": Stage.values,
    "course": CourseCode.values,
    "competency": Competency.values,
    "group": CustomerGroup.values,
}
# Whole numbers, least and most.
RANGES = {"mood": (1, 5), "patience": (1, 4), "first_seconds": (15, 180), "seconds": (15, 300)}
CHANGE = (-3, 2)
PERCENT = (1, 100)
# How many of each, least and most.
TURNS, ENDINGS, BRANCHES = (3, 8), (3, 6), (2, 12)
BUBBLES, POINTS, BONUS, WORDINGS, AGAIN = (1, 3), (2, 3), (0, 2), (3, 24), (0, 3)
# What the columns hold, and what a bubble, a reply or a name can be.
LIMITS = {"slug": 60, "title": 60, "brief": 1000, "name": 20, "id": 40, "nudge": 100, "model": 600, "why": 200}
LINE = 200
ANY = "any"


def in_order(document: Document) -> Document:
    """The document with its keys as the files have them: PostgreSQL keeps those of JSON in an order of its own."""

    def ordered(part: Any, keys: tuple[str, ...]) -> Any:
        return {key: part[key] for key in keys if key in part}

    made = ordered(document, DIALOGUE_KEYS)
    if "turns" in made:
        made["turns"] = [_turn_in_order(ordered(turn, TURN_KEYS), ordered) for turn in made["turns"]]
    if "endings" in made:
        made["endings"] = [ordered(ending, ENDING_KEYS) for ending in made["endings"]]
    return made


def _turn_in_order(turn: Document, ordered: Any) -> Document:
    for key in ("points", "bonus"):
        if key in turn:
            turn[key] = [ordered(point, POINT_KEYS) for point in turn[key]]
    turn["branches"] = [ordered(branch, BRANCH_KEYS) for branch in turn["branches"]]
    return turn


def dialogue_problems(document: Any, hints: Collection[str] | None = None) -> list[Problem]:
    """Everything wrong with a dialogue, each with the path to it; empty when it can be played. `hints` are the codes of
    rules that only hint, where they are known: `any` in a branch does not mean those."""
    if found := _keys(document, DIALOGUE_KEYS, (), optional=("again",)):
        return found
    found = [*_head(document), *_parts(document, "turns", TURNS, _turn), *_parts(document, "endings", ENDINGS, _ending)]
    return found or [*_names(document)] or [*_graph(document, hints)]


# Each part for itself


def _head(document: Document) -> Iterator[Problem]:
    yield from _texts(document, ("slug", "title", "brief"), ())
    if isinstance(document["slug"], str) and not SLUG.match(document["slug"]):
        yield ("slug",), _("use lower-case letters, digits and single hyphens")
    for key, choices in CHOICES.items():
        if document[key] not in choices:
            told = {"value": document[key], "choices": ", ".join(choices)}
            yield (key,), _("%(value)r is none of %(choices)s") % told
    for key, (least, most) in RANGES.items():
        yield from _number(document[key], least, most, (key,))
    yield from _list(document["facts"], ("facts",), (0, 20))
    yield from _list(document["cards"], ("cards",), (1, 3))
    yield from _list(document.get("again", []), ("again",), AGAIN)
    if isinstance(document["facts"], list):
        for at, fact in enumerate(document["facts"]):
            if not isinstance(fact, str) or not FACT.match(fact):
                yield ("facts", at), _("%r is no fact id") % fact


def _parts(document: Document, key: str, count: tuple[int, int], check: Any, path: tuple = ()) -> Iterator[Problem]:
    """A list of mappings, each checked by `check`."""
    rows = document.get(key, [])
    if not isinstance(rows, list):
        yield (*path, key), _("a list is needed here")
        return
    yield from _count(rows, count, (*path, key))
    for at, row in enumerate(rows):
        yield from check(row, (*path, key, at))


def _turn(turn: Any, path: tuple) -> Iterator[Problem]:
    if found := _keys(turn, TURN_KEYS, path, optional=("bonus",)):
        yield from found
        return
    yield from _texts(turn, ("id", "nudge", "model"), path)
    yield from _list(turn["say"], (*path, "say"), BUBBLES)
    yield from _parts(turn, "points", POINTS, _point, path)
    yield from _parts(turn, "bonus", BONUS, _point, path)
    yield from _parts(turn, "branches", BRANCHES, _branch, path)


def _point(point: Any, path: tuple) -> Iterator[Problem]:
    if found := _keys(point, POINT_KEYS, path):
        yield from found
        return
    yield from _texts(point, ("name", "why"), path)
    yield from _list(point["any"], (*path, "any"), WORDINGS)
    if isinstance(point["any"], list):
        for at, wording in enumerate(point["any"]):
            if isinstance(wording, str) and not heard(wording).letters:
                yield (*path, "any", at), _("a wording needs a letter, a digit or a character")


def _branch(branch: Any, path: tuple) -> Iterator[Problem]:
    if found := _keys(branch, BRANCH_KEYS, path, optional=BRANCH_KEYS[1:-1]):
        yield from found
        return
    yield from _texts(branch, ("to", "why"), path)
    for key in ("breaks", "has", "misses"):
        if key in branch:
            yield from _list(branch[key], (*path, key), (1, 24))
    if isinstance(branch.get("breaks"), list):
        for at, code in enumerate(branch["breaks"]):
            if code not in (*Rule.values, ANY):
                yield (*path, "breaks", at), _("%r is no rule code") % code
    for key, (least, most) in {"mood": CHANGE, "score_below": PERCENT, "slower": (1, 300)}.items():
        if key in branch:
            yield from _number(branch[key], least, most, (*path, key))


def _ending(ending: Any, path: tuple) -> Iterator[Problem]:
    if found := _keys(ending, ENDING_KEYS, path):
        yield from found
        return
    yield from _texts(ending, ("id", "why"), path)
    if ending["kind"] not in KINDS:
        yield (
            (*path, "kind"),
            _("%(value)r is none of %(choices)s") % {"value": ending["kind"], "choices": ", ".join(KINDS)},
        )
    if ending["say"] != "":
        yield from _texts(ending, ("say",), path)


# Names that refer to each other


def _names(document: Document) -> Iterator[Problem]:
    known: set[str] = set()
    for key in ("turns", "endings"):
        for at, part in enumerate(document[key]):
            if part["id"] in known:
                yield (key, at, "id"), _("%r stands here twice") % part["id"]
            elif not SLUG.match(part["id"]):
                yield (key, at, "id"), _("use lower-case letters, digits and single hyphens")
            elif part["id"] == LEFT:
                yield (key, at, "id"), _("%r is the ending of a customer nobody answered") % LEFT
            known.add(part["id"])
    for at, turn in enumerate(document["turns"]):
        yield from _turn_names(turn, ("turns", at), known)
    kinds = {ending["kind"] for ending in document["endings"]}
    for kind in KINDS:
        if kind not in kinds:
            yield ("endings",), _("An ending of the kind %r is missing.") % kind


def _turn_names(turn: Document, path: tuple, known: set[str]) -> Iterator[Problem]:
    """Points named twice, and branches that name what is not there."""
    names: list[str] = []
    for key in ("points", "bonus"):
        for number, point in enumerate(turn.get(key, [])):
            if point["name"] in names:
                yield (*path, key, number, "name"), _("%r stands here twice") % point["name"]
            names.append(point["name"])
    for number, branch in enumerate(turn["branches"]):
        here = (*path, "branches", number)
        if branch["to"] not in known:
            yield (*here, "to"), _("There is no turn and no ending %r.") % branch["to"]
        for key in ("has", "misses"):
            for place, name in enumerate(branch.get(key, [])):
                if name not in names:
                    yield (*here, key, place), _("This turn has no point %r.") % name
        last = number == len(turn["branches"]) - 1
        if last and any(key in branch for key in CONDITIONS):
            yield here, _("The last branch has no condition: it is for everything else.")
        elif not last and not any(key in branch for key in CONDITIONS):
            yield here, _("Only the last branch is without a condition: what follows this one is never asked.")


# The whole: needs names that are sound


def _graph(document: Document, hints: Collection[str] | None) -> Iterator[Problem]:
    steps = {turn["id"]: [branch["to"] for branch in turn["branches"]] for turn in document["turns"]}
    if round_ := circle(steps):
        at = next(at for at, turn in enumerate(document["turns"]) if turn["id"] == round_[0])
        yield ("turns", at), _("The talk goes round in a circle: %s") % " → ".join((*round_, round_[0]))
        return
    there = reachable(steps, document["turns"][0]["id"])
    for key in ("turns", "endings"):
        for at, part in enumerate(document[key]):
            if part["id"] not in there:
                yield (key, at), _("Nothing leads to %r.") % part["id"]
    script = read(document)
    for at, turn in enumerate(script.turns.values()):
        for number, takers in untaken(script, turn, hints).items():
            yield ("turns", at, "branches", number), _never(turn, number, takers)
    found = [*_models(document)]
    yield from found
    kinds = {ending["id"]: ending["kind"] for ending in document["endings"]}
    bad = [branch for turn in document["turns"] for branch in turn["branches"] if "breaks" in branch]
    if not any(kinds.get(branch["to"]) == "bad" for branch in bad):
        yield ("turns",), _("No broken rule leads to a bad ending: one branch with “breaks” has to.")
    if not found:
        ending = rehearse(script)
        if kinds.get(ending) != "good":
            yield ("endings",), _("Whoever says the model at every turn comes to %r, which is no good ending.") % ending


def _never(turn: Turn, number: int, takers: Collection[int]) -> str:
    """Why a branch is never taken, with its own number and name and those of what comes first."""
    branch = turn.branches[number]
    name = _("Branch %(number)d of %(turn)s, to %(to)s") % {"number": number + 1, "turn": turn.id, "to": branch.to}
    if not takers:
        return _("%s, is never taken: these conditions never hold together.") % name
    first = "、".join(f"{at + 1} → {turn.branches[at].to}" for at in sorted(takers))
    told = {"name": name, "first": first}
    return _("%(name)s, is never taken: the branches before it come first (%(first)s).") % told


def _models(document: Document) -> Iterator[Problem]:
    for at, turn in enumerate(document["turns"]):
        reply = heard(turn["model"])
        missed = [p["name"] for p in (*turn["points"], *turn.get("bonus", [])) if not makes(reply, p["any"])]
        if missed:
            yield ("turns", at, "model"), _("The model does not make these points: %s") % "、".join(missed)


# Small ones


def _keys(part: Any, keys: tuple[str, ...], path: tuple, optional: tuple[str, ...] = ()) -> list[Problem]:
    if not isinstance(part, Mapping):
        return [(path, _("a mapping of keys is needed here"))]
    missing = [(path, _("the key %r is missing") % key) for key in keys if key not in part and key not in optional]
    return missing + [((*path, key), _("the key %r is not known here") % key) for key in part if key not in keys]


def _texts(part: Document, keys: tuple[str, ...], path: tuple) -> Iterator[Problem]:
    for key in keys:
        if sentence := _wrong_text(part[key], LIMITS.get(key, LINE)):
            yield (*path, key), sentence


def _wrong_text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not value.strip():
        return _("a text is needed here")
    if has_control(value):
        return _("control characters are not allowed")
    return _("at most %d characters fit here") % longest if len(value) > longest else ""


def _list(value: Any, path: tuple, count: tuple[int, int]) -> Iterator[Problem]:
    """A list of texts, each once."""
    if not isinstance(value, list):
        yield path, _("a list is needed here")
        return
    yield from _count(value, count, path)
    for at, text in enumerate(value):
        if sentence := _wrong_text(text, LINE):
            yield (*path, at), sentence
        elif text in value[:at]:
            yield (*path, at), _("%r stands here twice") % text


def _count(rows: list[Any], count: tuple[int, int], path: tuple) -> Iterator[Problem]:
    least, most = count
    if not least <= len(rows) <= most:
        yield path, _("%(least)d to %(most)d are needed here") % {"least": least, "most": most}


def _number(value: Any, least: int, most: int, path: tuple) -> Iterator[Problem]:
    """A whole number as its file has it: a string without leading zeros or plus."""
    try:
        sound = isinstance(value, str) and str(int(value)) == value and least <= int(value) <= most
    except ValueError:
        sound = False
    if not sound:
        yield path, _("a whole number from %(low)d to %(high)d is needed") % {"low": least, "high": most}
