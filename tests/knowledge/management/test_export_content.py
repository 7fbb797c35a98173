"""manage.py export_content: what it says, and how it ends."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from knowledge import files
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> object:
    with translation.override("en"):
        yield


def run(folder: Path) -> str:
    out = StringIO()
    call_command("export_content", str(folder), stdout=out)
    return out.getvalue()


def test_it_writes_the_cards_and_says_where(tmp_path: Path) -> None:
    """The folder may not exist yet; the file is the card's document and nothing else."""
    factories.card("a", code="aa")
    factories.card("b", "retired")
    target = tmp_path / "new" / "content"
    assert run(target) == f"1 files written to {target}\n"
    assert [path.name for path in (target / "cards").iterdir()] == ["a.yaml"]
    assert files.read(target / "cards" / "a.yaml").value == factories.document("a", "aa")


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """A read-only disk or a file in the way: exit code 1, no traceback."""
    factories.card("a")
    (tmp_path / "cards").write_text("in the way", encoding="utf-8")
    with pytest.raises(CommandError, match="Export stopped") as caught:
        run(tmp_path)
    assert caught.value.returncode == 1
    assert (tmp_path / "cards").read_text(encoding="utf-8") == "in the way"
