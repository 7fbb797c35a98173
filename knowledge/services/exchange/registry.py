"""What can be brought in and taken out as files, and in which formats. Apps above register theirs in `apps.ready`.

An Exchange is one kind of thing (cards, questions, people); a Format is one way to write it. A format knows nothing of
the database: `read` turns bytes into Rows, `write` turns Entries into bytes. Everything that asks or writes the
database is the Exchange's, set-wise: a constant number of queries for each call, whatever the number of rows.

The road of a file (staging.py, applying.py), all of it in the worker:
    format.read(data, notes)             -> Row, Row, …  problems of the file alone
    exchange.site(slugs, author)         -> site         what judging needs, asked once for the whole file
    exchange.current(slugs)              -> {slug: Entry} the live items, asked for 500 rows at a time
    exchange.judge(row, site, before)    -> Judged       outcome, problems, final document; asks nothing
    exchange.seen()                      -> {slug: state} compared again before it is written
    exchange.plan(rows, how, progress)   -> batch        before the transaction: everything that takes long
    batch.write()                                        inside the one short transaction; nothing but SQL

To add a format to a kind that another app registered: `add_format("question", Format(name="gift", …))`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.utils.functional import Promise

from knowledge.documents import Document

CellProblem = tuple[str, str]  # name of the column, or the path inside a document; sentence


class Row(NamedTuple):
    """One item of a file. `document` is the canonical document, None when nothing can be made of the row; `beside` is
    what stands beside it (status, owner, verify_days), as text, only what the file says; `source` is the item as the
    file has it, in plain JSON, from which `Format.give_back` can write it again."""

    number: int
    slug: str
    document: Document | None
    problems: list[CellProblem]
    beside: dict[str, str] = {}
    source: Any = None
    # What `judge` calls a place ("owner", "code lm1") -> where in the file it is, when the format can say.
    places: dict[str, str] = {}
    # What of the source has no counterpart here, as sentences. The row is sound all the same; one without a document
    # and without problems stays outside as a whole, and `slug` is how a person finds it in the file.
    named: list[str] = []


class Entry(NamedTuple):
    """One item on its way out: canonical document, and what stands beside it."""

    document: Document
    beside: dict[str, str] = {}


@dataclass(frozen=True)
class Format:
    """A way to write a kind of thing. `read(data, notes)` yields Rows in file order, appends sentences about the whole
    file to `notes`, and raises guard.Refused with a sentence. `write(entries)` yields pieces of the file; it raises
    Refused when an entry has no form here. `give_back(wrong)` makes a file of (source, problems) pairs to be mended."""

    name: str  # ImportJob.format
    label: str | Promise
    extensions: tuple[str, ...]  # the first is that of an export
    content_type: str
    read: Callable[..., Iterator[Row]] | None = None
    write: Callable[[Iterable[Entry]], Iterator[bytes]] | None = None
    give_back: Callable[[Iterable[tuple[Any, list[CellProblem]]]], bytes] | None = None
    limit: int = 5 * 1024 * 1024  # bytes of an upload
    # Whether items of a file may lack their course. Then `read` takes the code of the course that was chosen for them.
    wants_course: bool = False


class Judged(NamedTuple):
    """What a row means for what is there, and its document with what the file leaves as it is filled in."""

    outcome: str  # StagedRow.Outcome
    problems: list[CellProblem] = []
    document: Document | None = None
    beside: dict[str, str] = {}


@dataclass
class How:
    """How an import is to be applied: by whom, published or as drafts sent for approval, and why."""

    author: Any
    publish: bool
    reason: str = ""


class Exchange:
    """One kind of thing. Subclasses say how it meets the database."""

    kind: str
    label: str | Promise
    model: Any  # whose list in the admin says which rows an export holds
    permission = "knowledge.import_content"  # to import
    view_permission: str  # to export
    publish_permission = ""  # without it new and changed items become drafts; empty: there are no drafts

    def site(self, slugs: Sequence[str], author: Any) -> Any:
        """What judging needs of the database, for all the slugs of a file at once."""
        raise NotImplementedError

    def current(self, slugs: Sequence[str]) -> dict[str, Entry]:
        """The live items of these slugs as they would be exported, in a constant number of queries."""
        raise NotImplementedError

    def judge(self, row: Row, site: Any, before: Entry | None) -> Judged:
        """Compare one row with what is there. Called in file order; `site` may remember what earlier rows took."""
        raise NotImplementedError

    def seen(self) -> dict[str, Any]:
        """The state of every live item, as plain JSON: whatever changes it, changes this."""
        raise NotImplementedError

    def plan(self, rows: Iterable[Row], how: How, progress: Callable[[int], None]) -> Batch:
        """Make ready whatever takes long, outside the transaction. `rows` are the new and the changed ones."""
        raise NotImplementedError

    def entries(self, chosen: Any = None) -> Iterator[Entry]:
        """What an export holds, in a fixed order: all, or those of a queryset."""
        raise NotImplementedError


class Batch(Protocol):
    """An import ready to be written."""

    def write(self) -> None:
        """Write all of it, set-wise, in the caller's transaction. Raises ValidationError when it cannot be."""


@dataclass
class _Registered:
    exchange: Exchange
    formats: list[Format] = field(default_factory=list)


_kinds: dict[str, _Registered] = {}
_waiting: dict[str, list[Format]] = {}


def register(exchange: Exchange, *formats: Format) -> None:
    early = _waiting.pop(exchange.kind, [])
    _kinds[exchange.kind] = _Registered(exchange, [*formats, *early])


def add_format(kind: str, *formats: Format) -> None:
    """More ways to write a kind, whichever is registered first."""
    if kind in _kinds:
        _kinds[kind].formats += formats
    else:
        _waiting.setdefault(kind, []).extend(formats)


def exchanges() -> list[Exchange]:
    return [known.exchange for known in _kinds.values()]


def exchange_of(kind: str) -> Exchange | None:
    return _kinds[kind].exchange if kind in _kinds else None


def formats_of(kind: str) -> list[Format]:
    return list(_kinds[kind].formats) if kind in _kinds else []


def format_of(kind: str, name: str) -> Format | None:
    return next((one for one in formats_of(kind) if one.name == name), None)


def by_extension(kind: str, file_name: str) -> Format | None:
    """The format a file's name speaks of, among those that can be read."""
    lowered = file_name.lower()
    return next((one for one in formats_of(kind) if one.read and lowered.endswith(one.extensions)), None)
