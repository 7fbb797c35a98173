"""GIFT, read: Moodle's format for questions as plain text.

A question ends at a blank line. A line that begins with // is a comment; [id:…] and [tag:…] in it are the question's.
A backslash takes their meaning from : # = ~ { } and itself, and writes a line break as \\n. The grammar follows
Moodle's own reader, oddities included (docs/decisions/0018-moodle.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from training.exchange import carried, markup
from training.exchange.moodle import GAP, Answer, Asked, number, shortly

NOTE = "csportal:"
MOST = 100  # answers of one question
ESCAPE = re.compile(r"\\([\\:#={}~n])")
# Escaped signs wait as control characters while the others are cut at; a file that holds some itself is refused.
HELD = {":": "\x01", "#": "\x02", "=": "\x03", "{": "\x04", "}": "\x05", "~": "\x06", "n": "\x07", "\\": "\\"}
RELEASE = str.maketrans({held: "\n" if sign == "n" else sign for sign, held in HELD.items() if sign != "\\"})
AGAIN = str.maketrans({held: f"\\{sign}" for sign, held in HELD.items() if sign != "\\"})
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MARKED = re.compile(r"\[(html|markdown|moodle|plain)\]")
WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d*)?)%")
ID = re.compile(r"\[id:((?:\\\]|[^\[\]])+)\]")
TAG = re.compile(r"\[tags?:((?:\\\]|[^\[\]])+)\]")
ORDER = re.compile(
    r"(\d{0,4})\s*(?:(ALL|EXACT|RANDOM|REL|CONTIGUOUS|CONTIG)\b)?\s*(?:(HORIZONTAL|HORI|H|VERTICAL|VERT|V)\b)?\s*"
    r"(?:((?:ALL_OR|ABS|REL|LONGEST)[A-Z_]*)\b)?\s*(?:(?:SHOW|HIDE|TRUE|FALSE|YES|NO)\b)?\s*"
    r"(?:(?:none|abc|ABCD|123|iii|IIII)\b)?"
)


def read(text: str) -> Iterator[Asked]:
    """The questions of a file in order, each with the line it begins on and its category."""
    category = ""
    for block in _blocks(text):
        asked = Asked(line=block[0][0], category=category)
        lines: list[str] = []
        begun = False
        for at, line in block:
            if line.lstrip().startswith("//"):
                _comment(line.strip()[2:], asked)
            elif line.startswith("$CATEGORY:") and not begun:
                asked.category = category = line[len("$CATEGORY:") :].strip()
            else:
                if not begun:
                    asked.line, begun = at, True
                lines.append(line)
                continue
            lines.append("")
        body = "\n".join(lines).strip()
        if body:
            _question(body, asked)
            yield asked


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    block: list[tuple[int, str]] = []
    for at, line in enumerate([*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""], 1):
        if line.strip():
            block.append((at, line))
        elif block:
            yield block
            block = []


def _comment(text: str, asked: Asked) -> None:
    note = text.strip()
    if note.startswith(NOTE):
        meta = carried.loads(note[len(NOTE) :])
        if meta is None:
            asked.lose("meta")
        asked.meta = meta or {}
        return
    if found := ID.search(text):
        asked.idnumber = found[1].replace("\\]", "]").strip()
    asked.tags += [tag.replace("\\]", "]").strip() for tag in TAG.findall(text)]


def _question(text: str, asked: Asked) -> None:
    if CONTROL.search(text):
        asked.broken = "control"
        return
    held = ESCAPE.sub(lambda found: HELD[found[1]], text)
    if held.startswith("::") and (end := held.find("::", 2)) > 0:
        asked.name = " ".join(held[2:end].translate(RELEASE).split())
        held = held[end + 2 :].strip()
    begin, end = held.find("{"), held.find("}")
    if begin < 0 and end < 0:
        asked.kind = "description"
        asked.prompt = _text(held, markup.AUTO, asked)[0]
        return
    if begin < 0 or end < begin:
        asked.prompt = held.translate(RELEASE)
        asked.broken = "open" if end < 0 else "close" if begin < 0 else "order"
        return
    answers = held[begin + 1 : end].strip()
    rest = held[end + 1 :]
    if "{" in rest or "}" in rest:
        asked.lose("braces", rest.strip().translate(RELEASE)[:60])
    asked.prompt, form = _text(held[:begin] + (GAP + rest if rest.strip() else rest), markup.AUTO, asked)
    if "####" in answers and not answers.startswith(">"):
        answers, _mark, general = answers.rpartition("####")
        asked.general = _text(general, form, asked)[0]
    _answers(answers.strip(), form, asked)


def _text(held: str, form: str, asked: Asked) -> tuple[str, str]:
    """The plain words of a held text, and the format it was written in: its own, or that of the question."""
    text = held.strip()
    if named := MARKED.match(text):
        form, text = named[1], text[named.end() :]
    return markup.plain(text.translate(RELEASE).strip(), form, asked).strip(), form


def _answers(text: str, form: str, asked: Asked) -> None:
    if not text:
        asked.kind = "essay"
    elif text.startswith(">"):
        _ordering(text[1:], asked)
    elif text.startswith("#"):
        _numerical(text[1:], form, asked)
    elif "~" in text:
        _choice(text, form, asked)
    elif "=" in text and "->" in text:
        _matching(text, form, asked)
    elif text.split("#", 1)[0].strip() in ("T", "TRUE", "F", "FALSE"):
        _truefalse(text, form, asked)
    else:
        asked.kind = "shortanswer"
        asked.answers = [_answer(part, form, asked, 100.0) for part in _cut(text, "=", asked)]


def _cut(text: str, sign: str, asked: Asked) -> list[str]:
    """The parts that begin with a sign; like Moodle, what stands before the first is a part too."""
    if text.count(sign) > MOST:
        asked.broken = "many"
        return []
    first, *others = (part.strip() for part in text.split(sign))
    return [first, *others] if first else others


def _answer(text: str, form: str, asked: Asked, weight: float) -> Answer:
    if found := WEIGHT.match(text):
        weight, text = float(found[1]), text[found.end() :]
    words, mark, feedback = text.partition("#")
    answer = Answer(_text(words, form, asked)[0], weight)
    if mark:
        answer.feedback = _text(feedback, form, asked)[0]
    return answer


def _choice(text: str, form: str, asked: Asked) -> None:
    asked.kind, asked.single = "multichoice", "=" in text
    for part in _cut(text.replace("=", "~="), "~", asked):
        if part.startswith("="):
            words, mark, feedback = part[1:].partition("#")
            said = _text(feedback, form, asked)[0] if mark else ""
            asked.answers.append(Answer(_text(words, form, asked)[0], 100.0, said))
        else:
            asked.answers.append(_answer(part, form, asked, 0.0))
    if len(asked.answers) < 2:
        asked.broken = asked.broken or "few"


def _matching(text: str, form: str, asked: Asked) -> None:
    asked.kind = "matching"
    for part in _cut(text, "=", asked):
        left, arrow, right = part.partition("->")
        if not arrow:
            asked.broken = "arrow"
        asked.pairs.append((_text(left, form, asked)[0], right.translate(RELEASE).strip()))
    if len(asked.pairs) < 2:
        asked.broken = asked.broken or "few"


def _truefalse(text: str, form: str, asked: Asked) -> None:
    asked.kind = "truefalse"
    answer, *feedback = (part.strip() for part in text.split("#", 2))
    said = [_text(part, form, asked)[0] for part in feedback] + ["", ""]
    wrong, right = said[0], said[1]
    true = answer in ("T", "TRUE")
    asked.answers = [
        Answer("true", 100.0 if true else 0.0, right if true else wrong),
        Answer("false", 0.0 if true else 100.0, wrong if true else right),
    ]


def _numerical(text: str, form: str, asked: Asked) -> None:
    asked.kind = "numerical"
    text, tilde, wrong = text.partition("~")
    for part in _cut(text, "=", asked):
        answer = _answer(part, markup.PLAIN, asked, 100.0)
        if answer.feedback:
            answer.feedback = _text(part.partition("#")[2], form, asked)[0]
        _range(answer, asked)
        asked.answers.append(answer)
    if not asked.answers:
        asked.broken = asked.broken or "number"
    if tilde and (said := _text(wrong.partition("#")[2], form, asked)[0]):
        asked.answers.append(Answer("*", 0.0, said))


def _range(answer: Answer, asked: Asked) -> None:
    """Read 1..5, 3:2 and 3 as a middle and what it may be off by."""
    low, dots, high = answer.text.partition("..")
    middle, _colon, off = answer.text.partition(":")
    if answer.text == "*":
        return
    first, second = (number(low), number(high)) if dots else (number(middle), number(off or "0"))
    if first is None or second is None:
        asked.broken = asked.broken or "number"
    elif dots:
        answer.text, answer.tolerance = shortly((first + second) / 2), abs(second - first) / 2
    else:
        answer.text, answer.tolerance = middle.strip(), abs(second)


def _ordering(text: str, asked: Asked) -> None:
    """Moodle's question type "ordering" adds this form: {>, how it is shown and graded, an item on each line}."""
    asked.kind = "ordering"
    options = ORDER.match(text)
    count, select, _layout, grading = options.groups() if options else ("", "", "", "")
    items = [line.strip() for line in text[options.end() if options else 0 :].split("\n")]
    # Moodle shows the items as they stand, backslashes too; ours say in the note when they had to be escaped.
    table = RELEASE if asked.meta.get("escaped") else AGAIN
    asked.answers = [Answer(item.translate(table).strip()) for item in items if item]
    if count and int(count) < len(asked.answers) and select not in (None, "ALL", "EXACT"):
        asked.lose("subset")
    if grading and grading != "RELATIVE_ALL_PREVIOUS_AND_NEXT":
        asked.lose("grading", grading)
