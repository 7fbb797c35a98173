"""Who somebody is here: adding a person, giving a role, and who stands above whom."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from accounts.roles import PUBLISHER, STAFF_ROLES

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


def out_of_reach(issuer: User, chosen: Iterable[User]) -> list[User]:
    """Those of `chosen` to whom `issuer` may not hand a sign-in slip: the inactive, and whoever is not below.

    A slip signs its holder in, so an equal's slip would be an equal's account. Superusers reach everybody.
    """
    rank = rank_of(issuer) + issuer.is_superuser
    return [person for person in chosen if not person.is_active or rank_of(person) >= rank]


@transaction.atomic
def set_role(user: User, role: str) -> None:
    """Make `role` the person's only role; who may enter the admin follows from it. Other groups stay.

    Raises ValueError for an unknown role, Group.DoesNotExist before `sync_roles` has run.
    """
    wanted = Group.objects.get(name=Role(role).value)
    user.groups.remove(*Group.objects.filter(name__in=Role.values).exclude(pk=wanted.pk))
    user.groups.add(wanted)
    if role != Role.TRAINER:
        allow_publishing(user, False)
    user.is_staff = user.is_superuser or role in STAFF_ROLES
    user.save(update_fields=["is_staff"])


def allow_publishing(user: User, allowed: bool) -> None:
    """Whether a trainer publishes without somebody else's approval."""
    group = Group.objects.get(name=PUBLISHER)
    if allowed:
        user.groups.add(group)
    else:
        user.groups.remove(group)


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
