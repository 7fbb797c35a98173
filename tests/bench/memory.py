"""Memory of 2 x 4 preloaded workers when each has answered every page on all its threads, beside an empty Django."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path

from tests.bench.place import SITE, connected, environment, serve, sign_in
from tests.bench.server import Client, Server
from tests.bench.targets import Target

MEMORY = 1.5
CONNECTIONS = 8  # as many as the workers have threads
WORKED = 0.5  # seconds of processor after which a worker has seen every page
MOST_ROUNDS = 20


def show_memory(folder: Path, found: list[Target]) -> list[str]:
    """Print both and their ratio; return a sentence when the budget is broken."""
    site, empty = site_memory(folder, found), empty_memory(folder)
    ratio = site / empty
    print(f"\nMemory (PSS) of 2 x 4 preloaded workers: {site:.0f} MB; an empty Django {empty:.0f} MB; {ratio:.2f}x")
    return [f"Memory is {ratio:.2f}x an empty Django's; the budget is {MEMORY}x."] if ratio > MEMORY else []


def site_memory(folder: Path, found: list[Target]) -> float:
    pages = [target for target in found if not target.paths[0].startswith("/bench/")]

    def ask(client: Client) -> None:
        for page in deepcopy(pages):
            page.run(client, 2 * len(page.paths))

    server = serve(folder, SITE, "preload.log", "--preload")
    with server, connected(server, CONNECTIONS) as clients:
        sign_in(clients[0], folder)
        for client in clients:
            client.cookies = dict(clients[0].cookies)
        at_once(server, clients, ask)
        return server.memory()


def empty_memory(folder: Path) -> float:
    """What `django-admin startproject` makes, having served its sign-in page."""
    project = folder / "empty"
    project.mkdir()
    known = environment(folder, "empty.settings") | {"PYTHONPATH": str(project)}
    subprocess.run([sys.executable, "-m", "django", "startproject", "empty", str(project)], env=known, check=True)
    own = project / "gunicorn.conf.py"  # or gunicorn takes the site's, which lies in the folder it is started in
    own.touch()
    arguments = [
        "-c",
        str(own),
        "--workers",
        "2",
        "--threads",
        "4",
        "--worker-class",
        "gthread",
        "--preload",
        "--no-control-socket",
    ]

    def ask(client: Client) -> None:
        for _ in range(40):
            client.ask("/admin/login/")

    server = Server("empty.wsgi", [*arguments, "--chdir", str(project)], known, folder / "empty.log")
    with server, connected(server, CONNECTIONS) as clients:
        at_once(server, clients, ask)
        return server.memory()


def at_once(server: Server, clients: list[Client], ask: Callable[[Client], None]) -> None:
    """All connections ask at the same time, again and again until every worker has had its share."""
    with ThreadPoolExecutor(len(clients)) as pool:
        for _ in range(MOST_ROUNDS):
            list(pool.map(ask, clients))
            if min(map(server.cpu_of, server.pids()[1:])) > WORKED:
                return
    raise RuntimeError("One of the workers was given nothing to do.")
