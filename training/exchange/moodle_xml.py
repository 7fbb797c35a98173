"""Moodle XML, read. What is not taken for something is left over, and what is left over is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.files import FileProblem, parse
from training.enums import QuestionType
from training.exchange import carried, markup
from training.exchange.moodle import CATEGORY, Answer, Asked, number, shortly
from training.exchange.xml_tree import Node, elements

NOTE = "csportal"
FORMATS = {
    "html": markup.HTML,
    "plain_text": markup.PLAIN,
    "markdown": markup.MARKDOWN,
    "moodle_auto_format": markup.AUTO,
}
# Values that mean the same here as there, or nothing; any other value of a setting is named.
MEANT = {
    "defaultgrade": {"1"},
    "penalty": {"0"},
    "hidden": {"0"},
    "single": {"true", "1", "false", "0"},
    "shuffleanswers": {"true", "1"},
    "answernumbering": {"none"},
    "showstandardinstruction": {"0"},
    "shownumcorrect": {"0"},
    "numberingstyle": {"none"},
    "layouttype": {"VERTICAL", "0"},
    "showgrading": {"SHOW", "1"},
    "responseformat": {"plain"},
    "responserequired": {"1"},
    "responsefieldlines": {"5"},
    "attachments": {"0"},
    "attachmentsrequired": {"0"},
    "unitgradingtype": {"0"},
    "showunits": {"3"},
    "unitsleft": {"0"},
}
GRADING = "gradingtype"
ALIKE = {"match": "matching", "select": "gapselect"}


def read(text: str) -> Iterator[Asked]:
    """The questions of a file in order. Raises xml_tree.Unreadable."""
    category = ""
    for node in elements(text):
        asked = Asked(node.line, node.attributes.get("type", "").strip().lower())
        if node.tag != "question":
            asked.kind = CATEGORY
            asked.lose("element", node.tag)
        elif asked.kind == CATEGORY:
            asked.prompt = category = _plain(node.take("category"), asked)
            if info := _words(node.take("info"), asked):
                asked.lose("category-info", info)
            if idnumber := _plain(node.take("idnumber"), asked):
                asked.lose("category-id", idnumber)
        else:
            asked.kind, asked.category = ALIKE.get(asked.kind, asked.kind), category
            _question(node, asked)
        yield asked


def _words(node: Node | None, asked: Asked, form: str = "") -> str:
    """The words of an element that holds a <text> and perhaps files."""
    if node is None:
        return ""
    inner = node.take("text")
    for one in node.all("file"):
        asked.lose("file", one.attributes.get("name", ""))
    form = form or FORMATS.get(node.attributes.get("format", ""), markup.AUTO)
    return markup.plain((inner or node).text.strip(), form, asked).strip()


def _plain(node: Node | None, asked: Asked) -> str:
    return _words(node, asked, markup.PLAIN)


def _question(node: Node, asked: Asked) -> None:
    asked.name = " ".join(_plain(node.take("name"), asked).split())
    asked.prompt = _words(node.take("questiontext"), asked)
    asked.general = _words(node.take("generalfeedback"), asked)
    asked.idnumber = _plain(node.take("idnumber"), asked)
    for tags in node.all("tags", "coursetags"):
        asked.tags += [_plain(tag, asked) for tag in tags.all("tag")]
    _note(node.take(NOTE), asked)
    _answers(node, asked)
    told = [_words(node.take(f"{how}feedback"), asked) for how in ("correct", "partiallycorrect", "incorrect")]
    asked.whole = told if any(told) else []
    asked.template = _words(node.take("responsetemplate"), asked)
    asked.grader = _words(node.take("graderinfo"), asked)
    if asked.kind == "essay":
        _rewrite(asked)
    if hints := [_words(hint, asked) for hint in node.all("hint")]:
        asked.lose("hints", "、".join(hint for hint in hints if hint) or len(hints))
    _settings(node, asked)
    pictures = {loss.detail for loss in asked.losses if loss.code == "picture"}
    asked.losses = [loss for loss in asked.losses if loss.code != "file" or loss.detail not in pictures]


def _note(node: Node | None, asked: Asked) -> None:
    if node is not None:
        meta = carried.loads(node.text)
        if meta is None:
            asked.lose("meta")
        asked.meta = meta or {}


def _rewrite(asked: Asked) -> None:
    """What graders read of a question of ours: its points, the words it forbids, and a model, as the files have it."""
    if asked.grader and f"type:{QuestionType.REWRITE}" in asked.tags:
        try:
            value = parse("graderinfo", asked.grader).value  # type: ignore[arg-type]  # a name for messages
        except (FileProblem, RecursionError):
            value = None
        if isinstance(value, dict):
            asked.meta |= {key: value[key] for key in ("points", "forbids", "model") if key in value}
            return
    if asked.grader:
        asked.lose("answer-feedback", asked.grader)


def _answers(node: Node, asked: Asked) -> None:
    if asked.kind == "truefalse":
        _truefalse(node, asked)
        return
    asked.pairs = [(_words(one, asked), _plain(one.take("answer"), asked)) for one in node.all("subquestion")]
    for one in node.all("selectoption", "dragbox"):
        group = number(given.text) if (given := one.take("group")) else 1
        asked.answers.append(Answer(_plain(one, asked), tolerance=group or 0))
        one.all("infinite")
        _left_over(one, asked)
    form = markup.PLAIN if asked.kind in ("shortanswer", "numerical") else ""
    for one in node.all("answer"):
        asked.answers.append(_answer(one, asked, form))
    single = node.take("single")
    asked.single = single is None or single.text.strip().lower() in ("true", "1")
    if asked.kind == "ordering":
        _ordering(node, asked)
    if (usecase := node.take("usecase")) and usecase.text.strip() not in ("", "0"):
        asked.lose("case")
    if units := [unit.text for group in node.all("units") for unit in _named(group, "unit_name")]:
        asked.lose("units", "、".join(units))


def _named(node: Node, tag: str) -> Iterator[Node]:
    for child in node.children:
        if child.tag == tag:
            yield child
        yield from _named(child, tag)


def _answer(one: Node, asked: Asked, form: str) -> Answer:
    feedback = one.take("feedback")
    said = _words(feedback, asked)
    weight = number(one.attributes.get("fraction", "0") or "0")
    off = number(tolerance.text or "0") if (tolerance := one.take("tolerance")) else 0.0
    text = _words(one, asked, form)
    _left_over(one, asked)
    if weight is None or off is None or (asked.kind == "numerical" and text != "*" and number(text) is None):
        asked.broken = asked.broken or "number"
    return Answer(text, weight or 0.0, said, abs(off or 0.0))


def _truefalse(node: Node, asked: Asked) -> None:
    found = {_plain_word(one): _answer(one, asked, markup.PLAIN) for one in node.all("answer")}
    if set(found) != {"true", "false"}:
        asked.broken = asked.broken or "truefalse"
        return
    asked.answers = [found["true"], found["false"]]
    if {answer.weight >= 100 for answer in asked.answers} != {True, False}:
        asked.broken = asked.broken or "truefalse"


def _plain_word(one: Node) -> str:
    text = next((child.text for child in one.children if child.tag == "text"), one.text)
    return re.sub(r"<[^>]*>", "", text).strip().lower()


def _ordering(node: Node, asked: Asked) -> None:
    """Steps stand in their right order; older files number them in `fraction`, newer ones too."""
    if len({answer.weight for answer in asked.answers}) == len(asked.answers):
        asked.answers.sort(key=lambda answer: answer.weight)
    select, count = node.take("selecttype") or node.take("logical"), node.take("selectcount") or node.take("studentsee")
    some = select is not None and select.text.strip().upper() not in ("", "0", "ALL", "EXACT")
    if some and count is not None and 0 < (number(count.text) or 0) < len(asked.answers):
        asked.lose("subset")
    grading = node.take(GRADING)
    if grading is not None and grading.text.strip() not in ("", "RELATIVE_ALL_PREVIOUS_AND_NEXT", "4"):
        asked.lose("grading", grading.text.strip())


def _settings(node: Node, asked: Asked) -> None:
    """Name what is left: settings by their value, anything else by what it holds."""
    told, rest = [], []
    for child in node.children:
        value = child.text.strip()
        amount = number(value)
        short = shortly(amount) if amount is not None else value
        if child.tag == "hidden":
            if short not in ("", "0") and not any(tag.startswith("status:") for tag in asked.tags):
                asked.lose("hidden")
        elif child.children:
            rest.append(child.tag)
        elif short and short not in MEANT.get(child.tag, ()) and value.lower() not in MEANT.get(child.tag, ()):
            # Moodle gives every true-or-false question this one: there is no second try.
            if not (child.tag == "penalty" and asked.kind == "truefalse" and short == "1"):
                told.append(f"{child.tag} {short[:60]}")
        elif not value and child.tag == "shownumcorrect":
            told.append(child.tag)
    if told:
        asked.lose("settings", "、".join(dict.fromkeys(told)))
    if rest:
        asked.lose("element", "、".join(dict.fromkeys(rest)))


def _left_over(node: Node, asked: Asked) -> None:
    for child in node.children:
        if child.text.strip() or child.children:
            asked.lose("element", child.tag)
