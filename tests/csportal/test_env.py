"""Environment variables: what each helper takes, and the sentence that refuses the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from csportal import env

NAME = "ACADEMY_TEST"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the variable, or unset it with None."""

    def give(value: str | None, name: str = NAME) -> None:
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)

    return give


def refused(call: Any, *arguments: Any) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        call(*arguments)
    return str(caught.value)


def test_text_is_trimmed(given: Any) -> None:
    """A space pasted after a key is no part of the key."""
    given("  x y \n")
    assert env.text(NAME) == "x y"
    given(None)
    assert (env.text(NAME), env.text(NAME, "d")) == ("", "d")


@pytest.mark.parametrize(
    ("value", "answer"),
    [(word, True) for word in ("1", "true", "True", "YES", "on", " 1 ")]
    + [(word, False) for word in ("0", "false", "No", "OFF", "")],
)
def test_flag(given: Any, value: str, answer: bool) -> None:
    """DEBUG=False must not be true because it is a text with letters in it."""
    given(value)
    assert env.flag(NAME) is answer


def test_flag_unset_and_nonsense(given: Any) -> None:
    """A typo must not silently mean no."""
    given(None)
    assert (env.flag(NAME), env.flag(NAME, True)) == (False, True)
    for value in ("ja", "2", "tru", "真"):
        given(value)
        told = refused(env.flag, NAME)
        assert NAME in told
        assert repr(value) in told


@pytest.mark.parametrize(("value", "answer"), [("1", 1), ("65535", 65535), (" 25 ", 25), (None, 587)])
def test_number(given: Any, value: str | None, answer: int) -> None:
    """Both ends of the range count."""
    given(value)
    assert env.number(NAME, 587, 1, 65535) == answer


@pytest.mark.parametrize("value", ["0", "65536", "-1", "1.5", "", "x", "１２", "1e3", "0x10", "9" * 5000])
def test_number_refuses_what_is_none(given: Any, value: str) -> None:
    """A port of 0 or a number in full-width digits is a slip, not a setting."""
    given(value)
    told = refused(env.number, NAME, 587, 1, 65535)
    assert NAME in told
    assert "from 1 to 65535" in told


HTTP = {"http", "https"}


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example/", "https://shop.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        (None, "http://localhost"),
    ],
)
def test_url(given: Any, value: str | None, answer: str) -> None:
    """Without the slash at its end: paths are put behind it."""
    given(value)
    assert env.url(NAME, "http://localhost", HTTP) == answer


@pytest.mark.parametrize(
    "value",
    ["shop.example", "//shop.example", "ftp://shop.example", "https://", "https://shop.example/path", "http://[::1",
     "https://shop.example?x=1", "https://shop.example#top", "http://shop.example:port", "http://shop.example:99999",
     "https://user:word@shop.example", "https://shop example", "https:// shop.example", ""],
)  # fmt: skip
def test_url_refuses_what_is_none(given: Any, value: str) -> None:
    """SITE_URL decides about HTTPS and the links in mails: half an address must stop the start."""
    given(value)
    told = refused(env.url, NAME, "http://localhost", HTTP)
    assert NAME in told
    assert "https://host[:port]" in told


def test_secret_key_comes_from_the_variable_or_the_file(given: Any, tmp_path: Path) -> None:
    """The variable wins, so that a container needs no file."""
    given(None, "SECRET_KEY")
    (tmp_path / "secret-key").write_text("from the file\n")
    assert env.secret_key(tmp_path) == "from the file"
    given("from the variable", "SECRET_KEY")
    assert env.secret_key(tmp_path) == "from the variable"


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_no_secret_key_says_what_to_do(given: Any, tmp_path: Path, content: str | None) -> None:
    """There is no default: a key that everybody knows signs everybody's sessions."""
    given(None, "SECRET_KEY")
    if content is not None:
        (tmp_path / "secret-key").write_text(content)
    told = refused(env.secret_key, tmp_path)
    assert "make run" in told
    assert "SECRET_KEY" in told


def test_sqlite_is_the_default_database(given: Any, tmp_path: Path) -> None:
    """WAL and IMMEDIATE are what keeps 64 writers free of lock errors; tests need a file."""
    given(None, "DATABASE_URL")
    found = env.database(tmp_path)
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", tmp_path / "db.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert found["OPTIONS"]["timeout"] == 20
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]
    assert "synchronous=NORMAL" in found["OPTIONS"]["init_command"]
    assert found["TEST"]["NAME"] == tmp_path / "test.sqlite3"


def test_postgresql_by_one_variable(given: Any, tmp_path: Path) -> None:
    """Every part of the address arrives, escapes undone, options passed on."""
    given("postgresql://us%40er:p%2Fw@db.example:5433/shop%20one?sslmode=require", "DATABASE_URL")
    found = env.database(tmp_path)
    assert found["ENGINE"] == "django.db.backends.postgresql"
    parts = [found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME", "OPTIONS")]
    assert parts == ["us@er", "p/w", "db.example", "5433", "shop one", {"sslmode": "require"}]
    given("postgres:///shop?host=/run/pg", "DATABASE_URL")
    found = env.database(tmp_path)
    assert [found[key] for key in ("HOST", "PORT", "USER", "NAME")] == ["/run/pg", "", "", "shop"]


@pytest.mark.parametrize(
    "value",
    ["mysql://u@h/db", "postgresql://u@h", "postgresql://u@h/", "shop", "sqlite:///x", "postgresql://u@h:port/db",
     "postgresql://u@[::1/db"],
)  # fmt: skip
def test_a_database_that_is_none_is_refused(given: Any, tmp_path: Path, value: str) -> None:
    """Silently falling back to SQLite would be an empty shop next morning. The password is not repeated."""
    given(value.replace("u@", "u:secret@"), "DATABASE_URL")
    told = refused(env.database, tmp_path)
    assert "DATABASE_URL must look like postgresql://" in told
    assert "secret" not in told
