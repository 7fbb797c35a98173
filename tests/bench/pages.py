"""make bench: what the pages cost, as ratios to a limit view in the same process.

The real gunicorn on a data folder of its own: SQLite, the starter content, an agent with favourites and copies.
One connection asks for the targets in turn; the processor time is the whole server's, as the operating system
counts it. Only the ratios inside one run mean anything on another machine, and only when nothing else runs on it:
a busy neighbour takes the processor's caches away, which costs a page more than a one-line view. Exit code 1 when a
budget is broken.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.bench.server import Client, Server

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, LEAST_ROUNDS, WARM = 10, 3, 20
MEASURE = 45  # seconds after which no new round begins
WORDS = ("运费", "发货", "差评", "尺码")
OTHERS = ("便宜点", "退货运费", "什么时候发货", "yunfei", "yf")
LESSONS = tuple(
    f"/learn/intro/intro-{slug}/" for slug in ("all-the-way", "five-roles", "help-sells", "nine-and-five", "job-questions")
)
FRAGMENT = {"X-Fragment": "1"}
PAGE_BYTES = 40 * 1024
PAGE_REQUESTS = 4  # document, style, script, icon; images come on top
MEMORY = 1.5


@dataclass
class Target:
    """A page, the server it is on, its budget against the limit view, and what it cost in each round."""

    name: str
    paths: tuple[str, ...]
    server: str = "site"
    fragment: bool = False
    # Asked again with the tag of the first answer: a 304 without a body.
    again: bool = False
    budget: float | None = None
    # A round must last many of the kernel's ticks of 10 ms.
    requests: int = 40
    costs: list[float] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def run(self, client: Client, times: int) -> None:
        """Raises RuntimeError on any answer but the one expected: a sign-in page is quick, and proves nothing."""
        for at in range(times):
            path = self.paths[at % len(self.paths)]
            known = {"If-None-Match": self.tags[path]} if path in self.tags else {}
            status, headers, body = client.ask(path, FRAGMENT if self.fragment else known)
            if known:
                good = status == 304 and not body
            else:
                good = status == 200 and self.fragment == (headers.get("X-Fragment") == "results")
            if not good:
                raise RuntimeError(f"{self.name}: {status} for {path}")
            if self.again and not known:
                self.tags[path] = headers["ETag"]


def targets() -> list[Target]:
    """The budgets are for a word of two characters, which is what agents type; the rest is printed beside."""
    suggest, page = "/dock/?q=", "/phrases/?q="
    return [
        Target("limit view", ("/bench/limit/",), requests=150),
        Target("suggestions, two characters", paths(suggest, WORDS), fragment=True, budget=1.8, requests=80),
        Target("suggestions, other queries", paths(suggest, OTHERS), fragment=True),
        Target("search page, two characters", paths(page, WORDS), budget=3),
        Target("search page, other queries", paths(page, OTHERS)),
        Target("phrasebook, no query", ("/phrases/",)),
        Target(
            "card page", ("/phrases/shipping-fee-doubt/", "/phrases/bargaining/", "/phrases/damaged-item/"), requests=20
        ),
        Target("dock page", ("/dock/",), requests=20),
        Target("home", ("/",), requests=20),
        Target("lesson page", LESSONS, budget=1.6, requests=80),
        Target("lesson page, not modified", LESSONS, again=True, budget=1.15, requests=150),
        Target("courses and paths", ("/learn/",), requests=20),
        Target("empty view, no middleware", ("/bench/empty/",), server="bare", requests=150),
        Target("one query, no middleware", ("/bench/query/",), server="bare", requests=80),
    ]


def paths(start: str, queries: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(start + quote(query) for query in queries)


def environment(folder: Path, settings: str) -> dict[str, str]:
    """A machine that has set nothing: only where the data is, and a key."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return known | {
        "DATA_DIR": str(folder),
        "SECRET_KEY": "only-for-the-benchmark",
        "SITE_URL": "http://127.0.0.1:8000",
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "WARNING",
    }


PREPARE = """
from io import StringIO
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
from accounts.models import User
from accounts.roles import sync_roles
from accounts.services.demo import create_demo_accounts
from knowledge.models import Line
from knowledge.services import events
call_command("migrate", verbosity=0)
sync_roles()
call_command("load_content", verbosity=0, stdout=StringIO())
call_command("compile_catalog", verbosity=0)
# Compressing the admin's files would take longer than the measurement.
call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin", "admin_ours", "markdownx"])
create_demo_accounts(Path(settings.DATA_DIR) / "demo-accounts.json")
agent = User.objects.get(groups__name="agent")
for at, line in enumerate(Line.objects.copyable()[:60:6]):
    events.count_copy(line, agent)
    if at % 2:
        events.toggle_favourite(line, agent)
"""


def sign_in(client: Client, folder: Path) -> None:
    accounts = json.loads((folder / "demo-accounts.json").read_text(encoding="utf-8"))
    agent = next(account for account in accounts if account["role"] == "agent")
    _status, headers, body = client.ask("/accounts/login/")
    page = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    names = {name: agent[name] for name in ("username", "password")}
    form = urlencode({**names, "csrfmiddlewaretoken": token[1] if token else ""})
    status, _headers, _body = client.ask("/accounts/login/", body=form)
    if status != 302:
        raise RuntimeError(f"The agent could not sign in: {status}")


def measure(servers: dict[str, Server], clients: dict[str, Client], found: list[Target]) -> None:
    """Each round asks for every target in a new order, so that a busy moment of the machine hits all alike."""
    for target in found:
        target.run(clients[target.server], WARM)
    deadline = time.monotonic() + MEASURE
    for done in range(ROUNDS):
        if done >= LEAST_ROUNDS and time.monotonic() > deadline:
            break
        for target in random.sample(found, len(found)):
            server, client = servers[target.server], clients[target.server]
            target.run(client, 2)  # after another target's turn: the connection is open, the caches are near
            before = server.cpu()
            target.run(client, target.requests)
            target.costs.append((server.cpu() - before) / target.requests * 1000)


def show_costs(found: list[Target]) -> list[str]:
    """Print the table; return a sentence for each broken budget."""
    by_name = {target.name: target for target in found}
    limit = by_name["limit view"].costs
    empty = statistics.median(by_name["empty view, no middleware"].costs)
    broken = []
    print(f"\n{'CPU of the whole server':28}{'ms':>7}   {'to the limit':>13} {'spread':>12}  {'to empty':>8}")
    for target in found:
        ratios = [cost / base for cost, base in zip(target.costs, limit, strict=True)]
        ratio, cost = statistics.median(ratios), statistics.median(target.costs)
        spread, budget = f"{min(ratios):.2f}–{max(ratios):.2f}", f"  <= {target.budget}" if target.budget else ""
        print(f"{target.name:28}{cost:7.2f}   {ratio:12.2f}x {spread:>12}  {cost / empty:7.1f}x{budget}")
        if target.budget and ratio > target.budget:
            broken.append(f"{target.name}: {ratio:.2f}x the limit view; the budget is {target.budget}x.")
    if (load := os.getloadavg()[0]) > (os.cpu_count() or 1) + 1:
        print(f"The machine is busy with other work (load {load:.1f}): these ratios are worse than on a quiet one.")
    return broken


ASSETS = re.compile(rb'<link rel="(?:icon|stylesheet)" href="([^"]+)"|<(?:script|img)[^>]* src="([^"]+)"')


def show_weights(client: Client) -> list[str]:
    """Bytes over the wire with an empty cache, document and everything it names."""
    broken = []
    print(f"\n{'Bytes with an empty cache':28}{'all':>7}  {'requests':>8}")
    for path in ("/dock/", "/phrases/", f"/phrases/?q={quote('运费')}", "/phrases/shipping-fee-doubt/", "/"):
        _status, headers, body = client.ask(path)
        page = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
        sizes = {"document": len(body)}
        for style, script in ASSETS.findall(page):
            status, _headers, asset = client.ask((style or script).decode())
            if status != 200:
                raise RuntimeError(f"{path}: {status} for {(style or script).decode()}")
            sizes[(style or script).decode().rpartition("/")[2]] = len(asset)
        total = sum(sizes.values())
        print(f"{path:28}{total:7}  {len(sizes):8}  {', '.join(f'{name} {size}' for name, size in sizes.items())}")
        if total > PAGE_BYTES:
            broken.append(f"{path} weighs {total} bytes; the budget is {PAGE_BYTES}.")
        if len(sizes) > PAGE_REQUESTS:
            broken.append(f"{path} takes {len(sizes)} requests; the budget is {PAGE_REQUESTS}.")
    return broken


def show_memory(site: float, empty: float) -> list[str]:
    ratio = site / empty
    print(f"\nMemory (PSS) of 2 x 4 preloaded workers: {site:.0f} MB; an empty Django {empty:.0f} MB; {ratio:.2f}x")
    return [f"Memory is {ratio:.2f}x an empty Django's; the budget is {MEMORY}x."] if ratio > MEMORY else []


@contextmanager
def connected(server: Server, count: int = 1) -> Iterator[list[Client]]:
    clients = [Client(server.port) for _ in range(count)]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def site_memory(folder: Path, found: list[Target]) -> float:
    """Both workers have answered every page before anything is counted."""
    pages = [target for target in found if not target.paths[0].startswith("/bench/")]
    server = site_server(folder, "csportal.settings", "preload.log", "--preload")
    with server, connected(server, 8) as clients:
        sign_in(clients[0], folder)
        for client in clients:
            client.cookies = clients[0].cookies
            for target in pages:
                target.run(client, len(target.paths))
        return server.memory()


def empty_memory(folder: Path) -> float:
    """What `django-admin startproject` makes, having served its sign-in page."""
    project = folder / "empty"
    project.mkdir()
    known = environment(folder, "empty.settings") | {"PYTHONPATH": str(project)}
    subprocess.run([sys.executable, "-m", "django", "startproject", "empty", str(project)], env=known, check=True)
    arguments = ["--workers", "2", "--threads", "4", "--worker-class", "gthread", "--preload", "--no-control-socket"]
    server = Server("empty.wsgi", [*arguments, "--chdir", str(project)], known, folder / "empty.log")
    with server, connected(server, 8) as clients:
        for client in clients:
            for _ in range(4):
                client.ask("/admin/login/")
        return server.memory()


def site_server(folder: Path, settings: str, log: str, *arguments: str) -> Server:
    known = environment(folder, settings)
    return Server("csportal.wsgi", ["-c", str(ROOT / "gunicorn.conf.py"), *arguments], known, folder / log)


def main() -> int:
    """Exit code: 0 when every budget holds."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that an ended run ends its servers too
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        print("Preparing a database with the starter content…", flush=True)
        prepare = [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", PREPARE]
        subprocess.run(prepare, env=environment(folder, "csportal.settings"), check=True)
        found = targets()
        with (
            site_server(folder, "tests.bench.settings", "site.log") as site,
            site_server(folder, "tests.bench.bare", "bare.log") as bare,
            connected(site) as (client,),
            connected(bare) as (bare_client,),
        ):
            print(f"Asking for each of {len(found)} pages in turn…", flush=True)
            sign_in(client, folder)
            measure({"site": site, "bare": bare}, {"site": client, "bare": bare_client}, found)
            broken = show_costs(found) + show_weights(client)
        broken += show_memory(site_memory(folder, found), empty_memory(folder))
    for sentence in broken:
        print(f"Over budget: {sentence}")
    print("\nEvery budget holds." if not broken else "")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
