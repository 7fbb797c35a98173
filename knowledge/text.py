"""Text rules that both sides of the search share: cleaning, normalising, tokenising.

Pure functions over str; nothing of the project is imported here. The index and the query
go through the same tokeniser, so what is cut here is found there.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

TYPED_LIMIT = 200  # characters of a typed query (it travels in a URL)
PASTED_LIMIT = 10_000  # characters of a pasted customer message (it travels in a body)

# Latin runs longer than this are cut on both sides: PostgreSQL refuses lexemes over 2,046 bytes.
LONGEST_TOKEN = 64

# Han (with 々 and 〇 and the planes beyond the BMP), kana, bopomofo and hangul: scripts written without spaces.
_CJK = (
    "\u3005\u3007\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u3105-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
# A word run is anything else that is a letter or a digit.
_RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>(?:(?![{_CJK}])[^\W_])+)")
_LETTERS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls that are not white space
    "\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # invisible format characters
    "\ufffe\uffff\ud800-\udfff]"  # noncharacters and lone surrogates: PostgreSQL raises on the latter
)
# Seven digits or more, with at most two spaces, hyphens or dots between any two; \d includes full width.
_DIGITS = re.compile(r"\d(?:[\s\-‐-―－.·]{0,2}\d){6,}")
_WITH_DEFAULT = re.compile(r"\{([^{}|]+)\|([^{}]*)\}")
_WITHOUT_DEFAULT = re.compile(r"\{([^{}|]+)\}")


class CleanQuery(NamedTuple):
    """A query that every database takes; `cut` says that it was longer than the limit."""

    text: str
    cut: bool


class Run(NamedTuple):
    """A stretch of normalised text the tokeniser treats alike."""

    kind: Literal["cjk", "word"]
    text: str


def clean_query(raw: str, limit: int = TYPED_LIMIT) -> CleanQuery:
    """Drop what no database or page should see, collapse white space, cut at `limit` characters."""
    text = _SPACE.sub(" ", _CONTROL.sub("", raw)).strip()
    return CleanQuery(text[:limit].rstrip(), len(text) > limit)


def normalise(text: str) -> str:
    """NFKC, lower case, single spaces: the form in which texts are compared."""
    if not text.isascii():
        # Lowering can leave a decomposed pair (İ), and NFKC can bring back a capital (㎅): settle both.
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    return _SPACE.sub(" ", text.lower()).strip()


def runs(text: str) -> Iterator[Run]:
    """The CJK and the word runs of a normalised text, in order; everything else separates."""
    for found in _RUN.finditer(text):
        yield Run("cjk" if found.lastgroup == "cjk" else "word", found.group())


def tokenise(text: str) -> list[str]:
    """The index tokens of a normalised text, in order.

    A CJK run gives its overlapping bigrams and its last character alone, so that a prefix finds
    any single character. A word run stays whole (a prefix finds its beginnings); a mixed one
    such as iphone13 gives its later letter and digit parts too.
    """
    tokens: list[str] = []
    for run in runs(text):
        if run.kind == "cjk":
            tokens += [run.text[i : i + 2] for i in range(len(run.text))]
        else:
            tokens.append(run.text[:LONGEST_TOKEN])
            parts = _LETTERS_OR_DIGITS.findall(run.text)
            tokens += [part[:LONGEST_TOKEN] for part in parts[1:]]
    return tokens


def whole(text: str, digits: int) -> int | None:
    """The whole number that a field holds, of so many ASCII digits at most; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def mask_digits(text: str) -> str:
    """Every run of seven or more digits, also spaced, hyphenated or full width, as one `*`."""
    return _DIGITS.sub("*", text)


def fill_defaults(text: str) -> str:
    """`{name|default}` as its default, `{name}` as its name: how a line reads before anyone fills it."""
    return _WITHOUT_DEFAULT.sub(r"\1", _WITH_DEFAULT.sub(r"\2", text))
