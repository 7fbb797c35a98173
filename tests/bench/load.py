"""64 trainees answer while 8 agents read, on SQLite and on PostgreSQL: how much it takes, and that nothing is lost.

The real gunicorn, 2 workers x 4 threads. Each trainee answers the questions of a quiz one by one as the page's script
does, thinks again now and then, hands in, looks at the result, and starts the next. The two databases take turns, so
that a busy moment of the machine hits both. Those who ask share the processors with the server that answers: the
submits a second are fewer than a server alone would manage, and mean something only beside each other.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.bench.place import SITE, inside, plain, serve
from tests.bench.server import Client, Server
from tests.bench.sheet import Question, choose, fields, read_sheet
from tests.bench.targets import LESSONS, OTHERS, WORDS
from tests.postgres import started

SUBMITTERS, READERS = 64, 8
ROUNDS, SECONDS = 4, 5  # a database; the two take turns
LEAST_RATIO = 0.8  # of PostgreSQL's good submits a second
DOOR = "/learn/intro/quiz/"
SECOND_THOUGHTS, TWICE, LEFT_TO_THE_END = 0.2, 0.2, 0.1  # how often; the last: an answer that only handing in saves


class Wrong(Exception):
    """An answer of the server that should not have come; its text is the kind of error."""


@dataclass
class Tally:
    """What came of one database's share: seconds of each good submit, errors by kind, connections opened again."""

    seconds: float = 0
    submits: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    reopened: int = 0

    @property
    def rate(self) -> float:
        """Good submits a second."""
        return len(self.submits) / self.seconds if self.seconds else 0.0

    def add(self, other: Tally) -> None:
        """Take in what one more person has counted; the seconds are the round's, not a person's."""
        self.submits += other.submits
        self.reads += other.reads
        self.errors += other.errors
        self.finished += other.finished
        self.reopened += other.reopened


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that `share` of them do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else 0.0


@dataclass
class Person:
    """Somebody signed in, with one connection, who does one thing after another until the time is up."""

    cookies: dict[str, str]
    dice: random.Random
    tally: Tally = field(default_factory=Tally)
    client: Client | None = None

    def go(self, port: int, until: float) -> None:
        self.client = Client(port)
        self.client.cookies = self.cookies
        while time.monotonic() < until:
            try:
                self.step()
            except Wrong as error:
                self.tally.errors[str(error)] += 1
                self.lost()
            except (OSError, HTTPException) as error:
                self.tally.errors[type(error).__name__] += 1
                self.client.close()
                self.lost()
        self.tally.reopened += self.client.reopened
        self.client.close()

    def step(self) -> None:
        raise NotImplementedError

    def lost(self) -> None:
        """After an error: begin from what the server has."""

    def ask(
        self, path: str, wanted: int, form: Sequence[tuple[str, str]] | None = None, fragment: bool = False
    ) -> tuple[HTTPMessage, str, float]:
        """Headers, text and seconds. Raises Wrong on another status."""
        assert self.client
        headers = {"X-Fragment": "1"} if fragment else {}
        if form is not None:
            headers["X-CSRFToken"] = self.client.cookies.get("csrftoken", "")
        begun = time.monotonic()
        status, answered, body = self.client.ask(path, headers, None if form is None else urlencode(form))
        if status != wanted:
            raise Wrong(f"{status} where {wanted} was due, {'POST' if form is not None else 'GET'} {kind_of(path)}")
        return answered, plain(body).decode(), time.monotonic() - begun


def kind_of(path: str) -> str:
    """The address without its numbers and its query, so that errors of one kind are counted together."""
    return "/".join("n" if part.isdigit() else part for part in path.partition("?")[0].split("/"))


@dataclass
class Reader(Person):
    at: int = 0

    def step(self) -> None:
        words = (*WORDS, *OTHERS)
        self.at += 1
        if self.at % 2:
            _headers, _text, seconds = self.ask(LESSONS[self.at // 2 % len(LESSONS)], 200)
        else:
            _headers, _text, seconds = self.ask(f"/dock/?q={quote(self.dice.choice(words))}", 200, fragment=True)
        self.tally.reads.append(seconds)


@dataclass
class Submitter(Person):
    """`promises` is what the server has said yes to: by attempt, {"answers": {position: [sequence, answer]},
    "asked": the same for what it was only asked to save, "finished": whether it said so}."""

    attempt: int = 0
    questions: list[Question] | None = None
    todo: list[Question] = field(default_factory=list)
    promises: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def promise(self) -> dict[str, Any]:
        return self.promises.setdefault(self.attempt, {"answers": {}, "asked": {}, "finished": False})

    def step(self) -> None:
        if not self.attempt:
            self._start()
        elif self.questions is None:
            self._open()
        elif self.todo:
            self._answer(self.todo.pop(0))
        else:
            self._hand_in(self.questions)

    def lost(self) -> None:
        self.questions = None

    def _start(self) -> None:
        headers, _text, seconds = self.ask(DOOR, 302, [])
        self.attempt = int(headers["Location"].split("/")[2])
        self.tally.submits.append(seconds)
        self.questions = None

    def _open(self) -> None:
        """Look at the page. Some questions are answered twice, and now and then one is left to the handing in."""
        _headers, page, _seconds = self.ask(f"/attempts/{self.attempt}/", 200)
        self.questions = read_sheet(page)
        known = self.promise["answers"]
        self.todo = [one for one in self.questions if one.position not in known]
        if self.todo and self.dice.random() < LEFT_TO_THE_END:
            self.todo.pop()
        again = [one for one in self.todo if self.dice.random() < SECOND_THOUGHTS]
        self.todo += again

    def _answer(self, question: Question) -> None:
        known, answer = self.promise["answers"].get(question.position), choose(question, self.dice)
        sequence = (known[0] if known else question.sequence) + 1
        self.promise["asked"][question.position] = [sequence, answer]
        form = [("answer", json.dumps(answer)), ("sequence", str(sequence)), ("seconds", "3")]
        path = f"/attempts/{self.attempt}/items/{question.position}/"
        _headers, text, seconds = self.ask(path, 200, form, fragment=True)
        body = json.loads(text)
        if body["answer"] != answer or body["sequence"] != sequence:
            raise Wrong("a good answer to a submit, with something else in it")
        self.promise["answers"][question.position] = [sequence, answer]
        self.tally.submits.append(seconds)

    def _hand_in(self, questions: list[Question]) -> None:
        """With everything on the page, as the page's script does; now and then twice, as by a nervous finger."""
        promise, form = self.promise, [("sure", "1")]
        given = {}
        for one in questions:
            sequence, answer = promise["answers"].get(one.position) or [one.sequence, choose(one, self.dice)]
            is_new = one.position not in promise["answers"]
            given[one.position] = [sequence + is_new, answer]
            form += [(f"s{one.position}", str(sequence)), (f"t{one.position}", "5"), *fields(one, answer)]
        promise["asked"] |= given
        path, result = f"/attempts/{self.attempt}/finish/", f"/attempts/{self.attempt}/result/"
        for _ in range(1 + (self.dice.random() < TWICE)):
            _headers, text, seconds = self.ask(path, 200, form, fragment=True)
            if json.loads(text).get("result") != result:
                raise Wrong("a quiz handed in without a result")
            promise["answers"], promise["finished"] = given, True
            self.tally.submits.append(seconds)
        self.tally.finished += 1
        self.ask(result, 200)
        self.attempt = 0


@dataclass
class Crowd:
    """One database's site, server and people, over all its rounds."""

    vendor: str
    folder: Path
    database: str = ""
    submitters: list[Submitter] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def prepare(self) -> None:
        inside(self.folder, f"prepare.crowd({SUBMITTERS}, {READERS})", self.database)
        known = json.loads((self.folder / "crowd.json").read_text())
        self.submitters = [
            Submitter({"sessionid": one["session"]}, random.Random(at), attempt=one["attempt"])
            for at, one in enumerate(known["submitters"])
        ]
        self.readers = [
            Reader({"sessionid": one["session"]}, random.Random(-at), at=at) for at, one in enumerate(known["readers"])
        ]

    def server(self) -> Server:
        return serve(self.folder, SITE, "load.log", database=self.database)

    def round(self, server: Server, seconds: float) -> None:
        """Everybody at once, until the time is up and the last answer is there."""
        everybody: list[Person] = [*self.submitters, *self.readers]
        begun = time.monotonic()
        threads = [
            threading.Thread(target=person.go, args=(server.port, begun + seconds), daemon=True) for person in everybody
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.tally.seconds += time.monotonic() - begun
        for person in everybody:
            self.tally.add(person.tally)
            person.tally = Tally()

    def faults(self) -> list[str]:
        """What the log and the database say against it, after the server has ended."""
        log = (self.folder / "load.log").read_text(errors="replace")
        told = {"database is locked": log.count("database is locked"), "Traceback": log.count("Traceback")}
        said = [f'"{words}" {count} times in the log' for words, count in told.items() if count]
        promises = {pk: one for person in self.submitters for pk, one in person.promises.items()}
        (self.folder / "promises.json").write_text(json.dumps(promises))
        lines = inside(self.folder, "proof.show()", self.database).splitlines()
        print(f"    {lines[0]}")
        return said + lines[1:]


@contextmanager
def many_files() -> Iterator[None]:
    """Room for everybody's sockets, here and in the servers that are started meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def show_load(folder: Path, rounds: int = ROUNDS, seconds: float = SECONDS) -> list[str]:
    """Print a line a database; return a sentence for each broken budget. Raises NoPostgres without one."""
    print(
        f"\n{SUBMITTERS} submitters and {READERS} readers on 2 x 4, {rounds} x {seconds:g} s a database, in turn…",
        flush=True,
    )
    with started() as address, many_files():
        crowds = [Crowd("SQLite", folder / "sqlite"), Crowd("PostgreSQL", folder / "postgresql", address)]
        for crowd in crowds:
            crowd.folder.mkdir()
            crowd.prepare()
        with crowds[0].server() as sqlite, crowds[1].server() as postgres:
            for _ in range(rounds):
                for crowd, server in zip(crowds, (sqlite, postgres), strict=True):
                    crowd.round(server, seconds)
        broken = [sentence for crowd in crowds for sentence in show_crowd(crowd)]
    ratio = crowds[0].tally.rate / (crowds[1].tally.rate or 1)
    print(f"SQLite to PostgreSQL: {ratio:.2f}x  >= {LEAST_RATIO}   (who asks shares the processors with who answers)")
    if ratio < LEAST_RATIO:
        broken.append(f"SQLite takes {ratio:.2f}x PostgreSQL's submits; the budget is {LEAST_RATIO}x.")
    return broken


def show_crowd(crowd: Crowd, show: Callable[[str], None] = print) -> list[str]:
    """Print what one database did; return what it did wrong."""
    tally = crowd.tally
    p50, p99 = (1000 * percentile(tally.submits, share) for share in (0.5, 0.99))
    read = 1000 * statistics.median(tally.reads or [0])
    show(
        f"{crowd.vendor:11}{tally.rate:6.0f} good submits/s  p50 {p50:5.0f} ms  p99 {p99:5.0f} ms  "
        f"{tally.finished:5} handed in  {len(tally.reads):5} reads, p50 {read:.0f} ms  "
        f"{sum(tally.errors.values())} errors  {tally.reopened} connections opened again"
    )
    said = [f"{kind}: {count}" for kind, count in tally.errors.most_common()]
    return [f"{crowd.vendor}: {sentence}" for sentence in (*said, *crowd.faults())]
