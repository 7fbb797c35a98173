"""The sign-in throttle's memory (django-axes keeps it in the database, so all workers agree)."""

from __future__ import annotations

from collections.abc import Sequence

from axes.models import AccessAttempt


def forgive(usernames: Sequence[str]) -> None:
    """Forget failed sign-ins: somebody who has just been vouched for need not wait out a lock."""
    AccessAttempt.objects.filter(username__in=usernames).delete()
