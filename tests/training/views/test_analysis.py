"""Item analysis as pages and as a file. Nobody's name stands in any of them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from knowledge.tables import csv
from tests import factories
from tests.training.making import document, right_answer, single
from tests.training.services.test_analysis import KEY, SECOND, THIRD, asked, frozen
from training.models import Question
from training.services import questions

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client_() -> Client:
    return signed_in(factories.person("trainer", locale="en"))


@pytest.fixture
def as_manager() -> Client:
    return signed_in(factories.person("manager", locale="en"))


@pytest.fixture
def question() -> Question:
    return questions.save_document(single(), "language")


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def get(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_row_of_the_list(client_: Client, question: Question) -> None:
    """Code, way, words, answers, facility, discrimination and flags; under twenty how many are missing."""
    asked(question, [SECOND] * 10 + [KEY] * 15)
    questions.save_document(single("language-02"), "language")
    page = text(get(client_, "/team/items/"))
    assert "language-01 Choose one language-01：顾客只说「在吗」，你先做什么？ 25 0.60 0.85 Unused distractor" in page
    assert "language-02 Choose one language-02：顾客只说「在吗」，你先做什么？ 0 20 more first answers" in page


def test_filters_stay_chosen(client_: Client, question: Question) -> None:
    asked(question, [KEY] * 30)
    page = get(client_, "/team/items/?course=language&flag=easy&sort=flags")
    assert '<option value="language" selected>' in page
    assert '<option value="easy" selected>' in page
    assert 'href="?course=language&amp;flag=easy&amp;sort=facility"' in page
    assert "No question fits this choice" in text(get(client_, "/team/items/?flag=negative"))


def test_the_page_of_a_question(client_: Client, question: Question) -> None:
    """As it was asked; how each option was chosen, by all and by both thirds; what to do at each flag."""
    asked(question, [SECOND] * 10 + [KEY] * 15, seconds=30)
    page = text(get(client_, "/team/items/language-01/"))
    assert "First answers 25 Facility 0.600 Discrimination 0.849 Time 30 s half of them 30 to 30 s" in page
    assert "✓ Right 问好，报上自己 60% 15 100% 0%" in page
    assert "等他说完再回 40% 10 0% 100%" in page
    assert "发一段活动介绍 hardly chosen 0% 0 0% 0%" in page
    assert "Fewer than 5 in 100 chose this option." in page


def test_too_few_answers(client_: Client, question: Question) -> None:
    """The question stands there; of the numbers, how many answers they wait for."""
    asked(question, [KEY] * 3)
    page = get(client_, "/team/items/language-01/")
    assert "3 first answers so far. 17 more, and the numbers stand here" in text(page)
    assert 'class="parts"' not in page


def test_older_versions_stand_apart(client_: Client, question: Question) -> None:
    asked(question, [KEY] * 20)
    questions.save_document(single(prompt="改过的题目？"), "language")
    page = text(get(client_, "/team/items/language-01/"))
    assert page.index("改过的题目？") < page.index("Older versions") < page.index("Version 1 20 first answers")


@pytest.mark.parametrize("kind", ["multiple", "matching", "ordering", "fill", "rewrite", "truefalse"])
def test_every_type_has_its_page(client_: Client, kind: str) -> None:
    """Parts to get right where there is nothing to choose."""
    question = questions.save_document(document(kind), "language")
    asked(question, [right_answer(frozen(kind))] * 20, kind=kind)
    page = text(get(client_, f"/team/items/{question.code}/"))
    assert ("To get right" in page) is (kind not in {"multiple", "truefalse"})
    assert "nothing to compare by" in page


def test_nobody_s_name(client_: Client, question: Question) -> None:
    """Not in a list, a page or a file: it is about the question."""
    asked(question, [KEY, SECOND, THIRD] * 8)
    names = [f"trainee{number}" for number in range(1, 400)]
    for body in (
        get(client_, "/team/items/"),
        get(client_, "/team/items/language-01/"),
        client_.post("/team/items.csv").content.decode(),
    ):
        assert [name for name in names if re.search(rf"\b{name}\b", body)] == []


def test_words_are_text(client_: Client) -> None:
    """Trainers type the questions; nothing of them is markup here."""
    wild = "<script>x</script>"
    options = [{**one, "text": f"{wild}{at}"} for at, one in enumerate(single()["options"])]
    question = questions.save_document(single(prompt=wild, options=options), "language")
    asked(question, [KEY] * 20)
    for address in ("/team/items/", "/team/items/language-01/"):
        assert wild not in get(client_, address)


@pytest.mark.parametrize(
    "query", ["?course=x&flag=x&sort=x&retired=x", "?course=%00", "?flag[]=1", "?sort=" + "x" * 3000]
)
def test_bad_input_is_expected(client_: Client, question: Question, query: str) -> None:
    assert "language-01" in get(client_, f"/team/items/{query}")


def test_an_unknown_question(client_: Client) -> None:
    assert client_.get("/team/items/none-01/").status_code == 404
    assert client_.post("/team/items/none-01/retire/").status_code == 404


# Who may change


def test_retire_from_there(client_: Client, question: Question) -> None:
    """By POST, once, with the way back said; a second time changes nothing."""
    page = get(client_, "/team/items/language-01/")
    assert f'href="/admin/training/question/{question.pk}/change/"' in page
    assert client_.get("/team/items/language-01/retire/").status_code == 405
    for _time in range(2):
        answer = client_.post("/team/items/language-01/retire/", follow=True)
        assert "Retired: no quiz draws it any more." in text(answer.content.decode())
    assert Question.objects.get().status == "retired"
    assert 'action="/team/items/language-01/retire/"' not in answer.content.decode()
    assert AuditEntry.objects.filter(kind="question", action="changed").count() == 1


def test_a_manager_sees_and_changes_nothing(as_manager: Client, question: Question) -> None:
    asked(question, [KEY] * 20)
    page = get(as_manager, "/team/items/language-01/")
    assert "✓ Right" in text(page)
    assert "/admin/training/question/" not in page
    assert "retire/" not in page
    assert as_manager.post("/team/items/language-01/retire/").status_code == 403
    assert Question.objects.get().status == "published"


def test_who_needs_approval_retires_nothing(question: Question) -> None:
    """Taking a question away is publishing: a trainer without that right edits, and sends it in."""
    client = signed_in(factories.person("trainer", publishes=False, locale="en"))
    page = get(client, "/team/items/language-01/")
    assert f'href="/admin/training/question/{question.pk}/change/"' in page
    assert "retire/" not in page
    assert client.post("/team/items/language-01/retire/").status_code == 403
    assert Question.objects.get().status == "published"


@pytest.mark.parametrize("role", ["trainee", "agent"])
def test_others_find_nothing_here(role: str, question: Question) -> None:
    client = signed_in(factories.person(role))
    found = [client.get("/team/items/"), client.get("/team/items/language-01/"), client.post("/team/items.csv")]
    assert [answer.status_code for answer in found] == [404, 404, 404]


# The file


def test_the_file(client_: Client, question: Question) -> None:
    """Three decimals; what is hidden on the page is empty here; the log says that it left."""
    asked(question, [SECOND] * 10 + [KEY] * 15, seconds=30)
    questions.save_document(single("language-02"), "language")
    answer = client_.post("/team/items.csv", {"course": "language"})
    head, first, second = [record.cells for record in csv.read(answer.content).records()]
    assert head == [
        *("Question", "Course", "Type", "Status", "Version", "First answers"),
        *("Facility", "Discrimination", "Median seconds", "Flags"),
    ]
    assert first == [
        *("language-01", "Language", "One right answer", "Published", "1", "25"),
        *("0.600", "0.849", "30", "Unused distractor"),
    ]
    assert second[:6] == ["language-02", "Language", "One right answer", "Published", "1", "0"]
    assert second[6:] == [""] * 4
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.kind, entry.detail) == ("exported", "items", "2")
    assert client_.get("/team/items.csv").status_code == 405


# The cost


def test_queries_do_not_grow_with_rows(client_: Client) -> None:
    """One question or three in the list; one version or three on a page."""
    counts = []
    for at in range(3):
        one = questions.save_document(single(f"language-{at:02d}"), "language")
        asked(one, [KEY] * 20)
        mine = questions.save_document(single("rules-01", prompt=f"第{at}版？"), "rules")
        asked(mine, [KEY] * 20)
        with CaptureQueriesContext(connection) as listed:
            client_.get("/team/items/")
        with CaptureQueriesContext(connection) as page:
            client_.get("/team/items/rules-01/")
        counts.append((len(listed), len(page)))
    assert counts[0] == counts[2]
