"""A query that is asked on every page, written down once.

Turning a queryset into SQL costs Django twenty times what the database needs to answer a small query. The SQL of a
query that differs only in its values is always the same: it is made once, with marks where the values go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# Values that no real query holds, by the type of what they stand for.
_MARKS: dict[type, Callable[[int], Any]] = {int: lambda at: -(10**8) - at, str: lambda at: f"mark-{at}-e3b0c442"}


class Prepared:
    """`build` gives the queryset (a `values_list`) for named values; `kinds` says the type of each.

    The values may only stand where something has to be equal to them: what Django leaves out of a query because of a
    value would be left out for all. Asking raises LookupError when one of them was.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **kinds: type) -> None:
        self.build = build
        self.marks = {name: _MARKS[kind](at) for at, (name, kind) in enumerate(kinds.items())}
        self._made: dict[str, tuple[str, list[Any]]] = {}  # by vendor: the SQL, and its values or names of values

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers, as its driver gives it: JSON is text, a truth may be 0 or 1, a time naive."""
        sql, slots = self._sql()
        with connection.cursor() as cursor:
            cursor.execute(sql, [values[slot.name] if isinstance(slot, _Slot) else slot for slot in slots])
            return list(cursor.fetchall())

    def _sql(self) -> tuple[str, list[Any]]:
        if connection.vendor not in self._made:
            sql, found = self.build(**self.marks).query.sql_with_params()
            names: Mapping[Any, str] = {mark: name for name, mark in self.marks.items()}
            slots = [_Slot(names[one]) if isinstance(one, int | str) and one in names else one for one in found]
            if {slot.name for slot in slots if isinstance(slot, _Slot)} != set(self.marks):
                raise LookupError(f"a value of the query has no place in {sql}")
            self._made[connection.vendor] = sql, slots
        return self._made[connection.vendor]


class _Slot:
    """The place of a value."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name
