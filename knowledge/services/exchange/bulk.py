"""Many rows in few statements: everything is made ready outside the transaction, inside it there is nothing but SQL."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import OperationalError, connection, models, transaction

from knowledge.models.fields import after_all

STAMP = "{stamp}"  # in a statement: the moment of the transaction, later than any row of the table says of itself
CHUNK = 1000
ATTEMPTS = 5
T = TypeVar("T")


@transaction.atomic
def reserve(model: type[models.Model], number: int) -> Sequence[int]:
    """Keys that nobody else will be given, for rows to be written later. Those never used leave a gap, as after any
    transaction rolled back."""
    if not number:
        return range(0)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, model._meta.pk.column, number],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", [number, table])
        if not cursor.rowcount:  # nothing was ever stored here
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0]
    return range(last - number + 1, last + 1)


@transaction.atomic
def keep_clear(model: type[models.Model], highest: int) -> None:
    """Let the database give no key up to this one any more: rows are written under keys that a file named."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "pg_get_serial_sequence(%s, %s)"
            cursor.execute(
                f"SELECT setval({sequence}, %s) WHERE nextval({sequence}) <= %s",
                [table, model._meta.pk.column, highest, table, model._meta.pk.column, highest],
            )
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [highest, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, highest])


Params = tuple[Any, ...]


@dataclass(frozen=True)
class Statement:
    """SQL and its parameters, some rows at a time. The moment of the transaction goes into `stamped`, a column of
    `model`. On PostgreSQL the rows are one parameter, as JSON that is made before the transaction begins: 20,000
    statements of a row each took it fifteen seconds."""

    sql: str
    params: list[Sequence[Params]] | list[str]
    model: type[models.Model]
    stamped: str = ""

    def execute(self, cursor: Any, stamp: str) -> None:
        sql = self.sql.replace(STAMP, stamp)
        for chunk in self.params:
            if isinstance(chunk, str):
                cursor.execute(sql, [chunk])
            else:
                cursor.executemany(sql, chunk)


class Statements:
    """Statements and their parameters, to be run together later."""

    def __init__(self) -> None:
        self.steps: list[Statement] = []
        self.before: list[Callable[[], object]] = []
        self.after: list[Callable[[], object]] = []

    def insert(self, rows: Sequence[models.Model], *, stamped: str = "") -> None:
        """Insert these, keys and all. `stamped` is the column that gets the moment of the transaction."""
        if not rows:
            return
        model = type(rows[0])
        fields = [field for field in model._meta.concrete_fields if not (field.primary_key and rows[0].pk is None)]
        kept = [field for field in fields if field.column != stamped]
        params = [
            tuple(field.get_db_prep_save(getattr(row, field.attname), connection) for field in kept) for row in rows
        ]
        self._add(_insertion(model, fields, stamped), params, model, stamped)

    def update(
        self, model: type[models.Model], names: Sequence[str], rows: Iterable[tuple[Any, ...]], *, stamped: str = ""
    ) -> None:
        """Set the fields of each row: (value, …, key), values as the model has them."""
        fields: list[Any] = [model._meta.get_field(name) for name in names]
        params = [
            (
                *(field.get_db_prep_save(value, connection) for field, value in zip(fields, row[:-1], strict=True)),
                row[-1],
            )
            for row in rows
        ]
        self._add(_changing(model, fields, stamped), params, model, stamped)

    def _add(self, sql: str, params: list[Params], model: type[models.Model], stamped: str) -> None:
        chunks = list(in_chunks(params))
        ready: Any = [_as_json(chunk) for chunk in chunks] if _takes_json() else chunks
        self.steps.append(Statement(sql, ready, model, stamped))

    def delete(self, model: type[models.Model], keys: Sequence[Any]) -> None:
        """Delete rows by key before anything else is written, and what goes with them."""
        self.before.append(lambda: _delete(model, keys))

    def run(self) -> None:
        """In the caller's transaction."""
        for step in self.before:
            step()
        self._execute()
        for step in self.after:
            step()

    def _execute(self) -> None:
        stamps: dict[Any, str] = {}
        with connection.cursor() as cursor:
            for statement in self.steps:
                column = (statement.model, statement.stamped)
                if statement.stamped:
                    stamps[column] = stamps.get(column) or _literal(after_all(*column))
                statement.execute(cursor, stamps.get(column, ""))


def streamed(rows: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Lists of at most `size`, without holding the rest."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def patiently(write: Callable[[], T]) -> T:
    """What `write` returns; it is a transaction of its own. SQLite serves those who wait for its lock in no order, so
    that a worker among many submitters may wait in vain: it asks again, and nothing has been written meanwhile."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            return write()
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(random.random())  # noqa: S311 - so that two do not meet again
    return write()


def in_chunks(keys: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def _delete(model: type[models.Model], keys: Sequence[Any]) -> None:
    """Without a signal for each row, which would reindex as many times: whoever deletes here stores the index."""
    for chunk in in_chunks(keys):
        for relation in model._meta.related_objects:
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": chunk})
            if relation.on_delete is models.CASCADE:
                rows._raw_delete(rows.db)
            else:
                rows.update(**{relation.field.name: None})
        rows = model._base_manager.filter(pk__in=chunk)
        rows._raw_delete(rows.db)


def _insertion(model: type[models.Model], fields: Sequence[Any], stamped: str) -> str:
    names = ", ".join(_quoted(field.column) for field in fields)
    into = f"INSERT INTO {_quoted(model._meta.db_table)} ({names})"
    kept = [field for field in fields if field.column != stamped]
    values = iter(_values(kept))
    chosen = ", ".join(STAMP if field.column == stamped else next(values) for field in fields)
    return f"{into} SELECT {chosen} FROM {_rows(kept)}" if _takes_json() else f"{into} VALUES ({chosen})"  # noqa: S608


def _changing(model: type[models.Model], fields: Sequence[Any], stamped: str) -> str:
    """The key comes last."""
    key = model._meta.pk
    *values, pk = _values([*fields, key])
    sets = [f"{_quoted(field.column)} = {value}" for field, value in zip(fields, values, strict=True)]
    sets += [f"{_quoted(stamped)} = {STAMP}"] if stamped else []
    source = f"FROM {_rows([*fields, key])}" if _takes_json() else ""
    table, where = _quoted(model._meta.db_table), _quoted(key.column)
    return f"UPDATE {table} SET {', '.join(sets)} {source} WHERE {table}.{where} = {pk}"  # noqa: S608


def _takes_json() -> bool:
    return connection.vendor == "postgresql"


def _values(fields: Sequence[Any]) -> list[str]:
    return [f"new.v{at}" if _takes_json() else "%s" for at in range(len(fields))]


def _rows(fields: Sequence[Any]) -> str:
    """The parameter as rows, each value of the type of its column."""
    return f"json_to_recordset(%s::json) AS new ({', '.join(f'v{at} {_type(one)}' for at, one in enumerate(fields))})"


def _type(field: Any) -> str:
    return str(field.cast_db_type(connection))


def _as_json(rows: Sequence[Params]) -> str:
    return json.dumps([{f"v{at}": value for at, value in enumerate(row)} for row in rows], default=_plain)


def _plain(value: Any) -> Any:
    """What a column takes besides text, numbers and truth: JSON as it is wrapped for it, moments, identifiers."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value.obj


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")


def _literal(moment: datetime) -> str:
    zone = "+00:00" if connection.vendor == "postgresql" else ""
    return f"'{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}{zone}'"
