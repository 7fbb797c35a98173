"""Teams in the admin, and on a person's page: team, right to publish, leaving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Team, User
from accounts.services import people, teams
from tests.accounts.conftest import signed_in
from tests.factories import card, person
from tests.factories import team as made

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/accounts/team/", "/admin/accounts/team/add/"


def page(team: str) -> str:
    return reverse("admin:accounts_team_change", args=[team])


def personal(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def close_page(user: User) -> str:
    return reverse("admin:accounts_user_close", args=[user.pk])


def team_of(user: User) -> str | None:
    return User.objects.get(pk=user.pk).team_id


def sent(name: str, leaders: list[User], seen: list[User], chosen: list[User]) -> dict[str, Any]:
    return {
        "name": name,
        "leaders": [user.pk for user in leaders],
        "members": [user.pk for user in chosen],
        "initial-members": [user.pk for user in seen],
    }


# Teams


def test_a_new_team(trainer: User, manager: User) -> None:
    """Members join today; the leaders see them from the next request on."""
    who = person("agent")
    data = {"code": "night", **sent("夜班", [manager], [], [who])}
    assert signed_in(trainer).post(ADD, data).status_code == 302
    found = User.objects.get(pk=who.pk)
    assert (found.team_id, found.joined_team_on) == ("night", timezone.localdate())
    assert [*User.objects.results_visible_to(manager)] == [who]
    entries = AuditEntry.objects.filter(kind="team", slug="night", actor=trainer).order_by("pk")
    assert [(one.person, one.detail) for one in entries] == [(manager, "+leader"), (who, "– → night")]


def test_members_come_and_go(trainer: User) -> None:
    """Who stays keeps the day they joined."""
    stays, goes, comes = person("agent"), person("agent"), person("agent")
    team, day = made("shop"), timezone.localdate() - timedelta(30)
    teams.move([stays, goes], team, day)
    data = sent("店", [], [stays, goes], [stays, comes])
    assert signed_in(trainer).post(page("shop"), data).status_code == 302
    assert [team_of(user) for user in (stays, goes, comes)] == ["shop", None, "shop"]
    assert User.objects.get(pk=stays.pk).joined_team_on == day


def test_the_page_says_whom_it_showed(trainer: User) -> None:
    """What somebody else changed between looking and saving is not undone."""
    team, first, second = made("shop"), person("agent"), person("agent")
    teams.move([first], team, timezone.localdate())
    client = signed_in(trainer)
    text = client.get(page("shop")).content.decode()
    assert f'name="initial-members" value="{first.pk}"' in text
    teams.move([second], team, timezone.localdate())  # the other trainer
    client.post(page("shop"), sent("店", [], [first], []))
    assert [team_of(user) for user in (first, second)] == [None, "shop"]


def test_a_leader_no_more(trainer: User, manager: User) -> None:
    """From the next request on they see nobody, and the log says who took it from them."""
    made("shop", person("agent"), leaders=[manager])
    signed_in(trainer).post(page("shop"), sent("店", [], [], []))
    assert User.objects.results_visible_to(manager).count() == 0
    entry = AuditEntry.objects.get(kind="team")
    assert (entry.actor, entry.person, entry.detail) == (trainer, manager, "-leader")


def test_leavers_are_not_moved_by_a_page_that_does_not_show_them(trainer: User) -> None:
    team, gone = made("shop"), person("agent")
    teams.move([gone], team, timezone.localdate())
    people.close(gone, now=timezone.now())
    signed_in(trainer).post(page("shop"), sent("店", [], [], []))
    assert team_of(gone) == "shop"


@pytest.mark.parametrize("seen", [["x"], ["9" * 40], ["-1"], [""]])
def test_nonsense_in_the_hidden_fields(trainer: User, seen: list[str]) -> None:
    team, who = made("shop"), person("agent")
    teams.move([who], team, timezone.localdate())
    data = {**sent("店", [], [], [who]), "initial-members": seen}
    assert signed_in(trainer).post(page("shop"), data).status_code == 302
    assert team_of(who) == "shop"


@pytest.mark.parametrize("field", ["leaders", "members"])
@pytest.mark.parametrize("value", ["x", "999999", "-1", "9" * 40])
def test_people_that_are_none(trainer: User, field: str, value: str) -> None:
    made("shop")
    answer = signed_in(trainer).post(page("shop"), {**sent("店", [], [], []), field: [value]})
    assert (answer.status_code, list(answer.context["adminform"].form.errors)) == (200, [field])


def test_leaders_are_staff(trainer: User) -> None:
    """An agent as leader would read nothing: the pages of results let no agent in."""
    made("shop")
    answer = signed_in(trainer).post(page("shop"), sent("店", [person("agent")], [], []))
    assert list(answer.context["adminform"].form.errors) == ["leaders"]


@pytest.mark.parametrize("code", ["", "夜班", "a b", "x" * 31, "shop"])
def test_codes_that_do_not_fit(trainer: User, code: str) -> None:
    made("shop")
    answer = signed_in(trainer).post(ADD, {"code": code, **sent("新", [], [], [])})
    assert list(answer.context["adminform"].form.errors) == ["code"]


def test_the_code_stays(trainer: User) -> None:
    """Cards name it."""
    made("shop")
    signed_in(trainer).post(page("shop"), {"code": "other", **sent("新名", [], [], [])})
    assert list(Team.objects.values_list("code", "name")) == [("shop", "新名")]


def test_managers_look_at_their_own(manager: User) -> None:
    """With the names of the people in it, and nothing to change; of other teams not even the name."""
    made("shop", person("agent", display_name="小周"), leaders=[manager])
    made("other")
    client = signed_in(manager)
    shown = client.get(page("shop"))
    assert ("小周" in shown.content.decode(), 'name="members"' in shown.content.decode()) == (True, False)
    assert [team.code for team in client.get(LIST).context["cl"].result_list] == ["shop"]
    assert client.get(page("other")).status_code == 302
    assert client.post(page("shop"), sent("x", [], [], [])).status_code == 403


def test_the_list_is_constant_in_queries(trainer: User, manager: User) -> None:
    client, counts = signed_in(trainer), []
    for number in (1, 2):
        for at in range(number):
            made(f"t{number}{at}", person("agent"), leaders=[manager])
        client.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_form_is_constant_in_queries(trainer: User) -> None:
    """However many people there are to choose from."""
    made("shop")
    client, counts = signed_in(trainer), []
    for number in (1, 3):
        for at in range(number):
            made(f"t{number}{at}", person("agent"), person("manager"))
        with CaptureQueriesContext(connection) as asked:
            client.get(page("shop"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_two_of_one_name_are_told_apart(trainer: User) -> None:
    made("shop")
    person("agent", display_name="李娜", staff_number="A1", team_id="shop")
    person("agent", display_name="李娜", staff_number="A2")
    text = signed_in(trainer).get(page("shop")).content.decode()
    assert ("李娜 · A1 · shop" in text, "李娜 · A2<" in text) == (True, True)


# Deleting


def test_a_team_named_by_cards_stays(trainer: User) -> None:
    """The page says which cards, and the button is not there."""
    made("shop")
    card("fee", title="运费", audience=["shop"])
    address = reverse("admin:accounts_team_delete", args=["shop"])
    client = signed_in(trainer)
    text = client.get(address).content.decode()
    client.post(address, {"post": "yes"})
    assert ("运费" in text, 'name="post"' in text, Team.objects.count()) == (True, False, 1)


def test_a_team_goes_and_its_people_stay(trainer: User) -> None:
    who = person("agent")
    made("shop", who)
    signed_in(trainer).post(reverse("admin:accounts_team_delete", args=["shop"]), {"post": "yes"})
    found = User.objects.get(pk=who.pk)
    assert (Team.objects.count(), found.team_id, found.is_active) == (0, None, True)


def test_deleting_several_from_the_list(trainer: User) -> None:
    """All or none: one that has to stay keeps the others too, and says so."""
    made("shop")
    made("free")
    card("fee", title="运费", audience=["shop"])
    data = {"action": "delete_selected", "_selected_action": ["shop", "free"], "post": "yes"}
    client = signed_in(trainer)
    client.post(LIST, data)
    kept = Team.objects.count()
    client.post(LIST, {**data, "_selected_action": ["free"]})
    assert (kept, [team.code for team in Team.objects.all()]) == (2, ["shop"])


# A person's page

GOOD = {"display_name": "小李", "staff_number": "A100", "username": "xiaoli", "email": "", "locale": "zh-hans"}


def save(client: Client, user: User, **changes: Any) -> Any:
    return client.post(personal(user), {**GOOD, "role": "trainee", "is_active": "on", **changes})


def test_the_team_on_a_persons_page(manager: User, xiaoli: User) -> None:
    """Set, left as it is, and taken away; the day is today's and only of a change."""
    made("shop", leaders=[manager])
    client = signed_in(manager)
    save(client, xiaoli, team="shop")
    User.objects.filter(pk=xiaoli.pk).update(joined_team_on="2026-01-01")
    save(client, xiaoli, team="shop", display_name="李")
    found = User.objects.get(pk=xiaoli.pk)
    assert (found.team_id, str(found.joined_team_on), found.display_name) == ("shop", "2026-01-01", "李")
    save(client, xiaoli, team="")
    found = User.objects.get(pk=xiaoli.pk)
    assert (found.team_id, found.joined_team_on) == (None, None)
    assert [entry.detail for entry in AuditEntry.objects.filter(kind="team").order_by("pk")] == [
        "– → shop",
        "shop → –",
    ]


def test_a_new_person_joins_today(manager: User) -> None:
    made("shop", leaders=[manager])
    data = {**GOOD, "staff_number": "B7", "username": "", "role": "agent", "team": "shop"}
    signed_in(manager).post("/admin/accounts/user/add/", data)
    found = User.objects.get(staff_number="B7")
    assert (found.team_id, found.joined_team_on) == ("shop", timezone.localdate())


def test_a_manager_takes_nobody_out_of_anothers_team(manager: User, xiaoli: User) -> None:
    """Posted all the same, it stays: else anybody's results were a click away."""
    made("other", xiaoli)
    made("shop", leaders=[manager])
    assert save(signed_in(manager), xiaoli, team="shop").status_code == 302
    assert team_of(xiaoli) == "other"


@pytest.mark.parametrize("team", ["nothing", "x" * 300, "<b>"])
def test_a_team_that_is_none(manager: User, xiaoli: User, team: str) -> None:
    answer = save(signed_in(manager), xiaoli, team=team)
    assert (answer.status_code, list(answer.context["adminform"].form.errors)) == (200, ["team"])


def test_the_right_to_publish(manager: User) -> None:
    """Managers give and take it; it goes with the role; a trainee gets none."""
    who = person("trainer", publishes=False, username="xiaoli")
    client, seen = signed_in(manager), []
    for role, box in (("trainer", "on"), ("trainer", ""), ("trainer", "on"), ("agent", "on"), ("trainer", "")):
        save(client, who, role=role, **({"publishes": box} if box else {}))
        seen.append(people.may_publish(User.objects.get(pk=who.pk)))
    assert seen == [True, False, True, False, False]
    assert [entry.detail for entry in AuditEntry.objects.filter(kind="role").order_by("pk")] == [
        "+publisher", "-publisher", "+publisher", "trainer → agent", "-publisher", "agent → trainer",
    ]  # fmt: skip


def test_nobody_gives_it_to_themselves(superuser: User) -> None:
    """Four eyes would be two."""
    people.set_role(superuser, "trainer")
    data = {**GOOD, "username": "root", "staff_number": "", "role": "trainer", "publishes": "on"}
    signed_in(superuser).post(personal(superuser), data)
    assert people.may_publish(User.objects.get(pk=superuser.pk)) is False


def test_a_trainer_sees_it_and_the_team(trainer: User, xiaoli: User) -> None:
    made("shop", xiaoli)
    text = signed_in(trainer).get(personal(xiaoli)).content.decode()
    assert ('name="team"' in text, ">shop<" in text, 'name="publishes"' in text) == (False, True, False)


# Leaving


def test_the_button_closes_and_opens(manager: User, xiaoli: User) -> None:
    """Looking closes nothing."""
    client, states = signed_in(manager), []
    for data in (None, {"active": "no"}, {"active": "no"}, {"active": "yes"}):
        answer = client.get(close_page(xiaoli)) if data is None else client.post(close_page(xiaoli), data)
        found = User.objects.get(pk=xiaoli.pk)
        states.append((answer.status_code, found.is_active, found.left_on is None))
    assert states == [(200, True, True), (302, False, False), (302, False, False), (302, True, True)]
    assert list(AuditEntry.objects.filter(kind="person").values_list("action", flat=True)) == ["changed", "closed"]


def test_unticking_the_box_is_leaving(manager: User, xiaoli: User) -> None:
    """One way of leaving, however it is said."""
    client = signed_in(xiaoli)
    signed_in(manager).post(personal(xiaoli), {**GOOD, "role": "trainee"})
    found = User.objects.get(pk=xiaoli.pk)
    assert (found.is_active, found.left_on, found.has_usable_password()) == (False, timezone.localdate(), False)
    assert client.get("/").status_code == 302
    save(signed_in(manager), xiaoli)
    found = User.objects.get(pk=xiaoli.pk)
    assert (found.is_active, found.left_on) == (True, None)


def test_who_may_not(manager: User, trainer: User, superuser: User, xiaoli: User) -> None:
    """Not oneself, nobody above, no trainer."""
    found = [
        signed_in(who).post(close_page(whom), {"active": "no"}).status_code
        for who, whom in ((manager, manager), (manager, superuser), (trainer, xiaoli), (superuser, manager))
    ]
    assert found == [403, 403, 403, 302]


def test_an_erased_account_is_not_let_back_in(manager: User, xiaoli: User) -> None:
    people.close(xiaoli, now=timezone.now())
    User.objects.filter(pk=xiaoli.pk).update(erased_at=timezone.now())
    client = signed_in(manager)
    answers = [client.post(close_page(xiaoli), {"active": "yes"}).status_code, save(client, xiaoli).status_code]
    assert (answers, User.objects.get(pk=xiaoli.pk).is_active) == ([403, 302], False)


def test_the_registry_of_teams_is_ours() -> None:
    assert type(admin.site._registry[Team]).__name__ == "TeamAdmin"
