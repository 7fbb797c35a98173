"""The error pages: right status, in Chinese, with a way on, and nothing of our insides."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection
from django.test import Client
from django.urls import path, reverse

from csportal.urls import handler400, handler403, handler404, handler500  # noqa: F401
from csportal.urls import urlpatterns as site_urls
from tests.factories import person

pytestmark = pytest.mark.django_db


def suspicious(request: Any) -> Any:
    raise SuspiciousOperation("secret detail")


def denied(request: Any) -> Any:
    raise PermissionDenied("secret detail")


def broken(request: Any) -> Any:
    raise RuntimeError("secret detail")


def locked(request: Any) -> Any:
    raise OperationalError("secret detail: database is locked")


urlpatterns = [
    *site_urls,
    path("broken/400/", suspicious),
    path("broken/403/", denied),
    path("broken/500/", broken),
    path("broken/503/", locked),
]


@pytest.fixture
def client(agent: Any, settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    found = Client(raise_request_exception=False)
    found.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    return found


def assert_designed(answer: Any, status: int) -> str:
    """One of our pages: Chinese, titled, with a link on, without a trace of the error."""
    page = answer.content.decode()
    assert answer.status_code == status
    assert '<html lang="zh-hans"' in page
    heading = re.search(r"<h1>([^<]+)</h1>", page)
    assert heading
    assert re.search(r"[\u4e00-\u9fff]", heading[1]), heading[1]
    assert f"<title>{heading[1]}" in page
    assert re.search(r'<p class="actions">\s*<a |<a class="brand" href="/"', page)
    for inside in ("secret detail", "Traceback", "RuntimeError", "OperationalError", "django", "Django", ".py"):
        assert inside not in page
    return page


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_what_a_view_raises(client: Client, status: int) -> None:
    """Each ends on its own page."""
    assert_designed(client.get(f"/broken/{status}/"), status)


@pytest.mark.parametrize("address", ["/nothing/", "/phrases/nothing/", "/static/nothing.css", "/me/snippets/9/"])
def test_nothing_there(client: Client, address: str) -> None:
    """Signed in or out alike, for an address that never was."""
    assert_designed(client.get(address), 404)


def test_nothing_there_for_somebody_signed_out() -> None:
    """An unknown address says 404 instead of asking for a password it cannot be worth."""
    assert_designed(Client().get("/nothing/"), 404)


def test_a_form_left_open_too_long(agent: Any, client: Client) -> None:
    """CSRF: 403 with words of its own, because the reader did nothing wrong."""
    checking = Client(enforce_csrf_checks=True)
    checking.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    page = assert_designed(checking.post(reverse("me_settings")), 403)
    assert page != assert_designed(client.get("/broken/403/"), 403)


def test_too_much_posted(client: Client) -> None:
    """413 and not a bare 400: the reader learns that it was the size."""
    assert_designed(client.post("/phrases/match/", {"message": "x" * 2_000_000}), 413)


def test_too_many_attempts(client: Client) -> None:
    """429 says how long, and that nothing else is locked."""
    person("agent", username="somebody")
    answers = [Client().post(reverse("login"), {"username": "somebody", "password": "no"}) for _ in range(5)]
    page = assert_designed(answers[-1], 429)
    assert "15" in page
    assert answers[-1].headers["Retry-After"] == "900"


def test_a_host_that_is_not_ours(client: Client) -> None:
    """A made-up Host header must not end up in a link; the page itself asks for nothing."""
    assert_designed(client.get("/", headers={"Host": "evil.example"}), 400)


def test_when_the_database_is_away_the_page_asks_it_for_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Session and user are the first to fail: the page has to come without them, and say when to try again."""

    def away(*_args: object, **_kwargs: object) -> Any:
        raise OperationalError("secret detail: could not connect")

    monkeypatch.setattr(connection, "cursor", away)
    for address in ("/", "/phrases/?q=x", "/me/", "/accounts/login/"):
        answer = client.get(address)
        assert_designed(answer, 503)
        assert answer.headers["Retry-After"] == "10"


def test_a_signed_in_english_reader_gets_english(client: Client, agent: Any) -> None:
    """The pages are messages like all others."""
    type(agent).objects.update(locale="en")
    page = client.get("/phrases/nothing/").content.decode()
    assert '<html lang="en"' in page
    assert "There is nothing at this address" in page


def test_the_error_of_one_request_does_not_reach_the_next(client: Client) -> None:
    """After a 503 the site simply works again."""
    client.get("/broken/503/")
    assert client.get("/").status_code == 200
