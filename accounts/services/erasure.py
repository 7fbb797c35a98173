"""Erase a person's data, as the law asks (个人信息保护法 art. 47): the account is emptied in place, what is personal
goes, and what stays says nothing about whose it was (docs/decisions/0016-audit.md).

The apps above register what they hold. tests/accounts/services/test_erasure.py walks every relation to a person and
fails for one that is neither erased nor kept for a reason given here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Mailing, SignInSlip, User
from accounts.services import audit
from accounts.services.people import may_edit

Step = Callable[[User], None]

STEPS: list[Step] = []
# Relations to a person, as app.Model.field: those that a step clears, and those that stay, with the reason.
ERASED: set[str] = set()
KEPT: dict[str, str] = {}


def register(step: Step, *, erases: Iterable[str], keeps: Mapping[str, str]) -> None:
    """Add what an app does when somebody is erased, in the same transaction, before the account is emptied.

    `erases` and `keeps` name every relation of the app's models to a person.
    """
    if step not in STEPS:
        STEPS.append(step)
    ERASED.update(erases)
    KEPT.update(keeps)


def may_erase(by: Any, person: User) -> bool:
    """Whoever has the right, never oneself and never somebody of a higher rank."""
    return bool(by.has_perm("accounts.erase_user") and by.pk != person.pk and may_edit(by, person))


@transaction.atomic
def erase(person: User, *, by: Any, reason: str) -> bool:
    """Erase all personal data of `person`. Safe to repeat: a second time clears what may have come since.

    Returns whether this call was the first. Raises PermissionDenied for oneself or a higher rank, ValidationError
    without a reason, which the audit log keeps.
    """
    row = User.objects.select_for_update().get(pk=person.pk)
    if not may_erase(by, row):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError(_("Give the reason: the audit log keeps it."))
    first = row.erased_at is None
    for step in STEPS:
        step(row)
    _empty(row, timezone.now())
    if first:
        audit.note(by, audit.Action.ERASED, kind="person", person=row, detail=reason.strip())
    return first


def forget_in_log(model: type[models.Model], pks: Iterable[Any], shown: str) -> None:
    """Replace what the admin's own history shows of these objects, where their name was a person's."""
    kind = ContentType.objects.get_for_model(model)
    LogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in pks]).update(object_repr=shown)


def _own(person: User) -> None:
    """What accounts, the sign-in throttle, the sessions and the admin's history hold."""
    names = [name for name in (person.username, person.staff_number, person.email) if name]
    for model in (AccessAttempt, AccessLog, AccessFailureLog):
        model.objects.filter(username__in=names).delete()
    SignInSlip.objects.filter(user=person).delete()
    Mailing.objects.filter(user=person).delete()
    person.led_teams.clear()
    person.groups.clear()
    person.user_permissions.clear()
    forget_in_log(User, [person.pk], anonymous(person))
    _end_sessions(person)


def _end_sessions(person: User) -> None:
    """By the store, so that a cached copy goes too. A session does not say whose it is until it is read."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            store(session.session_key).delete()


def anonymous(person: User) -> str:
    """What stands for somebody whose name is gone."""
    return f"#{person.pk}"


def _empty(person: User, now: datetime) -> None:
    person.username = f"erased-{person.pk}"
    if User.objects.filter(username=person.username).exclude(pk=person.pk).exists():
        person.username = f"erased-{person.pk}-{now:%Y%m%d%H%M%S}"
    person.display_name, person.staff_number, person.email = anonymous(person), None, ""
    person.is_active = person.is_staff = person.is_superuser = False
    person.team = person.joined_team_on = person.last_login = None
    person.left_on = person.left_on or timezone.localdate(now)
    person.locale, person.theme = settings.LANGUAGE_CODE, User.Theme.SYSTEM
    person.must_change_password = person.wants_mail = False
    person.erased_at = person.erased_at or now
    person.set_unusable_password()
    person.save()


register(
    _own,
    erases=("accounts.SignInSlip.user", "accounts.Mailing.user", "accounts.Team.leaders"),
    keeps={
        "accounts.SignInSlip.issued_by": "who let somebody in, by the number of the account",
        "accounts.AuditEntry.actor": "the log holds numbers, no names",
        "accounts.AuditEntry.person": "the log holds numbers, no names",
        "admin.LogEntry.user": "who changed what in the admin, by the number of the account",
    },
)
