"""Many rows in few statements: everything is made ready outside the transaction, inside it there is nothing but SQL."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

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


@dataclass(frozen=True)
class Statement:
    """SQL for one row, or on PostgreSQL for as many as are given: 20,000 statements, each of one row, took it fifteen
    seconds. The moment of the transaction goes into `stamped`, a column of `model`."""

    head: str
    row: str
    tail: str
    model: type[models.Model]
    stamped: str = ""

    def sql(self, rows: int, stamp: str) -> str:
        return (self.head + ", ".join([self.row] * rows) + self.tail).replace(STAMP, stamp)


class Statements:
    """Statements and their parameters, to be run together later."""

    def __init__(self) -> None:
        self.steps: list[tuple[Statement, list[tuple[Any, ...]]]] = []
        self.before: list[Callable[[], object]] = []
        self.after: list[Callable[[], object]] = []

    def insert(self, rows: Sequence[models.Model], *, stamped: str = "") -> None:
        """Insert these, keys and all. `stamped` is the column that gets the moment of the transaction."""
        if not rows:
            return
        model = type(rows[0])
        fields = [field for field in model._meta.concrete_fields if not (field.primary_key and rows[0].pk is None)]
        marks = ", ".join(STAMP if field.column == stamped else "%s" for field in fields)
        names = ", ".join(_quoted(field.column) for field in fields)
        kept = [field for field in fields if field.column != stamped]
        params = [
            tuple(field.get_db_prep_save(getattr(row, field.attname), connection) for field in kept) for row in rows
        ]
        head = f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) VALUES "  # noqa: S608
        self.steps.append((Statement(head, f"({marks})", "", model, stamped), params))

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
        if params:
            make = _update_many if connection.vendor == "postgresql" else _update_one
            self.steps.append((make(model, fields, stamped), params))

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
        many = connection.vendor == "postgresql"
        with connection.cursor() as cursor:
            for statement, params in self.steps:
                column = (statement.model, statement.stamped)
                if statement.stamped:
                    stamps[column] = stamps.get(column) or _literal(after_all(*column))
                stamp = stamps.get(column, "")
                for chunk in in_chunks(params):
                    if many:
                        cursor.execute(statement.sql(len(chunk), stamp), [value for row in chunk for value in row])
                    else:
                        cursor.executemany(statement.sql(1, stamp), chunk)


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


def _update_one(model: type[models.Model], fields: Sequence[Any], stamped: str) -> Statement:
    sets = [f"{_quoted(field.column)} = %s" for field in fields]
    sets += [f"{_quoted(stamped)} = {STAMP}"] if stamped else []
    head = f"UPDATE {_quoted(model._meta.db_table)} SET {', '.join(sets)} WHERE {_quoted(model._meta.pk.column)} = %s"  # noqa: S608
    return Statement(head, "", "", model, stamped)


def _update_many(model: type[models.Model], fields: Sequence[Any], stamped: str) -> Statement:
    """Values of a list have no type before they meet a column: each is cast."""
    key = model._meta.pk
    sets = [f"{_quoted(field.column)} = new.v{at}::{_type(field)}" for at, field in enumerate(fields)]
    sets += [f"{_quoted(stamped)} = {STAMP}"] if stamped else []
    head = f"UPDATE {_quoted(model._meta.db_table)} AS old SET {', '.join(sets)} FROM (VALUES "  # noqa: S608
    names = ", ".join([*(f"v{at}" for at in range(len(fields))), "pk"])
    row = f"({', '.join(['%s'] * (len(fields) + 1))})"
    tail = f") AS new ({names}) WHERE old.{_quoted(key.column)} = new.pk::{_type(key)}"
    return Statement(head, row, tail, model, stamped)


def _type(field: Any) -> str:
    """What PostgreSQL calls a column's type, wherever the column stands."""
    return str(field.cast_db_type(connection))


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")


def _literal(moment: datetime) -> str:
    zone = "+00:00" if connection.vendor == "postgresql" else ""
    return f"'{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}{zone}'"
