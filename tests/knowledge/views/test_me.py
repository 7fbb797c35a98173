"""/me/: favourites and private snippets."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import Favourite, Snippet
from tests import factories

pytestmark = pytest.mark.django_db
NEW = {"code": "my1", "title": "晚安招呼", "text": "{店名|小店}祝您蓝莓般的晚安。"}


def found(client: Client, query: str) -> list[str]:
    page = client.get("/dock/", {"q": query})
    return [entry.hit.slug for entry in page.context["entries"]]


def shown(client: Client, query: str) -> str:
    return client.get("/dock/", {"q": query}, headers={"X-Fragment": "1"}).content.decode()


@pytest.fixture
def mine(agent: Any) -> Snippet:
    snippet = Snippet(user=agent, **NEW)
    snippet.save()
    return snippet


def test_a_snippet_is_written_and_found_at_once(as_agent: Client, agent: Any) -> None:
    """By code, by a word of title or text, by pinyin and initials: the same search as for cards."""
    factories.card("other")
    answer = as_agent.post("/me/snippets/new/", NEW)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me/")
    snippet = Snippet.objects.get()
    assert (snippet.user, snippet.code, snippet.title, snippet.text) == (agent, *NEW.values())
    for query in ("my1", "晚安", "蓝莓", "小店祝您", "wananzhaohu", "wazh"):
        assert found(as_agent, query)[0] == f"{agent.pk}-my1"
    assert "蓝莓" in shown(as_agent, "my1")


def test_nobody_else_ever_meets_it(mine: Snippet, as_trainer: Client) -> None:
    """Not in a search by any of its words, not at its address, not on their /me/."""
    factories.card("other")
    for query in ("my1", "晚安", "蓝莓", "wananzhaohu", "晚安招呼"):
        assert found(as_trainer, query) in ([], ["other"])
        assert "蓝莓" not in shown(as_trainer, query).replace('value="蓝莓"', "").split("data-results")[1]
    assert as_trainer.get(f"/me/snippets/{mine.pk}/").status_code == 404
    assert as_trainer.post(f"/me/snippets/{mine.pk}/", NEW).status_code == 404
    assert as_trainer.post(f"/me/snippets/{mine.pk}/delete/").status_code == 404
    assert "晚安招呼" not in as_trainer.get("/me/").content.decode()
    assert Snippet.objects.count() == 1


def test_it_is_changed_and_deleted_by_its_owner(mine: Snippet, as_agent: Client) -> None:
    """The search follows both."""
    factories.card("other")
    assert as_agent.post(f"/me/snippets/{mine.pk}/", NEW | {"text": "换成草莓。"}).status_code == 302
    assert (found(as_agent, "草莓")[:1], Snippet.objects.get().text) == ([mine.search_document().slug], "换成草莓。")
    assert as_agent.get(f"/me/snippets/{mine.pk}/delete/").status_code == 405
    answer = as_agent.post(f"/me/snippets/{mine.pk}/delete/")
    assert (answer.status_code, answer.headers["Location"], Snippet.objects.count()) == (302, "/me/", 0)
    assert mine.search_document().slug not in found(as_agent, "my1")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"code": "my1"}, ["code"]),
        ({"code": "MY2"}, ["code"]),
        ({"code": ""}, ["code"]),
        ({"code": "my２"}, ["code"]),
        ({"title": "长" * 31}, ["title"]),
        ({"text": "{电话}"}, ["text"]),
        ({"text": "长" * 601}, ["text"]),
        ({"text": " \n "}, ["text"]),
        ({"code": "x", "title": "", "text": ""}, ["code", "text", "title"]),
    ],
)
def test_a_wrong_snippet_says_so_on_its_field(
    mine: Snippet, as_agent: Client, changes: dict[str, str], fields: list[str]
) -> None:
    """A code used twice too: told at the field where it can be mended, with the rest still there."""
    answer = as_agent.post("/me/snippets/new/", NEW | {"code": "my2"} | changes)
    assert answer.status_code == 422
    assert sorted(answer.context["form"].errors) == fields
    assert Snippet.objects.count() == 1


def test_an_empty_form_is_told_too(as_agent: Client) -> None:
    """A browser that posts nothing at all."""
    answer = as_agent.post("/me/snippets/new/")
    assert (answer.status_code, sorted(answer.context["form"].errors)) == (422, ["code", "text", "title"])


def test_saving_ones_own_code_again_is_no_clash(mine: Snippet, as_agent: Client) -> None:
    """Editing only the text keeps the code."""
    assert as_agent.post(f"/me/snippets/{mine.pk}/", NEW | {"text": "新"}).status_code == 302


def test_two_people_may_share_a_code(mine: Snippet, as_trainer: Client, trainer: Any, as_agent: Client) -> None:
    """Each finds their own."""
    as_trainer.post("/me/snippets/new/", NEW | {"text": "培训师自己的"})
    assert (found(as_trainer, "my1"), found(as_agent, "my1")) == ([f"{trainer.pk}-my1"], [f"{mine.user_id}-my1"])


def test_texts_are_tidied(as_agent: Client) -> None:
    """Pasted from a document: line ends and spaces at them would be pasted on to customers."""
    as_agent.post("/me/snippets/new/", NEW | {"text": " 一 \r\n二\t\r\n"})
    assert Snippet.objects.get().text == "一\n二"


def test_a_snippet_is_text_not_markup(as_agent: Client) -> None:
    """One's own script would run for oneself first."""
    as_agent.post("/me/snippets/new/", NEW | {"title": "<b>x</b>", "text": "<script>alert(1)</script>"})
    for page in (as_agent.get("/me/").content.decode(), shown(as_agent, "my1")):
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_me_shows_what_is_mine(mine: Snippet, as_agent: Client, agent: Any, trainer: Any) -> None:
    """Favourites newest first, each with the way to its card, and my snippets."""
    card = factories.card("fee", code="fe")
    hidden = factories.card("draft", "draft")
    for line in (card.say[0], hidden.say[0]):
        Favourite.objects.create(user=agent, line=line)
    Favourite.objects.create(user=trainer, line=card.say[1])
    page = as_agent.get("/me/")
    assert [line.code for line in page.context["favourites"]] == ["fe1"]
    assert [snippet.code for snippet in page.context["snippets"]] == ["my1"]
    assert "/phrases/fee/?line=fe1#fe1" in page.content.decode()


def test_queries_do_not_grow_with_rows(as_agent: Client, agent: Any) -> None:
    """Somebody keeps two hundred favourites."""
    counts = []
    for number in range(3):
        Favourite.objects.create(user=agent, line=factories.card(f"c{number}").say[0])
        Snippet.objects.create(user=agent, code=f"my{number}", title="x", text="y")
        with CaptureQueriesContext(connection) as queries:
            as_agent.get("/me/")
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[0] <= 8
