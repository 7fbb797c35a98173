"""Stock admin in our clothes, under the same content policy as the rest of the site."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from knowledge.models import Card
from tests.knowledge.admin.conftest import address

STATIC = Path(site.BASE_DIR) / "static"


def test_content_policy(as_trainer: Client, card: Card) -> None:
    """One exception for the admin would be one for every script somebody gets into a card."""
    for page in ("/admin/", address(card)):
        policy = as_trainer.get(page).headers["Content-Security-Policy"]
        rules = dict(part.strip().split(" ", 1) for part in policy.split(";") if part.strip())
        assert (rules["default-src"], rules["script-src"], rules["style-src"]) == ("'none'", "'self'", "'self'")


@pytest.mark.parametrize(
    "page", ["", "knowledge/card/", "knowledge/card/add/", "{card}", "{card}history/", "{card}delete/"]
)
def test_nothing_inline(as_trainer: Client, card: Card, page: str) -> None:
    """The policy would drop it, silently for whoever wrote it."""
    path = (
        page.format(card=f"knowledge/card/{card.pk}/")
        if page.endswith("/") or not page
        else f"knowledge/card/{card.pk}/change/"
    )
    html = as_trainer.get(f"/admin/{path}").content.decode()
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", html) == []
    # The only script without an address is data that Django itself marks as JSON.
    assert [
        tag for tag in re.findall(r"<script[^>]*>", html) if "src=" not in tag and "application/json" not in tag
    ] == []


def test_own_scripts_instead_of_markdownx(as_trainer: Client, card: Card) -> None:
    """markdownx's script posts while an input method composes, and traps Tab."""
    html = as_trainer.get(address(card)).content.decode()
    assert "markdownx/js" not in html
    assert html.count("admin_ours/markdown.js") == html.count("admin_ours/rows.js") == 1
    assert html.count('data-preview="/markdown/preview/"') == html.count('data-upload="/markdown/pictures/"') == 1


@pytest.mark.parametrize(
    ("theme", "locale", "name"), [("dark", "zh-hans", "客服学堂"), ("light", "en", "Service Academy")]
)
def test_theme_and_name(as_trainer: Client, trainer: Any, theme: str, locale: str, name: str) -> None:
    """The theme of /me/ holds here too; Django's own switch, which remembers another one, is gone."""
    trainer.theme, trainer.locale = theme, locale
    trainer.save()
    html = as_trainer.get("/admin/").content.decode()
    assert html.count(f'<meta name="theme" content="{theme}">') == 1
    assert html.count(f'<div id="site-name"><a href="/admin/">{name}</a></div>') == 1
    assert "admin/js/theme.js" not in html


def test_one_colour_is_said_twice() -> None:
    """Stock admin has a variable of the same name as our accent and wins in the light theme, so our sheet repeats
    the token: it must be the same colour."""
    accent = re.search(r"--accent: (#\w+)", (STATIC / "css/tokens.css").read_text())
    repeated = re.search(r'data-theme="light"\] \{ --accent: (#\w+)', (STATIC / "admin_ours/admin.css").read_text())
    assert accent
    assert repeated
    assert accent[1] == repeated[1]


def test_scripts_take_no_keys() -> None:
    """Tab moves on, and no key does anything while an input method composes, because no key is listened for but
    Ctrl+S, which a browser test presses while composing."""
    found = {
        script.name: re.findall(r"keydown|keypress|keyup|eval\(|new Function", script.read_text())
        for script in (STATIC / "admin_ours").glob("*.js")
    }
    assert {name: keys for name, keys in found.items() if keys} == {"drafts.js": ["keydown"]}
