"""/phrases/, /dock/ and pasted messages: page and fragment, filters, anything somebody may type."""

from __future__ import annotations

import datetime
import gzip
import re
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from knowledge.models import Card, CopyEvent, Favourite, SearchLog, Snippet, SynonymGroup
from knowledge.models.synonym import current_synonyms
from tests import factories

pytestmark = pytest.mark.django_db
FRAGMENT = {"X-Fragment": "1"}
PAGES = {"phrases": "knowledge/phrases.html", "dock": "knowledge/dock.html", "home": "csportal/home.html"}
LONG = "顾客发来一大段话" * 700  # 5,600 characters


def names(response: Any) -> list[str]:
    return [template.name for template in response.templates]


def found(response: Any) -> list[str]:
    """Slugs of the cards shown, in order."""
    return re.findall(r'<h2 id="hit-([^"]+)"', text(response))


def text(response: Any) -> str:
    return response.content.decode()


def three_cards() -> None:
    factories.card("fee", aliases=["运费贵", "邮费太高"], stage="pre", competency="product", groups=["haggling"])
    factories.card("slow", aliases=["运费付了怎么还没到"], stage="after", competency="attitude", groups=["difficult"])
    factories.card("calm", aliases=["运费的事先别急"], stage="any", competency="attitude", groups=["haggling"])


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("query", ["", "运费"])
def test_page_and_fragment_show_the_same(as_agent: Client, name: str, query: str) -> None:
    """One context, one template source: the page without script must not know less than the fragment."""
    three_cards()
    address = reverse(name)
    page = as_agent.get(address, {"q": query})
    fragment = as_agent.get(address, {"q": query}, headers=FRAGMENT)
    assert (page.status_code, fragment.status_code) == (200, 200)
    assert found(page) == found(fragment)
    assert PAGES[name] in names(page)
    assert "<html" in text(page)
    assert "<html" not in text(fragment)
    assert (page.headers.get("X-Fragment"), fragment.headers["X-Fragment"]) == (None, "results")
    assert text(fragment).strip() in text(page)


def test_a_search_shows_cards_and_lines_that_can_be_copied(as_agent: Client) -> None:
    """What the script needs of each line: its uuid, its code, its fields; 不该说 lines carry none of it."""
    card = factories.card("fee", code="fe", aliases=["运费贵"])
    page = text(as_agent.get("/phrases/", {"q": "运费贵"}))
    assert re.findall(r'data-uuid="([^"]+)"', page) == [str(line.uuid) for line in card.say]
    assert re.findall(r'data-line [^>]*data-code="([^"]+)"', page) == ["fe1", "fe2"]
    assert re.findall(r'data-var="([^"]+)" data-default="([^"]*)" data-scope="([^"]+)"', page) == [
        ("地区", "", "customer"),
        ("运费", "5", "customer"),
    ]
    assert "fee没有。" in page
    assert "fe51" not in page


def test_without_script_everything_is_a_link_or_a_form(as_agent: Client) -> None:
    """An old browser still reads, filters and searches."""
    three_cards()
    page = text(as_agent.get("/phrases/", {"q": "运费"}))
    assert '<form class="finder-head" method="get" action="/phrases/"' in page
    assert '<a href="/phrases/fee/">' in page
    assert f'href="/phrases/?q={quote("运费")}&amp;stage=after"' in page
    assert 'value="运费"' in page


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        ({}, {"fee", "slow", "calm"}),
        ({"stage": "pre"}, {"fee", "calm"}),
        ({"stage": "after"}, {"slow", "calm"}),
        ({"stage": "review"}, {"calm"}),
        ({"competency": "attitude"}, {"slow", "calm"}),
        ({"group": "haggling"}, {"fee", "calm"}),
        ({"stage": "pre", "competency": "attitude"}, {"calm"}),
        ({"stage": "after", "competency": "product"}, set()),
        ({"stage": "any"}, {"fee", "slow", "calm"}),
        ({"stage": "' OR 1=1", "colour": "red"}, {"fee", "slow", "calm"}),
    ],
)
def test_filters_narrow_what_is_found_and_what_is_browsed(
    as_agent: Client, filters: dict[str, str], slugs: set[str]
) -> None:
    """A card of any stage stands under every stage; a filter that means nothing is no error."""
    three_cards()
    assert set(found(as_agent.get("/phrases/", {"q": "运费"} | filters))) == slugs
    browsed = as_agent.get("/phrases/", filters)
    assert set(found(browsed)) == slugs
    assert browsed.context["total"] == len(slugs)


def chips(response: Any) -> dict[str, dict[str, int | None]]:
    return {row["name"]: {chip["code"]: chip["count"] for chip in row["chips"]} for row in response.context["filters"]}


@pytest.mark.parametrize("query", [{}, {"q": "运费"}])
def test_filters_say_how_many_they_would_leave(as_agent: Client, query: dict[str, str]) -> None:
    """Counts of what the reader may see, whatever filter is on now: otherwise every other chip shows zero."""
    three_cards()
    factories.card("draft", "draft", aliases=["运费草稿"])
    for chosen in ({}, {"stage": "pre"}):
        counts = chips(as_agent.get("/phrases/", query | chosen))
        assert counts["stage"] == {"": None, "pre": 2, "in": 1, "after": 2, "review": 1}
        assert {code: count for code, count in counts["competency"].items() if count} == {"product": 1, "attitude": 2}
        assert {code: count for code, count in counts["group"].items() if count} == {"haggling": 2, "difficult": 1}


def test_a_chip_keeps_the_query_and_the_other_filters(as_agent: Client) -> None:
    """Narrowing step by step is the whole use of them."""
    three_cards()
    page = as_agent.get("/phrases/", {"q": "运费", "stage": "pre", "group": "haggling"})
    rows = {row["name"]: row["chips"] for row in page.context["filters"]}
    assert [chip["code"] for chip in rows["stage"] if chip["on"]] == ["pre"]
    assert rows["competency"][1]["href"] == f"?stage=pre&group=haggling&q={quote('运费')}&competency=language"
    assert rows["stage"][0]["href"] == f"?group=haggling&q={quote('运费')}"


def test_the_dock_has_room_for_stages_only(as_agent: Client) -> None:
    """320 px."""
    assert list(chips(as_agent.get("/dock/"))) == ["stage"]


def test_a_long_query_is_cut_and_said(as_agent: Client) -> None:
    """Silence would let people believe that all of it was searched."""
    three_cards()
    cut, whole = as_agent.get("/phrases/", {"q": "运费" * 150}), as_agent.get("/phrases/", {"q": "运费" * 100})
    assert (cut.context["cut"], whole.context["cut"]) == (True, False)
    assert cut.context["query"] == "运费" * 100
    assert len(text(cut)) > 0


HOSTILE = [
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%ed%b0%80x%ED%A0%BD",
    "%FF%FE",
    "%01%02%1b%7f%c2%85",
    "%22",
    "%22%22%22",
    "*",
    "NEAR(%20)",
    "AND%20OR%20NOT",
    "a%20AND",
    "(((",
    ")",
    "title%3A%E8%BF%90",
    "%5E%E8%BF%90",
    "-%E8%BF%90",
    "%25",
    "_",
    "%5C",
    "'%3B%20DROP%20TABLE%20x--",
    "%F0%9F%98%80",
    "%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9",
    "%F0%9F%98%80" * 60,
    "%E3%80%82%EF%BC%8C",
    "%E8%BF%90%E8%B4%B9%20%20%20",
    "%20%20",
    "%E2%80%8B%EF%BB%BF",
    "+",
    "%0A%0D%09",
    "0",
    "a" * 3000,
    quote("运" * 400),
]


@pytest.mark.parametrize("raw", HOSTILE)
def test_any_query_is_answered(as_agent: Client, raw: str) -> None:
    """A 500 in the middle of a shift, because a customer's emoji was pasted, is the one thing not allowed."""
    three_cards()
    SynonymGroup.objects.create(words="运费 邮费")
    for address in ("/phrases/", "/dock/", "/"):
        for headers in ({}, FRAGMENT):
            assert as_agent.get(f"{address}?q={raw}", headers=headers).status_code == 200
    assert as_agent.post("/searches/", {"q": "x"}).status_code == 204
    body = f"q={raw}&message={raw}"
    kind = "application/x-www-form-urlencoded"
    assert as_agent.post("/searches/", body, kind).status_code == 204
    assert as_agent.post("/phrases/match/", body, kind).status_code == 200


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "x", "", "%00", "1.5"])
def test_any_page_number_is_answered(as_agent: Client, number: str) -> None:
    """A bookmark of a page that is gone shows the nearest one."""
    three_cards()
    assert len(found(as_agent.get(f"/phrases/?page={number}"))) == 3


def test_spaces_around_a_query_mean_nothing(as_agent: Client) -> None:
    """An input method leaves one behind."""
    three_cards()
    assert found(as_agent.get("/phrases/", {"q": "  运费贵  "})) == found(as_agent.get("/phrases/", {"q": "运费贵"}))
    assert 'name="q" id="q" value="运费贵"' in as_agent.get("/phrases/", {"q": "  运费贵  "}).content.decode()


XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg/onload=1>",
]


@pytest.mark.parametrize("attack", XSS)
def test_a_query_is_never_markup(as_agent: Client, attack: str) -> None:
    """A link with a query in it can be sent to a trainer."""
    three_cards()
    for page in (
        as_agent.get("/phrases/", {"q": attack}),
        as_agent.get("/dock/", {"q": attack}, headers=FRAGMENT),
        as_agent.post("/phrases/match/", {"message": attack}),
    ):
        shown = text(page)
        for piece in ("<script>alert", "<img src=x", "onmouseover='", "<svg/onload"):
            assert piece not in shown


def test_words_of_cards_are_never_markup_even_when_marked(as_agent: Client) -> None:
    """Highlighting adds tags to escaped text: it must not open what was closed, nor mark inside a tag."""
    text_of_line = '<b data-line="x">span & class="var" 您好</b>'
    factories.card(
        "odd",
        title="<i>斜</i>span",
        aliases=["<u>span</u>"],
        do=[{"code": "od1", "text": text_of_line, "why": "<s>"}],
    )
    for query in ("span", "class", "data", "line", "var", "span 您好", "<b", "amp", "&"):
        answer = as_agent.get("/phrases/", {"q": query}, headers=FRAGMENT)
        page = text(answer)
        assert re.findall(r"<[^>]*<mark>", page) == []
        if query in {"<b", "amp", "&"}:
            continue
        assert found(answer) == ["odd"]
        plain = page.replace("<mark>", "").replace("</mark>", "")
        assert "<b data-line" not in plain
        assert "<i>斜" not in plain
        assert "&lt;b data-line=&quot;x&quot;&gt;span &amp; class=&quot;var&quot; 您好&lt;/b&gt;" in plain


def test_the_words_that_matched_are_marked(as_agent: Client) -> None:
    """The eye finds the reason of a hit in the line."""
    factories.card("fee", do=[{"code": "fe1", "text": "运费按实收，YUNFEI 也一样。", "why": "直说。"}])
    assert "<mark>实收</mark>" in text(as_agent.get("/phrases/", {"q": "实收"}))
    assert "<mark>YUNFEI</mark>" in text(as_agent.get("/phrases/", {"q": "yunfei"}))


def test_nothing_found_shows_a_way_on(as_agent: Client) -> None:
    """Never a dead end, on either screen."""
    three_cards()
    page = as_agent.get("/phrases/", {"q": "zzqqxx"})
    assert found(page) == []
    assert 'class="blank"' in text(page)
    assert 'class="blank"' in text(as_agent.get("/dock/", {"q": "zzqqxx"}))


def test_a_short_code_finds_its_line(as_agent: Client) -> None:
    """The fastest way of all."""
    three_cards()
    code = Card.objects.get(slug="slow").say[0].code
    assert found(as_agent.get("/dock/", {"q": code}))[0] == "slow"


def test_without_a_query_the_phrasebook_can_be_read(as_agent: Client) -> None:
    """Pages of 24, linked, with the filters kept; every visible card once."""
    for number in range(26):
        factories.card(f"c{number:02}", stage="after")
    factories.card("draft", "draft")
    first = as_agent.get("/phrases/", {"stage": "after"})
    second = as_agent.get("/phrases/", {"stage": "after", "page": 2})
    assert (len(found(first)), len(found(second)), first.context["total"]) == (24, 2, 26)
    assert sorted(found(first) + found(second)) == [f"c{number:02}" for number in range(26)]
    assert 'rel="next" href="?stage=after&amp;page=2"' in text(first)
    assert 'rel="prev" href="?stage=after&amp;page=1"' in text(second)


def test_home_and_dock_open_with_the_lines_at_hand(as_agent: Client, agent: Any) -> None:
    """Favourites, recents and most used stand ready before a key is pressed."""
    line = factories.card("fee", code="fe").say[0]
    for name in ("home", "dock"):
        assert 'class="blank"' in text(as_agent.get(reverse(name)))
    Favourite.objects.create(user=agent, line=line)
    CopyEvent.objects.create(user=agent, line=line)
    for name in ("home", "dock"):
        page = as_agent.get(reverse(name))
        assert [len(page.context[shelf]) for shelf in ("favourites", "recents", "most_used")] == [1, 1, 1]
        assert text(page).count(f'data-uuid="{line.uuid}"') == 3
        assert len(set(re.findall(r'role="option" id="([^"]+)"', text(page)))) == 3


# Pasted messages


MESSAGE = "你好，我看别家邮费太高的也就八块，你们家运费贵成这样，能不能少收点呀，不然我就不买了"


@pytest.mark.parametrize("screen", ["phrases", "dock"])
def test_a_pasted_message_brings_the_best_cards_and_why(as_agent: Client, screen: str) -> None:
    """Page and fragment alike, with the customer's way of saying it that fits."""
    three_cards()
    page = as_agent.post("/phrases/match/", {"message": MESSAGE, "screen": screen})
    fragment = as_agent.post("/phrases/match/", {"message": MESSAGE, "screen": screen}, headers=FRAGMENT)
    assert f"knowledge/{screen}.html" in names(page)
    assert found(page) == found(fragment)
    assert found(page)[0] == "fee"
    assert len(found(page)) <= 3
    assert 'class="because"' in text(fragment)
    assert fragment.headers["X-Fragment"] == "results"


def test_nothing_of_a_pasted_message_is_stored_or_logged(
    as_agent: Client, caplog: pytest.LogCaptureFixture, agent: Any
) -> None:
    """The promise beside the box. Not in a table, not in the session, not in the log, not sent back."""
    three_cards()
    with CaptureQueriesContext(connection) as queries, caplog.at_level(0):
        page = as_agent.post("/phrases/match/", {"message": MESSAGE + " 13800138000"})
    assert [q["sql"] for q in queries.captured_queries if q["sql"].startswith(("INSERT", "UPDATE"))] == []
    assert not SearchLog.objects.exists()
    assert "能不能少收点呀" not in caplog.text
    assert "13800138000" not in text(page)
    assert dict(as_agent.session).keys() <= {"_auth_user_id", "_auth_user_backend", "_auth_user_hash"}


def test_an_endless_message_is_cut_and_said(as_agent: Client) -> None:
    """Ten thousand characters are taken, more is told; over the upload limit it is a 413."""
    three_cards()
    assert as_agent.post("/phrases/match/", {"message": LONG}).context["cut"] is False
    assert as_agent.post("/phrases/match/", {"message": LONG * 2}).context["cut"] is True
    assert as_agent.post("/phrases/match/", {"message": "运" * 400_000}).status_code == 413


def test_an_empty_message_is_an_empty_state(as_agent: Client) -> None:
    """The button pressed by mistake."""
    for message in ("", "  \n", "\x00"):
        assert found(as_agent.post("/phrases/match/", {"message": message})) == []


@pytest.mark.parametrize(("address", "method"), [("/phrases/", "post"), ("/dock/", "post"), ("/phrases/match/", "get")])
def test_wrong_methods_are_refused(as_agent: Client, address: str, method: str) -> None:
    """A message in a URL would be in the log of every proxy; a POST to a page is somebody's mistake."""
    assert getattr(as_agent, method)(address).status_code == 405


# What is cached, and what it costs


@time_machine.travel(datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC), tick=False)
def test_a_cached_hit_follows_every_edit_it_shows(as_agent: Client) -> None:
    """Nothing is invalidated: title, line and freshness must change the key by themselves."""
    card = factories.card("fee", code="fe", aliases=["运费贵"])
    shown = lambda: text(as_agent.get("/phrases/", {"q": "运费贵"}, headers=FRAGMENT))  # noqa: E731
    first = shown()
    assert shown() == first
    card.verified_on = datetime.date(2026, 1, 1)
    card.save()
    verified = shown()
    assert ("badge due" in first, "badge due" in verified) == (True, False)
    factories.card("fee", code="fe", aliases=["运费贵"], title="改过的情景")
    renamed = shown()
    assert ("改过的情景" in verified, "改过的情景" in renamed) == (False, True)


def test_a_cached_hit_turns_due_at_midnight_in_shanghai(agent: Any) -> None:
    """Nobody touches the card; the day alone makes it due."""
    card = factories.card("fee", aliases=["运费贵"])
    card.verified_on = datetime.date(2026, 1, 1)
    card.save()
    answers = []
    for moment in ("2026-06-30T15:59:59+00:00", "2026-06-30T16:00:00+00:00"):
        with time_machine.travel(datetime.datetime.fromisoformat(moment), tick=False):
            client = Client()
            client.force_login(agent, "django.contrib.auth.backends.ModelBackend")
            answers.append("badge due" in text(client.get("/phrases/", {"q": "运费贵"})))
    assert answers == [False, True]


def test_a_cached_hit_follows_the_interval(agent: Any) -> None:
    """Another interval for the same day of verification is another state, though no word of the card has changed."""
    card = factories.card("fee", aliases=["运费贵"])
    client = Client()
    client.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    shown = []
    for days, state in ((180, "fresh"), (90, "due"), (60, "expired")):
        card.verified_on, card.verify_days = datetime.date(2026, 1, 1), days
        card.save()
        with time_machine.travel(datetime.datetime(2026, 4, 10, 4, tzinfo=datetime.UTC), tick=False):
            shown.append(f'class="badge {state}"' in text(client.get("/phrases/", {"q": "运费贵"})))
    assert shown == [True, True, True]


def test_a_cached_hit_speaks_the_readers_language(as_agent: Client, agent: Any) -> None:
    """The English colleague's search must not turn the Chinese ones' labels English."""
    factories.card("fee", aliases=["运费贵"])
    assert "To be verified" not in text(as_agent.get("/phrases/", {"q": "运费贵"}, headers=FRAGMENT))
    type(agent).objects.update(locale="en")
    assert "To be verified" in text(as_agent.get("/phrases/", {"q": "运费贵"}, headers=FRAGMENT))


def count(client: Client, address: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, headers=headers).status_code == 200
    return len(queries)


# Session, user, synonyms, and what the engine asks: the index and the weights of the words; where fewer than ten
# cards hold the words, all that comes near as well.
@pytest.mark.parametrize(
    ("address", "fragment", "limit"),
    [
        ("/dock/?q=运费", True, 6),
        ("/phrases/?q=运费", True, 6),
        ("/phrases/?q=运费", False, 6),
        ("/phrases/?q=yunfei", False, 8),
        ("/phrases/", False, 8),
        ("/dock/", False, 8),
        ("/", False, 8),
    ],
)
def test_queries_do_not_grow_with_rows(as_agent: Client, agent: Any, address: str, fragment: bool, limit: int) -> None:
    """A query a row would be felt at a hundred searches a shift."""
    headers = FRAGMENT if fragment else {}
    SynonymGroup.objects.create(words="运费 邮费")
    counts = []
    for number in range(3):
        card = factories.card(f"c{number}", aliases=[f"运费问题{number}"])
        for line in card.say:
            Favourite.objects.create(user=agent, line=line)
            CopyEvent.objects.create(user=agent, line=line)
        as_agent.get(address, headers=headers)
        counts.append(count(as_agent, address, **headers))
    assert counts[0] == counts[2]
    assert max(counts) <= limit


@pytest.mark.parametrize("address", ["/dock/?q=运费", "/phrases/?q=运费"])
def test_a_suggestion_costs_five_queries(as_agent: Client, address: str) -> None:
    """The budget while typing, with ten cards or more that hold the word."""
    for number in range(12):
        factories.card(f"c{number}", aliases=[f"运费问题{number}"])
    as_agent.get(address, headers=FRAGMENT)
    assert count(as_agent, address, **FRAGMENT) <= 5


def test_a_cached_answer_is_the_same_answer_squeezed_or_not(as_agent: Client) -> None:
    """Whole answers are kept compressed: whoever takes gzip and whoever does not must read the same."""
    three_cards()
    plain = as_agent.get("/dock/", {"q": "运费"}, headers=FRAGMENT)
    again = as_agent.get("/dock/", {"q": "运费"}, headers=FRAGMENT)
    squeezed = as_agent.get("/dock/", {"q": "运费"}, headers={**FRAGMENT, "Accept-Encoding": "gzip"})
    assert plain.content == again.content == gzip.decompress(squeezed.content)
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert squeezed.headers["X-Fragment"] == "results"
    assert "Accept-Encoding" in squeezed.headers["Vary"]


def test_one_readers_cached_answer_is_nobody_elses(as_agent: Client, as_trainer: Client, agent: Any) -> None:
    """The same words, one after the other: drafts and snippets must not come along out of the cache."""
    three_cards()
    factories.card("draft", "draft", aliases=["运费草稿"])
    Snippet(user=agent, code="my1", title="运费片段", text="运费我来说").save()
    clients = (as_agent, as_trainer, as_agent, as_trainer)
    pages = [text(client.get("/dock/", {"q": "运费"}, headers=FRAGMENT)) for client in clients]
    assert [("/phrases/draft/" in page, "运费我来说" in page.replace("<mark>", "").replace("</mark>", ""))
            for page in pages] == [(False, True), (True, False)] * 2  # fmt: skip


def test_a_customers_sentence_is_kept_in_no_cache(as_agent: Client) -> None:
    """Longer queries and numbers are what customers wrote; the cache of a worker is a place to keep them, too."""
    three_cards()
    for query in ("运费怎么这么贵啊我都不想买了你们能不能便宜", "13800138000 运费"):
        with patch.object(cache, "set", wraps=cache.set) as kept:
            as_agent.get("/dock/", {"q": query}, headers=FRAGMENT)
        assert [call for call in kept.call_args_list if call.args[0].startswith("answer/")] == []


def test_queries_of_a_cold_cache_do_not_grow_either(as_agent: Client) -> None:
    """After a restart every worker starts cold, in the middle of the day."""
    current_synonyms()
    counts = []
    for number in range(3):
        factories.card(f"c{number}", aliases=[f"运费问题{number}"])
        cache.clear()
        counts.append(count(as_agent, "/phrases/?q=运费"))
    assert counts[0] == counts[2]


def test_reading_writes_nothing(as_agent: Client) -> None:
    """A GET that writes would make every search wait for the writer."""
    three_cards()
    for address in ("/phrases/?q=运费", "/phrases/", "/dock/", "/", "/phrases/fee/", "/me/"):
        with CaptureQueriesContext(connection) as queries:
            as_agent.get(address)
        verbs = {query["sql"].split()[0] for query in queries.captured_queries}
        assert verbs <= {"SELECT", "WITH"}
