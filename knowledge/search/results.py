"""What a search gives back."""

from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["code", "literal", "near", "pinyin", "homophone", "empty"]
FieldName = Literal["title", "alias", "code", "body"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found.

    `tier` says how (as Results.mode). `matched` are the words to highlight. `field` is title, alias,
    code or body, and `phrase` the raw title, alias or code that fits best: the reason a reader
    is shown; empty where only the body matched. `hash` is of the indexed content: a key for
    whatever is cached of it.
    """

    kind: str
    object_id: int
    slug: str
    title: str
    score: float
    tier: Mode
    matched: tuple[str, ...]
    field: FieldName
    phrase: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """Hits in order. `query` is the cleaned text, `cut` whether it was cut.

    `total` and `facet_counts` count the candidates the rank saw (at most 500 a tier): `total` those
    that pass the filters, `facet_counts` all that the viewer may see, filtered or not.
    `mode` is the tier of the first hit.
    """

    query: str
    cut: bool = False
    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    facet_counts: dict[str, int] = field(default_factory=dict)
    mode: Mode = "empty"
    aside: list[Hit] = field(default_factory=list)
