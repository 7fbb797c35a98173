"""Whether a reply makes a point: by an accepted wording, or by something close enough to one.

The measure knows the reply and the wordings only: no statistics of cards or of other replies, so that it never drifts.
Both are folded alike: particles of politeness, numerals and units that mean the same are written the same.

- A wording of three characters or fewer stands there as it is, in one clause, as every wording does.
- A longer one begins and ends as it is written, so half of it is never enough. Within it a few characters may be added
  and a few light words left out; digits, letters, persons and negations are never added, changed or left out.
- A wording with … matches when its pieces stand in this order, not further apart than FURTHEST.
- A wording counts nowhere that it is directly denied (不可以退 is no 可以退, nor is 退不了 a 退), and one with
  a negation of its own needs it there. Asking (能不能发) is not saying either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Indel

from knowledge.text import normalise

EXACT = 3  # up to so many characters nothing may differ
ADDED = 4  # one more character may be added for so many of the wording
LIGHT_ADDED = 2  # and so many light ones
FURTHEST = 30  # characters between two pieces

NEGATIONS = "不没无未别勿莫甭"
PERSONS = "你我他她"
LIGHT = frozenset("的了着就把给帮请来去这那一下个都也还会呢啊哦吧啦呀")

# What means the same is written the same, in wordings and replies.
SAME = str.maketrans({"您": "你", "妳": "你", "咱": "我", "帐": "账"})
ALIKE = (
    ("我们们", "我们"),
    ("今日", "今天"),
    ("明日", "明天"),
    ("立刻", "马上"),
    ("立即", "马上"),
    ("快递费", "运费"),
    ("邮费", "运费"),
    ("公分", "厘米"),
    ("cm", "厘米"),
    ("块钱", "元"),
)
JOINING = frozenset("「」『』“”‘’\"'《》〈〉()[]【】+-/·*#&@=°")
NUMERAL = re.compile(r"[一二两三四五六七八九十百千]+(?=[个件条天点元块号次年月克两米斤折周双只盒袋瓶层厘分小毫])")
HUNDREDTHS = re.compile(r"百分之(\d+|[一二三四五六七八九十]+)")
MONEY = re.compile(r"(?<=\d)块")
O_CLOCK = re.compile(r"(?<=\d)[:：]00(?!\d)")
ZEROS = re.compile(r"(?<=\d)(\.\d*?)0+(?!\d)")
ONES = {char: value for value, char in enumerate("一二三四五六七八九", 1)} | {"两": 2}
PLACES = {"十": 10, "百": 100, "千": 1000}

# Right before the words it denies, with what may stand between. Before a verb of its own (能, 可以, 有, 要) less may:
# 不能用可以退 lets one return it.
NOT = "没办法|没有|没法|无法|不|没|无|未|别|勿|莫|甭|难以|拒绝|谢绝|禁止"
BETWEEN = (
    "能够|可以|允许|支持|提供|接受|同意|需要|必须|一定|保证|承诺|答应|建议|直接|马上|现在|另外|额外|我们"
    "|能|可|会|得|需|须|要|肯|敢|让|准|许|是|再|太|给|帮|替|为|由|你|我|先"
)
DENIED = re.compile(rf"(?:不用|不必|{NOT})(?:{BETWEEN}){{0,3}}$")
DENIED_VERB = re.compile(rf"(?:{NOT})(?:一定|见得|可能|支持|是|太|再|必|会)?$")
VERBS = "能可会要需须有是得肯"
OTHER_BIE = "特分区个级类性告辨识差派"  # 特别, 分别…: no negation
# Right behind: 发不了, 退是不行的.
UNDONE = re.compile(
    r"(?:[货款件]|得)?(?:不了|不出|不成|不上|不起)"
    r"|(?:[货款件]|[是也都还]){0,2}(?:不行|不可以|不能|不可能)(?:[的了哦呢]|$)"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply or a wording as it is compared: letters, digits and characters alone, half width, lower case; `breaks`
    are the places in it that punctuation stood before."""

    letters: str
    breaks: tuple[int, ...] = ()

    def whole(self, start: int, end: int) -> bool:
        """Whether no clause ends within this stretch."""
        return not any(start < at < end for at in self.breaks)

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """Where the clause begins and ends that holds this stretch."""
        first = max((at for at in self.breaks if at <= start), default=0)
        return first, min((at for at in self.breaks if at >= end), default=len(self.letters))


def heard(text: str) -> Heard:
    """The text, folded."""
    letters: list[str] = []
    breaks: list[int] = []
    text = _alike(normalise(text))
    for at, char in enumerate(text):
        point = char == "." and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
        if char.isalnum() or point or (char == "%" and text[at - 1 : at].isdigit()):
            letters.append(char)
        elif letters and _parts(text, at) and (not breaks or breaks[-1] != len(letters)):
            breaks.append(len(letters))
    return Heard("".join(letters), tuple(breaks))


def _parts(text: str, at: int) -> bool:
    """Whether a mark ends a clause. Quotes do not, nor one between two figures, nor a blank beside one."""
    beside = [char.isascii() and char.isalnum() for char in (text[at - 1 : at] + text[at + 1 : at + 2])]
    return text[at] not in JOINING and not (any(beside) if text[at] == " " else len(beside) > 1 and all(beside))


def _alike(text: str) -> str:
    text = text.translate(SAME)
    for word, same in ALIKE:
        text = text.replace(word, same)
    text = HUNDREDTHS.sub(lambda found: f"{_number(found[1])}%", text)
    text = NUMERAL.sub(lambda found: str(_number(found[0])), O_CLOCK.sub("点", text))
    return ZEROS.sub(lambda found: found[1].rstrip("."), MONEY.sub("元", text))


def _number(figures: str) -> int:
    """十六 as 16; 16 as it is."""
    if figures.isdecimal():
        return int(figures)
    total = digit = 0
    for char in figures:
        if char in PLACES:
            total += (digit or 1) * PLACES[char]
            digit = 0
        else:
            digit = 10 * digit + ONES[char]
    return total + digit


def makes(reply: Heard, wordings: Sequence[str]) -> bool:
    """Whether the reply says one of these wordings."""
    return any(_says(reply, pieces) for wording in wordings if (pieces := _pieces(wording)))


@lru_cache(maxsize=8192)
def _pieces(wording: str) -> tuple[str, ...]:
    found = (heard(piece).letters for piece in wording.split("…"))
    return tuple(piece for piece in found if piece)


def _says(reply: Heard, pieces: Sequence[str]) -> bool:
    """Whether these pieces stand in this order, near enough to each other. A piece after the first is denied only by
    what stands between the two."""
    first, *rest = pieces
    ends = _ends(reply, first, 0, len(reply.letters), inexact=not rest)
    for piece in rest:
        ends = {end for since in ends for end in _ends(reply, piece, since, since + FURTHEST)}
    return bool(ends)


def _ends(reply: Heard, piece: str, since: int, until: int, *, inexact: bool = False) -> set[int]:
    """Where this piece has been said that begins from `since` to `until`."""
    return {
        end
        for start, end in _stretches(reply.letters, piece, since, until, inexact=inexact)
        if reply.whole(start, end) and not _denied(reply, start, end, since)
    }


def _stretches(letters: str, wording: str, since: int, until: int, *, inexact: bool) -> Iterator[tuple[int, int]]:
    """Where the wording stands: as it is, or where `inexact` close to it."""
    close = inexact and len(wording) > EXACT
    at = letters.find(wording[0], since)
    while 0 <= at <= until:
        if letters.startswith(wording, at):
            if _whole_number(letters, at, at + len(wording)):
                yield at, at + len(wording)
        elif close and (end := _close(letters, wording, at)):
            yield at, end
        at = letters.find(wording[0], at + 1)


def _whole_number(letters: str, start: int, end: int) -> bool:
    """Whether no number is cut: 119 is no 19."""
    before, after = letters[max(start - 1, 0) : start], letters[end : end + 1]
    cut_before = letters[start].isdigit() and (before.isdigit() or before == ".")
    cut_after = letters[end - 1].isdigit() and (after.isdigit() or after == ".")
    return not (cut_before or cut_after)


def _close(letters: str, wording: str, start: int) -> int:
    """Where a stretch ends that begins here and is close to the wording; 0 for none."""
    some = len(wording) // ADDED
    for length in range(len(wording) + some + LIGHT_ADDED, len(wording) - some - 1, -1):
        end = start + length
        if end > len(letters) or letters[end - 1] != wording[-1] or not _whole_number(letters, start, end):
            continue
        steps = Indel.editops(wording, letters[start:end])
        lost = [wording[step.src_pos] for step in steps if step.tag == "delete"]
        added = [letters[start + step.dest_pos] for step in steps if step.tag == "insert"]
        weighty = [char for char in added if char not in LIGHT]
        if len(lost) <= some and len(weighty) <= some and LIGHT.issuperset(lost) and not any(map(_firm, added)):
            return end
    return 0


def _firm(char: str) -> bool:
    """What is never added: it would say something else."""
    return char in NEGATIONS or char in PERSONS or char.isascii()


def _denied(reply: Heard, start: int, end: int, since: int = 0) -> bool:
    """Whether this stretch is directly denied, before it or behind, within its clause."""
    first, last = reply.clause(start, end)
    before = reply.letters[max(first, since) : start]
    return _denied_before(before, reply.letters[start]) or bool(UNDONE.match(reply.letters[end:last]))


def _denied_before(before: str, next_char: str) -> bool:
    found = (DENIED_VERB if next_char in VERBS else DENIED).search(before)
    if not found:
        return False
    at = found.start()
    ahead, follows = before[:at], (before + next_char)[at + 1]
    if ahead.endswith(follows):  # 能不能发 asks; 是不是你按的 and 要不要给你换 deny nothing
        return at + 1 == len(before)
    first = found[0][0]
    if ahead and ((first == "别" and ahead[-1] in OTHER_BIE) or (first == "不" and ahead[-1] == "要")):
        return False
    return not _denied_before(ahead, first)  # 不得不
