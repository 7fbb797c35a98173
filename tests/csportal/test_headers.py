"""Headers of every answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "object-src": ["'none'"],
}
SIGNED_OUT = ["/accounts/login/", "/accounts/password_reset/", "/accounts/slip/", "/healthz", "/nothing/", "/phrases/"]
SIGNED_IN = ["/", "/phrases/", "/phrases/?q=fee", "/phrases/fee/", "/dock/", "/me/", "/me/settings/", "/nothing/"]


@pytest.fixture(autouse=True)
def card() -> Any:
    return factories.card("fee")


def answers(agent: Any) -> dict[str, Any]:
    signed_in = Client()
    signed_in.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    return {f"out {address}": Client().get(address) for address in SIGNED_OUT} | {
        f"in {address}": signed_in.get(address) for address in SIGNED_IN
    }


def test_every_answer_carries_the_whole_policy(agent: Any) -> None:
    """One unsafe word in it and a script in a card could run."""
    for name, answer in answers(agent).items():
        parts = {
            words[0]: words[1:]
            for directive in answer.headers["Content-Security-Policy"].split(";")
            if (words := directive.split())
        }
        assert (name, parts) == (name, POLICY)


def test_every_answer_carries_the_small_ones(agent: Any) -> None:
    """No sniffing, no framing, no listing, no address of ours told elsewhere."""
    for name, answer in answers(agent).items():
        small = {
            key: answer.headers.get(key)
            for key in ("X-Content-Type-Options", "X-Frame-Options", "X-Robots-Tag", "Referrer-Policy")
        }
        assert (name, small) == (
            name,
            {
                "X-Content-Type-Options": "nosniff",
                "X-Frame-Options": "DENY",
                "X-Robots-Tag": "noindex",
                "Referrer-Policy": "same-origin",
            },
        )


def test_pages_of_somebody_signed_in_are_theirs_alone(agent: Any) -> None:
    """A proxy of the shop must not hand one person's page to another, nor the Back button after signing out."""
    for name, answer in answers(agent).items():
        if name.startswith("in "):
            kept = {part.strip() for part in answer.headers["Cache-Control"].split(",")}
            assert (name, kept >= {"private"}, kept & {"public", "s-maxage"}) == (name, True, set())
            assert (name, bool(kept & {"no-cache", "no-store"})) == (name, True)
            assert "Cookie" in answer.headers["Vary"]


def test_no_page_carries_inline_script_or_style(agent: Any) -> None:
    """The policy would silently drop it, and the page would be broken only in the browser."""
    import re

    for name, answer in answers(agent).items():
        page = answer.content.decode()
        inline = re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", page)
        assert (name, inline) == (name, [])


def test_cookies_are_out_of_scripts_reach(agent: Any) -> None:
    """Session and language are read by the server alone."""
    client = Client()
    answer = client.post("/accounts/login/", {"username": agent.username, "password": "secret-words"})
    assert answer.status_code == 302
    assert answer.cookies["sessionid"]["httponly"] is True
    assert answer.cookies["sessionid"]["samesite"] == "Lax"
