"""GIFT, written: Moodle reads it, and our own reader gives back the same document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from knowledge.documents import Document
from training.enums import QuestionType
from training.exchange import carried
from training.exchange.bodies import FALSE, TRUE
from training.exchange.gift import MARKED, NOTE
from training.exchange.moodle import GAP, shortly

ARROW = "->"
RESERVED = re.compile(r"[\\:#={}~]")


def category(course: str) -> str:
    return f"$CATEGORY: $course$/{course}\n\n"


def write(document: Document, texts: Mapping[str, str], status: str = "") -> str:
    """One question with the blank line that ends it. `texts`: the words of card lines by their code."""
    tags, beside = carried.pack(document, status)
    head = f"// [id:{document['id']}] " + " ".join(f"[tag:{tag}]" for tag in tags)
    prompt, answers = _parts(document, texts, beside)
    note = f"// {NOTE} {carried.dumps(beside)}\n" if beside else ""
    return f"{head.rstrip()}\n{note}::{escape(document['id'])}::[plain]{escape(prompt)}{answers}\n\n"


def escape(text: str) -> str:
    """The text with every sign of the format made harmless, on one line."""
    return RESERVED.sub(lambda found: "\\" + found[0], text).replace("\n", "\\n")


def _said(text: str) -> str:
    """A text of its own in the answers: one that begins like a format's name is told to be plain."""
    return ("[plain]" if MARKED.match(text) else "") + escape(text)


def _parts(document: Document, texts: Mapping[str, str], beside: dict[str, Any]) -> tuple[str, str]:
    """Prompt and answers. `beside` is given what finds no place in them."""
    kind, prompt = document["type"], document["prompt"]
    if kind == QuestionType.ORDERING:
        # Moodle's ordering takes every line for an item: there is no place for feedback.
        beside |= {key: document[key] for key in ("feedback", "explanation")}
        return prompt, _steps(document["steps"], beside)
    general = f"####{_said(document['explanation'])}"
    if kind == QuestionType.MATCHING:
        beside["feedback"] = document["feedback"]
        return prompt, "{\n" + _pairs(document["pairs"], beside) + f"\t{general}\n}}"
    if kind == QuestionType.FILL:
        return widened(prompt, beside), "{\n" + _answers(document, beside) + f"\t{general}\n}}"
    if kind == QuestionType.REWRITE:
        beside |= {"lines": prompt.count("\n") + 1} | {key: document[key] for key in ("points", "forbids", "model")}
        return f"{prompt}\n\n{document['draft']}", f"{{{general}}}"
    if kind == QuestionType.TRUEFALSE and [option["text"] for option in document["options"]] == [TRUE, FALSE]:
        true, false = document["options"]
        right, wrong = (true, false) if true["right"] == "yes" else (false, true)
        word = "TRUE" if right is true else "FALSE"
        return prompt, f"{{{word}#{_said(wrong['feedback'])}#{_said(right['feedback'])}{general}}}"
    return prompt, "{\n" + _options(document, texts) + f"\t{general}\n}}"


def widened(prompt: str, beside: dict[str, Any]) -> str:
    """The prompt with its gap one line wider: from five on, Moodle puts the field into it."""
    if (found := re.search(r"_{4,}", prompt)) and len(found[0]) > len(GAP):
        beside["gap"] = len(found[0])
    return prompt.replace(GAP, GAP + "_", 1)


def _answers(document: Document, beside: dict[str, Any]) -> str:
    parts = [*document["answers"], document["feedback"]]
    if any(ARROW in part for part in parts):
        # With an arrow in it Moodle would take it for a matching question, and no backslash hides one.
        beside["exact"] = parts
    *answers, feedback = (part.replace(ARROW, "→") for part in parts)
    # To Moodle a star stands for anything, unless a backslash of its own goes before it.
    accepted = [answer.replace("*", "\\*") for answer in answers]
    return "".join(f"\t=%100%{_said(answer)}#{_said(feedback)}\n" for answer in accepted)


def _options(document: Document, texts: Mapping[str, str]) -> str:
    several = document["type"] == QuestionType.MULTIPLE
    right = sum(option["right"] == "yes" for option in document["options"])
    lines = []
    for option in document["options"]:
        words = texts.get(option["line"], option["line"]) if "line" in option else option["text"]
        chosen = option["right"] == "yes"
        share = shortly(round(100 / right if chosen else -100 / right, 5))
        mark = f"~%{share}%" if several else "=" if chosen else "~%0%" if words.startswith("%") else "~"
        lines.append(f"\t{mark}{_said(words)}#{_said(option['feedback'])}\n")
    return "".join(lines)


def _pairs(pairs: list[dict[str, str]], beside: dict[str, Any]) -> str:
    if any(ARROW in pair["left"] for pair in pairs):
        beside["exact"] = [pair["left"] for pair in pairs]
    shown = [pair["left"].replace(ARROW, "→") for pair in pairs]
    return "".join(f"\t={_said(left)} -> {escape(pair['right'])}\n" for left, pair in zip(shown, pairs, strict=True))


def _steps(steps: list[str], beside: dict[str, Any]) -> str:
    odd = any(re.search(r"[\\\n{}]|\A//", step) for step in steps)
    if odd:
        beside["escaped"] = 1
        steps = [re.sub(r"\A(?=//)", "\\\\n", escape(step)) for step in steps]
    items = "".join(f"{step}\n" for step in steps)
    return f"{{>{len(steps)} ALL VERTICAL RELATIVE_ALL_PREVIOUS_AND_NEXT SHOW\n{items}}}"
