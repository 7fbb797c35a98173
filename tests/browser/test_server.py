"""The real thing: two gunicorn workers started as `make run` starts them, in a data folder of their own."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as site
from playwright.sync_api import expect

from tests.bench.server import free_port
from tests.browser.conftest import Watch
from tests.browser.steps import box, clipboard, selected
from tests.browser.test_quiz import attempt_survives_a_kill

PATIENCE = 120


class Site:
    """`manage.py serve` on a free port. It becomes gunicorn's master, so its process id is all that has to be ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEBUG"}}
        environment |= {
            "DATA_DIR": str(self.folder),
            "SITE_URL": self.address,
            "PORT": str(self.port),
            "SECRET_KEY": "only-for-tests",
            "LOG_LEVEL": "INFO",
        }
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=site.BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"The site did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self) -> None:
        """As a power cut would: master and workers at once, none of them asked."""
        assert self.process
        pid = self.process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, workers)):
            os.kill(one, signal.SIGKILL)
        self.process.wait()

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, cookies: dict[str, str] | None = None, **fields: str) -> tuple[int, Any, str]:
        """Status, cookies set and body, over a connection that is used once, so that either worker may answer."""
        sent = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        headers = {"Connection": "close", "Cookie": sent, "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, urlencode(fields) if fields else None, headers)
            answer = connection.getresponse()
            jar = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie") or []))
            return answer.status, {name: morsel.value for name, morsel in jar.items()}, answer.read().decode()
        finally:
            connection.close()

    def account(self, role: str) -> dict[str, str]:
        accounts = json.loads((self.folder / "demo-accounts.json").read_text())
        return next(account for account in accounts if account["role"] == role)

    def sign_in(self) -> dict[str, str]:
        """The cookies of the demo agent."""
        cookies = self.ask("GET", "/accounts/login/")[1]
        who = self.account("agent")
        status, given, _ = self.ask(
            "POST",
            "/accounts/login/",
            cookies,
            csrfmiddlewaretoken=cookies["csrftoken"],
            username=who["username"],
            password=who["password"],
        )
        assert status == 302
        return {**cookies, **given}


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    server = Site(tmp_path_factory.mktemp("site"))
    server.start()
    yield server
    server.stop()


def signing_out_ends_the_session_on_every_worker(running: Site) -> None:
    """A cookie kept by whoever used the computer before opens nothing, whichever worker is asked."""
    cookies = running.sign_in()
    assert [running.ask("GET", "/dock/", cookies)[0] for _ in range(20)] == [200] * 20
    status, _, _ = running.ask("POST", "/accounts/logout/", cookies, csrfmiddlewaretoken=cookies["csrftoken"])
    assert status == 302
    assert [running.ask("GET", "/dock/", cookies)[0] for _ in range(40)] == [302] * 40


@pytest.fixture
def real_dock(running: Site, new_context: Callable[..., Any]) -> Iterator[Any]:
    watch = Watch(running.address)
    watch.expected = ["ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET"]
    context = new_context(viewport={"width": 380, "height": 740})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=running.address)
    watch.follow(context)
    page = context.new_page()
    page.goto(running.address + "/dock/")
    who = running.account("agent")
    page.locator("[name=username]").fill(who["username"])
    page.locator("[name=password]").fill(who["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(running.address + "/dock/")
    yield page
    assert watch.unexpected() == []


def dock_left_open_over_a_restart(running: Site, real_dock: Any) -> None:
    """The server is ended and started again under an open dock: it says so, keeps the query, and goes on by itself."""
    page = real_dock
    page.keyboard.insert_text("运费")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text(re.compile("yf1"))
    first = clipboard(page)
    assert "运费" in first

    running.stop()
    box(page).select_text()
    page.keyboard.insert_text("包邮")
    expect(page.locator(".status.warn")).to_be_visible()
    expect(box(page)).to_have_value("包邮")
    expect(page.locator("#finder-results [data-code=yf1]")).to_be_visible()

    running.start()
    expect(page.locator(".status.warn")).to_have_count(0, timeout=30_000)
    expect(page.locator(".hit h2 a").first).to_contain_text("包邮")
    code = str(selected(page).get_attribute("data-code"))
    with page.expect_response("**/copied/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 204
    expect(page.locator("#live")).to_have_text(re.compile(code))
    assert clipboard(page) != first


def one_style_sheet_and_one_script(real_dock: Any) -> None:
    """Hashed names, compressed, kept for a year; a page is one document, one style sheet, one script, one icon."""
    names = real_dock.evaluate("performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname)")
    kinds = sorted(re.sub(r"\.[0-9a-f]{12}\.", ".", name) for name in names if name.startswith("/static/"))
    assert [kind for kind in kinds if "icon" not in kind] == ["/static/app.css", "/static/app.js"]
    with real_dock.context.expect_event("request", lambda request: request.url.endswith(".js")) as asked:
        real_dock.reload()
    headers = asked.value.response().headers
    assert headers["cache-control"] == "max-age=315360000, public, immutable"
    assert headers["content-encoding"] in {"br", "gzip"}


def test_the_real_server(running: Site, real_dock: Any) -> None:
    """One test, because starting the site takes seconds: headers of its files, two workers, a restart, a kill."""
    one_style_sheet_and_one_script(real_dock)
    signing_out_ends_the_session_on_every_worker(running)
    dock_left_open_over_a_restart(running, real_dock)
    attempt_survives_a_kill(running, real_dock)
