"""Everything held of one person, for that person (个人信息保护法 art. 45): a zip of JSON and CSV.

The apps above register what they hold.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry, Mailing, SignInSlip, User
from accounts.services import audit, sheets
from accounts.services.people import may_edit, role_of

Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the archive: the name of its files, what it is called, and its rows of one person, as plain values
    by column, each row with the same columns."""

    name: str
    label: str | Promise
    rows: Callable[[User], Rows]


PARTS: dict[str, Part] = {}


def register(*parts: Part) -> None:
    PARTS.update({part.name: part for part in parts})


def may_export(by: Any, person: User) -> bool:
    """One's own always; somebody else's for whoever has the right, does not stand below them, and may see their
    results, which are most of what is held."""
    if by.pk == person.pk:
        return True
    seen = User.objects.results_visible_to(by).filter(pk=person.pk)
    return bool(by.has_perm("accounts.export_user") and may_edit(by, person) and seen.exists())


def archive(person: User, *, by: Any) -> bytes:
    """The archive as the bytes of a zip, and an entry in the audit log that `by` took it."""
    audit.note(by, audit.Action.EXPORTED, kind="person", person=person)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as files:
        index = []
        for part in PARTS.values():
            rows = [dict(row) for row in part.rows(person)]
            index.append((part, len(rows)))
            data = json.dumps(rows, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
            files.writestr(f"{part.name}.json", data)
            if rows:
                files.writestr(f"{part.name}.csv", sheets.write([list(rows[0]), *(_texts(row) for row in rows)]))
        files.writestr("README.txt", _readme(person, index))
    return out.getvalue()


def _texts(row: Mapping[str, Any]) -> list[str]:
    """Cells to read: times in local form, lists and answers as JSON."""
    return [_text(value) for value in row.values()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    if hasattr(value, "tzinfo") and hasattr(value, "hour"):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    return str(value)


def _readme(person: User, index: list[tuple[Part, int]]) -> str:
    head = _("What this site holds of %(name)s, as of %(when)s.") % {
        "name": person,
        "when": f"{timezone.localtime():%Y-%m-%d %H:%M}",
    }
    how = _(
        "Each list is there twice: as a table (.csv) for a spreadsheet, and as JSON (.json). Times are of the site."
    )
    lines = [f"{part.name}: {part.label} ({count})" for part, count in index]
    return "\n".join([head, how, "", *lines, ""])


def _profile(person: User) -> Rows:
    yield {
        "id": person.pk,
        "username": person.username,
        "display_name": person.display_name,
        "staff_number": person.staff_number,
        "email": person.email,
        "role": role_of(person),
        "team": person.team_id,
        "joined_team_on": person.joined_team_on,
        "left_on": person.left_on,
        "leads": sorted(person.led_teams.values_list("code", flat=True)),
        "date_joined": person.date_joined,
        "last_login": person.last_login,
        "is_active": person.is_active,
        "locale": person.locale,
        "theme": person.theme,
        "wants_mail": person.wants_mail,
    }


def _audit(person: User) -> Rows:
    about = AuditEntry.objects.filter(person=person.pk) | AuditEntry.objects.filter(actor=person.pk)
    return about.order_by("at", "pk").values("at", "actor_id", "action", "kind", "slug", "person_id", "detail")


register(
    Part("profile", gettext_lazy("account"), _profile),
    Part(
        "slips",
        gettext_lazy("sign-in slips"),
        lambda person: (
            SignInSlip.objects.filter(user=person).order_by("pk").values("issued_at", "expires_at", "used_at")
        ),
    ),
    Part(
        "mailings",
        gettext_lazy("mailings"),
        lambda person: Mailing.objects.filter(user=person).order_by("day", "pk").values("kind", "day"),
    ),
    Part("audit", gettext_lazy("audit log"), _audit),
)
