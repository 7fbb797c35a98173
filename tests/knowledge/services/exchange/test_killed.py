"""The worker killed half-way, with a real signal to a real process on a database of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.place import ROOT, SITE, environment

ROWS = 6000
SEEN = """
from datetime import timedelta
import json
from django.utils import timezone
from knowledge.models import ImportJob, StagedRow, SynonymGroup
from knowledge.services.exchange import jobs
def told():
    job = ImportJob.objects.get()
    return [job.state, SynonymGroup.objects.count(), StagedRow.objects.count(), job.notes]
"""
MAKE = f"""
from accounts.models import User
from knowledge.models import ImportJob
from knowledge.tables import csv
by = User.objects.create_superuser("root", password="x")
rows = [["编号", "同义词", "备注"], *(["", f"甲{{at}} 乙{{at}}", ""] for at in range({ROWS}))]
ImportJob.objects.create(kind="synonyms", format="csv", name="x.csv", data=csv.write(rows), created_by=by)
"""
STAGE = "from knowledge.services.exchange import tasks; tasks.stage_file.func(1)"
# Asleep with half of the rows staged.
HALF = """
import time
from knowledge.services.exchange import staging, tasks
beat = staging._beat
def asleep(job, **values):
    beat(job, **values)
    if values.get("total"):
        print("half", flush=True)
        time.sleep(60)
staging._beat = asleep
tasks.stage_file.func(1)
"""
# Asleep in the middle of the one transaction, with everything written and nothing committed.
APPLY = """
import time
from knowledge.models import ImportJob
from knowledge.services.exchange import applying, jobs, tasks
ImportJob.objects.update(state="applying")
jobs.told = lambda *rest: (print("written", flush=True), time.sleep(60))
tasks.apply_rows.func(1)
"""


class Worker:
    """Code run inside a site of its own."""

    def __init__(self, folder: Path) -> None:
        self.known = environment(folder, SITE)

    def start(self, code: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", code]
        return subprocess.Popen(command, env=self.known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, code: str) -> str:
        out, error = self.start(code).communicate(timeout=120)
        assert not error.strip(), error
        return out

    def told(self, before: str = "") -> list[object]:
        return list(json.loads(self.run(f"{SEEN}{before}\nprint(json.dumps(told()))").splitlines()[-1]))


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    made = Worker(tmp_path)
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "-v0"], env=made.known, check=True)
    made.run(MAKE)
    return made


LATER = "jobs.look_after(timezone.now() + timedelta(minutes=3))"
AGAIN = "job = ImportJob.objects.get(); jobs.restart(job)"


def test_killed_while_reading_and_while_writing(worker: Worker) -> None:
    """Nothing is there afterwards, the page says so by the missing sign of life, and it can be started again."""
    process = worker.start(HALF)
    assert process.stdout
    assert process.stdout.readline() == "half\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert worker.told()[:3] == ["reading", 0, 500]
    state, groups, _rows, notes = worker.told(LATER)
    assert (state, groups, len(notes)) == ("failed", 0, 1)  # type: ignore[arg-type]
    assert worker.told(AGAIN)[0] == "reading"
    worker.run(STAGE)
    assert worker.told()[:3] == ["ready", 0, ROWS]

    process = worker.start(APPLY)
    assert process.stdout
    assert process.stdout.readline() == "written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert worker.told()[:3] == ["applying", 0, ROWS]
    state, groups, rows, notes = worker.told(LATER)
    assert (state, groups, rows, len(notes)) == ("failed", 0, ROWS, 1)  # type: ignore[arg-type]
    assert worker.told(AGAIN)[0] == "ready"
    worker.run('from knowledge.models import ImportJob; ImportJob.objects.update(state="applying")')
    worker.run("from knowledge.services.exchange import tasks; tasks.apply_rows.func(1)")
    assert worker.told()[:3] == ["done", ROWS, 0]
