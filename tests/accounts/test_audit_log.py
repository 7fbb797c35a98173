"""The audit log in the admin, and that nothing changes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from accounts.models import AuditEntry
from accounts.services import audit, erasure
from knowledge.tables import csv
from tests import factories
from tests.accounts.conftest import signed_in

pytestmark = pytest.mark.django_db
LIST, FILE = "/admin/accounts/auditentry/", "/admin/accounts/auditentry/csv/"


@pytest.fixture
def english_manager(db: None) -> Any:
    return factories.person("manager", locale="en", display_name="Boss")


@pytest.fixture
def page(english_manager: Any) -> Any:
    return signed_in(english_manager)


def listed(response: Any) -> list[str]:
    return [entry.slug for entry in response.context["cl"].result_list]


def test_nothing_in_python_changes_an_entry(manager: Any) -> None:
    entry = audit.note(manager, "changed", slug="a")
    for change in (
        entry.save,
        entry.delete,
        lambda: AuditEntry.objects.update(slug="b"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.filter(pk=entry.pk).update(slug="b"),
    ):
        with pytest.raises(TypeError):
            change()
    assert AuditEntry.objects.get().slug == "a"


def test_nothing_in_the_database_does(manager: Any) -> None:
    """By hand, by a bug, by a migration that forgot the trigger: the database says no."""
    audit.note(manager, "changed", slug="a")
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_auditentry SET slug = 'b'")
    assert AuditEntry.objects.get().slug == "a"


@pytest.mark.parametrize("role", ["manager", "superuser"])
def test_nobody_adds_changes_or_deletes_here(role: str) -> None:
    user = factories.person("manager", is_superuser=role == "superuser")
    entry = audit.note(user, "changed", slug="a")
    client = signed_in(user)
    answers = [
        client.get(LIST).status_code,
        client.get(f"{LIST}add/").status_code,
        client.get(f"{LIST}{entry.pk}/delete/").status_code,
        client.post(f"{LIST}{entry.pk}/change/", {"slug": "b"}).status_code,
        client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code,
    ]
    client.post(LIST, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert (answers, AuditEntry.objects.get().slug) == ([200, 403, 403, 403, 403], "a")
    assert admin.site.get_model_admin(AuditEntry).get_actions(client.get(LIST).wsgi_request) == {}


@pytest.mark.parametrize(("role", "status"), [("trainer", 403), ("agent", 302), ("trainee", 302)])
def test_others_do_not_read_it(role: str, status: int) -> None:
    client = signed_in(factories.person(role))
    assert [client.get(LIST).status_code, client.post(FILE).status_code] == [status, status]


def test_people_who_are_gone_stand_by_number(page: Any, english_manager: Any) -> None:
    leaver = factories.person("agent", display_name="Lea", is_active=False)
    erased, deleted = factories.person("agent", display_name="Eve"), factories.person("agent", display_name="Del")
    for person in (leaver, erased, deleted):
        audit.note(person, "viewed", kind="results", person=person)
    audit.note(None, "published", kind="card", slug="fee")
    erasure.erase(erased, by=english_manager, reason="asked")
    number = deleted.pk
    deleted.delete()
    text = page.get(LIST).content.decode()
    words = (f"Lea #{leaver.pk}", "Eve", "Del", f"#{erased.pk}", f"#{number}", "The site itself")
    assert [word in text for word in words] == [True, False, False, True, True, True]


def test_filters_and_search(page: Any, english_manager: Any, agent: Any, trainer: Any) -> None:
    audit.note(trainer, "published", kind="card", slug="fee")
    audit.note(english_manager, "viewed", kind="results", person=agent, slug="seen")
    AuditEntry.objects.create(action="changed", kind="team", slug="old", at=timezone.now() - timedelta(days=20))
    week = timezone.localtime() - timedelta(days=7)
    found = {
        query: listed(page.get(f"{LIST}?{query}"))
        for query in (
            "",
            "action__exact=viewed",
            "kind=card",
            f"actor={trainer.pk}",
            "actor=none",
            f"person={agent.pk}",
            "q=fee",
            "q=Boss",
            f"at__gte={week:%Y-%m-%d}%2000:00:00%2B08:00",
        )
    }
    assert list(found.values()) == [
        ["seen", "fee", "old"], ["seen"], ["fee"], ["fee"], ["old"], ["seen"], ["fee"], ["seen"], ["seen", "fee"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("detail", "read"),
    [
        ("trainee → agent", "Trainee → Support agent"),
        ("-publisher", "-may publish directly"),
        ("retired", "Retired"),
        ("night-shift +14 ended", "night-shift +14 ended"),
        ("extension 2026-12-01", "Extension 2026-12-01"),
        ("my-agent agent2 agent_x 老agent", "my-agent agent2 agent_x 老agent"),
    ],
)
def test_codes_are_read_as_words(detail: str, read: str) -> None:
    """A manager reads no codes; an entry keeps them, whatever language its author had."""
    with override("en"):
        assert audit.in_words(detail) == read


@pytest.mark.parametrize("query", ["actor=x", "person=" + "9" * 40, "kind=%00", "actor=1%00", "p=9999", "q=%00"])
def test_addresses_that_mean_nothing_are_no_error(page: Any, query: str) -> None:
    audit.note(None, "changed", slug="a")
    assert page.get(f"{LIST}?{query}").status_code in {200, 302, 400}


def test_the_file_holds_what_is_filtered_and_is_itself_written_down(
    page: Any, english_manager: Any, trainer: Any
) -> None:
    audit.note(trainer, "published", kind="card", slug="fee", detail="=1+1")
    audit.note(trainer, "changed", kind="team", slug="shop")
    response = page.post(f"{FILE}?kind=card")
    heading, row = [record.cells for record in csv.read(response.content).records()]
    assert heading == ["at", "who", "action", "kind", "of what", "about whom", "detail"]
    assert row[1:] == [f"{trainer} #{trainer.pk}", "Published", "card", "fee", "", "=1+1"]
    assert b"'=1+1" in response.content
    last = AuditEntry.objects.first()
    assert last is not None
    assert (last.actor, last.action, last.kind, last.detail) == (english_manager, "exported", "audit", "1")
    assert page.get(FILE).status_code == 405


def test_the_list_costs_the_same_at_one_and_at_three_rows(page: Any) -> None:
    def one_more() -> None:
        audit.note(factories.person("trainer"), "published", kind="card", slug="x", person=factories.person("agent"))

    one_more()
    page.get(LIST)
    with CaptureQueriesContext(connection) as few:
        page.get(LIST)
    one_more(), one_more()
    with CaptureQueriesContext(connection) as many:
        page.get(LIST)
    assert len(many) == len(few)
