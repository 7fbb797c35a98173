"""The readiness board as a page and as a file."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.tables import csv
from tests import factories
from tests.training.making import course, path, quiz, result
from training.models import Assignment, Path, Quiz
from training.views.team import PAGE_LENGTH

pytestmark = pytest.mark.django_db


@pytest.fixture
def way() -> Path:
    language = course("language", title="语言课")
    quiz("language", course=language)
    return path("way", language, exam=quiz("exam", kind="exam"))


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client_() -> Client:
    return signed_in(factories.person("trainer", locale="en"))


def person(name: str, **values: Any) -> Any:
    return factories.person("trainee", display_name=name, **values)


def score(user: Any, points: str, days: int = 0, slug: str = "language") -> None:
    at = timezone.now() - timedelta(days)
    result(user, Quiz.objects.get(slug=slug), points, "10", at, passed=float(points) >= 8)


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def body(client: Client, query: str = "") -> str:
    return client.get(f"/team/{query}").content.decode()


def row(html: str, name: str) -> str:
    found = re.search(
        rf"<tr>\s*<th scope=\"row\" class=\"who\"><a [^>]+>{re.escape(name)}</a>.*?</tr>", html, re.DOTALL
    )
    assert found
    return found[0]


def listed(html: str) -> list[str]:
    return re.findall(r'class="who"><a href="/team/people/\d+/">([^<]+)</a>', html)


def cells(html: str) -> list[str]:
    return re.findall(r'<td class="heat ?(\w*)">', html)


def test_a_line_says_it_in_words(client_: Client, way: Path) -> None:
    """Name, team, each number with whose and which, what is missing, how far, and what is due."""
    wang = person("王小一")
    factories.team("shop", wang)
    score(wang, "9")
    today = timezone.localdate()
    Assignment.objects.create(person=wang, path=way, due_on=today - timedelta(2), assigned_on=today - timedelta(9))
    assert text(row(body(client_), "王小一")) == (
        "王小一 shop 王小一 Language 90% "
        + "– no evidence yet " * 8
        + "Still missing: the final exam 全员入门 1 of 2 steps 2 days overdue 全员入门"
    )


def test_ready_is_said(client_: Client, way: Path) -> None:
    """With a sign beside the word, and counted above and below the table."""
    wang = person("王小一")
    person("李二")
    score(wang, "9")
    score(wang, "9", slug="exam")
    page = body(client_)
    assert "✓ Ready" in text(row(page, "王小一"))
    assert "2 people: 1 ready, 0 with something overdue." in text(page)
    assert "At the pass line 1 /2 0 /2" in text(page)
    assert "1 of 2 ready" in text(page)


@pytest.mark.parametrize(
    ("points", "band"),
    [("9", "high"), ("8.9", "at"), ("8", "at"), ("7.9", "near"), ("5.9", "low"), ("0", "low")],
)
def test_shades(client_: Client, way: Path, points: str, band: str) -> None:
    """By class, the number beside it; the pass line itself is passed."""
    score(person("王"), points)
    assert cells(body(client_)) == [band, *[""] * 8]


def test_a_number_leads_to_its_evidence(client_: Client, way: Path) -> None:
    """To the person's page, with that competency open, with or without script."""
    wang = person("王")
    score(wang, "9")
    (address,) = re.findall(r'<td class="heat high"><a href="([^"]+)"', body(client_))
    assert address == f"/team/people/{wang.pk}/?cell=language#language"
    page = client_.get(address.partition("#")[0]).content.decode()
    assert page.count('<details class="cell" id="language" open>') == 1
    assert client_.get(f"/team/people/{wang.pk}/?cell=%22%3E%3Cscript%3E").content.decode().count(" open>") == 0


def test_what_has_faded_says_so(client_: Client, way: Path) -> None:
    """Below the line today; what it was stands in the title."""
    score(person("王"), "9", days=60)
    assert re.findall(r'title="([^"]+)"><span', body(client_)) == ["90% before fading"]


# Choosing


def test_choosing_and_sorting(client_: Client, way: Path) -> None:
    """By the form or the headings; what was chosen stays in the links and in the form."""
    factories.team("early", person("王小一"), person("王大二"))
    person("李三")
    assert listed(body(client_)) == ["李三", "王大二", "王小一"]
    page = body(client_, "?team=early&q=王&sort=weakest")
    assert listed(page) == ["王大二", "王小一"]
    assert '<option value="early" selected>' in page
    assert '<option value="weakest" selected>' in page
    assert 'value="王"' in page
    assert 'href="?team=early&amp;q=%E7%8E%8B&amp;sort=language"' in page
    assert listed(body(client_, "?team=~")) == ["李三"]


@pytest.mark.parametrize(
    "query",
    [
        "?sort=x&team=x&path=x&page=x",
        "?page=-1",
        "?page=99999999999999999999",
        "?q=%00%ED%A0%80",
        "?q=" + "王" * 500,
        "?team=" + "x" * 500,
        "?path=%27%22%3E%3Cscript%3Ealert(1)%3C/script%3E&q=%3Cscript%3Ealert(1)%3C/script%3E",
        "?leavers=on&sort=&team=&path=",
        "?team[]=1&q[]=2",
    ],
)
def test_bad_input_is_expected(client_: Client, way: Path, query: str) -> None:
    """A sentence or the whole board, never an error, never somebody else's script."""
    person("王")
    answer = client_.get(f"/team/{query}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_pages_of_fifty(client_: Client, way: Path) -> None:
    """The counts are of all; the next page keeps what was chosen."""
    for at in range(PAGE_LENGTH + 1):
        person(f"人{at:02d}")
    page = body(client_, "?sort=weakest")
    assert len(listed(page)) == PAGE_LENGTH
    assert "51 people" in text(page)
    assert 'rel="next" href="?sort=weakest&amp;page=2"' in page
    assert len(listed(body(client_, "?sort=weakest&page=2"))) == 1


def test_nobody(client_: Client, way: Path) -> None:
    """An empty site says so; a choice nobody fits leads back to everybody."""
    assert "Nobody here yet" in text(body(client_))
    page = body(client_, "?q=zzz")
    assert "Nobody fits this choice" in text(page)
    assert 'class="btn" href="/team/"' in page


# Managers


def test_a_manager_without_a_team_is_told_how(way: Path) -> None:
    """Kindly, with what will stand here and who does it; no empty table."""
    person("王")
    page = body(signed_in(factories.person("manager", locale="en")))
    assert "No team of yours yet" in text(page)
    assert "A trainer makes you a leader under “Teams” in the admin." in text(page)
    assert "<table" not in page


def test_a_manager_chooses_among_their_own_teams(way: Path) -> None:
    """One team needs no choice; of two, both stand there and no other."""
    manager = factories.person("manager", locale="en")
    factories.team("early", person("王"), leaders=[manager])
    factories.team("late", person("李"))
    client = signed_in(manager)
    assert '<select name="team">' not in body(client)
    factories.team("night", leaders=[manager])
    assert re.findall(r'<option value="(early|late|night|~)"', body(client)) == ["early", "night"]


@pytest.mark.parametrize("role", ["trainee", "agent"])
def test_others_find_nothing_here(role: str, way: Path) -> None:
    client = signed_in(factories.person(role))
    assert [client.get("/team/").status_code, client.post("/team/board.csv").status_code] == [404, 404]


# The file


def table(answer: Any) -> list[list[str]]:
    return [record.cells for record in csv.read(answer.content).records()]


def test_the_file(client_: Client, way: Path) -> None:
    """All pages of what was chosen, numbers as numbers, dates as dates."""
    wang = person("王小一", staff_number="A001")
    factories.team("shop", wang)
    person("李二")
    score(wang, "9")
    Assignment.objects.create(person=wang, path=way, due_on="2099-01-02")
    answer = client_.post("/team/board.csv", {"sort": "language"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    head, first, second = table(answer)
    assert head[:8] == ["Name", "Staff number", "Team", "Path", "Ready", "Steps done", "Steps", "Language"]
    assert first == ["王小一", "A001", "shop", "全员入门", "no", "1", "2", "90", *[""] * 8, "全员入门", "2099-01-02"]
    assert second == ["李二", "", "", "全员入门", "no", "0", "2", *[""] * 9, "", ""]


def test_the_file_runs_no_formulas(client_: Client, way: Path) -> None:
    """A name from an import is a name, whatever it begins with."""
    person("=HYPERLINK(1)")
    answer = client_.post("/team/board.csv")
    assert b"'=HYPERLINK(1)" in answer.content
    assert table(answer)[1][0] == "=HYPERLINK(1)"


def test_a_file_is_asked_for_by_post(client_: Client) -> None:
    """It is written down, so a link that is only looked at fetches none."""
    assert client_.get("/team/board.csv").status_code == 405


# The cost


def test_queries_do_not_grow_with_rows(client_: Client, way: Path) -> None:
    counts = []
    for at in range(3):
        one = person(f"人{at}")
        factories.team(f"team{at}", one)
        score(one, "9")
        Assignment.objects.create(person=one, path=way, due_days=3)
        client_.get("/team/")  # the look is written down, and what is taught read once a version
        with CaptureQueriesContext(connection) as queries:
            client_.get("/team/")
        counts.append(len(queries))
    assert counts[0] == counts[2]
