"""One style sheet and one script a page."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

from csportal import bundles
from csportal.bundles import BUNDLES, BundleFinder

STATIC = Path(settings.BASE_DIR) / "static"


@pytest.mark.parametrize("kind", ["css", "js"])
def test_every_source_is_on_some_page(kind: str) -> None:
    """A file forgotten in the lists would simply not be there, on every page."""
    on_disk = {str(path.relative_to(STATIC)) for path in (STATIC / kind).rglob("*") if path.is_file()}
    assert {source for name, sources in BUNDLES.items() if name.endswith(kind) for source in sources} == on_disk


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_holds_its_sources_once_and_in_order(name: str) -> None:
    """Tokens before what uses them, shared behaviour before the pages that call it."""
    assert len(BUNDLES[name]) == len(set(BUNDLES[name]))
    text = bundles.build(name).read_text(encoding="utf-8")
    places = [text.index((STATIC / source).read_text(encoding="utf-8")) for source in BUNDLES[name]]
    assert places == sorted(places)


def test_it_is_written_again_only_when_a_source_changed(settings: Any, tmp_path: Path) -> None:
    """Two workers building at every request would race; a stale one would hide an edit."""
    settings.BASE_DIR, settings.DATA_DIR = tmp_path, tmp_path / "data"
    for source in BUNDLES["app.css"]:
        (tmp_path / "static" / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "static" / source).write_text(f"/* {source} */\n", encoding="utf-8")
    path = bundles.build("app.css")
    os.utime(path, (1, 1))
    assert (bundles.build("app.css"), path.stat().st_mtime) == (path, 1)
    (tmp_path / "static" / "css/print.css").write_text("/* new */\n", encoding="utf-8")
    assert "/* new */" in bundles.build("app.css").read_text(encoding="utf-8")


def test_a_missing_source_is_an_error(settings: Any, tmp_path: Path) -> None:
    """Half a bundle must never be served."""
    settings.BASE_DIR = tmp_path
    with pytest.raises(FileNotFoundError):
        bundles.build("app.js")


def test_django_finds_the_bundles_and_only_them_here() -> None:
    """The same finder serves collectstatic, tests and the development server."""
    assert Path(str(finders.find("app.css"))).name == "app.css"
    assert BundleFinder().find("js/page.js") == []
    assert BundleFinder().find("app.js", find_all=True) == [str(bundles.build("app.js"))]
    assert [name for name, _storage in BundleFinder().list([])] == [*BUNDLES]


def test_collectstatic_takes_them(settings: Any, tmp_path: Path) -> None:
    """What gunicorn serves in the end, with a far-future name and a compressed copy."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin", "markdownx", "vendor"])
    names = [path.name for path in tmp_path.iterdir()]
    for stem, suffix in (name.split(".") for name in BUNDLES):
        assert [name for name in names if re.fullmatch(rf"{stem}\.[0-9a-f]{{12}}\.{suffix}", name)] != []
        assert [name for name in names if re.fullmatch(rf"{stem}\.[0-9a-f]{{12}}\.{suffix}\.gz", name)] != []


@pytest.mark.parametrize("pattern", [r"@import", r"url\(\s*['\"]?(https?:)?//", r"\beval\(", r"new Function\("])
def test_nothing_comes_from_elsewhere(pattern: str) -> None:
    """The policy would refuse it, and an intranet has no CDN."""
    for name in BUNDLES:
        assert re.findall(pattern, bundles.build(name).read_text(encoding="utf-8")) == []
