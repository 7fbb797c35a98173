"""A real browser on a real server with the 84 starter cards. Whatever a test does, the page may not misbehave.

The watch fixture fails any test whose pages log an error, break the content policy, throw, or talk to another host.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

from accounts.roles import AGENT
from knowledge.models import Card
from knowledge.services import content
from tests import factories

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DOCK_SIZE = {"width": 380, "height": 740}

expect.set_options(timeout=15_000)  # two workers share a small machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.fail("Chromium is missing, so the browser tests cannot run: sh .ci/chromium installs it.", pytrace=False)
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


# --- content ---------------------------------------------------------------------------------------------------------

_snapshots: dict[str, sqlite3.Connection] = {}


def _cards() -> None:
    """Load the cards once a process; later tests get the file back page by page, which takes milliseconds."""
    if connection.vendor != "sqlite":
        content.load(site.CONTENT_DIR)
        return
    connection.ensure_connection()
    if "cards" in _snapshots:
        _snapshots["cards"].backup(connection.connection)
        ContentType.objects.clear_cache()
        return
    content.load(site.CONTENT_DIR)
    _snapshots["cards"] = sqlite3.connect(":memory:", check_same_thread=False)
    connection.connection.backup(_snapshots["cards"])


@pytest.fixture
def home(live_server: Any, after_a_flush: None) -> str:
    """The server's address; the starter content is loaded."""
    _cards()
    return str(live_server.url)


@pytest.fixture
def agent(home: str) -> Any:
    return factories.person(AGENT)


@pytest.fixture
def blueberries(home: str) -> Card:
    """A card whose lines and fields no editor of the starter content will change."""
    lines = (
        "您好，这里是{店名|小店}，蓝莓今天就发。",
        "{顾客称呼}，蓝莓寄到{地区|您那里}是{运费}元。",
        "蓝莓怕压，我让仓库多垫一层气泡膜。",
    )
    says = [{"code": f"lm{at}", "text": text, "why": "说得具体。"} for at, text in enumerate(lines, 1)]
    return factories.card("blueberries", code="lm", title="问蓝莓怎么寄", aliases=["蓝莓怎么寄", "蓝莓会坏吗"], do=says)


# --- people ----------------------------------------------------------------------------------------------------------


def sign_in(context: BrowserContext, user: Any, address: str) -> None:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])


# --- the watch -------------------------------------------------------------------------------------------------------


class Watch:
    """What the pages of a context asked for and complained about."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.requests: list[Request] = []
        self.problems: list[str] = []
        # Parts of complaints that a test provokes on purpose.
        self.expected: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        context.on("request", self._requested)
        context.on("console", self._logged)
        context.on("weberror", lambda error: self.problems.append(f"thrown: {error.error}"))

    def _requested(self, request: Request) -> None:
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self.host:
            self.problems.append(f"talks to another host: {request.url}")

    def _logged(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text}")

    def to(self, *parts: str) -> list[Request]:
        """The requests so far whose address holds all the parts."""
        return [request for request in self.requests if all(part in request.url for part in parts)]

    def sent(self) -> str:
        """Everything that left the browser, addresses and bodies, as it went over the wire and decoded."""
        from urllib.parse import unquote_plus

        raw = "\n".join(f"{request.url}\n{request.post_data or ''}" for request in self.requests)
        return f"{raw}\n{unquote_plus(raw)}"

    def unexpected(self) -> list[str]:
        return [problem for problem in self.problems if not any(part in problem for part in self.expected)]


@pytest.fixture
def watch(home: str) -> Iterator[Watch]:
    watcher = Watch(home)
    yield watcher
    assert watcher.unexpected() == []


@pytest.fixture
def visit(home: str, watch: Watch, new_context: Any) -> Callable[..., Page]:
    """Opens a page for a person (or for nobody) in a context of its own; arguments are the context's."""

    def open_page(user: Any = None, path: str = "", **arguments: Any) -> Page:
        context = new_context(**{"viewport": DOCK_SIZE, **arguments})
        if arguments.get("java_script_enabled", True):
            context.grant_permissions(["clipboard-read", "clipboard-write"], origin=home)
        watch.follow(context)
        if user:
            sign_in(context, user, home)
        page: Page = context.new_page()
        if path:
            page.goto(home + path)
        return page

    return open_page


@pytest.fixture
def dock(visit: Callable[..., Page], agent: Any) -> Page:
    """The dock of a signed-in agent, ready to type."""
    return visit(agent, "/dock/")
