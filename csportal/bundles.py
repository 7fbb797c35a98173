"""One style sheet and one script a page: sources stay small files, joined here in a listed order.

A static files finder, so that `collectstatic`, the development server and the test server all see the same bundle.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

# Order matters: tokens before what uses them, shared behaviour before the pages that call it. A pair for each
# part of the site: a page of the phrasebook carries no courses along, nor those the tables of the trainers.
BUNDLES: dict[str, tuple[str, ...]] = {
    "app.css": (
        "css/tokens.css",
        "css/base.css",
        "css/components.css",
        "css/pages/home.css",
        "css/pages/phrases.css",
        "css/pages/card.css",
        "css/pages/dock.css",
        "css/pages/me.css",
        "css/pages/account.css",
        "css/pages/certificate.css",
        "css/print.css",
    ),
    "app.js": (
        "js/page.js",
        "js/keys.js",
        "js/variables.js",
        "js/copy.js",
        "js/search.js",
        "js/forms.js",
    ),
    "learn.css": (
        "css/tokens.css",
        "css/base.css",
        "css/components.css",
        "css/pages/learn.css",
        "css/pages/lesson.css",
        "css/pages/quiz.css",
        "css/pages/matrix.css",
        "css/print.css",
    ),
    "team.css": (
        "css/tokens.css",
        "css/base.css",
        "css/components.css",
        "css/pages/team.css",
        "css/pages/freshness.css",
        "css/pages/gaps.css",
        "css/print.css",
    ),
    "team.js": (
        "js/page.js",
        "js/keys.js",
        "js/forms.js",
        "js/team.js",
        "js/narrow.js",
        "js/gaps.js",
    ),
    "practice.css": (
        "css/tokens.css",
        "css/base.css",
        "css/components.css",
        "css/pages/phrases.css",
        "css/pages/dock.css",
        "css/pages/quiz.css",
        "css/pages/practice.css",
        "css/pages/recall.css",
        "css/pages/desk.css",
        "css/pages/check.css",
        "css/print.css",
    ),
    "practice.js": (
        "js/page.js",
        "js/keys.js",
        "js/variables.js",
        "js/copy.js",
        "js/search.js",
        "js/forms.js",
        "js/quiz_order.js",
        "js/desk_kept.js",
        "js/desk.js",
        "js/check.js",
        "js/recall.js",
        "js/drills.js",
    ),
    "learn.js": (
        "js/page.js",
        "js/keys.js",
        "js/variables.js",
        "js/copy.js",
        "js/forms.js",
        "js/reading.js",
        "js/quiz_kept.js",
        "js/quiz_order.js",
        "js/quiz_clock.js",
        "js/quiz_fields.js",
        "js/quiz.js",
    ),
}


def build(name: str) -> Path:
    """Write the bundle under the data folder when its text has changed, and return its path.

    A missing source raises FileNotFoundError: a half bundle must never be served.
    """
    root = Path(settings.BASE_DIR) / "static"
    joined = "\n".join((root / source).read_text(encoding="utf-8") for source in BUNDLES[name])
    target = Path(settings.DATA_DIR) / "bundles" / name
    if not target.is_file() or target.read_text(encoding="utf-8") != joined:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(joined, encoding="utf-8")
    return target


class BundleFinder(BaseFinder):
    """Finds the bundles."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in BUNDLES:
            return []
        found = str(build(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in BUNDLES:
            yield name, FileSystemStorage(location=str(build(name).parent))
