"""Which language a page speaks: the reader's, else the cookie's, else Chinese."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import person

pytestmark = pytest.mark.django_db


def spoken(client: Client, address: str = "/accounts/login/", **headers: str) -> tuple[str, str]:
    answer = client.get(address, headers=headers)
    page = answer.content.decode()
    return page.split('<html lang="')[1].split('"')[0], answer.headers["Content-Language"]


def signed_in(locale: str) -> Client:
    client = Client()
    client.force_login(person("agent", locale=locale), "django.contrib.auth.backends.ModelBackend")
    return client


def with_cookie(client: Client, code: str) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = code
    return client


@pytest.mark.parametrize("accept", ["en-US,en;q=0.9", "fr", "", "zh-CN"])
def test_what_the_browser_asks_for_is_ignored(accept: str) -> None:
    """The shop's computer came with an English browser; the people in front of it are Chinese."""
    assert spoken(Client(), **{"Accept-Language": accept}) == ("zh-hans", "zh-hans")
    assert spoken(signed_in("zh-hans"), "/", **{"Accept-Language": accept}) == ("zh-hans", "zh-hans")
    assert spoken(signed_in("en"), "/", **{"Accept-Language": "zh"}) == ("en", "en")


@pytest.mark.parametrize(
    ("cookie", "language"),
    [
        ("en", "en"),
        ("zh-hans", "zh-hans"),
        ("de", "zh-hans"),
        ("", "zh-hans"),
        ("../../x", "zh-hans"),
        ("EN", "zh-hans"),
    ],
)
def test_signed_out_the_cookie_decides(cookie: str, language: str) -> None:
    """The sign-in page speaks as the last person here chose; nonsense means Chinese."""
    assert spoken(with_cookie(Client(), cookie)) == (language, language)


@pytest.mark.parametrize(("locale", "cookie"), [("en", "zh-hans"), ("zh-hans", "en")])
def test_a_persons_own_language_wins_over_the_cookie(locale: str, cookie: str) -> None:
    """Two people take turns at one computer."""
    assert spoken(with_cookie(signed_in(locale), cookie), "/") == (locale, locale)


def test_one_readers_language_does_not_stick_to_the_worker() -> None:
    """Threads serve many people: what one request activated must be gone in the next."""
    english = signed_in("en")
    assert [spoken(english, "/")[0], spoken(Client())[0], spoken(english, "/")[0]] == ["en", "zh-hans", "en"]


def test_a_language_we_do_not_have_is_chinese(agent: Any) -> None:
    """A row written by an import long ago."""
    type(agent).objects.update(locale="fr")
    client = Client()
    client.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    assert spoken(client, "/") == ("zh-hans", "zh-hans")
