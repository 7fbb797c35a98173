"""Marking the words that were found, in raw text."""

import unicodedata
from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from knowledge.text import normalise

_ELLIPSIS = "…"
_LEAD = 12  # characters of a window shown before the first mark

Span = tuple[int, int]


def highlight(text: str, words: Sequence[str], window: int | None = 60) -> SafeString:
    """`text` escaped, with every occurrence of a word in <mark>, whatever its case or width.

    With `window` only so many characters around the richest stretch of marks are kept, with … at a cut.
    """
    spans = _spans(text, words)
    start, end = (0, len(text)) if window is None else _window(spans, len(text), window)
    pieces = [_ELLIPSIS] if start > 0 else []
    at = start
    for first, last in spans:
        left, right = max(first, start), min(last, end)
        if left < right:
            pieces += [escape(text[at:left]), "<mark>", escape(text[left:right]), "</mark>"]
            at = right
    pieces += [escape(text[at:end]), _ELLIPSIS if end < len(text) else ""]
    return mark_safe("".join(pieces))


def _spans(text: str, words: Sequence[str]) -> list[Span]:
    """Where the words are, in order, those that touch joined."""
    folded = "".join(map(_fold, text))
    found: list[Span] = []
    for word in {normalise(word) for word in words} - {""}:
        at = folded.find(word)
        while at >= 0:
            found.append((at, at + len(word)))
            at = folded.find(word, at + 1)
    joined: list[Span] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _fold(char: str) -> str:
    """A character normalised, as long as that leaves one: places in the text must stay the same."""
    if char.isascii():
        return " " if char.isspace() else char.lower()
    folded = unicodedata.normalize("NFKC", char).lower()
    return folded if len(folded) == 1 else char


def _window(spans: Sequence[Span], length: int, size: int) -> Span:
    """The stretch of `size` characters with the most marked ones, beginning a little before a mark."""
    if length <= size:
        return 0, length
    starts = [max(0, min(left - _LEAD, length - size)) for left, _ in spans] or [0]
    best = max(starts, key=lambda start: (_marked(spans, start, start + size), -start))
    return best, best + size


def _marked(spans: Sequence[Span], start: int, end: int) -> int:
    return sum(max(0, min(right, end) - max(left, start)) for left, right in spans)
