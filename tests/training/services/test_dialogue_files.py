"""fixtures/dialogues: read with file and line, loaded once, kept when edited, written back letter for letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from knowledge import files
from knowledge.checker.engine import check
from knowledge.models import Revision
from knowledge.services import checking
from knowledge.services.content import Reading, Report
from tests import factories
from tests.training.desk.making import document
from training.models import Dialogue
from training.services import dialogues
from training.services.content.dialogue import DialogueSection

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def card(db: None) -> Any:
    return factories.card("haggle")


def put(folder: Path, name: str, value: Any) -> None:
    (folder / "dialogues").mkdir(exist_ok=True)
    (folder / "dialogues" / f"{name}.yaml").write_text(files.dump(value), encoding="utf-8")


def load(folder: Path, *force: str) -> Report:
    reading, report = Reading(folder, [], set(), {"haggle": set()}), Report()
    found = DialogueSection().read(reading)
    assert reading.problems == []
    DialogueSection().write(found, set(force), report)
    return report


def told(folder: Path) -> list[str]:
    reading = Reading(folder, [], {"E-30"}, {"haggle": set()})
    DialogueSection().read(reading)
    return [str(problem) for problem in reading.problems]


def test_loaded_once_and_written_back(tmp_path: Path) -> None:
    put(tmp_path, "one", document("one"))
    put(tmp_path, "two", document("two") | {"status": "draft"})
    assert (load(tmp_path).created, load(tmp_path).same) == (["one", "two"], ["one", "two"])
    assert dict(Dialogue.objects.values_list("slug", "status")) == {"one": "published", "two": "draft"}
    assert Revision.objects.filter(kind="dialogue").count() == 2
    out = tmp_path / "out"
    out.mkdir()
    DialogueSection().export(out, lambda path, text: path.write_text(text, encoding="utf-8") and None)
    for name in ("one", "two"):
        here, there = (folder / "dialogues" / f"{name}.yaml" for folder in (tmp_path, out))
        assert here.read_text(encoding="utf-8") == there.read_text(encoding="utf-8")


def test_an_edit_is_kept_and_a_deleted_one_stays_deleted(tmp_path: Path) -> None:
    put(tmp_path, "one", document("one"))
    put(tmp_path, "two", document("two"))
    load(tmp_path)
    dialogues.save_document(document("one", title="改过"))
    dialogues.delete([Dialogue.objects.get(slug="two")])
    put(tmp_path, "one", document("one", title="新版"))
    report = load(tmp_path)
    assert (report.kept, report.deleted, Dialogue.objects.get().title) == (["one"], ["two"], "改过")
    assert load(tmp_path, "one").updated == ["one"]
    assert Dialogue.objects.get().title == "新版"


def test_a_card_that_was_deleted_here_makes_its_dialogue_wait(tmp_path: Path, card: Any) -> None:
    put(tmp_path, "one", document("one"))
    card.delete()
    assert load(tmp_path).deleted == ["one"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("other", document("one")),
        ("one", document("one", facts=["E-99"])),
        ("one", document("one", cards=["nothing"])),
        ("one", document("one", mood="9")),
        ("one", []),
        ("one", document("one") | {"status": "later"}),
    ],
)
def test_what_is_wrong_is_told_with_its_file(tmp_path: Path, name: str, value: Any) -> None:
    put(tmp_path, name, value)
    (sentence,) = told(tmp_path)
    assert sentence.startswith(f"{name}.yaml:")


def test_what_is_shown_as_good_breaks_no_rule() -> None:
    """A trainee who copies the model must be able to send it: by the starter rules, no error and no warning."""
    folder = Path(settings.CONTENT_DIR)
    rules = checking.starter_rules(folder)
    broken = [
        (path.stem, turn["id"], one.code)
        for path in sorted((folder / "dialogues").glob("*.yaml"))
        for turn in files.read(path).value["turns"]
        for one in check(turn["model"], rules)
        if one.severity in dialogues.GRAVE
    ]
    assert broken == []
