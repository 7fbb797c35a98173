"""Roles and ranks."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from accounts.enums import Role
from accounts.models import User
from accounts.roles import ROLES
from accounts.services import people
from tests.factories import person

pytestmark = pytest.mark.django_db


def test_the_labels_are_those_of_the_table() -> None:
    """A role added to one of the two would be given by nobody, or called by nothing."""
    assert tuple(Role.values) == ROLES


@pytest.mark.parametrize(
    ("role", "staff"), [("trainee", False), ("agent", False), ("trainer", True), ("manager", True)]
)
def test_a_role_replaces_the_one_before(role: str, staff: bool) -> None:
    """Otherwise somebody made an agent again would keep a trainer's rights, or the admin, or go on publishing."""
    user = person("trainer")
    extra = Group.objects.create(name="fire wardens")
    user.groups.add(extra)
    people.set_role(user, role)
    user = User.objects.get(pk=user.pk)
    rest = {"fire wardens", "publisher"} if role == "trainer" else {"fire wardens"}
    assert {group.name for group in user.groups.all()} == {role, *rest}
    assert (people.role_of(user), user.is_staff) == (role, staff)


def test_a_superuser_keeps_the_admin_in_any_role(superuser: User) -> None:
    people.set_role(superuser, "trainee")
    assert User.objects.get(pk=superuser.pk).is_staff is True


def test_an_unknown_role_is_refused(agent: User) -> None:
    """A typing mistake must not leave somebody without a role."""
    with pytest.raises(ValueError, match="boss"):
        people.set_role(agent, "boss")
    assert people.role_of(agent) == "agent"


def test_of_two_roles_the_higher_counts(trainee: User) -> None:
    trainee.groups.add(Group.objects.get(name="trainer"))
    assert people.role_of(trainee) == "trainer"
    trainee.groups.clear()
    assert people.role_of(trainee) is None


def test_who_reaches_whom(superuser: User) -> None:
    """The table of the rule: a slip signs in, so nobody gets one for an equal or a higher account."""
    who = {role: person(role) for role in ROLES}
    who["staff without role"] = person("trainer")
    who["staff without role"].groups.clear()
    who["superuser"] = superuser
    who["inactive"] = person("trainee", is_active=False)
    names = {user.pk: name for name, user in who.items()}
    out = {issuer: [names[user.pk] for user in people.out_of_reach(who[issuer], who.values())] for issuer in who}
    assert {issuer: [name for name in who if name not in out[issuer]] for issuer in who} == {
        "trainee": [],
        "agent": [],
        "trainer": ["trainee", "agent"],
        "manager": ["trainee", "agent", "trainer"],
        "staff without role": ["trainee", "agent", "trainer"],
        "superuser": ["trainee", "agent", "trainer", "manager", "staff without role", "superuser"],
        "inactive": [],
    }


def test_a_new_person_signs_in_with_the_staff_number_and_has_no_password() -> None:
    user = people.create_person(display_name="小李", staff_number="a7", role="agent")
    found = User.objects.get(pk=user.pk)
    assert (found.username, found.staff_number, found.has_usable_password()) == ("a7", "A7", False)
    assert (people.role_of(found), found.is_staff, found.locale) == ("agent", False, "zh-hans")


@pytest.mark.parametrize(
    "values",
    [
        {"username": ""},
        {"username": "new", "staff_number": "号"},
        {"username": "new", "display_name": ""},
        {"username": "new", "email": "no"},
        {"username": "new", "locale": "fr"},
        {"username": "a100"},
        {"username": "xiaoli"},
    ],
)
def test_a_person_that_does_not_fit_is_not_added(xiaoli: User, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        people.create_person(**{"display_name": "新人", "role": "agent", **values})
    assert User.objects.count() == 1


def test_a_person_with_an_unknown_role_is_not_added_either() -> None:
    """Half a person, without a role, would be left behind."""
    with pytest.raises(ValueError, match="boss"):
        people.create_person(display_name="新人", username="new", role="boss")
    assert User.objects.count() == 0
