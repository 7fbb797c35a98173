"""manage.py check_reply: a reply a line in, a JSON object a line out, by the rules of the site."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from knowledge.services import rules
from tests.knowledge.admin.test_rule_form import DOCUMENT

pytestmark = pytest.mark.django_db


def answers(monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[list[dict[str, Any]], str]:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    call_command("check_reply", "--stdin", stdout=out, stderr=err)
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def test_the_rules_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the database alone, an empty line answered like any other."""
    rules.save_document(DOCUMENT)
    told, problem = answers(monkeypatch, "保证三天到\n\n最近发货\n滚\n")
    assert told == [
        {"reply": "保证三天到", "codes": ["absolute"], "verdict": "block"},
        {"reply": "", "codes": [], "verdict": "ok"},
        {"reply": "最近发货", "codes": [], "verdict": "ok"},
        {"reply": "滚", "codes": [], "verdict": "ok"},
    ]
    assert problem == ""


def test_without_any_those_of_the_files_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh clone must not pass everything in silence."""
    told, problem = answers(monkeypatch, "滚\n")
    assert told == [{"reply": "滚", "codes": ["conflict"], "verdict": "block"}]
    assert len(problem.splitlines()) == 1


def test_something_must_be_given() -> None:
    """Or it would wait for a terminal."""
    with pytest.raises(CommandError):
        call_command("check_reply")


def test_chinese_goes_out_whole_on_a_terminal_that_has_none() -> None:
    """A pipe elsewhere speaks its own code page; half a sign, from a broken argument, is told as JSON tells it."""
    rules.save_document(DOCUMENT)
    raw = io.BytesIO()
    pipe = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    call_command("check_reply", "保证三天到\ud800", stdout=pipe)
    told = {"reply": "保证三天到\ud800", "codes": ["absolute"], "verdict": "block"}
    assert json.loads(raw.getvalue().decode()) == told
