"""Everything due: the list, the spreadsheet, assigning and agreeing; and what learners are told."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Team, User
from accounts.services import people, teams
from tests import factories
from tests.training import making
from training.models import Assignment, Course, DeadlineChange, Path
from training.services import assigning

pytestmark = pytest.mark.django_db
LIST, CSV, ASSIGN = "/team/deadlines/", "/team/deadlines/csv/", "/team/deadlines/assign/"
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)
TODAY = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def noon() -> Any:
    """In Shanghai, on a Wednesday."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def path() -> Path:
    course = making.course("language")
    making.quiz("language", course=course)
    return making.path("onboarding", course)


@pytest.fixture
def other(path: Path) -> Path:
    return making.path("after-sale", Course.objects.get())


@pytest.fixture
def trainer() -> User:
    return factories.person("trainer", locale="en", display_name="王老师")


@pytest.fixture
def manager() -> User:
    return factories.person("manager", locale="en")


@pytest.fixture
def shop(manager: User) -> Team:
    return factories.team("shop", leaders=[manager])


def member(team: Team | None, name: str, joined: date = TODAY, **values: Any) -> User:
    person = factories.person("agent", display_name=name, **values)
    teams.move([person], team, joined)
    return person


def give(path: Path, *to: Any, **days: Any) -> None:
    assigning.assign(path, to, by=None, today=TODAY, **(days or {"due_days": 14}))


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def lines(client: Client, **asked: str) -> list[tuple[str, str, str]]:
    """Name, path and day of what the page lists."""
    pages = client.get(LIST, asked).context["pages"]
    return [(str(line.person), line.due.slug, line.due.due_on.isoformat()) for line in pages]


# The list


def test_the_most_pressing_first(trainer: User, shop: Team, path: Path, other: Path) -> None:
    give(path, shop)
    overdue, first = member(shop, "乙", date(2026, 1, 1)), member(shop, "甲")
    Assignment.objects.create(path=other, person=overdue, due_on=date(2026, 11, 20), assigned_on=date(2026, 11, 1))
    Assignment.objects.create(path=other, person=first, due_on=date(2026, 11, 27), assigned_on=date(2026, 11, 1))
    answer = signed_in(trainer).get(LIST)
    assert lines(signed_in(trainer)) == [
        ("乙", "after-sale", "2026-11-20"),
        ("甲", "after-sale", "2026-11-27"),
        ("乙", "onboarding", "2026-12-09"),
        ("甲", "onboarding", "2026-12-09"),
    ]
    text = text_of(answer)
    assert [words in text for words in ("5 days overdue", "2 days left", "14 days left")] == [True, True, True]


def test_filters(trainer: User, shop: Team, path: Path, other: Path) -> None:
    """Each alone, and nonsense that asks for nothing in particular."""
    night = factories.team("night")
    give(path, shop, night)
    give(other, night, due_days=3)
    member(shop, "甲", staff_number="A1")
    late = member(night, "乙")
    alone = member(None, "丙")
    give(path, alone)
    DeadlineChange.objects.create(person=late, path=path, kind="exemption", reason="考过")
    client = signed_in(trainer)
    found = {
        str(asked): sorted({f"{name} {slug}" for name, slug, _day in lines(client, **asked)})
        for asked in (
            {"team": "shop"}, {"team": "~"}, {"path": "after-sale"}, {"state": "soon"}, {"state": "exempt"},
            {"state": "done"}, {"q": "a1"}, {"q": "乙"}, {"q": "Ａ１"}, {"state": "<b>", "path": "x"},
        )
    }  # fmt: skip
    assert list(found.values()) == [
        ["甲 onboarding"], ["丙 onboarding"], ["乙 after-sale"], ["乙 after-sale"], ["乙 onboarding"],
        [], ["甲 onboarding"], ["乙 after-sale"], ["甲 onboarding"], [],
    ]  # fmt: skip
    assert len(lines(client, state="all")) == 4
    for nonsense in ("'\"<", "%_\\", "\0", "长" * 500):
        asked = dict.fromkeys(("page", "team", "path", "state", "q", "leavers"), nonsense)
        assert client.get(LIST, asked).status_code == 200


def test_leavers_are_left_out_unless_asked_for(trainer: User, shop: Team, path: Path) -> None:
    give(path, shop)
    people.close(member(shop, "甲"), now=timezone.now())
    client = signed_in(trainer)
    assert (lines(client), lines(client, leavers="1")) == ([], [("甲", "onboarding", "2026-12-09")])


def test_managers_see_their_teams(manager: User, shop: Team, path: Path) -> None:
    """Neither the people nor the assignments of others, in the list, the filter or the spreadsheet."""
    night = factories.team("night")
    give(path, shop, night)
    member(shop, "甲")
    member(night, "乙")
    client = signed_in(manager)
    answer = client.get(LIST)
    assert lines(client) == [("甲", "onboarding", "2026-12-09")]
    assert ("乙" in text_of(answer), "night" in text_of(answer)) == (False, False)
    assert lines(client, team="night") == []
    assert "乙" not in client.post(CSV, {"state": "all"}).content.decode()


def test_a_manager_without_a_team_is_told_so(manager: User) -> None:
    assert "You lead no team yet" in text_of(signed_in(manager).get(LIST))


def test_who_granted_what_and_why(trainer: User, shop: Team, path: Path) -> None:
    give(path, shop)
    person = member(shop, "甲")
    DeadlineChange.objects.create(
        person=person, path=path, kind="extension", due_on=date(2026, 12, 24), reason="病假 <b>", by=trainer, at=NOON
    )
    answer = signed_in(trainer).get(LIST)
    assert "Extension, before: 2026-12-09 病假 &lt;b&gt; (王老师, 2026-11-25)" in text_of(answer)


def test_the_list_is_constant_in_queries(trainer: User, shop: Team, path: Path) -> None:
    """At one row and at three, with agreements, of several teams and paths."""
    client, counts = signed_in(trainer), []
    for number in (1, 2):
        for at in range(number):
            person = member(factories.team(f"t{number}{at}", leaders=[trainer]), f"人{number}{at}")
            give(making.path(f"p{number}{at}", Course.objects.get()), person.team, person)
            DeadlineChange.objects.create(person=person, path=path, kind="exemption", reason="x", by=trainer)
        client.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_long_list_has_pages_that_keep_the_filter(trainer: User, shop: Team, path: Path) -> None:
    give(path, shop)
    for at in range(51):
        member(shop, f"人{at:02d}")
    text = signed_in(trainer).get(LIST, {"team": "shop"}).content.decode()
    assert 'href="?team=shop&amp;page=2"' in text


# The spreadsheet


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_spreadsheet(trainer: User, shop: Team, path: Path, other: Path) -> None:
    """Everything due and overdue; what would run as a formula is text; written down who took it."""
    give(path, shop)
    person = member(shop, "=1+1", staff_number="A1")
    Assignment.objects.create(path=other, person=person, due_on=date(2026, 11, 20), assigned_on=date(2026, 11, 1))
    DeadlineChange.objects.create(
        person=person, path=path, kind="extension", due_on=date(2026, 12, 24), reason="@病假", by=trainer, at=NOON
    )
    answer = signed_in(trainer).post(CSV)
    assert answer.content[:3] == b"\xef\xbb\xbf"
    assert table(answer)[1:] == [
        ["'=1+1", "A1", "shop", "全员入门", "2026-11-20", "Overdue", "5", "", "", "", "", ""],
        [
            "'=1+1",
            "A1",
            "shop",
            "全员入门",
            "2026-12-24",
            "Open",
            "",
            "",
            "2026-12-09",
            "'@病假",
            "王老师",
            "2026-11-25",
        ],
    ]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="deadlines-2026-11-25.csv"'
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.actor, entry.kind, entry.detail) == (trainer, "deadlines", "2")


@pytest.mark.parametrize(
    ("moment", "state", "over"),
    [
        (datetime(2026, 12, 9, 15, 59, 59, tzinfo=UTC), "Due soon", ""),
        (datetime(2026, 12, 9, 16, 0, 0, tzinfo=UTC), "Overdue", "1"),
        (datetime(2026, 12, 10, 15, 59, 59, tzinfo=UTC), "Overdue", "1"),
        (datetime(2026, 12, 10, 16, 0, 0, tzinfo=UTC), "Overdue", "2"),
    ],
)
def test_midnight(trainer: User, shop: Team, path: Path, noon: Any, moment: datetime, state: str, over: str) -> None:
    """The day turns at midnight in Shanghai, four in the afternoon of the server's clock."""
    give(path, shop)
    member(shop, "甲")
    noon.move_to(moment)
    (row,) = table(signed_in(trainer).post(CSV))[1:]
    assert (row[4], row[5], row[6]) == ("2026-12-09", state, over)


def test_the_spreadsheet_keeps_the_filter(trainer: User, shop: Team, path: Path) -> None:
    give(path, shop, factories.team("night"))
    member(shop, "甲")
    member(Team.objects.get(code="night"), "乙")
    rows = table(signed_in(trainer).post(CSV, {"team": "night"}))
    assert [row[0] for row in rows[1:]] == ["乙"]


# Assigning


def good(given: Path, *to: Any, **changes: Any) -> dict[str, Any]:
    return {
        "path": given.slug,
        "when": "relative",
        "due_days": "14",
        "due_on": "",
        "teams": [one.pk for one in to if isinstance(one, Team)],
        "people": [one.pk for one in to if isinstance(one, User)],
    } | changes


def wrong(answer: Any) -> list[str]:
    return list(answer.context["form"].errors) if answer.status_code == 422 else []


def test_a_trainer_assigns(trainer: User, shop: Team, path: Path) -> None:
    """The members have it from the next request on."""
    person = member(shop, "甲", locale="en")
    answer = signed_in(trainer).post(ASSIGN, good(path, shop), follow=True)
    assert "“全员入门” is assigned." in text_of(answer)
    assert lines(signed_in(trainer)) == [("甲", "onboarding", "2026-12-09")]
    assert "Due on 2026-12-09, 14 days left" in text_of(signed_in(person).get("/"))


def test_a_fixed_day(trainer: User, shop: Team, path: Path) -> None:
    """The number in the field beside it does not count, even a wrong one."""
    data = good(path, shop, when="fixed", due_on="2026-12-31", due_days="x")
    assert signed_in(trainer).post(ASSIGN, data).status_code == 302
    assert list(Assignment.objects.values_list("due_on", "due_days")) == [(date(2026, 12, 31), None)]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"path": ""}, ["path"]),
        ({"path": "nothing"}, ["path"]),
        ({"path": "\0"}, ["path"]),
        ({"teams": ["\0"]}, ["teams"]),
        ({"people": ["\0"]}, ["people"]),
        ({"path": "draft"}, ["path"]),
        ({"due_days": ""}, ["due_days"]),
        ({"due_days": "0"}, ["due_days"]),
        ({"due_days": "-1"}, ["due_days"]),
        ({"due_days": "731"}, ["due_days"]),
        ({"due_days": "9" * 50}, ["due_days"]),
        ({"due_days": "1e3"}, ["due_days"]),
        ({"when": "fixed"}, ["due_on"]),
        ({"when": "fixed", "due_on": "2026-02-30"}, ["due_on"]),
        ({"when": "fixed", "due_on": "2026-11-24"}, ["due_on"]),
        ({"when": "fixed", "due_on": "9999-12-31"}, ["due_on"]),
        ({"when": "fixed", "due_on": "昨天"}, ["due_on"]),
        ({"when": "never"}, ["when"]),
        ({"teams": []}, ["teams"]),
        ({"teams": ["nothing"]}, ["teams"]),
        ({"people": ["x"]}, ["people"]),
        ({"people": ["9" * 40]}, ["people"]),
        ({"people": ["999999"]}, ["people"]),
    ],
)
def test_a_form_that_cannot_be(
    trainer: User, shop: Team, path: Path, changes: dict[str, Any], errors: list[str]
) -> None:
    making.path("draft", Course.objects.get())
    Path.objects.filter(slug="draft").update(status="draft")
    answer = signed_in(trainer).post(ASSIGN, good(path, shop, **changes))
    assert (wrong(answer), Assignment.objects.count()) == (errors, 0)


def test_a_full_width_number_is_a_number(trainer: User, shop: Team, path: Path) -> None:
    """A Chinese input method types them so."""
    assert signed_in(trainer).post(ASSIGN, good(path, shop, due_days="１４")).status_code == 302


def test_what_is_there_is_said(trainer: User, shop: Team, path: Path) -> None:
    give(path, shop)
    answer = signed_in(trainer).post(ASSIGN, good(path, shop, due_days="3"), follow=True)
    assert "These had “全员入门” to do already; their day stays as it was: shop" in text_of(answer)
    assert [one.due_days for one in Assignment.objects.all()] == [14]


def test_a_manager_assigns_to_their_own_people(manager: User, shop: Team, path: Path) -> None:
    """Posted all the same, others' teams and people are no choice."""
    mine, other, night = member(shop, "甲"), member(None, "乙"), factories.team("night")
    client = signed_in(manager)
    answers = [client.post(ASSIGN, good(path, one)) for one in (other, night, mine, shop)]
    assert [wrong(answer) for answer in answers] == [["people"], ["teams"], [], []]
    text = client.get(ASSIGN).content.decode()
    assert ("甲" in text, "乙" in text, "night" in text) == (True, False, False)


def test_a_person_and_path_can_come_chosen(trainer: User, shop: Team, path: Path) -> None:
    person = member(shop, "甲")
    text = signed_in(trainer).get(ASSIGN, {"person": person.pk, "path": "onboarding"}).content.decode()
    assert re.search(rf'name="people" value="{person.pk}"[^>]* checked', text)
    assert '<option value="onboarding" selected>' in text
    assert signed_in(trainer).get(ASSIGN, {"person": "x", "path": "<"}).status_code == 200


def test_the_form_is_constant_in_queries(trainer: User, shop: Team, path: Path) -> None:
    client, counts = signed_in(trainer), []
    for number in (1, 3):
        for at in range(number):
            member(factories.team(f"t{number}{at}"), f"人{number}{at}")
        with CaptureQueriesContext(connection) as asked:
            client.get(ASSIGN)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_ending(trainer: User, manager: User, shop: Team, path: Path) -> None:
    """By whoever may see it; twice is once; what others give is not there."""
    night = factories.team("night")
    give(path, shop, night)
    own, others = Assignment.objects.get(team=shop), Assignment.objects.get(team=night)
    client = signed_in(manager)
    answers = [
        client.post(f"/team/deadlines/assignments/{one}/end/").status_code for one in (own.pk, own.pk, others.pk)
    ]
    huge = client.post(f"/team/deadlines/assignments/{10**30}/end/").status_code
    assert (answers, huge, client.get(f"/team/deadlines/assignments/{own.pk}/end/").status_code) == (
        [302, 302, 404], 404, 405,
    )  # fmt: skip
    assert list(Assignment.objects.running()) == [others]


# Agreeing


def agree(client: Client, person: User, **data: str) -> Any:
    return client.post(f"/team/deadlines/{person.pk}/onboarding/?team=shop", data)


def test_an_extension(trainer: User, shop: Team, path: Path) -> None:
    """And back to the list as it was filtered."""
    give(path, shop)
    person = member(shop, "甲")
    client = signed_in(trainer)
    answer = agree(client, person, kind="extension", due_on="2026-12-24", reason="病假")
    assert (answer.status_code, answer.url) == (302, "/team/deadlines/?team=shop")
    assert lines(client) == [("甲", "onboarding", "2026-12-24")]
    text = text_of(client.get(f"/team/deadlines/{person.pk}/onboarding/"))
    assert "Extension until 2026-12-24 病假 王老师 2026-11-25" in text


def test_an_exemption_and_back(trainer: User, shop: Team, path: Path) -> None:
    """Withdrawing is offered once there is something to withdraw."""
    give(path, shop)
    person, client = member(shop, "甲"), signed_in(trainer)
    early = agree(client, person, kind="withdrawn", reason="x")
    agree(client, person, kind="exemption", due_on="nonsense", reason="考过")
    exempt = lines(client)
    agree(client, person, kind="withdrawn", reason="弄错了")
    assert (wrong(early), exempt, lines(client)) == (["kind"], [], [("甲", "onboarding", "2026-12-09")])


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"kind": "extension", "due_on": "2026-12-24"}, ["reason"]),
        ({"kind": "extension", "due_on": "2026-12-24", "reason": "   "}, ["reason"]),
        ({"kind": "extension", "due_on": "2026-12-24", "reason": "长" * 201}, ["reason"]),
        ({"kind": "extension", "reason": "病假"}, ["due_on"]),
        ({"kind": "extension", "due_on": "2026-12-09", "reason": "病假"}, ["due_on"]),
        ({"kind": "extension", "due_on": "2026-13-01", "reason": "病假"}, ["due_on"]),
        ({"kind": "extension", "due_on": "9999-12-31", "reason": "病假"}, ["due_on"]),
        ({"kind": "holiday", "reason": "病假"}, ["kind"]),
    ],
)
def test_an_agreement_that_cannot_be(
    trainer: User, shop: Team, path: Path, data: dict[str, str], errors: list[str]
) -> None:
    """What was typed is still there."""
    give(path, shop)
    answer = agree(signed_in(trainer), member(shop, "甲"), **data)
    assert (wrong(answer), DeadlineChange.objects.count()) == (errors, 0)
    if data.get("reason") == "病假":
        assert 'value="病假"' in answer.content.decode()


def test_nobody_elses_people(manager: User, shop: Team, path: Path) -> None:
    """Not by address either, and nothing of what is not due."""
    give(path, shop, factories.team("night"))
    mine, others = member(shop, "甲"), member(Team.objects.get(code="night"), "乙")
    client = signed_in(manager)
    found = [
        client.post(address, {"kind": "exemption", "reason": "x"}).status_code
        for address in (
            f"/team/deadlines/{others.pk}/onboarding/",
            f"/team/deadlines/{mine.pk}/nothing/",
            f"/team/deadlines/{10**30}/onboarding/",
            f"/team/deadlines/{mine.pk}/onboarding/",
        )
    ]
    assert (found, DeadlineChange.objects.count()) == ([404, 404, 404, 302], 1)


# What learners are told


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 4), "Due on 2026-12-09, 5 days left"),
        (date(2026, 12, 8), "Due on 2026-12-09, 1 day left"),
        (date(2026, 12, 9), "Due today"),
        (date(2026, 12, 11), "2 days over : one step at a time, the next one comes first."),
    ],
)
def test_learners_are_told_kindly(shop: Team, path: Path, noon: Any, day: date, words: str) -> None:
    """At home, on the path, and among the courses."""
    give(path, shop)
    person = member(shop, "甲", locale="en")
    noon.move_to(NOON + (day - TODAY))
    client = signed_in(person)
    assert [words in text_of(client.get(address)) for address in ("/", "/paths/onboarding/", "/learn/")] == [True] * 3


def test_one_who_is_exempt_is_told_so(shop: Team, path: Path) -> None:
    """On the path alone: at home there is nothing to do about it."""
    give(path, shop)
    person = member(shop, "甲", locale="en")
    DeadlineChange.objects.create(person=person, path=path, kind="exemption", reason="考过")
    client = signed_in(person)
    words = "You need not finish this path."
    assert [words in text_of(client.get(address)) for address in ("/", "/paths/onboarding/")] == [False, True]


@pytest.mark.parametrize("role", ["trainee", "agent"])
def test_home_keeps_to_eight_queries(role: str, shop: Team, path: Path, other: Path) -> None:
    """With one path assigned, with three, and with agreements."""
    person = factories.person(role, locale="en")
    teams.move([person], shop, TODAY)
    client, counts = signed_in(person), []
    for given in ([path], [other, making.path("third", Course.objects.get())]):
        for one in given:
            give(one, shop)
            DeadlineChange.objects.create(
                person=person, path=one, kind="extension", due_on=date(2026, 12, 30), reason="x"
            )
        client.get("/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/")
        counts.append(len(asked))
    assert (counts[0] == counts[1], counts[0] <= 8) == (True, True), counts


def test_looking_at_the_list_is_written_down(trainer: User, shop: Team) -> None:
    """Once a day: it tells how people do."""
    client = signed_in(trainer)
    client.get(LIST)
    client.get(LIST)
    assert AuditEntry.objects.filter(action="viewed", kind="deadlines").count() == 1


def test_looking_at_what_was_agreed_is_written_down(trainer: User, shop: Team, path: Path) -> None:
    """The reasons stand there: they say something of a person's life."""
    person = member(shop, "小王")
    Assignment.objects.create(path=path, team=shop, due_days=14, assigned_on=TODAY)
    assert signed_in(trainer).get(f"/team/deadlines/{person.pk}/onboarding/").status_code == 200
    assert AuditEntry.objects.get(action="viewed").person == person
