"""Copied, searched, favourite, feedback: what a reader's clicks leave behind."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from knowledge.models import CopyEvent, Favourite, Feedback, SearchLog
from tests import factories

pytestmark = pytest.mark.django_db
VERBS = ("copied", "favourite", "feedback")


def address(line: Any, verb: str) -> str:
    return f"/lines/{line.uuid}/{verb}/"


def test_only_a_post_counts(as_agent: Client) -> None:
    """A prefetching browser must not copy, star or log anything."""
    line = factories.card("fee").say[0]
    assert [as_agent.get(address(line, verb)).status_code for verb in ("copied", "favourite")] == [405, 405]
    assert as_agent.get("/searches/").status_code == 405
    assert not CopyEvent.objects.exists()
    assert not Favourite.objects.exists()
    assert not SearchLog.objects.exists()


def test_without_a_token_nothing_counts(agent: Any) -> None:
    """Another site's page must not post in the reader's name."""
    line = factories.card("fee").say[0]
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    answers = [client.post(address(line, verb), {"kind": "error", "text": "x"}).status_code for verb in VERBS]
    assert [*answers, client.post("/searches/", {"q": "运费"}).status_code] == [403, 403, 403, 403]
    assert (CopyEvent.objects.count(), Favourite.objects.count(), Feedback.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_lines_one_may_not_see_are_not_there(as_agent: Client, status: str) -> None:
    """The uuid of a draft's line must not be a way around its page."""
    line = factories.card("fee", status).say[0]
    assert [as_agent.post(address(line, verb)).status_code for verb in VERBS] == [404, 404, 404]
    assert as_agent.get(address(line, "feedback")).status_code == 404
    assert [as_agent.post(f"/lines/{uuid.uuid4()}/{verb}/").status_code for verb in VERBS] == [404, 404, 404]
    assert as_agent.post("/lines/1/copied/").status_code == 404


def test_a_line_not_to_say_is_never_copied(as_agent: Client, as_trainer: Client) -> None:
    """Not even counted: it would rise to the shelf of the most used."""
    line = factories.card("fee").avoid[0]
    assert [client.post(address(line, "copied")).status_code for client in (as_agent, as_trainer)] == [404, 404]
    assert not CopyEvent.objects.exists()


def test_a_copy_is_counted_for_the_reader(as_agent: Client, agent: Any) -> None:
    """With the query it came from, if there was one; the filled-in text is never sent, and ignored if it is."""
    line = factories.card("fee").say[0]
    answer = as_agent.post(address(line, "copied"), {"q": " 运费 ", "text": "张三 13800138000"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert list(CopyEvent.objects.values_list("line", "user")) == [(line.pk, agent.pk)]
    assert list(SearchLog.objects.values_list("query", "copied", "user")) == [("运费", True, agent.pk)]


def test_a_settled_search_is_logged_and_a_message_is_not(as_agent: Client) -> None:
    """204 either way: the script has nothing to do with the answer."""
    for query in ("运费", "我的单号 1234567890", "", "长" * 21, "你好\n在吗"):
        assert as_agent.post("/searches/", {"q": query}).status_code == 204
    assert as_agent.post("/searches/").status_code == 204
    assert sorted(SearchLog.objects.values_list("query", flat=True)) == sorted(["运费", "我的单号 *"])


def test_a_favourite_answers_script_and_form(as_agent: Client, agent: Any) -> None:
    """JSON for the script, the way back for a plain form."""
    line = factories.card("fee", code="fe").say[0]
    assert as_agent.post(address(line, "favourite"), headers={"X-Fragment": "1"}).json() == {"kept": True}
    assert as_agent.post(address(line, "favourite"), headers={"X-Fragment": "1"}).json() == {"kept": False}
    answer = as_agent.post(address(line, "favourite"), {"next": "/me/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me/")
    assert list(Favourite.objects.values_list("line", "user")) == [(line.pk, agent.pk)]
    assert as_agent.post(address(line, "favourite")).headers["Location"] == "/phrases/fee/?line=fe1#fe1"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "http:///evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "\x08//evil.example",
    ],
)
def test_the_way_back_never_leaves_the_site(as_agent: Client, target: str) -> None:
    """An address of ours that sends people elsewhere is a gift to whoever phishes them."""
    line = factories.card("fee", code="fe").say[0]
    answer = as_agent.post(address(line, "favourite"), {"next": target})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/phrases/fee/?line=fe1#fe1")


@pytest.mark.parametrize("target", ["a b", "0", "logout"])
def test_the_way_back_is_an_address(as_agent: Client, target: str) -> None:
    """Never the name of a view, which ended in an error 500 or elsewhere."""
    answer = as_agent.post(address(factories.card("fee", code="fe").say[0], "favourite"), {"next": target})
    assert (answer.status_code, answer.headers["Location"]) == (302, target.replace(" ", "%20"))


def test_feedback_goes_into_the_queue(as_agent: Client, agent: Any) -> None:
    """With the line, its card and who said it; about a 不该说 line too."""
    card = factories.card("fee", code="fe")
    for line in (card.say[0], card.avoid[0]):
        assert as_agent.get(address(line, "feedback")).status_code == 200
        answer = as_agent.post(address(line, "feedback"), {"kind": "suggestion", "text": "可以再短些"})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/phrases/fee/#{line.code}")
    rows = list(Feedback.objects.order_by("pk").values_list("card", "line__code", "author", "kind", "text", "state"))
    assert rows == [
        (card.pk, "fe1", agent.pk, "suggestion", "可以再短些", "open"),
        (card.pk, "fe51", agent.pk, "suggestion", "可以再短些", "open"),
    ]
    assert str(Feedback.objects.first()) == "可以再短些"


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({}, {"kind", "text"}),
        ({"kind": "error"}, {"text"}),
        ({"kind": "error", "text": "   "}, {"text"}),
        ({"kind": "praise", "text": "x"}, {"kind"}),
        ({"kind": "error", "text": "长" * 301}, {"text"}),
        ({"kind": "error", "text": "x\x00"}, {"text"}),
    ],
)
def test_wrong_feedback_comes_back_with_what_was_typed(
    as_agent: Client, data: dict[str, str], fields: set[str]
) -> None:
    """422, the fields named, nothing stored, nothing lost."""
    line = factories.card("fee").say[0]
    answer = as_agent.post(address(line, "feedback"), data)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == fields
    assert 'role="alert"' in answer.content.decode()
    assert not Feedback.objects.exists()
    if typed := data.get("text", "").strip().replace("\x00", ""):
        assert typed in answer.content.decode()
