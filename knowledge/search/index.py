"""Writing the index: on the default connection, in the caller's transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple, TypeVar

from django.db import connection, transaction

from knowledge.search.backends import backend
from knowledge.search.document import SearchDocument
from knowledge.search.entry import Entry, prepare
from knowledge.search.schema import create_tables, drop_tables, finish_tables, swap_tables, table

CHUNK = 200  # documents a statement
UNPACKED = 2000  # entries whose tokens are in memory at a time
T = TypeVar("T")

Key = tuple[str, int]  # kind, object id


def index(documents: Iterable[SearchDocument]) -> int:
    """Insert or replace documents; how many had changed.

    The stored uses never go down: add_uses counts them up here, and a document made from its
    object may know fewer.
    """
    changed = 0
    with transaction.atomic():
        for chunk in _chunks(documents):
            latest = {_key(document): document for document in chunk}
            stored = fingerprints(list(latest))
            kept = [_with_uses(document, stored) for document in latest.values()]
            fresh = [prepare(document) for document in kept if _mark_of(document) != stored.get(_key(document))]
            if fresh:
                backend().store(fresh)
            changed += len(fresh)
    return changed


class Packed(NamedTuple):
    """An entry in a tenth of the memory: its tokens, a string a column."""

    document: SearchDocument
    text: str
    columns: tuple[str, ...]


def pack(entry: Entry) -> Packed:
    return Packed(entry.document, entry.text, tuple(" ".join(tokens) for tokens in entry.columns))


def store(entries: Sequence[Packed]) -> None:
    """Insert or replace documents made ready beforehand, each once: `index` for whoever holds the write lock and has
    no time to read texts out."""
    with transaction.atomic():
        for start in range(0, len(entries), UNPACKED):
            chosen = entries[start : start + UNPACKED]
            keys = [_key(entry.document) for entry in chosen]
            stored = {key: mark for some in _chunks(keys) for key, mark in fingerprints(some).items()}
            backend().store([_unpack(entry, stored) for entry in chosen])


def _unpack(entry: Packed, stored: dict[Key, tuple[str, int]]) -> Entry:
    return Entry(_with_uses(entry.document, stored), entry.text, *(column.split() for column in entry.columns))


def remove(kind: str, ids: Iterable[int]) -> None:
    """Take documents out; those that are not in are no error."""
    if gone := list(ids):
        with transaction.atomic():
            backend().remove(kind, gone)


def add_uses(kind: str, object_id: int, n: int = 1) -> None:
    """Count uses up; a document that is not in the index is no error."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table('document')} SET uses = uses + %s WHERE kind = %s AND object_id = %s", [n, kind, object_id]
        )


def clear() -> None:
    """Empty the index."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name in ("document", "text", "code", "term", *(("fts",) if connection.vendor == "sqlite" else ())):
            cursor.execute(f"DELETE FROM {table(name)}")


def stats() -> dict[str, int]:
    """Documents by kind, and `terms`, the number of distinct tokens."""
    found = dict(backend().query(f"SELECT kind, COUNT(*) FROM {table('document')} GROUP BY kind ORDER BY kind", []))
    terms = backend().query(f"SELECT COUNT(*) FROM {table('term')} WHERE df > 0 AND term <> ''", [])
    return {**found, "terms": terms[0][0]}


def fingerprints(keys: Sequence[Key] | None = None) -> dict[Key, tuple[str, int]]:
    """Key to (content hash, uses) of the stored rows, or of those of `keys`."""
    sql = f"SELECT kind, object_id, hash, uses FROM {table('document')}"
    if keys is None:
        return {(row[0], row[1]): (row[2], row[3]) for row in backend().query(sql, [])}
    marks = ",".join(["%s"] * len(keys)) or "NULL"
    found = backend().query(f"{sql} WHERE object_id IN ({marks})", [key[1] for key in keys])
    return {(row[0], row[1]): (row[2], row[3]) for row in found}


def rebuild(
    documents: Iterable[SearchDocument], *, reload: Callable[[Sequence[Key]], Iterable[SearchDocument]] | None = None
) -> int:
    """Build the index anew beside the live one, chunk by chunk, and swap at the end; how many documents.

    Uses are kept. What was saved while the build ran differs from its live row of the beginning: those
    keys are given to `reload`, which returns their documents as they are now (none: removed), inside
    the swapping transaction.
    """
    before = fingerprints()
    drop_tables(connection, building=True)
    create_tables(connection, building=True)
    count = 0
    terms: Counter[str] = Counter()
    for chunk in _chunks(documents):
        count += len(chunk)
        with transaction.atomic():
            terms.update(backend().fill([prepare(_with_uses(document, before)) for document in chunk]))
    with transaction.atomic():
        backend().count(terms)
        finish_tables(connection)
    with transaction.atomic():
        _lock()
        now = fingerprints()
        moved = [key for key in {**before, **now} if before.get(key, ("",))[0] != now.get(key, ("",))[0]]
        _catch_up(moved, list(reload(moved)) if reload and moved else None, now)
        _keep_uses(before, now)
        swap_tables(connection)
    return count


def _key(document: SearchDocument) -> Key:
    return document.kind, document.object_id


def _mark_of(document: SearchDocument) -> tuple[str, int]:
    """What `fingerprints` says of a document once it is stored."""
    return document.content_hash, document.uses


def _with_uses(document: SearchDocument, stored: dict[Key, tuple[str, int]]) -> SearchDocument:
    uses = stored.get(_key(document), ("", 0))[1]
    return replace(document, uses=max(uses, document.uses))


def _lock() -> None:
    """Let nobody write to the live index until the swap. SQLite's transaction is exclusive already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table('document')} IN SHARE ROW EXCLUSIVE MODE")


def _catch_up(moved: Sequence[Key], documents: list[SearchDocument] | None, now: dict[Key, tuple[str, int]]) -> None:
    """Bring into the new tables what changed in the live ones during the build."""
    if documents is None:
        return
    for kind in {kind for kind, _ in moved}:
        backend().remove(kind, [object_id for one, object_id in moved if one == kind], building=True)
    if documents:
        backend().store([prepare(_with_uses(document, now)) for document in documents], building=True)


def _keep_uses(before: dict[Key, tuple[str, int]], now: dict[Key, tuple[str, int]]) -> None:
    """Uses counted while the build ran."""
    counted = [(uses, *key) for key, (_, uses) in now.items() if uses > before.get(key, ("", 0))[1]]
    if counted:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {table('document', building=True)} SET uses = %s WHERE kind = %s AND object_id = %s", counted
            )


def _chunks(documents: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(documents)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
