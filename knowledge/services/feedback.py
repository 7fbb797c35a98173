"""What becomes of 报错 / 建议."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.services import audit
from knowledge.models import Feedback


@transaction.atomic
def settle(remarks: Iterable[Feedback], state: str, *, by: Any, now: datetime, answer: str | None = None) -> int:
    """Close remarks, or open them again. Their authors read on their own page what became of them, with the answer
    where one is given; None leaves an answer as it is. Returns how many."""
    chosen = list(remarks)
    values: dict[str, Any] = {"state": state, "closed_by": None, "closed_at": None}
    if state != Feedback.State.OPEN:
        values |= {"closed_by": by, "closed_at": now}
    if answer is not None:
        values["answer"] = answer
    Feedback.objects.filter(pk__in=[remark.pk for remark in chosen]).update(**values)
    for remark in chosen:
        label = Feedback.State(state).label
        audit.note(by, audit.Action.CHANGED, kind="feedback", slug=remark.card.slug, detail=f"{remark.pk} {label}")
    return len(chosen)


def of_author(user: Any, limit: int) -> list[Feedback]:
    """The last remarks of this person, what is settled first told first."""
    rows = Feedback.objects.filter(author=user).select_related("card", "line", "closed_by")
    return list(rows.order_by("-created_at", "-pk")[:limit])
