"""What stands on a learner's home page: the one next step, how far, what is due, and what has been shown so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from training.services import assignments, curriculum, matrix, progress, recall_sessions
from training.services.assignments import Due
from training.services.curriculum import OpenAttempt, PathEntry
from training.services.matrix import PASS_LINE, Cell
from training.services.progress import Step, Tally

# A certificate that ends sooner than this is said to.
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Today:
    """`path` is None for somebody who follows none and has none assigned; `dues` are the paths still to be finished by
    a day, earliest first; `cells` and `faded` are for learners alone; `recall` counts what is to be recalled today."""

    is_learner: bool
    path: PathEntry | None
    tally: Tally | None
    step: Step | None
    passed: bool
    open: tuple[OpenAttempt, ...]
    ends_on: date | None
    cells: list[Cell]
    dues: tuple[Due, ...] = ()
    recall: int = 0

    @property
    def has_shown(self) -> bool:
        """Whether there is anything to look at: nine times nothing would only be in the way."""
        return any(cell.percent is not None for cell in self.cells)

    @property
    def faded(self) -> list[Cell]:
        """Competencies that time has taken under the pass line."""
        return [
            cell
            for cell in self.cells
            if cell.percent is not None and cell.percent < PASS_LINE <= (cell.undecayed or 0)
        ]


def today(user: Any, *, now: datetime, day: date) -> Today:
    """Where this person stands today. Three queries, and two more for a learner's matrix."""
    taught, standing = curriculum.read(user)
    dues = tuple(due for due in assignments.mine(user, taught, standing, day) if due.pressing)
    path = assignments.leading(taught, standing, dues, by_default=standing.is_learner)
    return Today(
        is_learner=standing.is_learner,
        path=path,
        tally=progress.tally_of(path, taught, standing) if path else None,
        step=progress.next_step(path, taught, standing) if path else None,
        passed=bool(path and path.exam and path.exam.pk in standing.passed),
        open=standing.open,
        ends_on=standing.expires if standing.expires and standing.expires <= day + SOON else None,
        cells=matrix.matrix(user, now) if standing.is_learner else [],
        dues=dues,
        recall=recall_sessions.count(user, day),
    )
