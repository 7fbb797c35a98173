"""A reply as the rules see it, and the way back to the characters as they were typed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# What ends a sentence, and what ends a clause inside it. A space between two Chinese characters is a comma in chat.
SENTENCE_END = "。!?;\n…~"
CLAUSE_END = SENTENCE_END + ",、:"
_SENTENCE = re.compile(f"[^{re.escape(SENTENCE_END)}]+[{re.escape(SENTENCE_END)}]*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # categories: controls, directions, halves of a pair
_VARIATION = "\ufe0f"
_AS = str.maketrans({"，": ",", "！": "!", "？": "?", "；": ";", "：": ":", "～": "~", "．": ".", "\r": "\n"})
_QUESTION = re.compile(r"(\?|[吗么嘛]~*$|[吗么]\W*$)")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text`: half width, lower case, without what cannot be seen; `places[i]` is where its character i came from."""

    text: str
    places: tuple[int, ...]
    length: int  # of the reply as typed

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the typed text behind a span of the folded one: an end behind its last character."""
        last = (
            self.places[end - 1] if end > start else self.places[start] - 1 if start < len(self.places) else self.length
        )
        return (self.places[start] if start < len(self.places) else self.length), last + 1


def fold(reply: str) -> Folded:
    """Character by character, so that every span finds its way back; a space between two Han characters is a comma."""
    out: list[str] = []
    places: list[int] = []
    for at, char in enumerate(reply):
        for part in _folded(char):
            out.append(part)
            places.append(at)
    for at, char in enumerate(out):
        if char == " " and 0 < at < len(out) - 1 and _HAN.match(out[at - 1]) and _HAN.match(out[at + 1]):
            out[at] = ","
    return Folded("".join(out), tuple(places), len(reply))


@lru_cache(maxsize=16384)
def _folded(char: str) -> str:
    """What a character becomes; nothing, where it cannot be seen."""
    if char == _VARIATION or (unicodedata.category(char) in _UNSEEN and char not in "\t\n\r"):
        return ""
    parts = unicodedata.normalize("NFKC", char.translate(_AS)).lower()
    return "".join("\n" if part == "\n" else " " if part.isspace() else part for part in parts)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence of a folded text."""

    start: int
    end: int
    question: bool


def sentences(text: str) -> list[Stretch]:
    return [
        Stretch(found.start(), found.end(), bool(_QUESTION.search(found.group().rstrip("\n "))))
        for found in _SENTENCE.finditer(text)
        if found.group().strip()
    ]
