"""What is good about a reply: four things customers notice, found by plain patterns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from knowledge.checker.engine import Reply
from knowledge.checker.patterns import Pattern


class Praise(StrEnum):
    GREETING, APOLOGY, TIME, NEXT_STEP = "greeting", "apology", "time", "next"


# What we do for a customer, and how a time becomes a promise of ours: 七天无理由 and 敷15分钟 are none.
_DOES = (
    "(查|问|核实|催|联系|办|处理|登记|跟进|补|申请|看|安排|回|告诉|发|寄|退|换|改|确认|盯|打电话|找|留|备注|反馈"
    "|说一声|跟…6说|和…6说|调|合)"
)
_TELLS = "(给|回|告诉|答|发|寄|出库|退到|送到|联系|打给)(您|你|出|货|复|信|电话)?"
_PATTERNS = {
    Praise.GREETING: (
        "(您|你)好",
        "(早上|上午|中午|下午|晚上)好",
        "^(亲|宝|在的|在呢)",
        "(欢迎|感谢|谢谢|辛苦)(您|你|亲)",
    ),
    Praise.APOLOGY: ("(抱歉|对不起|对不住|不好意思|致歉|道歉|道个歉|歉意|见谅|久等了|添麻烦了)", "是我们(漏|错|没)"),
    Praise.TIME: (
        "#个?半?(分钟|小时|天|个?工作日)(之|以)?(内|前)",
        "#(点|号|日|点半|点#分)(之|以)?前",
        f"#个?半?(分钟|小时)(后)?…4{_TELLS}",
        f"(今天|今晚|明天|明早|明晚|后天|下午|晚上|下班前|中午前|周(一|二|三|四|五|六|日|天))…10{_TELLS}",
    ),
    Praise.NEXT_STEP: (
        f"(我|我们|这边)(来|去|会|马上|这就|现在|先|再|刚|陪您|让|帮您|替您|给您|已经|今晚|明天)…10{_DOES}",
        f"(帮|替|给|为)(您|你)…4{_DOES}",
        "(交给我|我来(填|写|办|弄|说|跟|处理))",
        "(您看|您可以|要不要|方便的话|麻烦您)",
    ),
}
_COMPILED = {name: tuple(map(Pattern, patterns)) for name, patterns in _PATTERNS.items()}


def praise(text: str, faults: Sequence[tuple[int, int]] = ()) -> list[Praise]:
    """What the reply does well, in the order of the enum; not by words that stand in a fault (spans of the text)."""
    reply = Reply(text)
    view = reply.views["clause"]

    def stands(pattern: Pattern) -> bool:
        spans = (reply.folded.span(*found.span()) for found in pattern.regex.finditer(view))
        return any(not any(start < last and first < end for first, last in faults) for start, end in spans)

    return [name for name, patterns in _COMPILED.items() if any(map(stands, patterns))]
