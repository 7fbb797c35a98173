"""Write down who did what. Called by the service or view that does it, in the same transaction where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import Role
from accounts.models import AuditEntry, User

Action = AuditEntry.Action
LONGEST = 300
# What the kinds of entries are called; the apps above add theirs.
KINDS: dict[str, str | Promise] = {
    "person": _("person"),
    "role": _("role"),
    "team": _("team"),
    "slip": _("sign-in slip"),
    "audit": _("audit log"),
}


# How codes in the details of entries are read; the apps above add theirs.
WORDS: dict[str, str | Promise] = {
    **dict(Role.choices),
    "publisher": _("may publish directly"),
    "reopened": _("let back in"),
    "deleted": pgettext_lazy("audit", "deleted"),
}
CODE = re.compile(r"(?<!\S)(?P<sign>[+-]?)(?P<code>[a-z]+)(?!\S)")


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


def note_each(actor: Any, action: str, people: Iterable[Any], *, kind: str) -> None:
    """An entry about each of these people, in one query."""
    AuditEntry.objects.bulk_create(AuditEntry(actor=actor, action=action, kind=kind, person=one) for one in people)


def name_kinds(**names: str | Promise) -> None:
    """Say what kinds of entries are called."""
    KINDS.update(names)


def name_words(**words: str | Promise) -> None:
    """Say how codes that stand in details are read."""
    WORDS.update(words)


def in_words(detail: str) -> str:
    """A detail as people read it: entries hold codes, which outlive a language."""
    return CODE.sub(lambda found: found["sign"] + str(WORDS.get(found["code"], found["code"])), detail)


def kind_name(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def viewed(viewer: Any, *, kind: str = "results", person: Any = None) -> None:
    """Write down that `viewer` looked at the results of `person`, or of many at once: then `kind` is the list.

    One entry a viewer, kind, person and local day, however often they look, and none for looking at one's own. Called
    by a GET before anything is shown: what cannot be written down is not shown (docs/decisions/0016-audit.md).
    """
    if person is not None and person.pk == viewer.pk:
        return
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = AuditEntry.objects.filter(actor=viewer.pk, action=Action.VIEWED, kind=kind, person=person, at__gte=midnight)
    if today.exists():
        return
    with transaction.atomic():
        # One at a time: two tabs opened together write one entry. (SQLite has one writer anyway.)
        User.objects.select_for_update(no_key=True).filter(pk=viewer.pk).values_list("pk").first()
        if not today.exists():
            note(viewer, Action.VIEWED, kind=kind, person=person)
