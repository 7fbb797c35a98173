"""manage.py import_staff"""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import translation

from accounts.models import User
from accounts.services import staff_import

pytestmark = pytest.mark.django_db
GOOD = "工号,姓名,角色\nA1,小李,学员\nA2,小王,客服\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def run(path: Path | str, **options: bool) -> str:
    out = StringIO()
    call_command("import_staff", str(path), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def staff(tmp_path: Path) -> Path:
    path = tmp_path / "staff.csv"
    path.write_text(GOOD, encoding="gb18030")
    return path


def test_a_good_file_is_written_and_reported(staff: Path) -> None:
    assert run(staff) == "staff.csv is read as GB18030.\n2 new, 0 changed, 0 the same, 0 wrong.\nWritten.\n"
    assert [*User.objects.order_by("pk").values_list("staff_number", "display_name")] == [
        ("A1", "小李"),
        ("A2", "小王"),
    ]


def test_a_dry_run_says_so(staff: Path) -> None:
    report = "staff.csv is read as GB18030.\n2 new, 0 changed, 0 the same, 0 wrong.\nDry run: nothing was written.\n"
    assert run(staff, dry_run=True) == report
    assert User.objects.count() == 0


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_wrong_row_is_exit_code_1_and_nothing_written(staff: Path, dry_run: bool) -> None:
    """A script that imports nightly has only the exit code to go by."""
    staff.write_text(GOOD + "A3,,学员\n")
    with pytest.raises(CommandError, match="Nothing was written") as error:
        run(staff, dry_run=dry_run)
    assert error.value.returncode == 1
    assert User.objects.count() == 0


@pytest.mark.parametrize(("name", "reason"), [("gone.csv", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(CommandError, match=f"cannot be read: {reason}"):
        run(tmp_path / name)


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    """A wrong file name may be a video."""
    path = tmp_path / "big.csv"
    with path.open("wb") as handle:
        handle.truncate(200 * 1024 * 1024)
    with pytest.raises(CommandError, match="Nothing was written"):
        run(path)


def test_somebody_else_changing_people_meanwhile(staff: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(staff_import, "run", taken)
    with pytest.raises(CommandError, match="run it again"):
        run(staff)
