"""Words of a fixed vocabulary in files: written in Chinese, read in Chinese, in English and as the code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import override

from knowledge.tables.layout import folded, split_codes

READ_IN = ("zh-hans", "en")


@cache
def _labels(choices: type[TextChoices]) -> tuple[dict[str, str], dict[str, str]]:
    """(code -> Chinese label, what may be typed -> code). A label of two codes is written as the code."""
    written: dict[str, str] = {}
    typed: dict[str, str] = {}
    for language in reversed(READ_IN):
        with override(language):
            typed |= {folded(str(choice.label)): choice.value for choice in choices}
    typed |= {folded(choice.value): choice.value for choice in choices}
    with override(READ_IN[0]):
        for choice in choices:
            label = str(choice.label)
            sound = typed[folded(label)] == choice.value and split_codes(label) == [label]
            written[choice.value] = label if sound else choice.value
    return written, typed


def word(choices: type[TextChoices], code: str) -> str:
    """The word for a code; what is no code stays as it is."""
    return _labels(choices)[0].get(code, code)


def words(choices: type[TextChoices], codes: Iterable[str]) -> str:
    return "、".join(word(choices, code) for code in codes)


def code(choices: type[TextChoices], typed: str) -> str:
    """The code for a word; an unknown word stays as it is, and the document says what is wrong with it."""
    return _labels(choices)[1].get(folded(typed), typed.strip())


def codes(choices: type[TextChoices], cell: str) -> list[str]:
    return [code(choices, one) for one in split_codes(cell)]


def all_words(choices: Any) -> list[str]:
    """What may be written, for a sentence."""
    return list(_labels(choices)[0].values())
