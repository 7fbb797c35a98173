"""One backend a database; `backend()` is the one of the default connection."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from knowledge.search.backends.base import Backend
from knowledge.search.backends.postgres import PostgresBackend
from knowledge.search.backends.sqlite import SQLiteBackend

_BACKENDS: dict[str, Backend] = {"sqlite": SQLiteBackend(), "postgresql": PostgresBackend()}


def backend() -> Backend:
    try:
        return _BACKENDS[connection.vendor]
    except KeyError:
        raise ImproperlyConfigured(f"The search has no backend for {connection.vendor}.") from None
