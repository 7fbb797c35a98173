"""manage.py work, as the server starts it: a process of its own on a database of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from csportal import chores as own
from csportal.management.commands import work

PATIENCE = 60
MANAGE = [sys.executable, "manage.py"]


def until(true: Callable[[], Any], patience: float = PATIENCE) -> float:
    """Wait for something; how long it took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < patience, "waited too long"
        time.sleep(0.05)
    return time.monotonic() - begun


def alive(pid: int) -> bool:
    """Running, and not only a line in the table of a parent that has not looked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Place:
    """A folder with a database that `work` can be run on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEBUG"}}
        self.environment |= {"DATA_DIR": str(folder), "SECRET_KEY": "only-for-tests", "PYTHONUNBUFFERED": "1"}
        subprocess.run(
            [*MANAGE, "migrate", "-v0"], cwd=site.BASE_DIR, env=self.environment, check=True, capture_output=True
        )

    def start(self, *arguments: str, command: list[str] | None = None) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command or [*MANAGE, "work", *arguments],
                cwd=site.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def ask(self, sql: str, *values: Any) -> Any:
        with sqlite3.connect(self.folder / "db.sqlite3", timeout=30) as database:
            return database.execute(sql, values).fetchone()[0]

    def chores_run(self) -> int:
        return int(self.ask("SELECT COUNT(*) FROM knowledge_chore"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("work"))


@pytest.fixture
def place(folder: Place) -> Place:
    with sqlite3.connect(folder.folder / "db.sqlite3", timeout=30) as database:
        database.execute("DELETE FROM knowledge_chore")
    (folder.folder / "log").write_text("")
    return folder


@pytest.fixture
def worker(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    process = place.start()
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()


def test_it_works_and_stops_when_told(place: Place, worker: subprocess.Popen[bytes]) -> None:
    """Chores within seconds; SIGTERM ends it at once, with no trace of an error."""
    until(place.chores_run)
    worker.send_signal(signal.SIGTERM)
    assert until(lambda: worker.poll() is not None, 10) < 5
    assert "Traceback" not in place.log


def test_an_enqueued_task_is_run(place: Place, worker: subprocess.Popen[bytes]) -> None:
    """What a view hands over is done by this process."""
    until(place.chores_run)
    enqueue = (
        "from tests.csportal.tasks_for_tests import leave_a_mark; leave_a_mark.enqueue(" + repr(str(place.folder)) + ")"
    )
    done = subprocess.run(
        [*MANAGE, "shell", "-c", enqueue],
        cwd=site.BASE_DIR,
        env=place.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    until((place.folder / "mark").exists)
    assert int((place.folder / "mark").read_text()) == worker.pid
    until(lambda: place.ask("SELECT COUNT(*) FROM django_tasks_database_dbtaskresult WHERE status = 'SUCCESSFUL'") == 1)


def test_a_locked_database_is_waited_for(place: Place, worker: subprocess.Popen[bytes]) -> None:
    """A long write somewhere else: the worker says so and goes on afterwards."""
    until(place.chores_run)
    database = sqlite3.connect(place.folder / "db.sqlite3", timeout=30, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    database.execute("DELETE FROM knowledge_chore")
    time.sleep(8)
    database.execute("COMMIT")
    database.close()
    until(place.chores_run)
    assert worker.poll() is None


def test_it_ends_with_its_parent(place: Place) -> None:
    """The server is killed with nobody asked: within seconds no worker is left."""
    start = "import subprocess, sys, os, time; child = subprocess.Popen([sys.executable, 'manage.py', 'work', '--parent', str(os.getpid())]); print(child.pid, flush=True); time.sleep(600)"  # noqa: E501
    parent = subprocess.Popen(
        [sys.executable, "-c", start], cwd=site.BASE_DIR, env=place.environment, stdout=subprocess.PIPE
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    until(place.chores_run)
    assert alive(child)
    parent.kill()
    parent.wait()
    assert until(lambda: not alive(child), 15) < 8


def test_it_does_not_start_without_its_parent(place: Place) -> None:
    """The server died while this process was still reading its code."""
    process = place.start("--parent", "999999999")
    assert process.wait(PATIENCE) in {-signal.SIGTERM, 0}


def test_once(place: Place) -> None:
    """For a machine with a timer of its own."""
    assert place.start("--once").wait(PATIENCE) == 0
    assert place.chores_run() > 0


# Within this process


@pytest.mark.django_db
def test_the_queue_is_left_alone_while_it_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look of the queue takes the write lock of the whole site."""
    called: list[Any] = []
    monkeypatch.setattr(work, "call_command", lambda *arguments, **options: called.append((arguments, options)))
    monkeypatch.setattr(work.chores, "run_due", lambda now: called.append("chores"))
    work.work_off()
    assert called == ["chores"]
    DBTaskResult.objects.create(**task())
    work.work_off()
    assert called[1:] == [
        (("db_worker",), {"batch": True, "interval": 0, "startup_delay": False, "reload": False}),
        "chores",
    ]


def task(**values: Any) -> dict[str, Any]:
    return {
        "args_kwargs": {"args": [], "kwargs": {}},
        "task_path": "x",
        "backend_name": "default",
        "run_after": timezone.now() - timedelta(days=30),
    } | values


@pytest.mark.django_db
def test_old_tasks_and_sessions_are_forgotten() -> None:
    """Those of a worker that died too, or they would be kept for ever."""
    now = timezone.now()
    old, new = now - timedelta(days=8), now - timedelta(days=6)
    for name, values in {
        "done long ago": {"status": "SUCCESSFUL", "finished_at": old},
        "failed long ago": {"status": "FAILED", "finished_at": old},
        "died long ago": {"status": "RUNNING", "started_at": old},
        "done": {"status": "SUCCESSFUL", "finished_at": new},
        "failed": {"status": "FAILED", "finished_at": new},
        "running": {"status": "RUNNING", "started_at": new},
        "waiting": {"status": "READY"},
    }.items():
        DBTaskResult.objects.create(**task(task_path=name, **values))
    Session.objects.create(session_key="over", session_data="", expire_date=old)
    Session.objects.create(session_key="open", session_data="", expire_date=now + timedelta(days=1))
    own.tidy(now)
    left = {"done", "failed", "running", "waiting"}
    assert set(DBTaskResult.objects.values_list("task_path", flat=True)) == left
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]


def test_the_chores_of_the_site_are_registered() -> None:
    """A chore nobody registered is never done."""
    from knowledge.services.chores import REGULAR

    assert {"publish", "finish", "tidy"} <= set(REGULAR)


def test_help_is_there() -> None:
    with pytest.raises(SystemExit):
        call_command("work", "--help")
