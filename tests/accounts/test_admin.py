"""People in the admin: who may change whom, and where slips come from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.enums import Role
from accounts.models import SignInSlip, User
from accounts.services import people, slips
from tests.accounts.conftest import signed_in
from tests.factories import person

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"
GOOD = {
    "display_name": "小张",
    "staff_number": "B7",
    "username": "",
    "email": "",
    "locale": "zh-hans",
    "role": "agent",
    "is_active": "on",
}


def page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def slip_page(user: User) -> str:
    return reverse("admin:accounts_user_slip", args=[user.pk])


def form_fields(client: Client, address: str) -> list[str]:
    return list(client.get(address).context["adminform"].form.fields)


@pytest.mark.parametrize(
    ("role", "answers"),
    [
        ("", (302, 302, 302, 302)),
        ("trainee", (302, 302, 302, 302)),
        ("agent", (302, 302, 302, 302)),
        ("trainer", (200, 403, 200, 200)),
        ("manager", (200, 200, 200, 200)),
    ],
)
def test_every_address_by_role(role: str, answers: tuple[int, ...], xiaoli: User) -> None:
    client = signed_in(person(role)) if role else Client()
    addresses = (LIST, LIST + "add/", page(xiaoli), slip_page(xiaoli))
    assert tuple(client.get(address).status_code for address in addresses) == answers


def test_there_is_one_door() -> None:
    """The admin's own sign-in and password pages know neither staff numbers nor the forced change."""
    assert Client().get("/admin/login/?next=/admin/accounts/").url == "/accounts/login/?next=/admin/accounts/"
    assert signed_in(person("agent")).get("/admin/login/?next=/admin/").status_code == 403
    assert signed_in(person("trainer")).get("/admin/password_change/").url == "/accounts/password_change/"
    assert Client().get("/admin/password_change/").status_code == 302


@pytest.mark.parametrize(
    ("editor", "changes"),
    [
        ("trainer", {"trainee": 403, "manager": 403, "superuser": 403}),
        ("manager", {"trainee": 302, "manager": 302, "superuser": 403}),
        ("superuser", {"trainee": 302, "manager": 302, "superuser": 302}),
    ],
)
def test_who_may_change_whom(editor: str, changes: dict[str, int], superuser: User) -> None:
    """A manager who could edit a superuser could take the superuser's e-mail address, and with it the site."""
    client = signed_in(superuser if editor == "superuser" else person(editor))
    answers = {}
    for name in changes:
        user = person("manager", is_superuser=True) if name == "superuser" else person(name)
        data = {**GOOD, "username": user.username, "staff_number": "", "role": "agent"}
        answers[name] = client.post(page(user), data).status_code
    assert answers == changes


def test_what_each_editor_sees(superuser: User, manager: User, xiaoli: User) -> None:
    """No password anywhere, permission pickers for superusers alone."""
    common = [
        "display_name",
        "staff_number",
        "username",
        "email",
        "locale",
        "role",
        "publishes",
        "team",
        "is_active",
        "must_change_password",
    ]
    assert sorted(form_fields(signed_in(manager), page(xiaoli))) == sorted(common)
    assert sorted(form_fields(signed_in(superuser), page(xiaoli))) == sorted(
        [*common, "is_superuser", "user_permissions"]
    )
    assert sorted(form_fields(signed_in(manager), LIST + "add/")) == sorted(common[:8])


def test_a_trainer_sees_the_role_without_a_form(trainer: User, xiaoli: User) -> None:
    response = signed_in(trainer).get(page(xiaoli))
    read_only = {
        field.field["name"]: field.contents()
        for part in response.context["adminform"]
        for line in part
        for field in line
    }
    assert (read_only["role_name"], read_only["staff_number"]) == (Role.TRAINEE.label, "A100")


def test_a_manager_cannot_make_superusers_by_hand(manager: User, xiaoli: User) -> None:
    """Fields that are not on the page may still be posted."""
    permission = Permission.objects.get(codename="delete_user")
    more = {"is_superuser": "on", "is_staff": "on", "user_permissions": [permission.pk], "groups": ["1"]}
    data = {**GOOD, "username": "xiaoli", "staff_number": "A100", "role": "trainee", **more}
    assert signed_in(manager).post(page(xiaoli), data).status_code == 302
    user = User.objects.get(pk=xiaoli.pk)
    assert (user.is_superuser, user.is_staff, user.user_permissions.count()) == (False, False, 0)
    assert [group.name for group in user.groups.all()] == ["trainee"]


def test_the_role_chosen_is_the_role_held(manager: User, xiaoli: User) -> None:
    data = {**GOOD, "username": "xiaoli", "staff_number": "A100", "role": "trainer"}
    signed_in(manager).post(page(xiaoli), data)
    user = User.objects.get(pk=xiaoli.pk)
    assert (people.role_of(user), user.is_staff, user.display_name) == ("trainer", True, "小张")


def test_nobody_takes_their_own_rights_away(manager: User) -> None:
    """The only manager would stand outside, and nobody could let them in again."""
    data = {**GOOD, "username": manager.username, "staff_number": "", "role": "trainee"}
    del data["is_active"]
    assert signed_in(manager).post(page(manager), data).status_code == 302
    user = User.objects.get(pk=manager.pk)
    assert (people.role_of(user), user.is_active, user.is_staff) == ("manager", True, True)


def test_ones_own_page_does_not_lock_the_pages_of_others(manager: User, xiaoli: User) -> None:
    """Form fields are shared between the classes the admin makes: locking one there locks it for the whole process."""
    client = signed_in(manager)
    locked = [client.get(page(user)).context["adminform"].form["role"].field.disabled for user in (manager, xiaoli)]
    assert locked == [True, False]


def test_a_superuser_without_a_role_can_be_saved(superuser: User) -> None:
    """`createsuperuser` gives none."""
    superuser.groups.clear()
    data = {**GOOD, "username": "root", "staff_number": "", "role": ""}
    assert signed_in(superuser).post(page(superuser), data).status_code == 302
    other = person("manager", is_superuser=True)
    data = {**GOOD, "username": other.username, "staff_number": "", "role": ""}  # is_superuser unticked
    response = signed_in(superuser).post(page(other), data)
    assert list(response.context["adminform"].form.errors) == ["role"]


def test_a_new_person_comes_without_a_password_and_leads_to_the_slip(manager: User) -> None:
    client = signed_in(manager)
    response = client.post(LIST + "add/", GOOD)
    user = User.objects.get(staff_number="B7")
    assert response.url == slip_page(user)
    assert (user.username, user.has_usable_password(), people.role_of(user)) == ("B7", False, "agent")
    assert client.get(response.url).status_code == 200
    assert SignInSlip.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"staff_number": ""}, ["username"]),
        ({"staff_number": "号"}, ["staff_number"]),
        ({"staff_number": "a100"}, ["staff_number"]),
        ({"staff_number": "XIAOLI"}, ["__all__"]),
        ({"username": "xiaoli"}, ["username"]),
        ({"username": "a100"}, ["__all__"]),
        ({"role": ""}, ["role"]),
        ({"role": "boss"}, ["role"]),
        ({"display_name": ""}, ["display_name"]),
    ],
)
def test_a_person_that_does_not_fit_is_refused_with_the_field(
    manager: User, xiaoli: User, changes: dict[str, str], wrong: list[str]
) -> None:
    response = signed_in(manager).post(LIST + "add/", {**GOOD, **changes})
    errors = response.context["adminform"].form.errors if response.status_code == 200 else {}
    assert list(errors) == wrong


def test_the_list_is_found_by_name_username_and_number(manager: User, xiaoli: User) -> None:
    client = signed_in(manager)
    found = {
        query: [user.pk for user in client.get(LIST, {"q": query}).context["cl"].result_list]
        for query in ("小李", "xiaol", "a100", "王")
    }
    assert found == {"小李": [xiaoli.pk], "xiaol": [xiaoli.pk], "a100": [xiaoli.pk], "王": []}
    by_role = client.get(LIST, {"role": "trainee"}).context["cl"].result_list
    assert [user.pk for user in by_role] == [xiaoli.pk]


def test_the_list_does_not_help_to_guess_hashes(manager: User, xiaoli: User) -> None:
    answers = [
        signed_in(manager).get(LIST, {key: "x"}).status_code for key in ("password__startswith", "slips__code_hash")
    ]
    assert answers == [400, 400]


@pytest.mark.parametrize("asked", ["certificates__isnull", "attempts__exact", "deadline_changes__gt", "led_teams"])
def test_the_list_does_not_tell_what_people_have_done(manager: User, xiaoli: User, asked: str) -> None:
    """Managers see the results of their own teams only, also by way of what leads to a person."""
    assert signed_in(manager).get(LIST, {asked: "0"}).status_code == 400


@pytest.mark.parametrize("asked", ["role=agent", "team__code__exact=s1", "team__isnull=True", "is_active__exact=1"])
def test_the_filters_of_the_list_are_allowed(manager: User, xiaoli: User, asked: str) -> None:
    assert signed_in(manager).get(f"{LIST}?{asked}").status_code == 200


def test_an_equal_s_address_is_their_own(manager: User, xiaoli: User) -> None:
    """A reset link goes there, so changing it would open the account; of those below it is changed."""
    equal = person("manager", email="equal@example.com", staff_number="E1", locale="en")
    client = signed_in(manager)
    for whom in (equal, xiaoli):
        data = GOOD | {"staff_number": whom.staff_number or "", "username": whom.username, "email": "mine@example.com"}
        data |= {"role": str(people.role_of(whom)), "is_active": "on"}
        assert client.post(f"{LIST}{whom.pk}/change/", data).status_code == 302
    found = [User.objects.get(pk=whom.pk).email for whom in (equal, xiaoli)]
    assert found == ["equal@example.com", "mine@example.com"]


def test_the_list_costs_the_same_at_one_and_at_three_rows(manager: User, django_assert_num_queries: Any) -> None:
    client = signed_in(manager)
    for _ in range(2):
        client.get(LIST)
    info = "session, user, two of permissions, two counts, teams to filter by, rows, their roles"
    with django_assert_num_queries(9, info=info):
        client.get(LIST)
    for _ in range(2):
        person("trainee")
    with django_assert_num_queries(9):
        client.get(LIST)


# Slips


@pytest.mark.parametrize(
    ("issuer", "allowed"),
    [
        ("trainer", ["trainee", "agent"]),
        ("manager", ["trainee", "agent", "trainer"]),
        ("superuser", ["trainee", "agent", "trainer", "manager", "superuser"]),
    ],
)
def test_slips_go_down_the_ranks_only(issuer: str, allowed: list[str], superuser: User) -> None:
    """By the button and by the address behind it: a trainer's slip for a manager would be a manager's account."""
    client = signed_in(superuser if issuer == "superuser" else person(issuer))
    who: dict[str, User] = {role: person(role) for role in ("trainee", "agent", "trainer", "manager")}
    who["superuser"] = person("manager", is_superuser=True)
    offered = [name for name, user in who.items() if slip_page(user) in client.get(page(user)).content.decode()]
    issued = [name for name, user in who.items() if client.post(slip_page(user)).status_code == 200]
    assert (offered, issued) == (allowed, allowed)
    assert SignInSlip.objects.count() == len(allowed)


def test_looking_issues_nothing(trainer: User, xiaoli: User) -> None:
    """A page opened again in the browser's history must not void the slip just handed out."""
    slips.issue([xiaoli], trainer)
    signed_in(trainer).get(slip_page(xiaoli))
    assert SignInSlip.objects.live().count() == 1


def test_the_code_is_shown_once_and_works(trainer: User, xiaoli: User) -> None:
    response = signed_in(trainer).post(slip_page(xiaoli))
    (code,) = re.findall(r"\b[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{4}\b", response.content.decode())
    assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert slips.redeem("xiaoli", code) == xiaoli


def test_a_class_gets_its_slips_on_one_page(trainer: User) -> None:
    group = [person("trainee") for _ in range(3)]
    data = {"action": "issue_slips", "_selected_action": [user.pk for user in group]}
    response = signed_in(trainer).post(LIST, data)
    assert {slip.person for slip in response.context["issued"]} == set(group)
    assert response.content.decode().count('<article class="slip">') == 3


@pytest.mark.parametrize("other", ["manager", "inactive", "too many"])
def test_a_class_with_somebody_out_of_reach_gets_none_and_is_told_whom(trainer: User, other: str, xiaoli: User) -> None:
    """Nobody should have to find out at the printer whose slip is missing."""
    chosen = [xiaoli]
    if other == "too many":
        chosen += User.objects.bulk_create(User(username=f"u{n}", display_name=f"u{n}") for n in range(100))
    else:
        chosen.append(person("trainee", is_active=False) if other == "inactive" else person("manager"))
    data = {"action": "issue_slips", "_selected_action": [user.pk for user in chosen]}
    response = signed_in(trainer).post(LIST, data, follow=True)
    (message,) = response.context["messages"]
    named = "100" if other == "too many" else str(chosen[-1])
    assert (named in str(message), SignInSlip.objects.count()) == (True, 0)


def test_somebody_without_the_permission_sees_no_action(manager: User) -> None:
    viewer = person("trainer")
    viewer.groups.clear()
    viewer.user_permissions.add(Permission.objects.get(codename="view_user"))
    request = RequestFactory().get(LIST)
    request.user = User.objects.get(pk=viewer.pk)
    assert admin.site.get_model_admin(User).get_actions(request) == {}
    assert signed_in(viewer).post(slip_page(person("trainee"))).status_code == 403
