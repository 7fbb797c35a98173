"""The chat desk under a full room: 200 sessions that look once a second and reply now and then, on 2 x 4.

Everybody has a run with three customers under way. As the page does, each look carries the mark of the answer before
(304 when nothing is new), and a reply's answer is a new state.
"""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.load import Person, Tally, Wrong, many_files, percentile
from tests.bench.place import SITE, inside, serve
from tests.bench.server import Client, Server

SESSIONS, SECONDS = 200, 20
EVERY = 1.0  # seconds between two looks
REPLIES = 15  # one look in so many is followed by a reply
MOST = 50  # ms, of 99 looks in 100
WORDS = ("您好，在的，我来帮您查一下。", "抱歉让您久等，今天就给您发出。", "谢谢您告诉我，券后价已经算好了。")


@dataclass
class Trainee(Person):
    """`run` is their run; looks and replies are kept as seconds, and how many looks found nothing new."""

    run: int = 0
    offset: float = 0.0
    mark: str = ""
    looks: list[float] = field(default_factory=list)
    same: int = 0
    number: int = 0

    def go(self, port: int, until: float) -> None:
        time.sleep(self.offset)
        super().go(port, until)

    def step(self) -> None:
        begun = time.monotonic()
        self._look()
        if self.dice.randrange(REPLIES) == 0:
            self._reply()
        time.sleep(max(0.0, EVERY - (time.monotonic() - begun)))

    def _look(self) -> None:
        assert self.client
        sent = {"X-Fragment": "1"} | ({"If-None-Match": self.mark} if self.mark else {})
        begun = time.monotonic()
        status, headers, _body = self.client.ask(f"/practice/desk/{self.run}/state/", sent)
        self.looks.append(time.monotonic() - begun)
        if status not in (200, 304):
            raise Wrong(f"{status} for a look")
        self.same += status == 304
        self.mark = headers.get("ETag", "")

    def _reply(self) -> None:
        """To the first customer; 409 when they have gone."""
        assert self.client
        self.number += 1
        form = urlencode({"text": self.dice.choice(WORDS), "sequence": self.number})
        sent = {"X-Fragment": "1", "X-CSRFToken": self.client.cookies.get("csrftoken", "")}
        begun = time.monotonic()
        address = f"/practice/desk/{self.run}/chats/1/send/"
        status, headers, _body = self.client.ask(address, sent, form)
        self.tally.submits.append(time.monotonic() - begun)
        if status not in (200, 409):
            raise Wrong(f"{status} for a reply")
        self.mark = headers.get("ETag", "")


def room(folder: Path, server: Server, seconds: float) -> list[Trainee]:
    """Let everybody work for so long; a warm-up look each comes before."""
    known = json.loads((folder / "desk.json").read_text())
    people = [
        Trainee(
            {"sessionid": one["session"], "csrftoken": "a" * 32},
            random.Random(at),
            Tally(),
            run=one["run"],
            offset=EVERY * at / len(known),
        )
        for at, one in enumerate(known)
    ]
    for person in people[:16]:
        client = Client(server.port)
        client.cookies = dict(person.cookies)
        client.ask(f"/practice/desk/{person.run}/state/")
        client.close()
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=person.go, args=(server.port, until)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return people


def show_desk(folder: Path, sessions: int = SESSIONS, seconds: float = SECONDS) -> list[str]:
    """Print what the room did; return a sentence for each broken budget."""
    print(f"\n{sessions} sessions at the desk on 2 x 4, a look every second for {seconds:g} s…", flush=True)
    place = folder / "desk"
    place.mkdir()
    inside(place, f"prepare.desk({sessions})")
    with many_files(), serve(place, SITE, "desk.log") as server:
        before = server.cpu()
        begun = time.monotonic()
        people = room(place, server, seconds)
        share = (server.cpu() - before) / (time.monotonic() - begun)
    looks = [second for person in people for second in person.looks]
    replies = [second for person in people for second in person.tally.submits]
    errors = {kind: count for person in people for kind, count in person.tally.errors.items()}
    log = (place / "desk.log").read_text(errors="replace")
    errors |= {words: log.count(words) for words in ("database is locked", "Traceback") if words in log}
    p50, p99 = (1000 * percentile(looks, part) for part in (0.5, 0.99))
    print(
        f"{len(looks) / seconds:6.0f} looks/s  p50 {p50:.0f} ms  p99 {p99:.0f} ms  <= {MOST}   "
        f"{100 * sum(person.same for person in people) // max(len(looks), 1)}% nothing new   {len(replies)} replies, "
        f"p99 {1000 * percentile(replies, 0.99):.0f} ms   {sum(errors.values())} errors   {share:.2f} processors"
    )
    broken = [f"desk: {kind}: {count}" for kind, count in errors.items()]
    if p99 > MOST:
        broken.append(f"A look at the desk takes {p99:.0f} ms at p99; the budget is {MOST} ms.")
    return broken
