"""A task that shows which process ran it."""

from __future__ import annotations

import os
from pathlib import Path

from django_tasks import task


@task()
def leave_a_mark(folder: str) -> None:
    (Path(folder) / "mark").write_text(str(os.getpid()))
