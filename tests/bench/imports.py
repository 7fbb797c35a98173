"""Large imports while people read and answer: seconds of reading, of making ready and of the one write.

    python -m tests.bench.imports [--rows 5000] [--kinds card question staff synonyms] [--alone]

An import of new rows, then one in which each of them is changed, on SQLite and on PostgreSQL; 8 readers and 16
submitters go on meanwhile, and none may meet a lock. Each import runs in a process of its own, as the worker does.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("card", "question", "staff", "synonyms")
PHRASES = (
    *("亲亲，您看中的这款现在有现货", "下单后今天就能发出", "我先帮您核对一下订单", "给您添麻烦了，真不好意思"),
    *("您方便说说收到时是什么样子吗", "我这就去问仓库", "有结果马上告诉您", "这个价格已经是活动里最低的"),
)
WRITE_LIMIT = 5.0  # seconds that the write lock may be held


def letters(number: int, width: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in reversed(range(width)))


def made(kind: str, rows: int, tail: str = "") -> Iterator[Any]:
    """Entries of a kind that is not there yet; another `tail` is another text of the same."""
    from knowledge.services.exchange.registry import Entry

    dice = random.Random(kind)

    def words() -> str:
        return "，".join(dice.sample(PHRASES, 1)) + tail

    for at in range(rows):
        name = letters(at, 4)
        if kind == "card":
            lines = [{"code": f"{name}{n}", "text": words(), "why": dice.choice(PHRASES)} for n in (1, 2, 3)]
            document = {
                "slug": f"load-{at}",
                "title": f"压力{at}",
                "stage": "pre",
                "course": "language",
                "competency": "language",
                "groups": ["valued"],
                "facts": [],
                "neighbours": [],
                "aliases": [f"{dice.choice(PHRASES)}{at}第{n}问" for n in (1, 2, 3)],
                "do": lines[:2],
                "dont": [lines[2] | {"breaks": ["cold"]}],
                "principle": words(),
            }
            yield Entry(document, {"status": "published"})
        elif kind == "question":
            options = [
                {"text": f"{words()}{n}", "right": "yes" if n == 1 else "no", "feedback": words()} for n in range(4)
            ]
            document = {
                "id": f"language-l{at}",
                "type": "single",
                "competency": "language",
                "difficulty": "2",
                "facts": [],
                "card": "own-mistake",
                "prompt": words(),
                "options": options,
                "explanation": words(),
            }
            yield Entry(document, {"course": "language", "status": "published"})
        elif kind == "staff":
            person = {"staff_number": f"L{at:06}", "display_name": f"员工{at}{tail}", "username": f"load{at}"}
            yield Entry(person | {"email": f"l{at}@example.com", "locale": "zh-hans", "role": "agent", "team": ""})
        else:
            yield Entry({"id": "", "words": f"同义{name}甲 同义{name}乙 同义{name}丙", "note": f"{at}{tail}"})


def run(kind: str, rows: int, tail: str) -> None:
    """Import so many rows; prints one line of JSON. Inside the site."""
    from accounts.models import User
    from knowledge.models import ImportJob
    from knowledge.services.exchange import applying, jobs, staging
    from knowledge.services.exchange.registry import format_of

    form = format_of(kind, "csv")  # 20,000 cards are more than a workbook may hold unpacked
    began = time.monotonic()
    data = b"".join(form.write(made(kind, rows, tail)))
    told: dict[str, Any] = {"kind": kind, "rows": rows, "file": len(data), "export": time.monotonic() - began}
    author = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("bench", password="x")
    job = ImportJob.objects.create(kind=kind, format="csv", name="load.csv", data=data, created_by=author)
    writes: list[float] = []
    watch = logging.Handler()
    watch.emit = lambda record: writes.append(record.args[2])  # type: ignore[method-assign, index]
    applying.logger.addHandler(watch)
    applying.logger.setLevel(logging.INFO)
    began = time.monotonic()
    staging.stage(job.pk)
    told["staging"] = time.monotonic() - began
    job.refresh_from_db()
    told["counts"], told["notes"] = job.counts, job.notes[:2]
    began = time.monotonic()
    jobs.ImportJob.objects.filter(pk=job.pk).update(state="applying")
    applying.apply(job.pk)
    told["applying"], told["writing"] = time.monotonic() - began, writes[0] if writes else -1
    job.refresh_from_db()
    told["state"] = job.state
    told["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(told, ensure_ascii=False))


def started(folder: Path, call: str, database: str) -> subprocess.Popen[str]:
    from tests.bench.place import SITE, environment

    command = [
        sys.executable,
        str(ROOT / "manage.py"),
        "shell",
        "-v",
        "0",
        "-c",
        f"from tests.bench import imports; {call}",
    ]
    known = environment(folder, SITE, database)
    return subprocess.Popen(command, env=known, stdout=subprocess.PIPE, text=True)


def measure(crowd: Any, kind: str, rows: int, alone: bool) -> list[str]:
    """Import new rows and then changed ones while the crowd works. Sentences for what went wrong."""
    said = []
    with crowd.server() as server:
        for tail in ("", "。"):
            process = started(crowd.folder, f"imports.run({kind!r}, {rows}, {tail!r})", crowd.database)
            if not alone:
                while process.poll() is None:  # what it prints is one line: the pipe never fills
                    crowd.round(server, 2)
            told = json.loads((process.communicate()[0].splitlines() or ["{}"])[-1])
            print(
                f"{crowd.vendor:11}{kind:9} {told['counts']}  file {told['file'] / 1e6:.1f} MB, "
                f"export {told['export']:.1f} s, staging {told['staging']:.1f} s, making ready "
                f"{told['applying'] - told['writing']:.1f} s, writing {told['writing']:.2f} s, "
                f"{told['memory']} MB, {told['state']}, slowest submit {max(crowd.tally.submits or [0]):.2f} s, "
                f"errors {dict(crowd.tally.errors)}",
                flush=True,
            )
            if told["state"] != "done":
                said.append(f"{crowd.vendor} {kind}: {told['state']} {told['notes']}")
            if told["writing"] > WRITE_LIMIT:
                said.append(f"{crowd.vendor} {kind}: the lock was held for {told['writing']:.1f} s")
            said += [f"{crowd.vendor} {kind}: {error}: {count}" for error, count in crowd.tally.errors.items()]
            crowd.tally = type(crowd.tally)()
    return said + ([] if alone else crowd.faults())


def main() -> int:
    from tests.bench import load
    from tests.postgres import started as postgres

    parser = argparse.ArgumentParser(prog="python -m tests.bench.imports")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--alone", action="store_true", help="without readers and submitters")
    parser.add_argument("--sqlite", action="store_true", help="SQLite only")
    parser.add_argument("--postgresql", action="store_true", help="PostgreSQL only")
    options = parser.parse_args()
    load.SUBMITTERS, load.READERS = 16, 8
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name, postgres() as address, load.many_files():
        crowds = [] if options.postgresql else [load.Crowd("SQLite", Path(name) / "sqlite")]
        crowds += [] if options.sqlite else [load.Crowd("PostgreSQL", Path(name) / "postgresql", address)]
        for crowd in crowds:
            crowd.folder.mkdir()
            crowd.prepare()
            for kind in options.kinds:
                broken += measure(crowd, kind, options.rows, options.alone)
    for sentence in broken:
        print(f"Wrong: {sentence}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
