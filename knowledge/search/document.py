"""What goes into the index, and who is asking."""

import hashlib
import json
from dataclasses import asdict, dataclass

# Part of every row's hash: raise it when the tokeniser or the pinyin rules change,
# and check_search will ask for a rebuild.
INDEX_VERSION = 1


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One findable thing as the index sees it.

    `audience` empty means everyone. `facets` are tokens such as `stage:pre`, without spaces;
    a card of stage `any` carries the tokens of all stages. `uses` breaks ties in the rank.
    """

    kind: str
    object_id: int
    slug: str
    title: str
    aliases: tuple[str, ...]
    body: str
    codes: tuple[str, ...]
    published: bool
    audience: tuple[str, ...]
    facets: tuple[str, ...]
    uses: int

    @property
    def content_hash(self) -> str:
        """Of everything but `uses`, which the index counts up by itself between two saves."""
        content = asdict(self) | {"uses": None, "version": INDEX_VERSION}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Viewer:
    """What a reader may see: documents for everyone and those of one of `tokens`, drafts too or not."""

    tokens: tuple[str, ...] = ()
    sees_drafts: bool = False
