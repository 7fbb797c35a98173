"""What every backend does alike: rows in and out. What differs is how a tree becomes SQL.

All SQL runs on the default connection, in the caller's transaction. User text is always a
parameter, and inside a match expression always a quoted token.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from django.db import connection

from knowledge.search.document import Viewer
from knowledge.search.entry import Entry, counted_terms, row_of
from knowledge.search.query import Node, Wanted
from knowledge.search.schema import table

KEYS = 500  # a statement: SQLite takes no more than its number of parameters


class Scope(NamedTuple):
    """Whose search, of which kinds. Documents that fit `filters` come first and are flagged."""

    viewer: Viewer
    kinds: tuple[str, ...]
    filters: tuple[str, ...] = ()


class Row(NamedTuple):
    """A candidate. `wanted`: it passes the filters."""

    id: int
    kind: str
    object_id: int
    slug: str
    uses: int
    hash: str
    facets: str
    wanted: bool
    weight: int


class Backend:
    """Base of the two. `tables` are the live ones, or the copies a rebuild is filling."""

    true: ClassVar[str]
    contains: ClassVar[str]  # SQL for "%s is inside column", with {column}
    stored: ClassVar[tuple[str, ...]] = ("document", "text", "code")  # tables with rows of a document
    keys: ClassVar[Mapping[str, str]] = {}  # where the key is not called id

    # Reading

    def match(self, wanted: Wanted, scope: Scope, limit: int | None) -> list[Row]:
        """The visible documents that match, those that fit the filters first, then the most used."""
        raise NotImplementedError

    def match_any(self, nodes: Sequence[tuple[Node, int]], scope: Scope, limit: int) -> list[Row]:
        """The visible documents that match any node, the highest sum of weights first."""
        raise NotImplementedError

    def by_code(self, code: str, scope: Scope) -> list[Row]:
        where, params = self.visible(scope)
        flag, flag_params = self.fits(scope)
        return self.rows(
            f"SELECT {self.columns}, {flag}, 0 FROM {table('code')} c JOIN {table('document')} d ON d.id = c.id "
            f"WHERE c.code = %s AND {where} ORDER BY d.slug",
            [*flag_params, code, *params],
        )

    def everything(self, scope: Scope, limit: int | None = None) -> list[Row]:
        """All that is visible, the most used first."""
        where, params = self.visible(scope)
        flag, flag_params = self.fits(scope)
        return self.rows(
            f"SELECT {self.columns}, {flag} AS wanted, 0 FROM {table('document')} d WHERE {where} {self.order(limit)}",
            [*flag_params, *params],
        )

    def containing(self, words: Sequence[str], scope: Scope, limit: int | None) -> list[Row]:
        """A scan of the normalised texts for substrings the tokens cannot find (9元 in 满99元)."""
        where, params = self.visible(scope)
        flag, flag_params = self.fits(scope)
        inside = " AND ".join([self.contains.format(column="t.text")] * len(words))
        return self.rows(
            f"SELECT {self.columns}, {flag} AS wanted, 0 FROM {table('document')} d "
            f"JOIN {table('text')} t ON t.id = d.id WHERE {where} AND {inside} {self.order(limit)}",
            [*flag_params, *params, *words],
        )

    def document_counts(self, terms: Iterable[str]) -> tuple[int, dict[str, int]]:
        """How many documents there are, and how many hold each of the terms (absent: none)."""
        asked = ["", *terms]
        marks = ",".join(["%s"] * len(asked))
        found = dict(self.query(f"SELECT term, df FROM {table('term')} WHERE term IN ({marks})", asked))
        return found.pop("", 0), {term: df for term, df in found.items() if df > 0}

    def texts(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Document id to (head: raw title and aliases, one a line; text: the same and the body, normalised)."""
        if not ids:
            return {}
        marks = ",".join(["%s"] * len(ids))
        found = self.query(f"SELECT id, head, text FROM {table('text')} WHERE id IN ({marks})", list(ids))
        return {row[0]: (row[1], row[2]) for row in found}

    columns = "d.id, d.kind, d.object_id, d.slug, d.uses, d.hash, d.facets"

    def visible(self, scope: Scope) -> tuple[str, list[Any]]:
        """The WHERE that keeps to what this viewer may see."""
        kinds = ",".join(["%s"] * len(scope.kinds)) or "NULL"
        sql, params = f"d.kind IN ({kinds})", [*scope.kinds]
        if not scope.viewer.sees_drafts:
            sql += f" AND d.published = {self.true}"
        mine = "".join(f" OR {self.contains.format(column='d.audience')}" for _ in scope.viewer.tokens)
        return f"{sql} AND (d.audience = ''{mine})", params + [f" {token} " for token in scope.viewer.tokens]

    def fits(self, scope: Scope) -> tuple[str, list[Any]]:
        """An SQL flag: of each facet (the part before the colon) at least one of the asked tokens."""
        groups: dict[str, list[str]] = {}
        for token in scope.filters:
            groups.setdefault(token.partition(":")[0], []).append(f" {token} ")
        one = self.contains.format(column="d.facets")
        sql = " AND ".join(f"({' OR '.join([one] * len(tokens))})" for tokens in groups.values())
        return f"({sql or self.true})", [token for tokens in groups.values() for token in tokens]

    def order(self, limit: int | None) -> str:
        return "ORDER BY wanted DESC, d.uses DESC, d.slug" + (f" LIMIT {limit}" if limit else "")

    # Writing

    def store(self, entries: Sequence[Entry], building: bool = False) -> None:
        """Insert or replace documents, each of them once, and keep the term counts right."""
        change: Counter[str] = Counter()
        by_kind: dict[str, list[int]] = {}
        for entry in entries:
            by_kind.setdefault(entry.document.kind, []).append(entry.document.object_id)
            change.update(entry.terms)
            change[""] += 1
        with connection.cursor() as cursor:
            self._queue(cursor)
            for kind, object_ids in by_kind.items():
                for start in range(0, len(object_ids), KEYS):
                    self._forget(cursor, kind, object_ids[start : start + KEYS], change, building)
            self._insert(cursor, entries, building)
            self._count(cursor, change, building)

    def fill(self, entries: Sequence[Entry]) -> Counter[str]:
        """Insert new documents into the copies a rebuild is filling; what they add to the term counts,
        which `count` writes once at the end."""
        with connection.cursor() as cursor:
            self._insert(cursor, entries, building=True)
        return Counter(term for entry in entries for term in ("", *entry.terms))

    def count(self, change: Mapping[str, int]) -> None:
        """Write the term counts of a rebuild."""
        with connection.cursor() as cursor:
            self._count(cursor, change, building=True)

    def remove(self, kind: str, object_ids: Sequence[int], building: bool = False) -> None:
        change: Counter[str] = Counter()
        with connection.cursor() as cursor:
            self._queue(cursor)
            self._forget(cursor, kind, object_ids, change, building)
            self._count(cursor, change, building)

    def _queue(self, cursor: Any) -> None:
        """Wait until no other transaction writes the index. SQLite has one writer anyway."""

    def _forget(self, cursor: Any, kind: str, object_ids: Sequence[int], change: Counter[str], building: bool) -> None:
        marks = ",".join(["%s"] * len(object_ids)) or "NULL"
        cursor.execute(
            f"SELECT d.id, t.text FROM {table('document', building)} d JOIN {table('text', building)} t ON t.id = d.id "
            f"WHERE d.kind = %s AND d.object_id IN ({marks})",
            [kind, *object_ids],
        )
        gone = cursor.fetchall()
        for _, text in gone:
            change.subtract(counted_terms(text))
            change[""] -= 1
        if gone:
            marks = ",".join(["%s"] * len(gone))
            for name in self.stored:
                cursor.execute(
                    f"DELETE FROM {table(name, building)} WHERE {self.keys.get(name, 'id')} IN ({marks})",
                    [row[0] for row in gone],
                )

    def _insert(self, cursor: Any, entries: Sequence[Entry], building: bool) -> None:
        ids = self._new_ids(cursor, len(entries), building)
        cursor.executemany(
            f"INSERT INTO {table('document', building)} "
            "(id, kind, object_id, slug, published, audience, facets, uses, hash) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [(row_id, *row_of(entry.document)) for row_id, entry in zip(ids, entries, strict=True)],
        )
        self._insert_texts(cursor, ids, entries, building)
        cursor.executemany(
            f"INSERT INTO {table('code', building)} (code, id) VALUES (%s, %s)",
            [
                (code, row_id)
                for row_id, entry in zip(ids, entries, strict=True)
                for code in dict.fromkeys(map(str.lower, entry.document.codes))
            ],
        )

    def _new_ids(self, cursor: Any, number: int, building: bool) -> list[int]:
        raise NotImplementedError

    def _insert_texts(self, cursor: Any, ids: Sequence[int], entries: Sequence[Entry], building: bool) -> None:
        raise NotImplementedError

    def _count(self, cursor: Any, change: Mapping[str, int], building: bool) -> None:
        """Add to the term counts, in term order: two writers then lock rows in the same order."""
        raise NotImplementedError

    # Plumbing

    def rows(self, sql: str, params: Sequence[Any]) -> list[Row]:
        return [Row._make(row) for row in self.query(sql, params)]

    def query(self, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())
