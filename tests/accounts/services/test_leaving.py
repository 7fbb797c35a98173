"""Leaving: every door is shut at once, and what somebody did is kept. Coming back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import AuditEntry, SignInSlip, Team, User
from accounts.services import people, slips, teams
from tests import factories
from tests.accounts.conftest import signed_in, try_password, try_slip
from tests.training import making
from training.models import Attempt
from training.services import quizzes

pytestmark = pytest.mark.django_db


def close(person: User, by: Any = None) -> None:
    people.close(person, by=by, now=timezone.now())


def test_the_next_request_finds_the_door_shut(xiaoli: User) -> None:
    """Whichever worker answers: it reads the account anew each time."""
    client = signed_in(xiaoli)
    before = client.get("/").status_code
    close(User.objects.get(pk=xiaoli.pk))
    answer = client.get("/")
    assert (before, answer.status_code, answer.url) == (200, 302, "/accounts/login/?next=/")


def test_every_other_door_is_shut_too(xiaoli: User, trainer: User) -> None:
    """The password, the slip in the pocket, the link in an old mail."""
    (slip,) = slips.issue([xiaoli], trainer)
    uid, token = urlsafe_base64_encode(force_bytes(xiaoli.pk)), default_token_generator.make_token(xiaoli)
    close(xiaoli)
    client = Client()
    assert try_password(client, "xiaoli").status_code == 200
    assert try_slip(client, "xiaoli", slip.code).status_code == 200
    page = client.get(reverse("password_reset_confirm", args=[uid, token]), follow=True)
    assert page.context["validlink"] is False
    assert "_auth_user_id" not in client.session
    assert SignInSlip.objects.live().count() == 0


def test_old_sessions_and_codes_stay_dead_after_coming_back(xiaoli: User, trainer: User) -> None:
    """The telephone that was sold must not be signed in again by a rehire."""
    client = signed_in(xiaoli)
    client.get("/")
    (slip,) = slips.issue([xiaoli], trainer)
    close(xiaoli)
    people.reopen(xiaoli, now=timezone.now())
    assert client.get("/").status_code == 302
    assert (slips.redeem("xiaoli", slip.code), try_password(Client(), "xiaoli").status_code) == (None, 200)
    (new,) = slips.issue([xiaoli], trainer)
    assert slips.redeem("xiaoli", new.code) == xiaoli


def test_what_is_written_down(xiaoli: User, manager: User) -> None:
    """Once, however often it is said."""
    close(xiaoli, by=manager)
    close(xiaoli, by=manager)
    found = User.objects.get(pk=xiaoli.pk)
    assert (found.is_active, found.left_on, xiaoli.is_active) == (False, timezone.localdate(), False)
    assert list(AuditEntry.objects.values_list("action", "actor", "person")) == [("closed", manager.pk, xiaoli.pk)]


def test_an_open_attempt_is_graded_when_its_time_is_up(xiaoli: User) -> None:
    """What was answered counts, as if they had closed the lid of the computer; one without a clock is kept open."""
    course = making.course("language")
    making.pool()
    timed = making.start(making.quiz("timed", course=course, time_limit=600), xiaoli)
    untimed = making.start(making.quiz("untimed", rules=[{"course": "language", "count": 1}]), xiaoli)
    close(xiaoli)
    quizzes.finish_overdue(timezone.now())
    states = {attempt.pk: attempt.state for attempt in Attempt.objects.all()}
    assert states == {timed.pk: "finished", untimed.pk: "open"}


def test_coming_back_counts_as_joining(xiaoli: User) -> None:
    """In the team they were in, with the role they had."""
    team = Team.objects.create(code="shop", name="店")
    teams.move([xiaoli], team, date(2026, 1, 1))
    close(xiaoli)
    people.reopen(xiaoli, now=timezone.now())
    found = User.objects.get(pk=xiaoli.pk)
    assert (found.is_active, found.left_on, found.team, found.joined_team_on) == (
        True, None, team, timezone.localdate(),
    )  # fmt: skip
    assert people.role_of(found) == "trainee"


def test_an_erased_account_stays_shut(xiaoli: User) -> None:
    close(xiaoli)
    User.objects.filter(pk=xiaoli.pk).update(erased_at=timezone.now())
    with pytest.raises(ValidationError):
        people.reopen(xiaoli, now=timezone.now())
    assert User.objects.get(pk=xiaoli.pk).is_active is False


def test_a_manager_who_left_sees_nobody(manager: User) -> None:
    """Also where a page is still being made for them."""
    factories.team("shop", factories.person("agent"), leaders=[manager])
    close(manager)
    assert User.objects.results_visible_to(manager).count() == 0
