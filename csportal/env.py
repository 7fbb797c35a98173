"""Read settings from environment variables, and refuse nonsense with a sentence."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """The variable's value without surrounding white space."""
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable. Raises ImproperlyConfigured on any other word."""
    value = text(name, "1" if default else "0").lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0 (or true/false, yes/no, on/off), not {value!r}.")


def number(name: str, default: int, low: int, high: int) -> int:
    """A whole number from low to high. Raises ImproperlyConfigured outside of it."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or len(value) > 9 or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def choice(name: str, default: str, choices: Collection[str]) -> str:
    """One of a few words. Raises ImproperlyConfigured on any other."""
    value = text(name) or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def time_zone(name: str, default: str) -> str:
    """A time zone's name, such as Asia/Shanghai. Raises ImproperlyConfigured on an unknown one."""
    value = text(name) or default
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError) as error:
        raise ImproperlyConfigured(f"{name} must be a time zone such as Asia/Shanghai, not {value!r}.") from error
    return value


def redis(name: str) -> str:
    """The address of a Redis server, or nothing. Raises ImproperlyConfigured on anything else."""
    value = text(name)
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(f"{name} must look like redis://host:6379/0.")
    return value


ADDRESS = re.compile(r"(?P<scheme>[a-z]+)://(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>[0-9]{1,5}))?\Z")


def url(name: str, default: str, schemes: set[str]) -> str:
    """An absolute URL without path, such as https://example.com. Raises ImproperlyConfigured otherwise."""
    value = text(name, default).rstrip("/")
    found = ADDRESS.match(value)
    if not found or found["scheme"] not in schemes or int(found["port"] or 0) > 65535:
        wanted = " or ".join(f"{scheme}://host[:port]" for scheme in sorted(schemes))
        raise ImproperlyConfigured(f"{name} must look like {wanted}, not {value!r}.")
    return value


def secret_key(data_dir: Path) -> str:
    """SECRET_KEY, else the file that `make run` creates. There is no default: a known key is no secret."""
    if value := text("SECRET_KEY"):
        return value
    path = data_dir / "secret-key"
    if path.is_file() and (value := path.read_text().strip()):
        return value
    raise ImproperlyConfigured(f"No secret key: run `make run` once (it creates {path}), or set SECRET_KEY.")


SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;PRAGMA cache_size=-20000;"
)


def database(data_dir: Path) -> dict[str, Any]:
    """The default database: DATABASE_URL (postgresql://…), else SQLite under the data folder.

    WAL with IMMEDIATE transactions is what keeps concurrent quiz submits free of lock errors;
    see docs/decisions/0005-sqlite-first.md.
    """
    address = text("DATABASE_URL")
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data_dir / "db.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
            # Browser tests read it from a second thread, which an in-memory database answers with errors.
            "TEST": {"NAME": data_dir / "test.sqlite3"},
        }
    try:
        parts = urlsplit(address)
        port = parts.port
        sound = parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/")
    except ValueError:  # a port that is no number, a bracket left open
        sound = ""
    if not sound:
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"TEMPLATE": "template0"},
    }
