"""Readings of single characters, and what Latin letters may stand for.

Single characters with all their usual readings, at write time and at query time alike: the phrase
dictionary that would pick one reading costs 45 MB a process, and an index written by a command
must equal one written by the site. The alternatives make up for it. The readings come out of a file
of our own, because the dictionary of single characters that made it takes 12 MB where this takes half of one.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("readings.txt")
FIRST, LAST = "\u3400", "\u9fff"  # the characters that may have a reading
READINGS = 3  # distinct readings kept a character, the usual ones first
INITIALS = 6  # letters in an initials token; longer queries are rechecked in the text
_MOST_COMBINATIONS = 8
_MOST_PARSES = 6
_LONGEST_SYLLABLE = 6

_SYLLABLES = frozenset(
    """a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng
    cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu
    cuan cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo e
    ei en eng er fa fan fang fei fen feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang
    gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao
    jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken keng kong kou ku kua kuai kuan kuang kui kun
    kuo la lai lan lang lao le lei leng li lia lian liang liao lie lin ling liu lo long lou lu luan lun luo lv lve ma
    mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen neng ni
    nian niang niao nie nin ning niu nong nou nu nuan nuo nv nve o ou pa pai pan pang pao pei pen peng pi pian piao pie
    pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong
    rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao she shei shen sheng shi shou
    shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan tang tao te teng ti tian tiao
    tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin xing xiong
    xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng
    zha zhai zhan zhang zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou
    zu zuan zui zun zuo""".split()
)
_BEGINNINGS = frozenset(s[:n] for s in _SYLLABLES for n in range(1, len(s)))
_LETTERS = frozenset("abcdefghjklmnopqrstwxyz")  # letters a syllable may begin with


class Part(NamedTuple):
    """One character of what is sought: by any of some readings, or by the beginning of a reading.

    `char` is the character the user wrote, if they wrote one (then its homophones match as well).
    """

    readings: tuple[str, ...]
    whole: bool = True
    char: str = ""


def _load() -> tuple[list[str], array[int]]:
    """The different sets of readings, and for each character from FIRST to LAST the number of its set."""
    read, of = [""], array("H", bytes(2 * (ord(LAST) - ord(FIRST) + 1)))
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            together, _tab, chars = line.partition("\t")
            for char in chars:
                of[ord(char) - ord(FIRST)] = len(read)
            read.append(together)
    return read, of


_READ, _READ_OF = _load()


@lru_cache(maxsize=8192)
def readings(char: str) -> tuple[str, ...]:
    """The usual readings of a character, toneless, ü as v; empty for what has none."""
    return tuple(_READ[_READ_OF[ord(char) - ord(FIRST)]].split()) if FIRST <= char <= LAST else ()


def pinyin_tokens(run: str) -> list[str]:
    """Joined syllable pairs of a CJK run, each reading, and its last syllable alone."""
    heard = [readings(char) for char in run]
    tokens: list[str] = []
    for here, following in zip(heard, [*heard[1:], ()], strict=True):
        tokens += ["".join(pair) for pair in product(here, following)] if following else here
    return tokens


def initial_tokens(run: str) -> list[str]:
    """For each character of a CJK run the first letters from there on, at most INITIALS."""
    letters = [tuple(dict.fromkeys(r[0] for r in readings(char))) for char in run]
    tokens: list[str] = []
    for start in range(len(letters)):
        window = letters[start : start + INITIALS]
        if () in window:
            window = window[: window.index(())]
        tokens += _combinations(window)
    return tokens


def _combinations(window: Sequence[tuple[str, ...]]) -> list[str]:
    """All joined choices, or where they are too many the first choices with one other at a time."""
    count = 1
    for options in window:
        count *= len(options)
    if not window:
        return []
    if count <= _MOST_COMBINATIONS:
        return ["".join(choice) for choice in product(*window)]
    first = [options[0] for options in window]
    swaps = [
        "".join([*first[:at], other, *first[at + 1 :]]) for at, options in enumerate(window) for other in options[1:]
    ]
    return ["".join(first), *swaps]


def parts_of_hanzi(run: str) -> tuple[Part, ...]:
    """A CJK run as what it sounds like."""
    return tuple(Part(readings(char), True, char) for char in run)


@lru_cache(maxsize=512)
def parses(letters: str, open_end: bool = True) -> tuple[tuple[Part, ...], ...]:
    """The ways to read Latin letters as pinyin, likeliest first; empty when there is none.

    First whole syllables (with `open_end` the last may be unfinished: yunf), then initials (yf),
    then a mixture (tuikjd). One letter alone reads as nothing: it would match everything.
    """
    if len(letters) < 2 or not letters.isascii() or not letters.isalpha():
        return ()
    letters = letters.replace("lue", "lve").replace("nue", "nve")
    found = sorted(_syllables(letters, open_end), key=lambda parse: (not parse[-1].whole, len(parse)))
    if len(letters) <= 10 and all(letter in _LETTERS for letter in letters):
        found.append(tuple(Part((letter,), False) for letter in letters))
    mixed = _mixture(letters)
    return tuple(dict.fromkeys(found[:_MOST_PARSES] + ([mixed] if mixed else [])))


def _syllables(letters: str, open_end: bool, limit: int = 32) -> list[tuple[Part, ...]]:
    """Every way to cut `letters` into syllables, at most `limit`; the last may be a beginning."""
    ways: list[list[tuple[Part, ...]]] = [[] for _ in letters] + [[()]]
    for start in range(len(letters) - 1, -1, -1):
        rest = letters[start:]
        if open_end and rest in _BEGINNINGS and rest not in _SYLLABLES:
            ways[start].append((Part((rest,), False),))
        for size in range(min(_LONGEST_SYLLABLE, len(rest)), 0, -1):
            if rest[:size] in _SYLLABLES:
                ways[start] += [(Part((rest[:size],)), *way) for way in ways[start + size]]
        # Fewer syllables are likelier; the rest of an exponential number is not worth keeping.
        ways[start] = sorted(ways[start], key=len)[:limit]
    return ways[0]


def _mixture(letters: str) -> tuple[Part, ...]:
    """Greedy: the longest syllable of two letters or more, else one initial (tuikjd: tui k j d)."""
    parts: list[Part] = []
    at = 0
    while at < len(letters):
        sizes = range(min(_LONGEST_SYLLABLE, len(letters) - at), 1, -1)
        size = next((n for n in sizes if letters[at : at + n] in _SYLLABLES), 1)
        if size == 1 and letters[at] not in _LETTERS:
            return ()
        parts.append(Part((letters[at : at + size],), size > 1))
        at += size
    return tuple(parts)


_written: dict[str, str] = {}  # reading to the characters seen with it
_seen: set[str] = set()


def meet(text: str) -> None:
    """Note the readings of the characters of a text, so that `pattern` can name them."""
    for char in set(text) - _seen:
        for reading in readings(char):
            _written[reading] = _written.get(reading, "") + char
        _seen.add(char)


def pattern(parts: Sequence[Part]) -> re.Pattern[str]:
    """A regular expression whose group 1 finds, overlapping, every stretch of a met text that reads as `parts`."""
    return re.compile(f"(?=({''.join(map(_class, parts))}))")


def _class(part: Part) -> str:
    """The characters that `part` may stand for, as a class of a regular expression."""
    if part.whole:
        chars = "".join(_written.get(reading, "") for reading in part.readings) + part.char
    else:
        chars = "".join(written for reading, written in _written.items() if reading.startswith(part.readings[0]))
    return f"[{chars}]" if chars else "(?!)"
