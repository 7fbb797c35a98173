"""/healthz: for the machine that watches."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

pytestmark = pytest.mark.django_db


def test_well() -> None:
    """Without sign-in, plain, never kept."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"ok\n", "text/plain")
    assert "no-store" in answer.headers["Cache-Control"]


def away(*_args: object, **_kwargs: object) -> Any:
    raise OperationalError("could not connect to server 10.0.0.1")


@pytest.mark.parametrize("signed_in", [False, True])
def test_the_database_is_away(agent: Any, monkeypatch: pytest.MonkeyPatch, signed_in: bool) -> None:
    """503, so that the proxy stops sending people here; also when the watcher has a cookie."""
    client = Client(raise_request_exception=False)
    if signed_in:
        client.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr(connection, "cursor", away)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert b"10.0.0.1" not in answer.content


@pytest.mark.parametrize("failure", [ConnectionError("redis"), None])
def test_the_cache_is_away(monkeypatch: pytest.MonkeyPatch, failure: Exception | None) -> None:
    """It raises, or it forgets at once: both are a cache that does not answer."""
    from django.core.cache import cache

    def get(*_args: object) -> None:
        if failure:
            raise failure

    monkeypatch.setattr(cache, "get", get)
    assert Client().get("/healthz").status_code == 503


def test_only_reading() -> None:
    """A watcher asks with GET or HEAD."""
    assert [getattr(Client(), verb)("/healthz").status_code for verb in ("head", "post")] == [200, 405]


def test_the_icon_is_for_everybody() -> None:
    """Browsers ask for it on the sign-in page too."""
    answer = Client().get("/favicon.ico")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/static/img/icon.svg")
