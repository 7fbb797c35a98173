"""What a question's own keys become, type by type. Whatever finds no place is named on the question."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from knowledge.documents import Document, tidy
from training.enums import QuestionType
from training.exchange.moodle import GAP, Answer, Asked, number, shortly

# Content is Chinese, whatever the language of the person who imports.
TRUE, FALSE = "对", "错"
RIGHT, WRONG, NO_EXPLANATION = "选对了。", "这一项不对。", "原题没有写解析。"
WIDE_GAP = re.compile(r"_{4,}")
PLACE = re.compile(r"\[\[(\d{1,3})\]\]")
CHOICES = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUEFALSE, QuestionType.BETTER)

Ours = dict[str, Any]  # what tags and note carry
Texts = Mapping[str, str]  # the words of card lines by their code


def body(asked: Asked, ours: Ours, texts: Texts) -> Document | None:
    """The type and its keys, with `put` for what had to be put in and `prompt` where the text itself is another one;
    None when such a question cannot be asked here."""
    if maker := MAKERS.get(asked.kind):
        return maker(asked, ours, texts)
    asked.lose("type", asked.kind)
    return None


def _choice(asked: Asked, ours: Ours, texts: Texts) -> Document:
    wanted = ours.get("type")
    if asked.kind == "multichoiceset":
        asked.lose("all-or-nothing")
    full = 100.0 if asked.single else 0.0
    right = [answer for answer in asked.answers if answer.weight >= full and answer.weight > 0]
    if asked.single:
        if part := [answer for answer in asked.answers if answer not in right and answer.weight]:
            asked.lose("partial", "、".join(f"{answer.text} ({shortly(answer.weight)}%)" for answer in part))
        if len(right) > 1:
            asked.lose("several", "、".join(answer.text for answer in right))
    else:
        _weights(asked, right)
        if len(right) == 1:
            asked.lose("one")
    kind = QuestionType.SINGLE if len(right) == 1 else QuestionType.MULTIPLE
    if wanted in CHOICES and (wanted == QuestionType.MULTIPLE) == (len(right) > 1):
        kind = QuestionType(wanted)
    elif wanted == QuestionType.MULTIPLE and not asked.single:
        kind = QuestionType.MULTIPLE
    body = _options(asked, [answer.text for answer in asked.answers], right)
    if kind == QuestionType.BETTER:
        _as_lines(asked, body, ours, texts)
    return {"type": kind, **body}


def _truefalse(asked: Asked, _ours: Ours, _texts: Texts) -> Document:
    return {"type": QuestionType.TRUEFALSE, **_options(asked, [TRUE, FALSE])}


def _weights(asked: Asked, right: list[Answer]) -> None:
    """Ours are the only weights that are kept: right ones alike, a wrong one takes as much as a right one gives."""
    share = 100 / len(right) if right else 0.0
    if any(abs(answer.weight - (share if answer in right else -share)) > 0.01 for answer in asked.answers):
        asked.lose("weights", "、".join(f"{shortly(answer.weight)}%" for answer in asked.answers))


def _options(asked: Asked, words: list[str], right: list[Answer] | None = None) -> Document:
    options, put = [], []
    for text, answer in zip(words, asked.answers, strict=True):
        good = any(answer is one for one in right) if right is not None else answer.weight >= 100
        feedback = answer.feedback
        if not feedback:
            feedback = RIGHT if good else WRONG
            put.append(_("feedback “%s”") % feedback)
        options.append({"text": text, "right": "yes" if good else "no", "feedback": feedback})
    _whole(asked)
    return {"options": options, "put": sorted(set(put))}


def _as_lines(asked: Asked, body: Document, ours: Ours, texts: Texts) -> None:
    """Options that are lines of a card: the code counts, and the words stay those of the card."""
    for at, option in enumerate(body["options"], 1):
        code = str(ours.get(f"line{at}", ""))
        if (known := texts.get(code)) is not None and tidy(known) != tidy(option["text"]):
            asked.lose("reply", option["text"])
        body["options"][at - 1] = {"line": code, "right": option["right"], "feedback": option["feedback"]}


def _whole(asked: Asked) -> None:
    if told := sorted({text for text in asked.whole if text}):
        asked.lose("whole-feedback", "、".join(told))


def _one_feedback(asked: Asked, carried_one: Any) -> Document:
    """The one feedback that steps, pairs and gaps have here: ours, or what is said whether right or wrong."""
    told = {text for text in asked.whole if text}
    if isinstance(carried_one, str) and carried_one:
        return {"feedback": carried_one}
    if len(told) == 1 and len(asked.whole) == 3 and all(asked.whole):
        return {"feedback": told.pop()}
    _whole(asked)
    feedback = asked.general or NO_EXPLANATION
    put = _("its explanation as feedback too") if asked.general else _("feedback “%s”") % feedback
    return {"feedback": feedback, "put": [put]}


def _fill(asked: Asked, ours: Ours, _texts: Texts) -> Document:
    accepted = [answer for answer in asked.answers if answer.weight >= 100 and not _pattern(answer.text)]
    if patterns := [a.text for a in asked.answers if a.weight >= 100 and _pattern(a.text)]:
        asked.lose("wildcard", "、".join(patterns))
    if part := [a for a in asked.answers if a.weight < 100 and a.text != "*"]:
        asked.lose("partial", "、".join(f"{a.text} ({shortly(a.weight)}%)" for a in part))
    words = [answer.text.replace("\\*", "*") for answer in accepted]
    return _gapped(asked, ours, words, accepted)


def _gapped(asked: Asked, ours: Ours, words: list[str], accepted: list[Answer]) -> Document:
    """A prompt with one gap, the accepted words, and one feedback for all of them."""
    told = [answer.feedback for answer in accepted if answer.feedback]
    if lost := [a.feedback for a in asked.answers if a.feedback and a.feedback not in told[:1]]:
        asked.lose("answer-feedback", "、".join(dict.fromkeys(lost)))
    feedback = _one_feedback(asked, told[0] if told else "")
    exact = ours.get("exact")
    shown = [*words, feedback["feedback"]]
    if isinstance(exact, list) and [str(one).replace("->", "→") for one in exact] == shown:
        *words, feedback["feedback"] = (str(one) for one in exact)
    return {
        "type": QuestionType.FILL,
        "prompt": _with_gap(asked, ours.get("gap")),
        "answers": words,
        **feedback,
    }


def _with_gap(asked: Asked, width: Any) -> str:
    gap = "_" * width if isinstance(width, int) and len(GAP) < width < 2 * len(GAP) else GAP
    found = WIDE_GAP.findall(asked.prompt)
    if not found:
        asked.lose("gap")
        return f"{asked.prompt} {GAP}".strip()
    if len(found) > 1:
        asked.lose("gap-more")
    before, _found, after = asked.prompt.partition(found[0])
    return before + gap + WIDE_GAP.sub("___", after)


def _pattern(text: str) -> bool:
    return "*" in text.replace("\\*", "")


def _number(asked: Asked, _ours: Ours, _texts: Texts) -> Document:
    accepted = [answer for answer in asked.answers if answer.weight >= 100 and answer.text != "*"]
    words: list[str] = []
    for answer in accepted:
        words += [word for word in _numbers(answer) if word not in words]
    if any(answer.tolerance for answer in accepted):
        asked.lose("tolerance", "、".join(words))
    if any(answer.text == "*" and answer.weight >= 100 for answer in asked.answers):
        asked.lose("wildcard", "*")
    if part := [a for a in asked.answers if a.weight < 100 and a.text != "*"]:
        asked.lose("partial", "、".join(f"{_spelled(a)} ({shortly(a.weight)}%)" for a in part))
    if negative := [word for word in words if word.startswith("-")]:
        asked.lose("sign", "、".join(negative))
    return _gapped(asked, {}, words, accepted)


def _spelled(answer: Answer) -> str:
    return f"{answer.text}±{shortly(answer.tolerance)}" if answer.tolerance else answer.text


def _numbers(answer: Answer) -> list[str]:
    """The number, then the whole ones of a small range around it; of a narrow range its ends."""
    middle = number(answer.text)
    if middle is None or not answer.tolerance:
        return [answer.text]
    low, high = middle - answer.tolerance, middle + answer.tolerance
    whole = [one for one in range(int(low) - 1, int(high) + 2) if low <= one <= high] if answer.tolerance <= 10 else []
    words = [answer.text] if middle % 1 == 0 or not whole else []
    words += [str(one) for one in whole] or [shortly(low), shortly(high)]
    return list(dict.fromkeys(words))


def _matching(asked: Asked, ours: Ours, _texts: Texts) -> Document:
    pairs = [(left, right) for left, right in asked.pairs if left]
    exact = ours.get("exact")
    if isinstance(exact, list) and [str(one).replace("->", "→") for one in exact] == [left for left, _other in pairs]:
        pairs = [(str(one), right) for one, (_other, right) in zip(exact, pairs, strict=True)]
    if loose := [right for left, right in asked.pairs if not left]:
        asked.lose("distractor", "、".join(loose))
    return {
        "type": QuestionType.MATCHING,
        "pairs": [{"left": left, "right": right} for left, right in pairs],
        **_one_feedback(asked, ours.get("feedback")),
    }


def _ordering(asked: Asked, ours: Ours, _texts: Texts) -> Document:
    if told := [answer.feedback for answer in asked.answers if answer.feedback]:
        asked.lose("answer-feedback", "、".join(dict.fromkeys(told)))
    return {
        "type": QuestionType.ORDERING,
        "steps": [answer.text for answer in asked.answers],
        **_one_feedback(asked, ours.get("feedback")),
    }


def _one_gap(asked: Asked, _ours: Ours, _texts: Texts) -> Document | None:
    """Words to choose for gaps: with one gap it is a question with one right answer. Options of its group count."""
    places = PLACE.findall(asked.prompt)
    at = int(places[0]) - 1 if len(places) == 1 else -1
    if not 0 <= at < len(asked.answers):
        asked.lose("gaps", len(places))
        return None
    group = asked.answers[at].tolerance
    right = asked.answers[at]
    if other := [answer.text for answer in asked.answers if answer.tolerance != group]:
        asked.lose("distractor", "、".join(other))
    asked.answers = [answer for answer in asked.answers if answer.tolerance == group]
    body = _options(asked, [answer.text for answer in asked.answers], [right])
    return {"type": QuestionType.SINGLE, **body, "prompt": PLACE.sub(GAP, asked.prompt)}


def _rewrite(asked: Asked, ours: Ours, _texts: Texts) -> Document | None:
    if ours.get("type") != QuestionType.REWRITE or "model" not in ours:
        asked.lose("type", asked.kind)
        return None
    prompt, draft = asked.prompt, asked.template
    if isinstance(count := ours.get("lines"), int) and not draft:
        lines = prompt.split("\n")
        prompt, draft = "\n".join(lines[:count]).strip(), "\n".join(lines[count:]).strip()
    own = {key: ours.get(key) for key in ("points", "forbids", "model")}
    return {"type": QuestionType.REWRITE, "prompt": prompt, "draft": draft, **own}


MAKERS: dict[str, Callable[[Asked, Ours, Texts], Document | None]] = {
    "multichoice": _choice,
    "multichoiceset": _choice,
    "truefalse": _truefalse,
    "shortanswer": _fill,
    "numerical": _number,
    "matching": _matching,
    "ddmatch": _matching,
    "ordering": _ordering,
    "gapselect": _one_gap,
    "ddwtos": _one_gap,
    "essay": _rewrite,
}
