"""Write down who did what. Called by the service or view that does it, in the same transaction where there is one."""

from __future__ import annotations

from typing import Any

from accounts.models import AuditEntry

Action = AuditEntry.Action
LONGEST = 300


def note(
    actor: Any, action: str, *, kind: str = "", slug: str = "", person: Any = None, detail: str = ""
) -> AuditEntry:
    """Add an entry. `actor` is a signed-in person, or None for the site itself (a load, a schedule); `kind` and
    `slug` name content as its files do; `person` is whom it is about. `detail` is cut at 300 characters and never
    holds a customer's words.
    """
    who = actor if getattr(actor, "pk", None) else None
    return AuditEntry.objects.create(
        actor=who, action=action, kind=kind, slug=slug[:120], person=person, detail=str(detail)[:LONGEST]
    )
