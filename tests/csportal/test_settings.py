"""The settings as a process meets them at start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

SHOW = (
    "from django.conf import settings as s; print(s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0, "
    "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE, s.DEBUG, s.SESSION_ENGINE, "
    "s.ALLOWED_HOSTS)"
)


def manage(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """manage.py with these variables and nothing else of ours."""
    ours = {"SECRET_KEY", "DATA_DIR", "SITE_URL", "DEBUG", "DATABASE_URL", "REDIS_URL", "LOG_LEVEL", "ALLOWED_HOSTS"}
    ours |= {"DJANGO_ALLOW_ASYNC_UNSAFE"}
    inherited = {key: value for key, value in os.environ.items() if key not in ours}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**inherited, "DATA_DIR": str(tmp_path), "PYTHONWARNINGS": "ignore", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_a_secret_it_says_so_and_stops(tmp_path: Path) -> None:
    """A sentence, exit code 1, no traceback."""
    answer = manage(tmp_path, "check")
    assert answer.returncode == 1
    assert "make run" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


KEY = "k" * 60 + "0123456789-abcdef"


def test_deployed_over_https_django_has_nothing_to_add(tmp_path: Path) -> None:
    """Every warning of `check --deploy` is a door left open."""
    answer = manage(
        tmp_path, "check", "--deploy", "--fail-level", "WARNING", SECRET_KEY=KEY, SITE_URL="https://shop.example"
    )
    assert (answer.returncode, "no issues" in answer.stdout) == (0, True), answer.stderr


@pytest.mark.parametrize(
    ("site", "shown"),
    [
        (
            "https://shop.example",
            "True True True True True False django.contrib.sessions.backends.db ['shop.example']",
        ),
        (
            "http://127.0.0.1:8000",
            "False False False False False False django.contrib.sessions.backends.db ['127.0.0.1', 'localhost']",
        ),
    ],
)
def test_the_address_of_the_site_decides_about_https(tmp_path: Path, site: str, shown: str) -> None:
    """Secure cookies over http would lock everybody out; plain ones over https would leak."""
    answer = manage(tmp_path, "shell", "-v", "0", "-c", SHOW, SECRET_KEY=KEY, SITE_URL=site)
    assert answer.stdout.strip() == shown, answer.stderr


@pytest.mark.parametrize(
    "wrong",
    [{"SITE_URL": "shop.example"}, {"DEBUG": "maybe"}, {"DATABASE_URL": "mysql://x/y"}, {"EMAIL_PORT": "smtp"},
     {"TIME_ZONE": "Mars/Base"}, {"LOG_LEVEL": "LOUD"}, {"REDIS_URL": "localhost"}],
    ids=lambda wrong: next(iter(wrong)),
)  # fmt: skip
def test_nonsense_in_a_variable_names_the_variable(tmp_path: Path, wrong: dict[str, str]) -> None:
    """Whoever deploys it reads one sentence, not forty lines of Python."""
    answer = manage(tmp_path, "check", SECRET_KEY=KEY, **wrong)
    assert answer.returncode == 1
    assert answer.stderr.startswith(next(iter(wrong)))
    assert "Traceback" not in answer.stderr


def test_sessions_are_rows() -> None:
    """A cache of each process kept signed-out people signed in."""
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    assert settings.DATABASES["default"].get("ATOMIC_REQUESTS", False) is False
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 1000


def test_whatever_is_not_listed_needs_sign_in() -> None:
    """The middleware that makes forgetting a decorator harmless."""
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE
