"""A gunicorn of our own: start it, talk to it, read what the operating system counts of it, end it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

TICK = os.sysconf("SC_CLK_TCK")
PATIENCE = 20  # seconds for starting, for ending and for one answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """gunicorn, 2 workers x 4 threads, on a free port of 127.0.0.1. Use it in a with statement."""

    def __init__(self, application: str, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.log = log
        self.command = [
            *(sys.executable, "-m", "gunicorn", *arguments),
            *("--bind", f"127.0.0.1:{self.port}", application),
        ]
        self.environment = {**environment, "PORT": str(self.port)}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0 and len(self.pids()) == 3:
                    return self
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"gunicorn did not start:\n{self.log.read_text(errors='replace')}")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        if not self.process:
            return
        workers = self.pids()[1:]
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            for pid in workers:
                if Path(f"/proc/{pid}").exists():
                    os.kill(pid, 9)

    def pids(self) -> list[int]:
        """The master and its children."""
        master = self.process.pid if self.process else 0
        children = Path(f"/proc/{master}/task/{master}/children")
        return [master, *map(int, children.read_text().split())] if children.exists() else [master]

    def cpu(self) -> float:
        """Seconds of processor the server has used so far, user and system, ended children included."""
        return sum(map(self.cpu_of, self.pids()))

    @staticmethod
    def cpu_of(pid: int) -> float:
        """The same of one of its processes."""
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # utime, stime, cutime and cstime are fields 14 to 17 of the whole line.
        return sum(map(int, fields[11:15])) / TICK

    def memory(self) -> float:
        """Megabytes in proportion (PSS): pages shared between processes count once."""
        found = [
            re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
            for pid in self.pids()
        ]
        return sum(int(line[1]) for line in found if line) / 1024


class Client:
    """One keep-alive connection with cookies, as a browser has."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.cookies: dict[str, str] = {}
        self.reopened = 0

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body as they came over the wire. A body makes it a POST of a form."""
        sent = {
            "Accept-Encoding": "gzip, deflate, br",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}),
            **(headers or {}),
        }
        try:
            self.connection.request("GET" if body is None else "POST", path, body, sent)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # An idle connection is closed by the server after two seconds; http.client opens a new one.
            self.reopened += 1
            self.connection.close()
            self.connection.request("GET" if body is None else "POST", path, body, sent)
            answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers, answer.read()

    def close(self) -> None:
        self.connection.close()
