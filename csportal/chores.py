"""The site's own housekeeping, done by the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.management import call_command
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

KEPT = timedelta(days=7)


def tidy(now: datetime) -> None:
    """Forget sessions that have run out, and tasks a week after they ended, or were begun by a worker that died."""
    over = Q(finished_at__lt=now - KEPT) | Q(finished_at=None, started_at__lt=now - KEPT)
    DBTaskResult.objects.filter(over).delete()
    call_command("clearsessions")
