"""Copies of the migrated database, so that what many tests begin with is made once a worker and not once a test."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_pristine: sqlite3.Connection | str | None = None
_made: dict[str, tuple[BaseDatabaseWrapper, Any]] = {}


def keep_pristine() -> None:
    """Remember the database as the migrations left it. Nobody else may be connected."""
    global _pristine
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        _pristine = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(_pristine)
    else:
        name = str(connection.settings_dict["NAME"])
        connection.close()
        _pristine = f"{name}_pristine"
        _create(_pristine, name)


def restore_pristine() -> None:
    """Put back what the migrations left, page by page: milliseconds, where a flush that tells every app takes a
    tenth of a second. SQLite only."""
    assert isinstance(_pristine, sqlite3.Connection)
    connection.ensure_connection()
    _pristine.backup(connection.connection)


def drop() -> None:
    """Leave none of the copies behind."""
    global _pristine
    for wrapper, _given in _made.values():
        wrapper.close()
        if wrapper.vendor == "postgresql":
            _drop(str(wrapper.settings_dict["NAME"]))
    if isinstance(_pristine, sqlite3.Connection):
        _pristine.close()
    elif _pristine:
        _drop(_pristine)
    _made.clear()
    _pristine = None


@contextmanager
def prepared(name: str, build: Callable[[], Any]) -> Iterator[Any]:
    """The default connection leads to a copy that `build` has filled, as if it had done so in this test's transaction,
    for as long as the block lasts; gives what `build` returned. What the block writes is rolled back.

    Whatever a test wrote before is not there: ask for a prepared database first.
    """
    outer = connections[DEFAULT_DB_ALIAS]
    try:
        if name not in _made:
            _made[name] = (_copy(name), None)
            _made[name] = (connections[DEFAULT_DB_ALIAS], build())
        wrapper, given = _made[name]
        connections[DEFAULT_DB_ALIAS] = wrapper
        with _rolled_back(wrapper):
            yield copy.deepcopy(given)
    finally:
        connections[DEFAULT_DB_ALIAS] = outer


def _copy(name: str) -> BaseDatabaseWrapper:
    """A new database of this name, now the default one."""
    outer = connections[DEFAULT_DB_ALIAS]
    path = f"{outer.settings_dict['NAME']}_{name}"
    if isinstance(_pristine, str):
        _create(path, _pristine)
    wrapper = type(outer)({**outer.settings_dict, "NAME": path}, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = wrapper
    if isinstance(_pristine, sqlite3.Connection):
        wrapper.ensure_connection()
        _pristine.backup(wrapper.connection)
    return wrapper


@contextmanager
def _rolled_back(wrapper: BaseDatabaseWrapper) -> Iterator[None]:
    """The transaction of django.test.TestCase: durable blocks are allowed within, broken references are found."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]
    with atomic:
        yield
        if not wrapper.needs_rollback and wrapper.is_usable():
            wrapper.check_constraints()
        transaction.set_rollback(True)


def _create(name: str, template: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
