"""What the log may say."""

from __future__ import annotations

import io
import logging
import re
import runpy
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from csportal.logs import MaskDigits


@pytest.fixture
def log() -> Any:
    """A logger with the site's filter, writing to memory."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(MaskDigits())
    handler.setFormatter(logging.Formatter("{levelname} {message}", style="{"))
    logger = logging.Logger("academy.test")
    logger.addHandler(handler)
    return logger, stream


@pytest.mark.parametrize(
    ("message", "arguments", "written"),
    [
        ("Not Found: %s", ("/x/13800138000/",), "Not Found: /x/*/"),
        ("order %d", (123456789,), "order *"),
        ("１３８ ００１３ ８０００", (), "*"),
        ("short %d", (123456,), "short 123456"),
        ("100%", (), "100%"),
        ("a 1234567 b 7654321", (), "a * b *"),
    ],
)
def test_long_runs_of_digits_are_masked(log: Any, message: str, arguments: tuple[Any, ...], written: str) -> None:
    """A phone or order number in a log is kept for years by people who never meant to."""
    logger, stream = log
    logger.error(message, *arguments)
    assert stream.getvalue() == f"ERROR {written}\n"


def test_so_are_those_of_an_exception(log: Any) -> None:
    """Databases repeat the value that broke a rule."""
    logger, stream = log
    try:
        raise ValueError("Key (phone)=(13800138000) already exists")
    except ValueError:
        logger.exception("failed")
    assert "13800138000" not in stream.getvalue()
    assert "ValueError: Key (phone)=(*) already exists" in stream.getvalue()


def test_every_handler_masks() -> None:
    """A handler added without the filter would write everything."""
    handlers = settings.LOGGING["handlers"]
    assert [name for name, handler in handlers.items() if "mask_digits" not in handler.get("filters", [])] == []
    live = [handler for handler in logging.getLogger("django").handlers if type(handler) is logging.StreamHandler]
    assert [[type(one) for one in handler.filters] for handler in live] == [[MaskDigits]] * len(handlers)


def test_the_access_log_has_paths_without_queries() -> None:
    """What staff search is what customers wrote."""
    served = runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))
    atoms = re.findall(r"%\(([^)]+)\)s", served["access_log_format"])
    assert set(atoms) <= {"t", "m", "U", "s", "b", "M"}
    assert {"U", "s"} <= set(atoms)
    assert served["bind"].startswith("127.0.0.1:")
    assert (served["worker_class"], served["threads"], served["control_socket_disable"]) == ("gthread", 4, True)


@pytest.mark.django_db
def test_a_404_logs_no_query(caplog: pytest.LogCaptureFixture, as_agent: Client) -> None:
    """Django warns about missing pages: by path."""
    with caplog.at_level(logging.WARNING):
        as_agent.get("/nothing/?q=顾客说的话")
    assert [record.getMessage() for record in caplog.records] == ["Not Found: /nothing/"]
