"""Language of a request, and the forced change of a temporary password."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.middleware import OPEN_WHILE_FORCED
from accounts.models import User
from tests.accounts.conftest import signed_in, try_password
from tests.factories import person

pytestmark = pytest.mark.django_db
PAGES = ["home", "phrases", "dock", "me", "me_settings", "me_theme", "slip", "password_reset", "password_change_done"]


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_with_a_temporary_password_every_way_leads_to_a_new_one(role: str) -> None:
    """One page left open and the temporary password, which a trainer knows, stays for ever."""
    client = signed_in(person(role, must_change_password=True))
    pages = [reverse(name) for name in PAGES]
    pages += [reverse(name) for name in ("admin:index", "admin:accounts_user_changelist", "admin:jsi18n")]
    for method in (client.get, client.post):
        targets = {page: (method(page).status_code, method(page).headers.get("Location")) for page in pages}
        assert targets == dict.fromkeys(pages, (302, reverse("password_change")))


def test_the_form_the_way_out_and_the_health_check_stay_open() -> None:
    client = signed_in(person("agent", must_change_password=True))
    assert [client.get(reverse(name)).status_code for name in ("password_change", "healthz")] == [200, 200]
    assert client.post(reverse("logout")).url == reverse("login")


def test_the_exceptions_are_names_of_the_site() -> None:
    """A name spelt differently from the address book would lock people out, or open nothing."""
    names = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    assert OPEN_WHILE_FORCED - names <= {"set_language"}


def test_sign_in_with_a_temporary_password_leads_there_too() -> None:
    client = Client()
    person("agent", username="new", must_change_password=True)
    response = client.post(reverse("login"), {"username": "new", "password": "secret-words"}, follow=True)
    assert response.redirect_chain == [("/", 302), (reverse("password_change"), 302)]


@pytest.mark.parametrize(
    ("own", "cookie", "spoken"),
    [
        (None, None, "zh-hans"),
        (None, "en", "en"),
        (None, "fr", "zh-hans"),
        (None, "../../x", "zh-hans"),
        ("en", None, "en"),
        ("zh-hans", "en", "zh-hans"),
    ],
)
def test_ones_own_language_then_the_cookies_then_chinese(
    own: str | None, cookie: str | None, spoken: str, settings: Any
) -> None:
    """The browser's wish is ignored: a shared computer's language is not its user's."""
    client = signed_in(person("agent", locale=own)) if own else Client()
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    page = reverse("me_settings") if own else reverse("login")
    assert client.get(page, headers={"accept-language": "en"}).headers["Content-Language"] == spoken


def test_the_language_of_one_request_does_not_stay_for_the_next() -> None:
    """Workers are reused: the next reader would get the last one's language."""
    signed_in(person("agent", locale="en")).get(reverse("me_settings"))
    assert Client().get(reverse("login")).headers["Content-Language"] == "zh-hans"


def test_a_wrong_password_for_a_forced_account_is_just_wrong() -> None:
    person("agent", username="new", must_change_password=True)
    assert try_password(Client(), "new", "wrong").status_code == 200
    assert User.objects.get(username="new").must_change_password is True
