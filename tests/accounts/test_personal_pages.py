"""The two pages beside a person's form, and the link everybody has to their own data."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest

from accounts.models import AuditEntry, User
from tests import factories
from tests.accounts.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: None) -> Any:
    return factories.person("manager", locale="en")


@pytest.fixture
def person(boss: Any) -> Any:
    somebody = factories.person("agent", display_name="张小红")
    factories.team("shop", somebody, leaders=[boss])
    return somebody


def address(of: Any, page: str) -> str:
    return f"/admin/accounts/user/{of.pk}/{page}/"


def test_everybody_takes_their_own(person: Any) -> None:
    response = signed_in(person).post("/me/data/")
    with zipfile.ZipFile(BytesIO(response.content)) as files:
        (profile,) = json.loads(files.read("profile.json"))
    assert (profile["display_name"], response.headers["Content-Type"]) == ("张小红", "application/zip")
    assert 'action="/me/data/"' in signed_in(person).get("/me/").content.decode()
    assert signed_in(person).get("/me/data/").status_code == 405


def test_a_manager_hands_it_out(boss: Any, person: Any) -> None:
    client = signed_in(boss)
    assert (client.get(address(person, "data")).status_code, AuditEntry.objects.filter(action="exported").count()) == (
        200,
        0,
    )
    response = client.post(address(person, "data"))
    assert response.headers["Content-Disposition"].startswith(f'attachment; filename="personal-data-{person.pk}-')
    entry = AuditEntry.objects.filter(action="exported").get()
    assert (entry.actor, entry.person) == (boss, person)


def test_not_of_another_team(boss: Any) -> None:
    stranger = factories.person("agent")
    client = signed_in(boss)
    assert (client.get(address(stranger, "data")).status_code, client.post(address(stranger, "data")).status_code) == (
        403,
        403,
    )


@pytest.mark.parametrize(("role", "status"), [("trainer", 403), ("agent", 302), ("trainee", 302)])
@pytest.mark.parametrize("page", ["data", "erase"])
def test_others_do_neither(role: str, status: int, page: str, person: Any) -> None:
    client = signed_in(factories.person(role))
    assert [client.get(address(person, page)).status_code, client.post(address(person, page)).status_code] == [
        status
    ] * 2


def test_the_form_offers_what_one_may(boss: Any, person: Any) -> None:
    stranger = factories.person("agent")

    def offered(viewer: Any, of: Any) -> list[bool]:
        text = signed_in(viewer).get(f"/admin/accounts/user/{of.pk}/change/").content.decode()
        return [address(of, page) in text for page in ("data", "erase")]

    trainer = factories.person("trainer")
    assert [offered(boss, person), offered(boss, stranger), offered(boss, boss), offered(trainer, person)] == [
        [True, True], [False, True], [True, False], [False, False],
    ]  # fmt: skip


def test_erasing_asks_for_the_name_and_a_reason(boss: Any, person: Any) -> None:
    client = signed_in(boss)
    tries = {
        "": {},
        "no reason": {"name": "张小红", "reason": " "},
        "another name": {"name": "张小江", "reason": "asked"},
    }
    answers = {name: client.post(address(person, "erase"), data) for name, data in tries.items()}
    assert {name: (answer.status_code, list(answer.context["errors"])) for name, answer in answers.items()} == {
        "": (422, ["name"]),
        "no reason": (422, ["reason"]),
        "another name": (422, ["name"]),
    }
    assert 'value="asked"' in answers["another name"].content.decode()
    assert User.objects.get(pk=person.pk).erased_at is None


def test_erased_and_said_so(boss: Any, person: Any) -> None:
    client = signed_in(boss)
    answer = client.post(address(person, "erase"), {"name": "张小红", "reason": "asked"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        f"All personal data of #{person.pk} has been erased."
    ]
    assert "张小红" not in answer.content.decode()
    assert User.objects.get(pk=person.pk).erased_at is not None


def test_erased_for_a_reason_with_a_nul(boss: Any, person: Any) -> None:
    """PostgreSQL keeps no NUL: it is no reason to keep somebody's data."""
    data = {"name": "张小红", "reason": "as\0ked"}
    assert signed_in(boss).post(address(person, "erase"), data).status_code == 302
    assert AuditEntry.objects.get(action="erased").detail == "asked"


def test_nobody_erases_themselves_nor_a_higher_rank(boss: Any) -> None:
    root = factories.person("manager", is_superuser=True)
    client = signed_in(boss)
    for whom in (boss, root):
        answer = client.post(address(whom, "erase"), {"name": str(whom), "reason": "x"})
        assert (answer.status_code, User.objects.get(pk=whom.pk).erased_at) == (403, None)


def test_somebody_who_is_not_there(boss: Any) -> None:
    assert [signed_in(boss).get(f"/admin/accounts/user/999999/{page}/").status_code for page in ("data", "erase")] == [
        404
    ] * 2


def test_both_pages_read_in_chinese(person: Any) -> None:
    """The catalogue is merged with the rest: here only that no name of a field is missing."""
    client = signed_in(factories.person("manager", is_superuser=True))
    assert [client.get(address(person, page)).status_code for page in ("data", "erase")] == [200, 200]
