"""What the pages cost: processor time of the whole server for one request, as a ratio to the limit view.

One connection asks for the targets in turn, each between two turns of the limit view. Only the ratios inside one run
mean anything on another machine, and only when nothing else runs on it: a busy neighbour takes the processor's caches
away, which costs a page more than a one-line view.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.bench.server import Client, Server

ROUNDS, LEAST_ROUNDS, WARM = 10, 3, 20
MEASURE = 75  # seconds after which no new round begins
WORDS = ("运费", "发货", "差评", "尺码")
OTHERS = ("便宜点", "退货运费", "什么时候发货", "yunfei", "yf")
LESSONS = tuple(
    f"/learn/intro/intro-{slug}/"
    for slug in ("all-the-way", "five-roles", "help-sells", "nine-and-five", "job-questions")
)
FRAGMENT = {"X-Fragment": "1"}


@dataclass
class Target:
    """A page, the server it is on, its budget against the limit view, and what it and that view cost in each round."""

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
    limits: list[float] = field(default_factory=list)
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


def targets(places: Mapping[str, str]) -> list[Target]:
    """The limit view first. The budgets are for a word of two characters, which is what agents type; the rest is
    printed beside.

    `places` are the addresses that prepare.pages wrote.
    """
    suggest, page = "/dock/?q=", "/phrases/?q="
    cards = ("/phrases/shipping-fee-doubt/", "/phrases/bargaining/", "/phrases/damaged-item/")
    return [
        Target("limit view", ("/bench/limit/",), requests=100),
        Target("suggestions, two characters", paths(suggest, WORDS), fragment=True, budget=1.8, requests=80),
        Target("suggestions, other queries", paths(suggest, OTHERS), fragment=True),
        Target("search page, two characters", paths(page, WORDS), budget=3),
        Target("search page, other queries", paths(page, OTHERS)),
        Target("phrasebook, no query", ("/phrases/",)),
        Target("card page", cards, requests=20),
        Target("dock page", ("/dock/",), requests=20),
        Target("home", ("/",), requests=20),
        Target("lesson page", LESSONS, budget=1.6, requests=80),
        Target("lesson page, not modified", LESSONS, again=True, budget=1.15, requests=150),
        Target("courses and paths", ("/learn/",), requests=20),
        Target("course", ("/learn/intro/",), requests=20),
        Target("path", (places["path"],), requests=20),
        Target("quiz, open attempt", (places["attempt"],), requests=20),
        Target("quiz, result", (places["result"],), requests=20),
        Target("skills matrix", ("/me/matrix/",), requests=20),
        Target("empty view, no middleware", ("/bench/empty/",), server="bare", requests=150),
        Target("one query, no middleware", ("/bench/query/",), server="bare", requests=80),
    ]


def paths(start: str, queries: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(start + quote(query) for query in queries)


def measure(servers: dict[str, Server], clients: dict[str, Client], found: list[Target], seconds: float) -> None:
    """Each round asks for every target in a new order, and for the limit view just before and after it: a busy moment
    of the machine, which makes everything dearer, hits both."""
    limit, *others = found
    for target in found:
        target.run(clients[target.server], WARM)

    def cost(target: Target) -> float:
        server, client = servers[target.server], clients[target.server]
        target.run(client, 2)  # after another target's turn: the connection is open, the caches are near
        before = server.cpu()
        target.run(client, target.requests)
        return (server.cpu() - before) / target.requests * 1000

    deadline = time.monotonic() + seconds
    for done in range(ROUNDS):
        if done >= LEAST_ROUNDS and time.monotonic() > deadline:
            break
        for target in random.sample(others, len(others)):
            before, own, after = cost(limit), cost(target), cost(limit)
            limit.costs += [before, after]
            target.costs.append(own)
            target.limits.append((before + after) / 2)
    limit.limits = limit.costs


def show_costs(found: list[Target]) -> list[str]:
    """Print the table; return a sentence for each broken budget."""
    by_name = {target.name: target for target in found}
    empty = statistics.median(by_name["empty view, no middleware"].costs)
    broken = []
    print(f"\n{'CPU of the whole server':28}{'ms':>7}   {'to the limit':>13} {'spread':>12}  {'to empty':>8}")
    for target in found:
        ratios = [cost / base for cost, base in zip(target.costs, target.limits, strict=True)]
        ratio, cost = statistics.median(ratios), statistics.median(target.costs)
        spread, budget = f"{min(ratios):.2f}–{max(ratios):.2f}", f"  <= {target.budget}" if target.budget else ""
        print(f"{target.name:28}{cost:7.2f}   {ratio:12.2f}x {spread:>12}  {cost / empty:7.1f}x{budget}")
        if target.budget and ratio > target.budget:
            broken.append(f"{target.name}: {ratio:.2f}x the limit view; the budget is {target.budget}x.")
    if (load := os.getloadavg()[0]) > (os.cpu_count() or 1) + 1:
        print(f"The machine is busy with other work (load {load:.1f}): these ratios are worse than on a quiet one.")
    return broken
