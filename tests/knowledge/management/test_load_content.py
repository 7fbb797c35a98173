"""manage.py load_content: what it says, and how it ends."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from knowledge import files
from knowledge.models import Card, Line, Tombstone
from tests.factories import document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> object:
    """The sentences of this test are the message ids; their translations are the catalogue's matter."""
    with translation.override("en"):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cards").mkdir()
    for name, key in (("facts", "facts"), ("compliance", "notes"), ("synonyms", "groups")):
        (tmp_path / f"{name}.yaml").write_text(files.dump({key: []}), encoding="utf-8")
    for slug in ("a", "b"):
        (tmp_path / "cards" / f"{slug}.yaml").write_text(files.dump(document(slug, slug * 2)), encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("load_content", str(folder), *arguments, stdout=out)
    return out.getvalue()


def test_it_counts_what_it_did(folder: Path) -> None:
    """`make run` shows this line at every start."""
    assert run(folder) == "Cards: 2 new, 0 updated, 0 unchanged.\n"
    assert run(folder) == "Cards: 0 new, 0 updated, 2 unchanged.\n"


def test_it_names_what_it_left_alone(folder: Path) -> None:
    """Whoever released a new text has to learn that the shop's own text stayed, and which."""
    run(folder)
    Line.objects.filter(code="aa1").update(text="培训师改过的话。")
    Card.objects.get(slug="b").delete()
    Tombstone.objects.create(kind="card", slug="b")
    assert run(folder) == ("Cards: 0 new, 0 updated, 0 unchanged.\nKept as trainers edited them: a\nLeft deleted: b\n")
    assert run(folder, "--force", "a", "--force", "b") == "Cards: 1 new, 1 updated, 0 unchanged.\n"


def test_a_bad_file_ends_it_with_file_and_line(folder: Path) -> None:
    """CommandError is exit code 1 and a sentence; anything else would be a traceback in the trainer's face."""
    bad = document("b", "bb", stage="x")
    (folder / "cards" / "b.yaml").write_text(files.dump(bad), encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        run(folder)
    assert caught.value.returncode == 1
    first, second = str(caught.value).split("\n")
    assert first.startswith("Nothing was changed.")
    assert second.startswith("b.yaml:3: stage: ")
    assert not Card.objects.exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A mistyped path is a sentence, never an empty phrasebook."""
    with pytest.raises(CommandError, match=r"facts\.yaml:1: "):
        run(tmp_path / "nowhere")
