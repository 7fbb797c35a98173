"""Rules from files and into them: never over a trainer's edit, and byte for byte the same again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from knowledge import files
from knowledge.enums import Status
from knowledge.files import FileProblem
from knowledge.models import WordingRule
from knowledge.services import checking, content, rules
from tests import factories
from tests.knowledge.admin.test_rule_form import DOCUMENT

pytestmark = pytest.mark.django_db
SECTION = rules.RuleSection()


def load(folder: Path, *force: str) -> tuple[content.Report, list[FileProblem]]:
    """The section alone, as the loader runs it."""
    problems: list[FileProblem] = []
    cards = set(WordingRule.card.field.related_model.objects.values_list("slug", flat=True))
    data = SECTION.read(content.Reading(folder, problems, set(), {slug: set() for slug in cards}))
    report = content.Report()
    if not problems:
        SECTION.write(data, set(force), report)
    return report, problems


def written(folder: Path, *documents: dict[str, Any]) -> Path:
    (folder / "rules").mkdir(exist_ok=True)
    for document in documents:
        (folder / "rules" / "absolute.yaml").write_text(files.dump(document), encoding="utf-8")
    return folder


def test_starter_rules_go_in_and_out_byte_for_byte(starter_content: None, tmp_path: Path) -> None:
    """export(load(x)) == x: a review of a rule shows what changed and nothing else."""
    SECTION.export(tmp_path, content.write_whole)
    out, there = (
        {path.name: path.read_bytes() for path in (folder / "rules").iterdir()}
        for folder in (tmp_path, settings.CONTENT_DIR)
    )
    assert out == there
    assert content.load(settings.CONTENT_DIR).sections["rule"].same == [row.code for row in _in_file_order()]


def _in_file_order() -> list[WordingRule]:
    from knowledge.enums import Rule

    return sorted(WordingRule.objects.all(), key=lambda rule: Rule.values.index(rule.code))


def test_a_trainers_edit_stays(tmp_path: Path) -> None:
    """An update of the site must not bring a false alarm back that a trainer has mended."""
    load(written(tmp_path, DOCUMENT))
    rules.save_document(DOCUMENT | {"about": "改过。"})
    report, _problems = load(written(tmp_path, DOCUMENT | {"about": "新版。"}))
    assert report.kept == ["absolute"]
    assert WordingRule.objects.get().about == "改过。"
    report, _problems = load(tmp_path, "absolute")
    assert report.updated == ["absolute"]
    assert WordingRule.objects.get().about == "新版。"


@pytest.mark.parametrize(
    "changes",
    [
        {"passes": ["保证明天到"]},
        {"catches": ["最近发货"]},
        {"clues": [{"match": ["("]}]},
        {"clues": []},
        {"clues": [{"match": ["保证"], "nonsense": "x"}]},
        {"code": "unheard-of"},
        {"code": "cold"},  # not what the file is called
        {"unless": ["("]},
        {"without": ["保证"]},  # and the example is not found any more
        {"severity": "fatal"},
        {"card": "no-such-card"},
        {"about": ""},
        {"better": ["您好\u2028"]},
        {"clues": [{"match": ["保证…8到", "好\x07"]}]},
    ],
)
def test_what_does_not_hold_is_not_loaded(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Named with file and line, and nothing is written."""
    _report, problems = load(written(tmp_path, DOCUMENT | changes))
    assert len(problems) == 1
    assert WordingRule.objects.count() == 0


def test_a_rule_that_breaks_its_examples_is_not_saved_by_any_road() -> None:
    """The service is the last door."""
    with pytest.raises(ValidationError):
        rules.save_document(DOCUMENT | {"passes": ["保证明天到"]})
    assert WordingRule.objects.count() == 0


def test_the_next_request_goes_by_the_edit_and_asks_once() -> None:
    """Rules are compiled once for each change of the table, not once a reply; one query tells."""
    rule = rules.save_document(DOCUMENT)
    assert checking.judge("保证三天到")[1] == "block"
    with CaptureQueriesContext(connection) as asked:
        checking.judge("保证三天到")
    assert len(asked) == 1
    rules.set_status([rule], Status.RETIRED)
    assert checking.judge("保证三天到")[1] == "ok"


def test_rules_are_warm_before_the_workers_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first replies of a day would wait a second for the rules in each worker; a connection that went through a
    fork would mix up their answers."""
    rules.save_document(DOCUMENT)
    closed: list[bool] = []
    monkeypatch.setattr(checking.connection, "close", lambda: closed.append(True))
    checking.warm()
    assert ([rule.code for rule in checking._cached.compiled], closed) == (["absolute"], [True])


def test_a_database_that_does_not_answer_keeps_no_server_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be there a moment later."""

    def gone() -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr(checking, "current_rules", gone)
    monkeypatch.setattr(checking.connection, "close", lambda: None)
    checking.warm()


def test_a_card_that_is_gone_takes_no_rule_along(tmp_path: Path) -> None:
    """The rule holds without its link."""
    card = factories.card("arrival")
    load(written(tmp_path, DOCUMENT | {"card": "arrival"}))
    assert WordingRule.objects.get().card == card
    card.delete()
    assert checking.judge("保证三天到")[1] == "block"
