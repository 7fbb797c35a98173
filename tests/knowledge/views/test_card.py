"""/phrases/<slug>/: one card, whole."""

from __future__ import annotations

import datetime
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import Card, ComplianceNote, Fact, Favourite
from tests import factories

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize(
    ("slug", "for_agent", "for_trainer"),
    [("a-published", 200, 200), ("a-draft", 404, 200), ("a-retired", 404, 200), ("nothing", 404, 404)],
)
def test_who_may_open_what(as_agent: Client, as_trainer: Client, slug: str, for_agent: int, for_trainer: int) -> None:
    """A draft is as if it were not there, with and without the share link of a line."""
    for status in ("draft", "published", "retired"):
        factories.card(f"a-{status}", status)
    for address in (f"/phrases/{slug}/", f"/phrases/{slug}/?line=aa1"):
        assert (as_agent.get(address).status_code, as_trainer.get(address).status_code) == (for_agent, for_trainer)


def test_everything_of_the_card_is_on_it(as_agent: Client, agent: Any) -> None:
    """Trainees learn from this page: a part left out is not taught."""
    card = factories.card(
        "fee", code="fe", aliases=["运费贵", "邮费高"], trigger="顾客停在付款页", groups=["valued", "difficult"]
    )
    Card.objects.filter(pk=card.pk).update(owner=agent, verified_on=datetime.date.today())
    page = text(as_agent.get("/phrases/fee/"))
    for line in [*card.say, *card.avoid]:
        assert f'id="{line.code}"' in page
        assert line.why in page
    for part in (
        "情景fee",
        "运费贵",
        "邮费高",
        "顾客停在付款页",
        "<strong>先听</strong>",
        str(agent),
        *card.group_labels,
    ):
        assert part in page
    for line in card.avoid:
        assert line.text in page
        assert line.rule_labels[0] in page


def test_only_lines_to_say_can_be_copied(as_agent: Client) -> None:
    """A 不该说 line on the clipboard ends in front of a customer."""
    card = factories.card("fee", code="fe")
    page = text(as_agent.get("/phrases/fee/"))
    assert page.count("data-copy>") == 2
    assert re.findall(r'data-line data-uuid="([^"]+)"', page) == [str(line.uuid) for line in card.say]


@pytest.mark.parametrize(
    ("shared", "marked"),
    [("fe2", ["fe2"]), ("fe51", ["fe51"]), ("", []), ("xx9", []), ("<script>", []), ("FE2", [])],
)
def test_a_share_link_marks_its_line(as_agent: Client, shared: str, marked: list[str]) -> None:
    """A colleague sends a line, not a page to read; an outdated link still opens the card."""
    factories.card("fee", code="fe")
    page = as_agent.get("/phrases/fee/", {"line": shared})
    assert re.findall(r'<article id="([^"]+)"[^>]* class="target"', text(page)) == marked
    assert "<script>" not in text(page)


def test_a_share_link_survives_sign_in(agent: Any) -> None:
    """The code is in the query because a fragment is lost on the way."""
    factories.card("fee", code="fe")
    answer = Client().get("/phrases/fee/?line=fe2")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=/phrases/fee/%3Fline%3Dfe2")


def test_compliance_notes_follow_from_the_facts(as_agent: Client) -> None:
    """Nobody types them on a card; each stands once, with its basis."""
    for code in ("B-06", "E-41", "E-42"):
        Fact.objects.create(code=code, course="product", text="x")
    for code, facts in {"K-01": ["B-06", "E-41"], "K-02": ["E-42"]}.items():
        note = ComplianceNote.objects.create(
            code=code, title=f"题{code}", note=f"说{code}", basis=f"据{code}", checked="x"
        )
        note.applies_to.set(facts)
    factories.card("fee", facts=["B-06", "E-41"])
    factories.card("plain")
    page = text(as_agent.get("/phrases/fee/"))
    assert [page.count(part) for part in ("题K-01", "说K-01", "据K-01", "K-02")] == [1, 1, 1, 0]
    assert "K-01" not in text(as_agent.get("/phrases/plain/"))


def test_neighbours_the_reader_may_not_see_are_left_out(as_agent: Client, as_trainer: Client) -> None:
    """A link that answers 404 tells people that something is there."""
    factories.card("fee", neighbours=["one", "two", "three", "gone"])
    factories.card("one")
    factories.card("two", "draft")
    factories.card("three", "retired")
    for client, slugs in ((as_agent, ["one"]), (as_trainer, ["one", "two", "three"])):
        page = client.get("/phrases/fee/")
        assert sorted(card.slug for card in page.context["neighbours"]) == sorted(slugs)
        assert all(f'href="/phrases/{slug}/"' in text(page) for slug in slugs)


def test_a_star_shows_the_readers_own_favourites(as_agent: Client, agent: Any, trainer: Any) -> None:
    """Said by word and state, not by colour alone."""
    card = factories.card("fee", code="fe")
    Favourite.objects.create(user=agent, line=card.say[0])
    Favourite.objects.create(user=trainer, line=card.say[1])
    assert re.findall(r'aria-pressed="(\w+)"', text(as_agent.get("/phrases/fee/"))) == ["true", "false"]


def test_only_those_who_may_change_it_get_the_way_to_the_admin(as_agent: Client, as_trainer: Client) -> None:
    """A button that ends in 403 is a dead end."""
    card = factories.card("fee")
    address = f"/admin/knowledge/card/{card.pk}/change/"
    assert [address in text(client.get("/phrases/fee/")) for client in (as_agent, as_trainer)] == [False, True]


def test_hostile_words_in_a_card_stay_words(as_agent: Client) -> None:
    """Imported content is somebody else's text."""
    bad = '<img src=x onerror="alert(1)">'
    factories.card(
        "odd",
        title=bad,
        aliases=[bad],
        trigger=bad,
        principle=bad,
        do=[{"code": "od1", "text": "{店名|" + bad + "}" + bad, "why": bad}],
        dont=[{"code": "od51", "text": bad, "why": bad, "breaks": ["cold"]}],
    )
    page = text(as_agent.get("/phrases/odd/"))
    assert bad not in page
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in page
    handlers: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: handlers.extend(  # type: ignore[method-assign]
        name for name, _value in attributes if name.startswith("on")
    )
    parser.feed(page)
    assert handlers == []


@pytest.mark.parametrize(
    "slug", ["a%00b", "%ED%A0%80", "..%2f..%2fetc", "a" * 500, "%F0%9F%98%80", "-", "Fee", "fee%20"]
)
def test_any_other_address_is_a_404(as_agent: Client, slug: str) -> None:
    """On both databases: PostgreSQL raises on what SQLite shrugs at."""
    factories.card("fee")
    assert as_agent.get(f"/phrases/{slug}/").status_code == 404


def test_queries_do_not_grow_with_the_card(as_agent: Client) -> None:
    """Lines, notes and neighbours each come at once, and ten queries are the limit."""
    counts = []
    for number in (1, 3):
        facts = [f"B-0{at}" for at in range(number)]
        neighbours = [f"n{number}-{at}" for at in range(number)]
        for code in facts:
            fact, _ = Fact.objects.get_or_create(code=code, defaults={"course": "product", "text": "x"})
            note, _ = ComplianceNote.objects.get_or_create(code=f"K-{code}", defaults={"title": code})
            note.applies_to.add(fact)
        for slug in neighbours:
            factories.card(slug)
        code = "ab"[number // 2] * 2
        do = [{"code": f"{code}{at}", "text": f"第{at}句", "why": "x"} for at in range(1, number + 1)]
        factories.card(f"c{number}", facts=facts, neighbours=neighbours, do=do, code=code)
        with CaptureQueriesContext(connection) as queries:
            page = as_agent.get(f"/phrases/c{number}/")
        assert (len(page.context["notes"]), len(page.context["neighbours"])) == (number, number)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


def test_a_card_takes_no_posts(as_agent: Client) -> None:
    """Reading page: HEAD and GET only."""
    factories.card("fee")
    assert (as_agent.head("/phrases/fee/").status_code, as_agent.post("/phrases/fee/").status_code) == (200, 405)
