"""A query that is asked on every page, written down once.

Turning a queryset into SQL costs Django twenty times what the database needs to answer a small query. The SQL of a
query that differs only in its values is always the same: it is made once, with marks where the values go.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# Values that no real query holds, by the type of what they stand for.
_MARKS: dict[type, Callable[[int], Any]] = {int: lambda at: -(10**8) - at, str: lambda at: f"mark-{at}-e3b0c442"}

_WORD = re.compile(r"[a-z_]+", re.ASCII)


class Prepared:
    """`build` gives the queryset (a `values_list`) for named values; `kinds` says the type of each.

    The values may only stand where something has to be equal to them: what Django leaves out of a query because of a
    value would be left out for all. Asking raises LookupError when one of them was.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **kinds: type) -> None:
        self.build = build
        self.marks = {name: _MARKS[kind](at) for at, (name, kind) in enumerate(kinds.items())}
        # By vendor: the SQL, and the values that are always the same.
        self._made: dict[str, tuple[str, dict[str, Any]]] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers, as its driver gives it: JSON is text, a truth may be 0 or 1, a time naive."""
        sql, fixed = self._sql()
        with connection.cursor() as cursor:
            # Values by name: Django turns `%s` into SQLite's own marks at every call, which takes as long as the query.
            cursor.execute(sql, fixed | values)
            return list(cursor.fetchall())

    def _sql(self) -> tuple[str, dict[str, Any]]:
        if connection.vendor not in self._made:
            sql, values = self.build(**self.marks).query.sql_with_params()
            fixed: dict[str, Any] = {}
            parts = sql.split("%s")
            for at, value in enumerate(values):
                parts[at] += self._place(value, fixed)
            made = "".join(parts)
            if not all(f"%({name})s" in made for name in self.marks):
                raise LookupError(f"a value of the query has no place in {sql}")
            self._made[connection.vendor] = made, fixed
        return self._made[connection.vendor]

    def _place(self, value: Any, fixed: dict[str, Any]) -> str:
        """What stands in the SQL for a value; adds to `fixed` what is sent along with it every time.

        A word of ours that is always the same (`state = 'finished'`) is written into the SQL: a bound one makes SQLite
        plan anew at every call, as it might be the one that a partial index is for, which takes longer than the query.
        """
        for name, mark in self.marks.items():
            if type(value) is type(mark) and value == mark:
                return f"%({name})s"
        if isinstance(value, str) and _WORD.fullmatch(value):
            return f"'{value!s}'"
        name = f"fixed_{len(fixed)}"
        fixed[name] = str(value) if isinstance(value, str) else value
        return f"%({name})s"
