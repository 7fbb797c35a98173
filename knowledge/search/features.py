"""What the rank needs to know of a document, kept in the process by content hash.

A key that names the content never goes stale, so nothing here is ever invalidated; the oldest
entries leave when the cache is full.
"""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, product
from typing import Any

from knowledge.search import pinyin
from knowledge.text import runs

MOST_CACHED = 1000  # documents; a card takes about 6 KB


@dataclass(frozen=True)
class Features:
    """`head` is the raw title and aliases, `fields` the same normalised, `text` all of it with the body.
    `scores` is the rank's: what this text was worth to the short queries asked of it lately.

    Terms are looked for in the strings: for a dozen of them that is as quick as a dictionary of
    postings, and nothing has to be built for a document that is seen once.
    """

    head: tuple[str, ...]
    fields: tuple[str, ...]
    text: str
    scores: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def heads(self) -> str:
        """The fields, one a line."""
        return "\n".join(self.fields)

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Every two neighbouring characters of the fields; made for long messages only."""
        return frozenset(map("".join, pairwise(self.heads)))

    @cached_property
    def sounds(self) -> list[str]:
        """Of each field, the joined syllable pairs heard in it, a space on either side of each.

        One string where a set would be dozens: a tenth of the memory, and as quick for the few that are looked for.
        """
        return [f" {' '.join(dict.fromkeys(sound_pairs(field)))} " for field in self.fields]


def sound_pairs(text: str) -> list[str]:
    """The joined syllables of each two neighbours in the CJK runs of a text, all readings."""
    heard = [[pinyin.readings(char) for char in run.text] for run in runs(text) if run.kind == "cjk"]
    return ["".join(pair) for run in heard for two in pairwise(run) for pair in product(*two)]


def read(head: str, text: str) -> Features:
    """The features of a stored document: its head (raw, one field a line) and its normalised text."""
    raw = tuple(head.split("\n"))
    return Features(raw, tuple(text.split("\n", len(raw))[: len(raw)]), text)


_cache: dict[str, Features] = {}


def cached(content_hash: str) -> Features | None:
    return _cache.get(content_hash)


def keep(content_hash: str, features: Features) -> Features:
    """Remember; drop the oldest when full. Two threads may both drop one, which does no harm."""
    while len(_cache) >= MOST_CACHED:
        try:
            _cache.pop(next(iter(_cache)), None)
        except (RuntimeError, StopIteration):  # another thread changed the cache meanwhile
            break
    _cache[content_hash] = features
    return features
