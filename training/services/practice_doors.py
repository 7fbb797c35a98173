"""What waits behind each door of practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from training.models import DeskRun
from training.services import dialogues, quizzes, recall_sessions, runs
from training.services.recall_live import alive


@dataclass(frozen=True, slots=True)
class Waiting:
    """`run` is one under way; `due` and `kept` are recall items due today and altogether, as /review/ counts them;
    `wrong` questions answered wrong last time; `customers` dialogues to choose from; `served` runs finished so far."""

    run: DeskRun | None
    customers: int
    served: int
    due: int
    kept: int
    wrong: int


def waiting(user: Any, now: datetime) -> Waiting:
    """A fixed number of queries."""
    kept = alive(user).filter(resting=False)
    return Waiting(
        run=runs.open_run(user),
        customers=dialogues.playable(user).count(),
        served=DeskRun.objects.filter(user=user.pk, state=DeskRun.State.FINISHED, preview=False).count(),
        due=recall_sessions.count(user, timezone.localdate(now)),
        kept=kept.count(),
        wrong=len(quizzes.wrong_questions(user)),
    )
