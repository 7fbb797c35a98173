"""A site of the benchmark's own: a data folder, a database made ready, gunicorn on it, somebody signed in."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.server import Client, Server

ROOT = Path(__file__).resolve().parents[2]
SITE = "csportal.settings"


def environment(folder: Path, settings: str, database: str = "") -> dict[str, str]:
    """A machine that has set nothing: only where the data is, and a key."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return known | {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database,
        "SECRET_KEY": "only-for-the-benchmark",
        "SITE_URL": "http://127.0.0.1:8000",
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "WARNING",
    }


def inside(folder: Path, call: str, database: str = "") -> str:
    """What a call such as "prepare.pages()" prints, made inside the site (tests.bench.prepare, tests.bench.proof)."""
    module = call.partition(".")[0]
    command = f"from tests.bench import {module}; {call}"
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", command],
        env=environment(folder, SITE, database),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def serve(folder: Path, settings: str, log: str, *arguments: str, database: str = "") -> Server:
    """The site's gunicorn with its own configuration, not yet started."""
    known = environment(folder, settings, database)
    return Server("csportal.wsgi", ["-c", str(ROOT / "gunicorn.conf.py"), *arguments], known, folder / log)


@contextmanager
def connected(server: Server, count: int = 1) -> Iterator[list[Client]]:
    clients = [Client(server.port) for _ in range(count)]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def plain(body: bytes) -> bytes:
    """The body as it was before it was compressed for the wire."""
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def sign_in(client: Client, folder: Path) -> None:
    """The demo agent, by the form. Raises RuntimeError when that fails."""
    accounts = json.loads((folder / "demo-accounts.json").read_text(encoding="utf-8"))
    agent = next(account for account in accounts if account["role"] == "agent")
    _status, _headers, body = client.ask("/accounts/login/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', plain(body))
    names = {name: agent[name] for name in ("username", "password")}
    form = urlencode({**names, "csrfmiddlewaretoken": token[1] if token else ""})
    status, _headers, _body = client.ask("/accounts/login/", body=form)
    if status != 302:
        raise RuntimeError(f"The agent could not sign in: {status}")
