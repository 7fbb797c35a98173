"""What a staff list does to the people there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from accounts.services import staff_import
from accounts.services.staff_file import Parsed, Problem, StaffRow
from accounts.services.staff_import import Change, Known, plan
from tests.factories import person

HEAD = "staff_number,display_name,role,username,email,locale\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def known(number: str | None, username: str = "", **values: Any) -> Known:
    values = {"display_name": "小李", "email": "", "locale": "zh-hans", "roles": frozenset({"agent"})} | values
    return Known(pk=1, username=username or number or "", staff_number=number, **values)


def row(number: str = "A1", **values: Any) -> StaffRow:
    return StaffRow(**({"row": 2, "staff_number": number, "display_name": "小李", "role": "agent"} | values))


def planned(
    rows: list[StaffRow], people: list[Known]
) -> tuple[list[StaffRow], list[Change], list[StaffRow], list[Problem]]:
    outcome = plan(Parsed("UTF-8", rows), people)
    return outcome.new, outcome.changed, outcome.same, outcome.problems


# Comparing, without a database


@pytest.mark.parametrize(
    ("there", "kind"),
    [
        ([], "new"),
        ([known("A1")], "same"),
        ([known("A1", email="li@example.com", locale="en")], "same"),
        ([known("A1", display_name="老李")], "changed"),
        ([known("A1", roles=frozenset())], "changed"),
        ([known("A1", roles=frozenset({"agent", "trainer"}))], "changed"),
        ([known(None, "other")], "new"),
    ],
)
def test_a_row_is_new_changed_or_the_same(there: list[Known], kind: str) -> None:
    """An empty cell says nothing: what is there stays."""
    expected = {"new": [], "changed": [], "same": []}
    expected[kind] = [Change(there[0], row())] if kind == "changed" else [row()]
    assert planned([row()], there) == (*expected.values(), [])


@pytest.mark.parametrize(
    ("rows", "there", "problem"),
    [
        ([row()], [known(None, "A1")], Problem(2, "username", "Somebody else already signs in with “A1”.")),
        ([row()], [known(None, "a1")], Problem(2, "staff_number", "Somebody else already signs in with “A1”.")),
        ([row()], [known("B2", "a1")], Problem(2, "staff_number", "Somebody else already signs in with “A1”.")),
        ([row(username="x")], [known("B2", "x")], Problem(2, "username", "Somebody else already signs in with “x”.")),
        ([row(username="b2")], [known("B2", "x")], Problem(2, "username", "Somebody else already signs in with “b2”.")),
        (
            [row(username="li2")],
            [known("A1", "li")],
            Problem(2, "username", "A1 already signs in as li. Leave the cell empty, or change the name in the admin."),
        ),
    ],
)
def test_one_name_never_opens_two_accounts(rows: list[StaffRow], there: list[Known], problem: Problem) -> None:
    assert planned(rows, there) == ([], [], [], [problem])


def test_two_new_people_do_not_share_a_name_either() -> None:
    first, second = row("A1", username="b2"), row("B2", row=3)
    _new, _changed, _same, problems = planned([first, second], [])
    assert problems == [Problem(2, "username", "Somebody else already signs in with “b2”.")]


def test_ones_own_number_may_be_ones_username() -> None:
    assert planned([row("A1", username="a1")], []) == ([row("A1", username="a1")], [], [], [])
    assert planned([row("A1", username="a1")], [known("A1", "a1")])[2] == [row("A1", username="a1")]


# Writing


def state() -> dict[str, tuple[Any, ...]]:
    people = User.objects.prefetch_related("groups").order_by("pk")
    return {
        user.username: (
            user.staff_number,
            user.display_name,
            user.email,
            user.locale,
            user.is_staff,
            {group.name for group in user.groups.all()},
        )
        for user in people
    }


@pytest.mark.django_db
def test_the_people_after_an_import() -> None:
    """The whole contract at once: new, changed, same; passwords, other groups and what the file leaves out stay."""
    changed = person("trainer", username="wang", staff_number="B2", display_name="小王", email="w@example.com")
    changed.groups.add(Group.objects.create(name="fire wardens"))
    person("agent", username="zhao", staff_number="C3", display_name="小赵")
    person("trainee", username="sun", display_name="小孙")
    text = f"{HEAD}a1,小李,trainer,,li@example.com,en\nb2,王丽,agent,,,\nC3,小赵,客服,zhao,,\n"
    parsed, outcome = staff_import.run(text.encode())
    assert staff_import.report("staff.csv", parsed, outcome) == [
        "staff.csv is read as UTF-8.",
        "1 new, 1 changed, 1 the same, 0 wrong.",
    ]
    assert state() == {
        "wang": ("B2", "王丽", "w@example.com", "zh-hans", False, {"agent", "fire wardens"}),
        "zhao": ("C3", "小赵", "", "zh-hans", False, {"agent"}),
        "sun": (None, "小孙", "", "zh-hans", False, {"trainee"}),
        "A1": ("A1", "小李", "li@example.com", "en", True, {"trainer"}),
    }
    passwords = {user.username: user.has_usable_password() for user in User.objects.all()}
    assert passwords == {"wang": True, "zhao": True, "sun": True, "A1": False}


@pytest.mark.django_db
def test_a_second_import_changes_nothing() -> None:
    data = f"{HEAD}A1,小李,trainer,,li@example.com,en\nA2,小王,agent,,,\n".encode()
    staff_import.run(data)
    before = state()
    _parsed, outcome = staff_import.run(data)
    assert (len(outcome.new), len(outcome.changed), len(outcome.same)) == (0, 0, 2)
    assert state() == before


@pytest.mark.django_db
def test_a_superuser_stays_in_the_admin(superuser: User) -> None:
    User.objects.filter(pk=superuser.pk).update(staff_number="S1")
    staff_import.run(f"{HEAD}S1,Root,agent,,,\n".encode())
    assert User.objects.get(pk=superuser.pk).is_staff is True


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["A3,,agent", "A3,x,boss", "A3,x,agent,zhao"])
def test_one_wrong_row_stops_the_whole_file(wrong: str) -> None:
    """Half a list in the database, and nobody knows which half."""
    person("agent", username="zhao", staff_number="C3", display_name="小赵")
    before = state()
    parsed, outcome = staff_import.run(f"{HEAD}A1,新,agent\nC3,改,trainer\n{wrong}\n".encode())
    assert state() == before
    assert staff_import.report("s.csv", parsed, outcome)[-1] == "1 new, 1 changed, 0 the same, 1 wrong."


@pytest.mark.django_db
def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    person("agent", username="zhao", staff_number="C3", display_name="小赵")
    before, data = state(), f"{HEAD}A1,新,agent\nC3,改,trainer\n".encode()
    dry = staff_import.report("s.csv", *staff_import.run(data, dry_run=True))
    assert state() == before
    assert staff_import.report("s.csv", *staff_import.run(data)) == dry


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_rows() -> None:
    """A list of a thousand a query or two each holds the database for minutes. SQLite takes 999 values a statement,
    so its statements come in batches: the rows a batch are what may not change."""

    def queries(size: int, changes: str) -> int:
        data = HEAD + "".join(f"N{size}-{n},名{n}{changes},{'agent' if changes else 'trainee'}\n" for n in range(size))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            _parsed, outcome = staff_import.run(data.encode())
        assert not outcome.problems
        return len(captured)

    assert (queries(1, ""), queries(50, "")) == (queries(2, ""), queries(3, ""))
    assert (queries(1, "改"), queries(50, "改")) == (queries(2, "改"), queries(3, "改"))
    assert queries(3000, "") <= 75


def test_a_long_list_of_problems_is_cut() -> None:
    """Ten thousand lines push the first, which matters, off the screen."""
    problems = [Problem(number, "role", "x") for number in range(2, 105)]
    lines = staff_import.report("s.csv", Parsed("UTF-8"), staff_import.Plan(problems=problems))
    assert (len(lines), lines[-2:]) == (103, ["… and 3 more problems.", "0 new, 0 changed, 0 the same, 103 wrong."])
