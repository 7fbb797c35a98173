"""The floors of the reply checker: labelled replies, and the lines of all cards (run_eval prints the figures)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from knowledge.checker.engine import CompiledRule, check
from knowledge.enums import Rule
from knowledge.files import read
from knowledge.services.checking import starter_rules
from knowledge.text import fill_defaults
from tests.checker_quality.run_eval import DEV, FIXTURES, FLOORS, UNSEEN, evaluate

# Lines of cards that a rule may judge otherwise, each with the reason. None so far.
EXCEPTIONS: dict[str, str] = {}


@cache
def rules() -> tuple[CompiledRule, ...]:
    return starter_rules(FIXTURES)


def lines(side: str) -> Iterator[tuple[str, str, list[str]]]:
    for path in sorted((FIXTURES / "cards").glob("*.yaml")):
        for line in read(path).value[side]:
            yield line["code"], line["text"], line.get("breaks", [])


@pytest.mark.parametrize(("path", "weakest"), [(DEV, 0.9), (UNSEEN, 0.6)])
def test_the_floors_hold(path: Path, weakest: float) -> None:
    """Per reply and code over all of them, and no code is left behind. On the unseen replies a code has sixteen to
    twenty-odd pairs, so that one reply moves its figure by six hundredths."""
    figures = evaluate(path)
    precision, recall = figures.of(Rule.values)
    assert precision >= FLOORS[path][0]
    assert recall >= FLOORS[path][1]
    weak = {code: figures.of([code]) for code in Rule.values if min(figures.of([code])) < weakest}
    assert weak == {}


def test_the_sets_are_what_they_say() -> None:
    """Half clean; and nothing of one in the other, or what is counted as unseen has been seen."""
    dev, unseen = ([json.loads(line) for line in path.read_text("utf-8").splitlines()] for path in (DEV, UNSEEN))
    for rows in (dev, unseen):
        assert 0.45 < sum(not row["codes"] for row in rows) / len(rows) < 0.55
        assert {code for row in rows for code in row["codes"]} == set(Rule.values)
        assert len({row["reply"] for row in rows}) == len(rows)
    assert {row["reply"] for row in dev} & {row["reply"] for row in unseen} == set()


def test_lines_to_say_pass() -> None:
    """As they stand on the card and as they are pasted: a line we teach must not be scolded."""
    scolded = [
        (code, one.code, text[one.start : one.end])
        for code, raw, _breaks in lines("do")
        for text in {raw, fill_defaults(raw)}
        for one in check(text, rules())
        if one.severity != "hint" and code not in EXCEPTIONS
    ]
    assert scolded == []


def test_lines_not_to_say_are_caught() -> None:
    """With every code the card names."""
    missed = [
        (code, set(breaks) - {one.code for one in check(text, rules())})
        for code, text, breaks in lines("dont")
        if set(breaks) - {one.code for one in check(text, rules())} and code not in EXCEPTIONS
    ]
    assert missed == []


def test_model_replies_pass() -> None:
    """What the dialogues and the questions give as a good reply is one."""
    texts = []
    for path in sorted((FIXTURES / "dialogues").glob("*.yaml")):
        texts += [turn["model"] for turn in read(path).value.get("turns", []) if turn.get("model")]
    for path in sorted((FIXTURES / "questions").glob("*.yaml")):
        texts += [one["model"] for one in read(path).value["questions"] if one.get("model")]
    bad = [(text, one.code) for text in texts for one in check(text, rules()) if one.severity == "error"]
    assert bad == []


@pytest.mark.parametrize("at", range(len(Rule.values)))
def test_every_rule_is_whole(at: int) -> None:
    """Explanation, severity, and six examples each way of its own, none of them from the development set."""
    document = read(FIXTURES / "rules" / f"{Rule.values[at]}.yaml").value
    assert len(document["catches"]) >= 6
    assert len(document["passes"]) >= 6
    assert all((document["about"], document["lesson"], document["better"] or document["code"] == "typo"))
    labelled = DEV.read_text(encoding="utf-8") + UNSEEN.read_text(encoding="utf-8")
    assert [text for text in document["catches"] + document["passes"] if f'"reply": "{text}"' in labelled] == []
