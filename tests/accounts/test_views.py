"""Signing in, slips, passwords and settings, through the pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignInSlip, User
from accounts.services import slips
from tests.accounts.conftest import signed_in, try_password, try_slip
from tests.factories import person

pytestmark = pytest.mark.django_db
NEW = "a-new-long-password"


def choose(client: Client, password: str = NEW, **fields: str) -> Any:
    return client.post(reverse("password_change"), {"new_password1": password, "new_password2": password, **fields})


def is_in(client: Client) -> bool:
    return client.get(reverse("me_settings")).status_code == 200


# Who may see what


@pytest.mark.parametrize("role", ["", "trainee", "agent", "trainer", "manager"])
def test_every_address_by_role(role: str) -> None:
    """The table role by address: a page that loses its gate, or its exception from the gate, shows here."""
    client = signed_in(person(role)) if role else Client()
    answers = {
        name: client.get(reverse(name)).status_code
        for name in (
            "login",
            "slip",
            "password_reset",
            "password_reset_done",
            "password_reset_complete",
            "password_change",
            "password_change_done",
            "me_settings",
            "logout",
            "me_theme",
        )
    }
    inside = bool(role)
    assert answers == {
        "login": 302 if inside else 200,
        "slip": 302 if inside else 200,
        "password_reset": 200,
        "password_reset_done": 200,
        "password_reset_complete": 200,
        "password_change": 200 if inside else 302,
        "password_change_done": 200 if inside else 302,
        "me_settings": 200 if inside else 302,
        "logout": 405 if inside else 302,
        "me_theme": 405 if inside else 302,
    }


# Signing in and out


@pytest.mark.parametrize("name", ["xiaoli", "A100", "a100", "ａ１００"])
def test_username_and_staff_number_both_sign_in(xiaoli: User, name: str) -> None:
    client = Client()
    assert try_password(client, name).url == "/"
    assert is_in(client)


def test_sign_in_leads_on_to_where_one_wanted_to_go_but_never_off_the_site(xiaoli: User) -> None:
    """An open redirect would let a mail lead through our page to another's."""
    for target, arrival in (("/phrases/", "/phrases/"), ("https://example.com/", "/")):
        data = {"username": "xiaoli", "password": "secret-words", "next": target}
        assert Client().post(reverse("login"), data).url == arrival


def test_every_failure_reads_the_same(xiaoli: User) -> None:
    """Otherwise the page tells who works here, or who has left."""
    person("agent", username="gone", is_active=False)
    no_password = person("agent", username="fresh")
    no_password.set_unusable_password()
    no_password.save()
    pages = {
        name: try_password(Client(), name, "wrong").context["form"].errors.get_json_data()
        for name in ("xiaoli", "gone", "fresh", "nobody")
    }
    assert try_password(Client(), "gone").status_code == 200
    assert [error["code"] for error in pages["nobody"]["__all__"]] == ["invalid_login"]
    assert pages == dict.fromkeys(pages, pages["nobody"])


def test_a_refused_form_says_so_and_takes_the_focus_to_the_field(xiaoli: User) -> None:
    """Someone who cannot see the page would not know that anything went wrong, nor where to type."""
    wrong = try_password(Client(), "xiaoli", "wrong").content.decode()
    empty = Client().post(reverse("login"), {"username": "", "password": ""}).content.decode()
    fresh = Client().get(reverse("login")).content.decode()
    focus = [re.findall(r'<input[^>]*name="(\w+)"[^>]*autofocus', page) for page in (fresh, wrong, empty)]
    assert focus == [[], ["password"], ["username"]]
    assert [page.count('role="alert"') for page in (fresh, wrong, empty)] == [0, 1, 1]
    assert re.findall(r'aria-describedby="(\w+)"', empty) == re.findall(r'id="(\w+_error)"', empty)


@pytest.mark.parametrize("name", ["login", "slip", "password_reset"])
def test_browsers_and_password_managers_know_the_fields(name: str) -> None:
    page = Client().get(reverse(name)).content.decode()
    assert (
        re.findall(r'autocomplete="([\w-]+)"', page)
        == {
            "login": ["username", "current-password"],
            "slip": ["username", "one-time-code"],
            "password_reset": ["email"],
        }[name]
    )


@pytest.mark.parametrize("name", ["login", "slip"])
@pytest.mark.parametrize("typed", ["x\0y", "很" * 151, "\ud800".encode("utf-8", "surrogatepass"), "' OR 1=1 --"])
def test_nonsense_is_refused_quietly(name: str, typed: Any) -> None:
    """PostgreSQL raises on NUL and on over-long values: a 500 for a typing mistake."""
    fields = {"username": typed, "password": "x", "code": "x"}
    assert Client().post(reverse(name), fields).status_code == 200


def test_signing_out_ends_the_session_itself(xiaoli: User) -> None:
    """Only a cookie thrown away would leave a copied session alive on every worker."""
    client, copy = signed_in(xiaoli), Client()
    copy.cookies[site.SESSION_COOKIE_NAME] = client.session.session_key
    assert is_in(copy)
    assert client.post(reverse("logout")).url == reverse("login")
    assert [is_in(client), is_in(copy), Session.objects.count()] == [False, False, 0]


def test_deactivation_ends_the_session_at_once(xiaoli: User) -> None:
    client = signed_in(xiaoli)
    User.objects.update(is_active=False)
    assert not is_in(client)


# The throttle


def test_five_failures_lock_the_name_however_it_is_written(xiaoli: User) -> None:
    """The alias must not bring five more attempts, nor the slip page, nor a changed browser name."""
    client = Client()
    names = ["xiaoli", "A100", "a100", "ａ１００"]
    assert [try_password(client, name, "wrong").status_code for name in names] == [200] * 4
    client.defaults["HTTP_USER_AGENT"] = "another"
    assert try_password(client, "xiaoli", "wrong").status_code == 429
    assert [try_password(client, name).status_code for name in names] == [429] * 4
    assert not is_in(client)


def test_the_lock_holds_for_one_name_from_one_address(xiaoli: User, agent: User) -> None:
    """A whole shop sits behind one address: one forgetful colleague must not lock the others out."""
    client, home = Client(), Client(REMOTE_ADDR="10.0.0.9")
    for _ in range(5):
        try_password(client, "xiaoli", "wrong")
    assert try_password(client, agent.username).status_code == 302
    assert try_password(home, "xiaoli").status_code == 302


def test_the_lock_ends_after_15_minutes(xiaoli: User, time_machine: Any) -> None:
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    for _ in range(5):
        try_password(Client(), "xiaoli", "wrong")
    time_machine.move_to(start + timedelta(minutes=14), tick=False)
    assert Client().get(reverse("login")).status_code == 200
    time_machine.move_to(start + timedelta(minutes=15, seconds=1), tick=False)
    assert try_password(Client(), "xiaoli").status_code == 302


def test_an_unknown_name_is_locked_like_a_known_one() -> None:
    """Otherwise the lock tells who works here."""
    answers = [try_password(Client(), "nobody", "wrong").status_code for _ in range(6)]
    assert answers == [200, 200, 200, 200, 429, 429]
    answers = [try_slip(Client(), "nobody else", "wrong").status_code for _ in range(6)]
    assert answers == [200, 200, 200, 200, 429, 429]


def test_signing_in_forgets_the_failures(xiaoli: User) -> None:
    client = Client()
    for _ in range(4):
        try_password(client, "A100", "wrong")
    assert try_password(client, "A100").status_code == 302
    assert AccessAttempt.objects.count() == 0


def test_the_throttle_keeps_neither_passwords_nor_codes(xiaoli: User) -> None:
    """Its table is read in the admin; a wrong code is a right one with one letter off."""
    try_password(Client(), "xiaoli", "MyOtherPassword")
    try_slip(Client(), "xiaoli", "ACDEFGHJKM")
    kept = str(list(AccessAttempt.objects.values()))
    assert [word in kept for word in ("MyOtherPassword", "ACDEFGHJKM")] == [False, False]


# Slips


@pytest.fixture
def code(xiaoli: User, trainer: User) -> str:
    return slips.issue([xiaoli], trainer)[0].code


def test_a_slip_leads_to_a_password_of_ones_own(xiaoli: User, code: str) -> None:
    """The whole way of somebody on the first day."""
    client = Client()
    assert try_slip(client, "a100", code.lower()).url == reverse("password_change")
    assert client.get("/me/settings/").url == reverse("password_change")
    form = client.get(reverse("password_change"))
    assert (form.context["layout"], list(form.context["form"].fields)) == (
        "plain.html",
        ["new_password1", "new_password2"],
    )
    assert choose(client).url == reverse("password_change_done")
    assert is_in(client)
    assert try_password(Client(), "xiaoli", NEW).status_code == 302


def test_every_refused_slip_reads_the_same(xiaoli: User, code: str) -> None:
    person("agent", username="gone", is_active=False)
    slips.redeem("xiaoli", code)
    tries = [("xiaoli", code), ("xiaoli", "wrong"), ("nobody", code), ("gone", code)]
    answers = {str(try_slip(Client(), *attempt).context["form"].errors) for attempt in tries}
    assert len(answers) == 1


def test_codes_are_not_to_be_guessed_by_the_thousand(xiaoli: User, code: str) -> None:
    """Failures of both doors are counted together, and the right code is no way round the lock."""
    client = Client()
    answers = [try_slip(client, name, "wrong").status_code for name in ("xiaoli", "A100", "a100")]
    answers.append(try_password(client, "xiaoli", "wrong").status_code)
    answers += [try_slip(client, "xiaoli", "wrong").status_code, try_slip(client, "xiaoli", code).status_code]
    assert answers == [200, 200, 200, 200, 429, 429]
    assert SignInSlip.objects.live().count() == 1


def test_a_new_slip_ends_the_lock(xiaoli: User, trainer: User) -> None:
    """Somebody who forgot a password five times is standing beside the trainer now."""
    for _ in range(5):
        try_password(Client(), "xiaoli", "wrong")
    issued = slips.issue([xiaoli], trainer)[0]
    assert try_slip(Client(), "xiaoli", issued.code).status_code == 302


def test_an_old_session_elsewhere_may_not_choose_the_password(xiaoli: User, code: str) -> None:
    """Somebody left a shared computer signed in; whoever sits there now must not take the account over."""
    left_open, here = signed_in(xiaoli), Client()
    try_slip(here, "xiaoli", code)
    assert "old_password" in left_open.get(reverse("password_change")).context["form"].fields
    assert choose(left_open).status_code == 200
    choose(here)
    assert [is_in(left_open), is_in(here)] == [False, True]


def test_a_signed_in_person_is_led_on_from_the_slip_page(agent: User, xiaoli: User, code: str) -> None:
    """Otherwise two people would share a browser without noticing."""
    client = signed_in(agent)
    assert try_slip(client, "xiaoli", code).url == "/"
    assert SignInSlip.objects.live().count() == 1


# Passwords


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(xiaoli: User) -> None:
    here, elsewhere = signed_in(xiaoli), signed_in(xiaoli)
    assert choose(here, old_password="secret-words").url == reverse("password_change_done")
    assert [is_in(here), is_in(elsewhere)] == [True, False]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"old_password": "no"}, ["old_password"]),
        ({"old_password": "secret-words", "new_password2": "different-words"}, ["new_password2"]),
        ({"old_password": "secret-words", "new_password1": "12345", "new_password2": "12345"}, ["new_password2"]),
        (
            {"old_password": "secret-words", "new_password1": "secret-words", "new_password2": "secret-words"},
            ["new_password1"],
        ),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(xiaoli: User, fields: dict[str, str], wrong: list[str]) -> None:
    response = choose(signed_in(xiaoli), **fields)
    assert list(response.context["form"].errors) == wrong
    assert User.objects.get(pk=xiaoli.pk).check_password("secret-words")


def test_a_temporary_password_cannot_be_chosen_again(xiaoli: User) -> None:
    """The trainer knows it; the forced change would change nothing."""
    xiaoli.must_change_password = True
    xiaoli.save()
    client = signed_in(xiaoli)
    same = choose(client, "secret-words", old_password="secret-words")
    assert list(same.context["form"].errors) == ["new_password1"]
    assert choose(client, old_password="secret-words").status_code == 302
    assert User.objects.get(pk=xiaoli.pk).must_change_password is False


def ask_reset(address: str) -> Any:
    return Client().post(reverse("password_reset"), {"email": address})


def test_a_reset_link_leads_to_a_new_password_once(xiaoli: User, settings: Any) -> None:
    User.objects.update(email="li@example.com", must_change_password=True)
    ask_reset("LI@example.com")
    (letter,) = mail.outbox
    (link,) = re.findall(r"http\S+", letter.body)
    assert (letter.to, link.startswith(settings.SITE_URL + "/accounts/reset/")) == (["li@example.com"], True)
    path = link.removeprefix(settings.SITE_URL)
    client = Client()
    form = client.get(path, follow=True)
    assert path not in form.redirect_chain[-1][0]
    done = client.post(form.redirect_chain[-1][0], {"new_password1": NEW, "new_password2": NEW})
    assert done.url == reverse("password_reset_complete")
    entered = Client()
    assert try_password(entered, "xiaoli", NEW).url == "/"
    assert is_in(entered)
    assert Client().get(path).context["validlink"] is False


def test_the_answer_does_not_say_who_has_an_account(xiaoli: User) -> None:
    """The first is known, the second unknown, the third has left; letters go to the first alone."""
    User.objects.update(email="li@example.com")
    person("agent", email="gone@example.com", is_active=False)
    answers = {ask_reset(f"{name}@example.com").url for name in ("li", "nobody", "gone")}
    assert answers == {reverse("password_reset_done")}
    assert [letter.to for letter in mail.outbox] == [["li@example.com"]]


def test_somebody_imported_with_an_address_may_choose_the_first_password_by_mail(xiaoli: User) -> None:
    """They have no password yet; Django alone would send them nothing, without a word."""
    xiaoli.email = "li@example.com"
    xiaoli.set_unusable_password()
    xiaoli.save()
    ask_reset("li@example.com")
    assert len(mail.outbox) == 1


def test_letters_are_in_the_language_of_their_reader(xiaoli: User) -> None:
    User.objects.update(email="li@example.com", locale="en")
    ask_reset("li@example.com")
    assert mail.outbox[0].subject == "Your new password for the Service Academy"


def test_a_forged_host_does_not_reach_the_letter(xiaoli: User, settings: Any) -> None:
    """The link would lead to the forger with the token in it."""
    settings.ALLOWED_HOSTS = ["*"]
    User.objects.update(email="li@example.com")
    Client(HTTP_HOST="evil.example").post(reverse("password_reset"), {"email": "li@example.com"})
    assert "evil" not in mail.outbox[0].body


def test_a_reset_ends_the_lock(xiaoli: User, settings: Any) -> None:
    User.objects.update(email="li@example.com")
    for _ in range(5):
        try_password(Client(), "xiaoli", "wrong")
    ask_reset("li@example.com")
    client, path = Client(), re.findall(r"http\S+", mail.outbox[0].body)[0].removeprefix(settings.SITE_URL)
    form = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(form, {"new_password1": NEW, "new_password2": NEW})
    assert try_password(Client(), "xiaoli", NEW).status_code == 302


@pytest.mark.parametrize("path", ["/accounts/reset/x/y/", "/accounts/reset/MQ/set-password/", "/accounts/reset/_/_/"])
def test_a_broken_link_says_so(xiaoli: User, path: str) -> None:
    response = Client().get(path)
    assert (response.status_code, response.context["validlink"]) == (200, False)


# Settings


GOOD = {"display_name": "李丽", "email": "li@example.com", "locale": "en", "theme": "dark"}


def test_settings_are_saved_and_spoken_in_the_new_language(xiaoli: User, settings: Any) -> None:
    client = signed_in(xiaoli)
    response = client.post(reverse("me_settings"), GOOD, follow=True)
    assert response.redirect_chain == [(reverse("me_settings"), 302)]
    assert User.objects.filter(pk=xiaoli.pk).values(*GOOD).get() == GOOD
    assert [str(message) for message in response.context["messages"]] == ["Saved."]
    assert response.headers["Content-Language"] == "en"
    assert {*client.cookies} - {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"} == {
        settings.LANGUAGE_COOKIE_NAME
    }
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


@pytest.mark.parametrize(
    "wrong", [{"display_name": ""}, {"display_name": "很" * 41}, {"email": "no"}, {"locale": "fr"}, {"theme": "pink"}]
)
def test_wrong_settings_change_nothing_not_even_in_the_header(xiaoli: User, wrong: dict[str, str]) -> None:
    response = signed_in(xiaoli).post(reverse("me_settings"), {**GOOD, **wrong})
    assert list(response.context["form"].errors) == list(wrong)
    assert str(response.context["user"]) == "小李"
    assert User.objects.get(pk=xiaoli.pk).display_name == "小李"


@pytest.mark.parametrize(("ticked", "wants"), [({"wants_mail": "on"}, True), ({}, False)])
def test_mails_nobody_asked_for_can_be_switched_off(xiaoli: User, ticked: dict[str, str], wants: bool) -> None:
    """The page every such mail links to."""
    signed_in(xiaoli).post(reverse("me_settings"), GOOD | ticked)
    assert User.objects.get(pk=xiaoli.pk).wants_mail is wants


def test_nobody_gives_themselves_rights(xiaoli: User) -> None:
    more = {
        "is_superuser": "on",
        "is_staff": "on",
        "staff_number": "B1",
        "username": "root",
        "must_change_password": "on",
    }
    signed_in(xiaoli).post(reverse("me_settings"), {**GOOD, **more})
    kept = User.objects.filter(pk=xiaoli.pk).values_list("is_superuser", "is_staff", "staff_number", "username")
    assert kept.get() == (False, False, "A100", "xiaoli")


@pytest.mark.parametrize(
    ("headers", "status", "target"),
    [
        ({"accept": "*/*"}, 204, None),
        (
            {"accept": "text/html,*/*", "referer": "http://testserver/phrases/?q=1"},
            302,
            "http://testserver/phrases/?q=1",
        ),
        ({"accept": "text/html", "referer": "https://example.com/"}, 302, "/me/settings/"),
        ({"accept": "text/html"}, 302, "/me/settings/"),
    ],
)
def test_the_theme_switch_answers_scripts_and_forms(
    xiaoli: User, headers: dict[str, str], status: int, target: str | None
) -> None:
    response = signed_in(xiaoli).post(reverse("me_theme"), {"theme": "dark"}, headers=headers)
    assert (response.status_code, response.headers.get("Location")) == (status, target)
    assert User.objects.get(pk=xiaoli.pk).theme == "dark"


@pytest.mark.parametrize("theme", ["", "pink", "x\0"])
def test_an_unknown_theme_is_refused(xiaoli: User, theme: str) -> None:
    assert signed_in(xiaoli).post(reverse("me_theme"), {"theme": theme}).status_code == 400
    assert User.objects.get(pk=xiaoli.pk).theme == "system"
