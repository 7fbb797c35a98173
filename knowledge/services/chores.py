"""The work that nobody asks for: at most one run a period, whichever process is up, and none twice after a restart."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from knowledge.models import Chore

logger = logging.getLogger(__name__)
Run = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Regular:
    """`run(now)` once every `every`, or once a local day at `at`, on `weekday` (0 is Monday) only if that is set."""

    name: str
    run: Run
    every: timedelta | None = None
    at: time | None = None
    weekday: int | None = None

    def is_due(self, last: datetime | None, now: datetime) -> bool:
        """Whether to run now after the last run. One that lies ahead was written before the clock was set back: it
        holds nothing up."""
        if last is None or last > now:
            return True
        return last <= now - self.every if self.every else last < self.last_due(now)

    def last_due(self, now: datetime) -> datetime:
        """The newest moment not after `now` for which a run on a local day is due."""
        here = timezone.localtime(now)
        due = here.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0) if self.at else here
        while due > here or (self.weekday is not None and due.weekday() != self.weekday):
            due -= timedelta(days=1)
        return due


REGULAR: dict[str, Regular] = {}


def register(chore: Regular) -> None:
    REGULAR[chore.name] = chore


def run_due(now: datetime) -> list[str]:
    """Run what is due, one after the other. One that fails is logged and tried again a period later. Returns names."""
    done = []
    last = dict(Chore.objects.values_list("name", "ran_at"))  # so that a look costs no lock
    for chore in list(REGULAR.values()):
        if chore.is_due(last.get(chore.name), now) and _claim(chore, now):
            try:
                chore.run(now)
            except Exception:
                logger.exception("The chore %s failed", chore.name)
            else:
                done.append(chore.name)
    return done


@transaction.atomic
def _claim(chore: Regular, now: datetime) -> bool:
    """Whether this call is the one that runs it. The first time is counted from now, so that a new site does not
    begin with last week's mail."""
    row, made = Chore.objects.select_for_update().get_or_create(name=chore.name, defaults={"ran_at": now})
    if made:
        return chore.every is not None
    if not chore.is_due(row.ran_at, now):
        return False
    row.ran_at = now
    row.save()
    return True
