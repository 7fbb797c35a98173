"""People over the journey through a spreadsheet, and what a file may not do to them."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone, translation

from accounts.models import AuditEntry, User
from tests import factories
from tests.knowledge.services.exchange.moving import bring, counts, export, imported, problems

pytestmark = pytest.mark.django_db
NOT_LED = "This person is in a team that you do not lead. Leave the cell empty."
ABOVE = "This account looks after the site itself; it is not changed by a file."
HEAD = "工号,姓名,用户名,角色,班组,邮箱,语言\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def manager(db: None) -> Any:
    return factories.person("manager", locale="en")


@pytest.fixture
def shop(manager: Any) -> list[Any]:
    people = [factories.person("agent", staff_number=f"00{at}", display_name=f"员工{at}") for at in range(3)]
    factories.team("early", people[0], leaders=[manager])
    factories.team("late", people[1])
    factories.person("agent", display_name="没有工号")
    return people


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_comes_back_untouched_changes_nothing(shop: list[Any], manager: Any, form: str) -> None:
    """Leading zeros and teams as they were; who has no staff number is in no list."""
    data = export("staff", form)
    job = bring("staff", data, manager, form)
    assert counts(job) == {"same": 3}
    assert export("staff", form) == data


def test_new_and_changed_people_are_written(shop: list[Any], manager: Any) -> None:
    """The team counts from today; nobody gets a password; the move is in the log."""
    rows = "000,员工零,,客服,early,,\n100,新人,,学员,late,n@example.com,en\n002,员工2,,客服,early,,\n"
    job = imported("staff", (HEAD + rows).encode(), manager)
    assert (job.state, counts(job)) == ("done", {"new": 1, "changed": 2})
    new = User.objects.get(staff_number="100")
    assert (new.username, new.team_id, new.joined_team_on, new.email) == (
        "100", "late", timezone.localdate(), "n@example.com",
    )  # fmt: skip
    assert ([group.name for group in new.groups.all()], new.has_usable_password(), new.is_staff) == (
        ["trainee"], False, False,
    )  # fmt: skip
    moved = AuditEntry.objects.get(kind="team", person__isnull=False)
    assert (moved.person_id, moved.actor, moved.detail) == (shop[2].pk, manager, "– → early")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("001,员工1,,客服,early,,", ("E2（班组）", NOT_LED)),
        ("900,新,,客服,没有,,", ("E2（班组）", "There is no team “没有”. Add it first, or leave the cell empty.")),
        ("root,站长,,主管,,,", ("A2（工号）", ABOVE)),
        ("901,新,002,客服,,,", ("C2（用户名）", "Somebody else already signs in with “002”.")),
        ("902,,,客服,,,", ("B2（姓名）", "This cell is empty.")),
    ],
)  # fmt: skip
def test_what_a_file_may_not_do(shop: list[Any], manager: Any, row: str, told: tuple[str, str]) -> None:
    factories.person("manager", staff_number="ROOT", display_name="根", is_superuser=True)
    assert problems(bring("staff", (HEAD + row).encode(), manager)) == [told]


def test_the_address_of_an_equal_stays(shop: list[Any], manager: Any) -> None:
    """A reset link goes there: it would open the account of another manager."""
    equal = factories.person("manager", staff_number="E1", display_name="主管", email="equal@example.com")
    rows = "E1,主管,,主管,,mine@example.com,\n000,员工0,,客服,,n@example.com,\n"
    job = bring("staff", (HEAD + rows).encode(), manager)
    told = "A reset link goes there: of somebody of your own rank it is not changed by a file."
    assert (counts(job), problems(job)) == ({"changed": 1, "wrong": 1}, [("F2（邮箱）", told)])
    assert User.objects.get(pk=equal.pk).email == "equal@example.com"
