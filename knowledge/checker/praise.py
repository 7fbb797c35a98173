"""What is good about a reply: four things customers notice, found by plain patterns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from knowledge.checker.engine import Reply
from knowledge.checker.patterns import Pattern


class Praise(StrEnum):
    GREETING, APOLOGY, TIME, NEXT_STEP = "greeting", "apology", "time", "next"


_PATTERNS = {
    Praise.GREETING: ("^您?好", "您好", "(早上|上午|中午|下午|晚上)好", "^亲", "(欢迎|感谢|谢谢)您?", "辛苦您"),
    Praise.APOLOGY: ("(抱歉|对不起|不好意思|致歉|道歉|歉意|见谅|久等了)",),
    Praise.TIME: (
        "#个?(分钟|小时|天|点|日|号)半?(内|前|之前|以内|左右|后)?",
        "(今天|今晚|明天|明早|明晚|后天|下班前|中午前|晚上|周[一二三四五六日天])…6(前|之前|内|给您|回您|回复|发出|到)",
    ),
    Praise.NEXT_STEP: (
        "(我|我们|这边)(来|去|会|马上|这就|现在|先|再|帮您|替您|给您|已经)…8(查|问|核实|催|联系|办|处理|登记|跟进|补|"
        "申请|看|安排|回|告诉|发|寄|退|换|确认|盯)",
        "(帮|替|给|为)您…4(查|问|核实|催|联系|办|处理|登记|跟进|补|申请|看|安排|换|退|改|发|寄|盯)",
        "(您看|您可以|要不要|方便的话|麻烦您)",
    ),
}  # fmt: skip
_COMPILED = {name: tuple(map(Pattern, patterns)) for name, patterns in _PATTERNS.items()}


def praise(text: str, faults: Sequence[tuple[int, int]] = ()) -> list[Praise]:
    """What the reply does well, in the order of the enum; not by words that stand in a fault (spans of the text)."""
    reply = Reply(text)
    view = reply.views["clause"]

    def stands(pattern: Pattern) -> bool:
        spans = (reply.folded.span(*found.span()) for found in pattern.regex.finditer(view))
        return any(not any(start < last and first < end for first, last in faults) for start, end in spans)

    return [name for name, patterns in _COMPILED.items() if any(map(stands, patterns))]
