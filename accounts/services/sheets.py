"""Tables as files. What writes them stands above (knowledge/tables/csv.py), and is handed down when Django starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Rows = Iterable[Iterable[str]]
Writer = Callable[[Rows], bytes]

_writer: Writer | None = None


def set_writer(writer: Writer) -> None:
    global _writer
    _writer = writer


def write(rows: Rows) -> bytes:
    """Rows of texts as the bytes of a CSV file. Raises LookupError where nobody has handed down a writer."""
    if _writer is None:
        raise LookupError("No writer of tables was set: knowledge/apps.py does.")
    return _writer(rows)
