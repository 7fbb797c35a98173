"""Writes knowledge/search/readings.txt from pypinyin: python -m tests.knowledge.search.readings

After that, raise INDEX_VERSION when a reading has changed: the index tables hold them.
"""

from __future__ import annotations

import os
from pathlib import Path

# Read by pypinyin when it is imported. Its phrases would pick one reading; all the usual ones are wanted.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, pinyin

from knowledge.search.pinyin import FIRST, LAST, READINGS, TABLE

HEAD = """\
# The usual readings of single characters, toneless, ü as v, the likeliest first; behind the tab who reads so.
# Out of pypinyin. Copyright (c) 2016 mozillazg, 闲耘; the MIT licence, whose text is in the LICENSE of this project.
# Written by python -m tests.knowledge.search.readings; a test compares every character.
"""


def told(char: str) -> tuple[str, ...]:
    """What pypinyin says of a character."""
    found = pinyin(char, heteronym=True, style=Style.NORMAL, errors="ignore")
    return tuple(reading for reading in found[0] if reading.isascii())[:READINGS] if found else ()


def table() -> str:
    """The whole file, in the order of the alphabet."""
    read: dict[tuple[str, ...], str] = {}
    for code in range(ord(FIRST), ord(LAST) + 1):
        read[told(chr(code))] = read.get(told(chr(code)), "") + chr(code)
    lines = (f"{' '.join(readings)}\t{chars}\n" for readings, chars in sorted(read.items()) if readings)
    return HEAD + "".join(lines)


if __name__ == "__main__":
    Path(TABLE).write_text(table(), encoding="utf-8")
