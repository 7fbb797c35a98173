"""Who somebody is here: adding a person, giving a role, leaving, and who stands above whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import SignInSlip, User
from accounts.roles import PUBLISHER, STAFF_ROLES
from accounts.services.audit import Action, note

# Nobody may let in, or change, somebody of a higher rank. The two reading roles are equals.
RANKS = {Role.TRAINEE: 0, Role.AGENT: 0, Role.TRAINER: 1, Role.MANAGER: 2}
SUPERUSER_RANK = 3


def role_of(user: User) -> Role | None:
    """The highest of the person's roles, or None. Reads `user.groups`, so prefetch it for a list."""
    names = {group.name for group in user.groups.all()}
    return next((role for role in reversed(Role) if role.value in names), None)


def rank_of(user: User) -> int:
    """How far the person's rights reach, from 0. Staff without a role count as managers."""
    if user.is_superuser:
        return SUPERUSER_RANK
    role = role_of(user)
    return max(RANKS[role] if role else 0, RANKS[Role.MANAGER] if user.is_staff and not role else 0)


def may_edit(editor: User, person: User) -> bool:
    """Whether the rank lets `editor` change `person`: one's equals and everybody below."""
    return rank_of(editor) >= rank_of(person)


def stands_above(editor: User, person: User) -> bool:
    """Whether `editor` may open a way in to the account of `person`: nobody takes an equal's. Superusers stand above
    everybody."""
    return _height(editor) > rank_of(person)


def out_of_reach(issuer: User, chosen: Iterable[User]) -> list[User]:
    """Those of `chosen` to whom `issuer` may not hand a sign-in slip: the inactive, and whoever is not below.

    A slip signs its holder in, so an equal's slip would be an equal's account.
    """
    height = _height(issuer)  # once: it reads the issuer's groups
    return [person for person in chosen if not (person.is_active and height > rank_of(person))]


def _height(user: User) -> int:
    return rank_of(user) + user.is_superuser


@transaction.atomic
def set_role(user: User, role: str, *, by: Any = None) -> None:
    """Make `role` the person's only role; who may enter the admin follows from it. Other groups stay.

    A change is noted in the audit log. Raises ValueError for an unknown role, Group.DoesNotExist before `sync_roles`
    has run.
    """
    wanted = Group.objects.get(name=Role(role).value)
    held = sorted(user.groups.filter(name__in=Role.values).values_list("name", flat=True))
    if held != [role]:
        note(by, Action.CHANGED, kind="role", person=user, detail=f"{'、'.join(held) or '–'} → {role}")
    user.groups.remove(*Group.objects.filter(name__in=Role.values).exclude(pk=wanted.pk))
    user.groups.add(wanted)
    if role != Role.TRAINER:
        allow_publishing(user, False, by=by)
    user.is_staff = user.is_superuser or role in STAFF_ROLES
    user.save(update_fields=["is_staff"])


def may_publish(user: User) -> bool:
    """Whether this person was allowed to publish directly. Reads `user.groups`."""
    return any(group.name == PUBLISHER for group in user.groups.all())


@transaction.atomic
def allow_publishing(user: User, allowed: bool, *, by: Any = None) -> None:
    """Whether a trainer publishes without somebody else's approval. A change is noted in the audit log."""
    group = Group.objects.get(name=PUBLISHER)
    if user.groups.filter(pk=group.pk).exists() == allowed:
        return
    if allowed:
        user.groups.add(group)
    else:
        user.groups.remove(group)
    note(by, Action.CHANGED, kind="role", person=user, detail=f"{'+' if allowed else '-'}{PUBLISHER}")


# Leaving and coming back

# What the apps above do when somebody leaves, in the same transaction: called with the person, `by` and `now`.
LEAVING: list[Callable[..., object]] = []


def register_leaving(do: Callable[..., object]) -> None:
    if do not in LEAVING:
        LEAVING.append(do)


@transaction.atomic
def close(person: User, *, by: Any = None, now: datetime) -> None:
    """Somebody has left: no door is open to them from the next request on, on any worker, and what they did is kept.

    The account is inactive, and its password, and with it every session and every reset link, is void for good;
    unused slips end. Whoever has left already stays as they are.
    """
    row = User.objects.select_for_update().get(pk=person.pk)
    if row.is_active or row.left_on is None:
        row.is_active, row.left_on = False, timezone.localdate(now)
        row.set_unusable_password()
        row.save(update_fields=["is_active", "left_on", "password"])
        SignInSlip.objects.live().filter(user=row).update(expires_at=now)
        for do in LEAVING:
            do(row, by=by, now=now)
        note(by, Action.CLOSED, kind="person", person=row)
    person.is_active, person.left_on, person.password = row.is_active, row.left_on, row.password


@transaction.atomic
def reopen(person: User, *, by: Any = None, now: datetime) -> None:
    """Somebody is back: the account is open again, without a password (a slip lets them in), and their deadlines count
    from this day, so that nobody comes back to overdue ones. Raises ValidationError for one whose data was erased."""
    row = User.objects.select_for_update().get(pk=person.pk)
    if row.erased_at:
        raise ValidationError(_("The data of this account has been erased. Add the person anew."))
    if not row.is_active:
        row.is_active, row.left_on = True, None
        row.joined_team_on = timezone.localdate(now) if row.team_id else None
        row.save(update_fields=["is_active", "left_on", "joined_team_on"])
        note(by, Action.CHANGED, kind="person", person=row, detail="reopened")
    person.is_active, person.left_on, person.joined_team_on = row.is_active, row.left_on, row.joined_team_on


@transaction.atomic
def create_person(
    *,
    display_name: str,
    role: str,
    username: str = "",
    staff_number: str = "",
    email: str = "",
    locale: str = settings.LANGUAGE_CODE,
) -> User:
    """Add somebody without a password: a slip, or a reset by e-mail, lets them in. The username defaults to
    the staff number.

    Raises ValidationError for a field that does not fit or a name already taken, ValueError for an unknown role.
    """
    person = User(display_name=display_name, staff_number=staff_number or None, email=email, locale=locale)
    person.username = User.normalize_username(username or staff_number).strip()
    person.set_unusable_password()
    person.full_clean()
    person.save()
    set_role(person, role)
    return person
