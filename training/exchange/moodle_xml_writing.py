"""Moodle XML, written: Moodle reads it, and our own reader gives back the same document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from knowledge import files
from knowledge.documents import Document
from knowledge.enums import Status
from training.enums import QuestionType
from training.exchange import carried
from training.exchange.bodies import FALSE, TRUE
from training.exchange.gift_writing import widened
from training.exchange.moodle import shortly
from training.exchange.moodle_xml import NOTE

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
FOOT = "</quiz>\n"
KINDS = {
    QuestionType.SINGLE: "multichoice",
    QuestionType.MULTIPLE: "multichoice",
    QuestionType.TRUEFALSE: "truefalse",
    QuestionType.BETTER: "multichoice",
    QuestionType.ORDERING: "ordering",
    QuestionType.MATCHING: "matching",
    QuestionType.FILL: "shortanswer",
    QuestionType.REWRITE: "essay",
}
ESSAY = (
    ("responseformat", "plain"), ("responserequired", "1"), ("responsefieldlines", "5"), ("attachments", "0"),
    ("attachmentsrequired", "0"),
)  # fmt: skip
STEPS = (
    ("layouttype", "VERTICAL"), ("selecttype", "ALL"), ("gradingtype", "RELATIVE_ALL_PREVIOUS_AND_NEXT"),
    ("showgrading", "SHOW"), ("numberingstyle", "none"),
)  # fmt: skip
CHOICE = (("shuffleanswers", "true"), ("answernumbering", "none"), ("showstandardinstruction", "0"))


def category(course: str) -> str:
    text = f"    <category><text>$course$/{escape(course)}</text></category>"
    return f'  <question type="category">\n{text}\n  </question>\n'


def write(document: Document, texts: Mapping[str, str], status: str = "") -> str:
    """One question. `texts`: the words of card lines by their code."""
    tags, beside = carried.pack(document, status)
    kind = KINDS[QuestionType(document["type"])]
    if document["type"] == QuestionType.TRUEFALSE and [o["text"] for o in document["options"]] != [TRUE, FALSE]:
        kind = "multichoice"
    prompt = widened(document["prompt"], beside) if document["type"] == QuestionType.FILL else document["prompt"]
    body = _body(document, kind, texts)
    hidden = "0" if status in ("", Status.PUBLISHED) else "1"
    parts = [
        f'  <question type="{kind}">',
        f"    <name><text>{escape(document['id'])}</text></name>",
        _block("questiontext", prompt),
        _block("generalfeedback", document["explanation"]),
        *_settings((("defaultgrade", "1"), ("penalty", "1" if kind == "truefalse" else "0"), ("hidden", hidden))),
        f"    <idnumber>{escape(document['id'])}</idnumber>",
        *body,
        "    <tags>" + "".join(f"<tag><text>{escape(tag)}</text></tag>" for tag in tags) + "</tags>",
    ]
    if beside:
        parts.append(f"    <{NOTE}>{escape(carried.dumps(beside))}</{NOTE}>")
    return "\n".join([*parts, "  </question>"]) + "\n"


def _body(document: Document, kind: str, texts: Mapping[str, str]) -> list[str]:
    if kind == "multichoice":
        several = document["type"] == QuestionType.MULTIPLE
        head = _settings((("single", "false" if several else "true"), *CHOICE))
        return [*head, *_options(document, several, texts)]
    if kind == "truefalse":
        return [
            _answer(word, "100" if option["right"] == "yes" else "0", option["feedback"])
            for word, option in zip(("true", "false"), document["options"], strict=True)
        ]
    if kind == "ordering":
        steps = [_answer(step, str(at), "") for at, step in enumerate(document["steps"], 1)]
        return [*_settings((*STEPS, ("selectcount", str(len(steps))))), *_whole(document["feedback"]), *steps]
    if kind == "matching":
        return [*_settings(CHOICE[:1]), *_whole(document["feedback"]), *map(_pair, document["pairs"])]
    if kind == "shortanswer":
        answers = [_answer(word.replace("*", "\\*"), "100", document["feedback"]) for word in document["answers"]]
        return [*_settings((("usecase", "0"),)), *answers]
    grader = files.dump({key: document[key] for key in ("points", "forbids", "model")})
    return [*_settings(ESSAY), _block("graderinfo", grader), _block("responsetemplate", document["draft"])]


def _options(document: Document, several: bool, texts: Mapping[str, str]) -> list[str]:
    right = sum(option["right"] == "yes" for option in document["options"])
    lines = []
    for option in document["options"]:
        chosen = option["right"] == "yes"
        share: Any = 100 if chosen else 0
        if several:
            share = round(100 / right if chosen else -100 / right, 5)
        words = texts.get(option["line"], option["line"]) if "line" in option else option["text"]
        lines.append(_answer(words, shortly(share), option["feedback"]))
    return lines


def _settings(pairs: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"    <{name}>{value}</{name}>" for name, value in pairs]


def _block(tag: str, text: str) -> str:
    return f'    <{tag} format="plain_text"><text>{escape(text)}</text></{tag}>'


def _answer(text: str, fraction: str, feedback: str) -> str:
    said = f'<feedback format="plain_text"><text>{escape(feedback)}</text></feedback>'
    return f'    <answer fraction="{fraction}" format="plain_text"><text>{escape(text)}</text>{said}</answer>'


def _pair(pair: dict[str, str]) -> str:
    right = f"<answer><text>{escape(pair['right'])}</text></answer>"
    return f'    <subquestion format="plain_text"><text>{escape(pair["left"])}</text>{right}</subquestion>'


def _whole(feedback: str) -> list[str]:
    return [_block(f"{how}feedback", feedback) for how in ("correct", "partiallycorrect", "incorrect")]
