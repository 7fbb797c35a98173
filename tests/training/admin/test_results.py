"""Results, enrolments and certificates: looked up, never typed; a certificate can be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.roles import AGENT, MANAGER, TRAINEE
from tests import factories
from tests.knowledge.admin.conftest import signed_in
from tests.training import making
from tests.training.admin.conftest import address, fresh, said
from training.models import Attempt, Certificate, Enrolment, Path
from training.services import certificates

READ_ONLY = ("attempt", "enrolment", "certificate")


@pytest.fixture
def wang(db: None) -> Any:
    return factories.person(TRAINEE, display_name="王小一", staff_number="A001")


@pytest.fixture
def path(db: None) -> Path:
    return making.path("onboarding")


@pytest.fixture
def certificate(wang: Any, path: Path) -> Certificate:
    return Certificate.objects.create(user=wang, path=path, name="王小一", title="全员入门", valid_until="2099-01-01")


@pytest.fixture
def attempts(wang: Any) -> list[Attempt]:
    """Passed, failed, and one still open."""
    quiz, exam = making.quiz(), making.quiz("exam", kind="exam")
    making.pool()
    return [
        making.result(wang, quiz, "9", "10"),
        making.result(factories.person(AGENT, display_name="李二"), exam, "5.99", "10", passed=False),
        making.start(quiz, wang),
    ]


def listed(client: Client, model: str, query: str = "") -> set[int]:
    return {item.pk for item in client.get(f"/admin/training/{model}/?{query}").context["cl"].result_list}


def test_list_of_attempts(as_trainer: Client, attempts: list[Attempt]) -> None:
    passed, failed, still_open = map(fresh, attempts)
    changelist = as_trainer.get("/admin/training/attempt/").context["cl"]
    admin = changelist.model_admin
    assert [admin.score(one) for one in (passed, failed, still_open)] == ["90%", "59%", "–"]
    link = f'<a href="/attempts/{passed.pk}/result/">See the result</a>'
    assert (admin.result(passed), admin.result(still_open)) == (link, "–")
    assert {item.pk for item in changelist.result_list} == {passed.pk, failed.pk, still_open.pk}


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("q=王小一", {0, 2}),
        ("q=a001", {0, 2}),
        ("q=李", {1}),
        ("passed__exact=1", {0}),
        ("passed__exact=0", {1}),
        ("state__exact=open", {2}),
    ],
)
def test_filters_of_attempts(as_trainer: Client, attempts: list[Attempt], query: str, places: set[int]) -> None:
    assert listed(as_trainer, "attempt", query) == {attempts[at].pk for at in places}


def test_filter_by_quiz(as_trainer: Client, attempts: list[Attempt]) -> None:
    assert listed(as_trainer, "attempt", f"quiz__id__exact={attempts[1].quiz_id}") == {attempts[1].pk}


def test_attempt_shows_what_was_asked(as_trainer: Client, attempts: list[Attempt]) -> None:
    """In the words of that day, whatever became of the question."""
    html = as_trainer.get(address(attempts[0])).content.decode()
    assert html.count("情境？") == 1
    assert html.count("<textarea") == 0


@pytest.mark.parametrize("model", READ_ONLY)
def test_nobody_writes(
    as_trainer: Client, trainer: Any, attempts: list[Attempt], certificate: Certificate, model: str
) -> None:
    """Not even a superuser: a score, a choice of one's own and a proof are facts."""
    Enrolment.objects.create(user=certificate.user, path=certificate.path)
    item = {"attempt": Attempt, "enrolment": Enrolment, "certificate": Certificate}[model].objects.first()
    for superuser in (False, True):
        type(trainer).objects.filter(pk=trainer.pk).update(is_superuser=superuser)
        for screen in ("change", "delete"):
            assert as_trainer.post(address(item, screen), {"post": "yes"}).status_code == 403
        assert as_trainer.post(f"/admin/training/{model}/add/", {}).status_code == 403
    assert type(item).objects.filter(pk=item.pk).exists()


@pytest.mark.parametrize("role", [TRAINEE, AGENT])
def test_others_see_nothing(attempts: list[Attempt], certificate: Certificate, role: str) -> None:
    """A trainee sees only their own, and not here."""
    client = signed_in(factories.person(role))
    for model in READ_ONLY:
        response = client.get(f"/admin/training/{model}/")
        assert response.headers["Location"].startswith("/admin/login/")


def test_enrolments(wang: Any, path: Path) -> None:
    """A manager looks up who of their team is on which way."""
    manager = factories.person(MANAGER)
    as_manager = signed_in(manager)
    Enrolment.objects.create(user=wang, path=path)
    assert listed(as_manager, "enrolment") == set()
    factories.team("shop", wang, leaders=[manager])
    assert len(listed(as_manager, "enrolment", "q=王小一")) == 1
    assert listed(as_manager, "enrolment", "q=李") == set()


# Certificates


def revoke(client: Client, *chosen: Certificate, **data: str) -> Any:
    data = {"action": "revoke", **data}
    return client.post(
        "/admin/training/certificate/", data | {"_selected_action": [one.pk for one in chosen]}, follow=True
    )


def test_search_and_public_page(as_trainer: Client, certificate: Certificate) -> None:
    for query in ("王小", "A001", certificate.code):
        assert listed(as_trainer, "certificate", f"q={query}") == {certificate.pk}
    html = as_trainer.get("/admin/training/certificate/").content.decode()
    assert html.count(f'<a href="/certificates/{certificate.code}/">See what anybody sees</a>') == 1


def test_filter_by_what_it_is_worth(as_trainer: Client, wang: Any) -> None:
    """Every certificate under one of the three, the one its page shows."""
    today = timezone.localdate()
    cases = {"2099-01-01": None, "2000-01-01": None, "2098-01-01": timezone.now(), "2001-01-01": timezone.now()}
    for at, (until, revoked) in enumerate(cases.items()):
        path = making.path(f"p{at}")
        Certificate.objects.create(user=wang, path=path, name="x", title="y", valid_until=until, revoked_at=revoked)
    by_rule: dict[str, set[int]] = {}
    for one in Certificate.objects.all():
        by_rule.setdefault(str(certificates.state(one, today)), set()).add(one.pk)
    assert {worth: listed(as_trainer, "certificate", f"worth={worth}") for worth in by_rule} == by_rule
    assert set(by_rule) == {"valid", "expired", "revoked"}


def test_revoking_asks_first(as_trainer: Client, certificate: Certificate) -> None:
    """There is no way back: the names stand on the question."""
    html = revoke(as_trainer, certificate).content.decode()
    assert html.count(f"王小一 · 全员入门 · {certificate.code}") == 1
    assert fresh(certificate).revoked_at is None


def test_revoke(as_trainer: Client, trainer: Any, certificate: Certificate) -> None:
    """Logged with who did it; a second time changes nothing."""
    assert said(revoke(as_trainer, certificate, confirmed="yes")) == ["1 certificate revoked."]
    stamp = fresh(certificate).revoked_at
    assert stamp is not None
    entry = LogEntry.objects.get(object_id=str(certificate.pk))
    assert (entry.user, entry.change_message) == (trainer, "Revoked.")
    assert said(revoke(as_trainer, certificate, confirmed="yes")) == ["All of these had been revoked before."]
    assert fresh(certificate).revoked_at == stamp


def test_a_manager_cannot_revoke(as_manager: Client, certificate: Certificate) -> None:
    revoke(as_manager, certificate, confirmed="yes")
    assert fresh(certificate).revoked_at is None
