"""What was heard, written: which words of the documents a pinyin query stands for."""

from collections import Counter
from collections.abc import Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from knowledge.search.features import Features
from knowledge.search.hearing import Sought
from knowledge.search.pinyin import Part, meet, pattern

MOST_READINGS = 6  # writings that are ranked
_A_WORD = 3  # writings of one word that are combined with those of the others
GUESSED = 0.8  # the weight of initials beside whole syllables
TITLE_WEIGHT = 3  # a writing in a title speaks louder than one in an alias


class Reading(NamedTuple):
    """Words as the documents write them, and how likely they are meant (the likeliest about 1)."""

    words: tuple[str, ...]
    weight: float


def translate(ways: Sequence[Sought], documents: Sequence[Features]) -> list[Reading]:
    """The likeliest writings, best first: what more documents say oftener is likelier meant."""
    found: dict[tuple[str, ...], float] = {}
    for way in ways:
        most = _A_WORD if len(way.words) > 1 else MOST_READINGS
        choices = [_likeliest(_writings(parts, documents), most) for parts in way.words]
        for choice in product(*choices):
            words = tuple(word for word, _ in choice)
            weight = prod(count for _, count in choice) ** (1 / len(choice)) * (GUESSED if way.guessed else 1.0)
            found[words] = max(found.get(words, 0.0), weight)
    best = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST_READINGS]
    return [Reading(words, (weight / best[0][1]) ** 0.5) for words, weight in best]


def _likeliest(count: Counter[str], most: int) -> list[tuple[str, int]]:
    """The commonest; those as common as each other by their characters, never by who was read first."""
    return sorted(count.items(), key=lambda item: (-item[1], item[0]))[:most]


def _writings(parts: tuple[Part, ...], documents: Sequence[Features]) -> Counter[str]:
    """How the documents write what `parts` sound like: how often, titles counting more."""
    count: Counter[str] = Counter()
    heads = [features.heads for features in documents]
    meet("\n".join(heads))
    find = pattern(parts).finditer
    for features, head in zip(documents, heads, strict=True):
        count.update(found.group(1) for found in find(head))
        for found in find(features.fields[0]):
            count[found.group(1)] += TITLE_WEIGHT - 1
    return count
