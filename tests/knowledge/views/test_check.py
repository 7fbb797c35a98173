"""/check/: what becomes of a reply on the page, and that nothing of it stays."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import Card, SearchLog
from knowledge.services import checking, rules
from knowledge.text import fill_defaults
from tests import factories
from tests.knowledge.admin.test_rule_form import DOCUMENT

pytestmark = pytest.mark.django_db
TYPO = DOCUMENT | {
    "code": "typo",
    "severity": "hint",
    "clues": [{"match": ["帐号→账号"]}],
    "catches": ["帐号"],
    "passes": ["账号"],
}


@pytest.fixture(autouse=True)
def two_rules(db: None) -> None:
    card = factories.card("arrival")
    rules.save_document(DOCUMENT | {"card": card.slug})
    rules.save_document(TYPO)


def judged(client: Client, reply: str) -> Any:
    return client.post("/check/judge/", {"reply": reply}).context["judged"]


def test_page_and_judgement(as_agent: Client) -> None:
    """Without script by POST the page, with it the judgement alone."""
    assert as_agent.get("/check/").context.get("judged") is None
    page = as_agent.post("/check/", {"reply": "保证三天到"})
    assert (page.status_code, page.context["judged"].verdict) == (200, "block")
    part = as_agent.post("/check/judge/", {"reply": "最近发货"})
    assert (part.headers["X-Fragment"], part.context["judged"].verdict) == ("judgement", "ok")


def test_an_address_never_carries_a_reply(as_agent: Client) -> None:
    """It would stand in the history of the browser and in every log."""
    assert as_agent.get("/check/?reply=保证三天到").context.get("judged") is None
    assert as_agent.get("/check/judge/").status_code == 405


def test_marks_places_and_corrections(as_agent: Client) -> None:
    """Places as a browser counts them: an emoji is two."""
    got = judged(as_agent, "😀帐号\r\n保证三天到")
    assert got.text == "😀帐号\n保证三天到"
    assert [(one.code, one.start, one.end, one.better) for one in got.findings] == [
        ("typo", 2, 4, "账号"),
        ("absolute", 5, 10, ""),
    ]
    assert [(piece.text, piece.numbers, piece.severity, piece.ends) for piece in got.pieces] == [
        ("😀", (), "", ()),
        ("帐号", (1,), "hint", (1,)),
        ("\n", (), "", ()),
        ("保证三天到", (2,), "error", (2,)),
    ]
    assert got.corrected == "😀账号\n保证三天到"


def test_whatever_is_typed_is_text(as_agent: Client) -> None:
    """A reply with tags in it is shown, not run; one too long is cut and says so."""
    page = as_agent.post("/check/", {"reply": "<script>x</script>保证三天到"}).content.decode()
    assert "<script>x" not in page
    assert judged(as_agent, "好" * 2001).cut is True
    assert len(judged(as_agent, "好" * 2001).text) == checking.LONGEST


def test_nothing_is_kept(as_agent: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the database nor in a log."""
    with CaptureQueriesContext(connection) as asked:
        as_agent.post("/check/judge/", {"reply": "保证三天到，13800001234"})
    written = [one["sql"] for one in asked if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == []
    assert SearchLog.objects.count() == 0
    assert "13800001234" not in caplog.text


def test_a_card_for_others_is_not_shown(as_agent: Client, as_trainer: Client) -> None:
    """The link of a rule and the nearest line come from what this reader may see."""
    factories.team("vip")
    Card.objects.update(audience=["vip"])
    assert judged(as_agent, "保证三天到").findings[0].card is None
    assert judged(as_trainer, "保证三天到").findings[0].card is not None


def test_queries_do_not_grow_with_the_findings(as_agent: Client) -> None:
    """A rant of thirty faults costs what one does."""
    counts = []
    judged(as_agent, "保证三天到")  # the rules are compiled with the first
    for reply in ("保证三天到", "保证三天到，" * 30):
        with CaptureQueriesContext(connection) as asked:
            judged(as_agent, reply)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_line_of_a_card_is_named_by_its_code(as_agent: Client, as_trainer: Client) -> None:
    """Its own words stand in the box, as they are pasted; nobody's words ever stand in the address."""
    card = Card.objects.get()
    code = card.say[0].code
    page = as_agent.get("/check/", {"line": code})
    assert (page.context["draft"], page.context["line"].card, page.context.get("judged")) == (
        fill_defaults(card.say[0].text), card, None,
    )  # fmt: skip
    for nothing in ("", "zz9", card.avoid[0].code, "保证三天到", "x" * 500, "\x00"):
        assert not as_agent.get("/check/", {"line": nothing}).context.get("draft")
    factories.team("vip")
    Card.objects.update(audience=["vip"])
    assert as_agent.get("/check/", {"line": code}).context["draft"] == ""
    assert as_trainer.get("/check/", {"line": code}).context["draft"] != ""


def test_what_was_judged_is_kept_by_no_browser(as_agent: Client) -> None:
    """Whoever sits down next and goes back finds no reply of somebody else's."""
    headers = [
        as_agent.post(address, {"reply": "保证三天到"}).headers["Cache-Control"]
        for address in ("/check/", "/check/judge/")
    ]
    assert headers == ["no-store", "no-store"]


def test_the_ear_is_told_each_kind_once(as_agent: Client) -> None:
    assert judged(as_agent, "保证三天到，帐号，保证两天到").labels == ["断言", "错别字"]


def test_a_rule_broken_twice_is_explained_once(as_agent: Client) -> None:
    """The second finding leads to the first: a page of the same words is read by nobody."""
    page = as_agent.post("/check/judge/", {"reply": "保证三天到，帐号，保证两天到"})
    assert [one.like for one in page.context["judged"].findings] == [0, 0, 1]
    text = page.content.decode()
    assert (text.count(DOCUMENT["about"] + "</p>"), text.count('href="#finding-1"')) == (2, 2)


def test_suggestions_can_be_put_in(as_agent: Client) -> None:
    """Letter for letter where the rule knows, else its sentences."""
    page = as_agent.post("/check/judge/", {"reply": "帐号<b>，保证三天到"}).content.decode()
    assert re.findall('data-put="([^"]*)"', page) == ["账号", *TYPO["better"], *DOCUMENT["better"]]


@pytest.mark.parametrize("reply", ["\ud83d帐号", "\x00帐号\x00", "帐号" * 2500, "😀" * 2000, "　\n", "\r\n\r\n"])
def test_any_text_is_taken(as_agent: Client, reply: str) -> None:
    """Half a character, 5,000 characters, blanks: judged or not, never an error."""
    answer = as_agent.post("/check/judge/", {"reply": reply.encode("utf-8", "replace").decode()})
    assert answer.status_code == 200


def test_ways_to_the_checker(as_agent: Client) -> None:
    """From the phrasebook, the dock, a card and the list of keys, by one name."""
    card = Card.objects.get()
    for address, link in (
        ("/phrases/", "/check/"),
        ("/dock/", "/check/"),
        ("/practice/", "/check/"),
        (card.get_absolute_url(), f"/check/?line={card.say[0].code}"),
    ):
        assert f'href="{link}"' in as_agent.get(address).content.decode(), address
    assert "<kbd>c</kbd>" in as_agent.get("/check/").content.decode()
