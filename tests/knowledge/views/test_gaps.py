"""The page of the search gaps and the page of the copies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from knowledge.models import Alias, Card, CopyEvent, GapDecision, Revision, SearchLog, SynonymGroup
from knowledge.services import gap_decisions
from knowledge.tables import csv
from tests import factories

pytestmark = pytest.mark.django_db
LIST, DECIDE, FILE = "/team/searches/", "/team/searches/decide/", "/team/searches/csv/"
COPIES, COPIES_FILE = "/team/copies/", "/team/copies/csv/"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def english_trainer(db: None) -> Any:
    return factories.person("trainer", locale="en")


@pytest.fixture
def page(english_trainer: Any) -> Client:
    return client_of(english_trainer)


def searched(query: str, results: int = 0, user: Any = None, **values: Any) -> SearchLog:
    return SearchLog.objects.create(query=query, results=results, user=user, **values)


def queries_of(response: Any) -> list[str]:
    return [gap.query for gap in response.context["gaps"]]


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_one_click_and_the_next_search_finds_it(page: Client, agent: Any) -> None:
    """From the query nobody has words for to the card, as a trainer and an agent see it."""
    card = factories.card("fee")
    reader = client_of(agent)
    reader.post("/searches/", {"q": "花呗分期"})
    assert reader.get("/phrases/", {"q": "花呗分期"}).context["total"] == 0
    opened = page.get(LIST, {"open": "花呗分期"})
    assert (queries_of(opened), opened.context["seen"]) == (["花呗分期"], "")
    data = {"query": "花呗分期", "seen": "", "make": "alias", "card": card.pk, "days": "90", "least": "2"}
    answer = page.post(DECIDE, data)
    assert answer.url == f"{LIST}?days=90&least=2&reason="
    (message,) = told(page.get(answer.url))
    assert message.startswith('“花呗分期” is found now. <a href="/phrases/?q=%E8%8A%B1')
    assert reader.get("/phrases/", {"q": "花呗分期"}).context["total"] == 1
    assert queries_of(page.get(LIST)) == []


def test_the_card_that_people_copied_in_the_end_is_one_click_away(page: Client, agent: Any) -> None:
    """Without opening anything: the button stands on the row, for words that can be an alias."""
    card = factories.card("fee")
    for query in ("邮资", "单号*"):
        log = searched(query, user=agent, at=timezone.now() - timedelta(days=1))
        CopyEvent.objects.create(line=card.say[0], user=agent, at=log.at + timedelta(seconds=30))
    response = page.get(LIST)
    text = response.content.decode()
    assert ([gap.best for gap in response.context["gaps"]], text.count(f'name="card" value="{card.pk}"')) == (
        [None, card],
        1,
    )
    seen = response.context["gaps"][1].seen
    page.post(DECIDE, {"query": "邮资", "make": "alias", "card": card.pk, "seen": seen})
    assert list(card.aliases.values_list("text", flat=True))[-1] == "邮资"


def test_a_query_is_never_markup(page: Client) -> None:
    """What anybody may type stands in lists, links, labels and messages of people with more rights."""
    query = "<b>\"x'&"
    searched(query)
    for response in (
        page.get(LIST, {"open": query}),
        page.post(DECIDE, {"query": query, "make": "nothing"}, follow=True),
    ):
        assert '<b>"x' not in response.content.decode()
    assert GapDecision.objects.get().query == query


@pytest.mark.parametrize("role", ["trainer", "manager"])
def test_managers_read_and_trainers_decide(role: str) -> None:
    factories.card("fee")
    searched("花呗")
    client = client_of(factories.person(role))
    response = client.get(LIST, {"open": "花呗"})
    posted = client.post(DECIDE, {"query": "花呗", "make": "nothing"}).status_code
    assert (queries_of(response), "opened" in response.context, posted, GapDecision.objects.count()) == (
        ["花呗"],
        role == "trainer",
        302 if role == "trainer" else 404,
        int(role == "trainer"),
    )


@pytest.mark.parametrize(
    "data",
    [
        {"make": "nothing"},
        {"query": "nobody asked", "make": "nothing"},
        {"query": "花呗", "make": ""},
        {"query": "花呗", "make": "table"},
    ],
)
def test_what_is_no_decision_is_told(page: Client, data: dict[str, str]) -> None:
    """No other words than those searched for get in, least of all pasted ones."""
    searched("花呗")
    response = page.post(DECIDE, data)
    assert (response.status_code, len(response.context["errors"]), GapDecision.objects.count()) == (422, 1, 0)


@pytest.mark.parametrize("card", ["", "x", "0", "999999999", "9" * 30, "retired"])
def test_a_card_that_is_none_is_told(page: Client, card: str) -> None:
    searched("花呗")
    retired = factories.card("old", status="retired")
    response = page.post(DECIDE, {"query": "花呗", "make": "alias", "card": retired.pk if card == "retired" else card})
    assert (response.status_code, response.context["errors"]) == (422, ["Choose the card this query should lead to."])


def test_a_refusal_keeps_what_was_typed(page: Client) -> None:
    searched("邮资")
    response = page.post(DECIDE, {"query": "邮资", "make": "synonym", "words": "费"})
    text = response.content.decode()
    assert (response.status_code, 'value="费"' in text, response.context["opened"]) == (422, True, "邮资")
    assert SynonymGroup.objects.count() == 0


def test_the_second_trainer_is_told_on_the_page(page: Client, trainer: Any) -> None:
    searched("花呗")
    gap_decisions.set_aside("花呗", by=trainer, seen="")
    response = page.post(DECIDE, {"query": "花呗", "make": "nothing", "seen": ""})
    assert response.status_code == 422
    assert response.context["errors"] == [f"{trainer} has decided on this meanwhile: Set aside. Nothing was changed."]


def test_a_synonym_and_a_card_from_the_page(page: Client) -> None:
    factories.card("fee", aliases=["运费怎么算"])
    searched("邮资")
    searched("花呗")
    response = page.post(DECIDE, {"query": "邮资", "make": "synonym", "words": "运费"}, follow=True)
    assert [message.split(".")[0] for message in told(response)] == ["“邮资” is found now"]
    response = page.post(DECIDE, {"query": "花呗", "make": "card"})
    card = Card.objects.get(title="花呗")
    assert (response.url, card.status) == (f"/admin/knowledge/card/{card.pk}/change/", "draft")
    assert page.get(response.url).status_code == 200


def test_a_nul_is_no_part_of_a_synonym(page: Client) -> None:
    """PostgreSQL keeps none: it ended in an error 500."""
    searched("邮资")
    page.post(DECIDE, {"query": "邮资", "make": "synonym", "words": "运\0费"})
    assert SynonymGroup.objects.get().words == "邮资 运费"


def test_a_synonym_that_helps_nobody_says_so(page: Client) -> None:
    searched("邮资")
    response = page.post(DECIDE, {"query": "邮资", "make": "synonym", "words": "邮费"}, follow=True)
    assert told(response) == ["Saved, but the search still finds nothing for “邮资”: no card holds the other words."]


def test_a_draft_says_when_it_will_be_found(trainer: Any) -> None:
    writer = factories.person("trainer", publishes=False, locale="en")
    card = factories.card("fee")
    searched("花呗")
    response = client_of(writer).post(DECIDE, {"query": "花呗", "make": "alias", "card": card.pk}, follow=True)
    assert told(response) == ["“花呗” is an alias of “情景fee” in a draft. It is found once that is published."]
    assert Alias.objects.filter(text="花呗").count() == 0


def test_set_aside_and_back(page: Client) -> None:
    searched("花呗")
    page.post(DECIDE, {"query": "花呗", "make": "nothing"})
    decided = page.get(LIST, {"reason": "decided"})
    assert (queries_of(page.get(LIST)), [one.query for one in decided.context["pages"]]) == ([], ["花呗"])
    page.post(DECIDE, {"query": "花呗", "make": "back"})
    assert queries_of(page.get(LIST)) == ["花呗"]


def test_decisions_name_no_card_of_other_teams(page: Client, trainer: Any) -> None:
    """A manager reads the gaps; what a card of a team they do not lead is called is none of theirs."""
    factories.team("shop")
    card = factories.card("own", title="一店秘密", audience=["shop"])
    searched("花呗")
    page.post(DECIDE, {"query": "花呗", "make": "alias", "card": card.pk})
    searched("花呗")
    SearchLog.objects.update(results=0, copied=False)
    manager = client_of(factories.person("manager", locale="en"))
    told = {}
    for who, client in (("trainer", page), ("manager", manager)):
        answers = [client.get(LIST), client.get(LIST, {"reason": "decided"})]
        told[who] = [("花呗" in answer.content.decode(), "一店秘密" in answer.content.decode()) for answer in answers]
    assert told == {"trainer": [(True, True)] * 2, "manager": [(True, False)] * 2}


def test_the_box_finds_as_the_site_does(page: Client) -> None:
    """By pinyin, and as a fragment for the script: never a whole page into a list."""
    factories.card("fee", title="运费怎么算")
    searched("花呗")
    asked = {"open": "花呗", "find": "yunfei"}
    assert [card.slug for card in page.get(LIST, asked).context["cards"]] == ["fee"]
    piece = page.get(LIST, asked, headers={"X-Fragment": "1"})
    assert (piece.headers["X-Fragment"], "<html" in piece.content.decode()) == ("cards", False)
    assert [card.slug for card in piece.context["cards"]] == ["fee"]


@pytest.mark.parametrize(
    "query",
    [
        "days=x&least=y&reason=z&page=w",
        "days=9999&least=-1&page=0",
        "page=999",
        "page=99999999999",
        "open=nope&find=%00",
        "find=%F0%9F%98%80&open=%00",
    ],
)
def test_addresses_that_mean_nothing_show_the_usual_list(page: Client, query: str) -> None:
    searched("花呗")
    response = page.get(f"{LIST}?{query}")
    assert (response.status_code, queries_of(response)) == (200, ["花呗"])


def test_filters(page: Client) -> None:
    searched("花呗")
    searched("旧", at=timezone.now() - timedelta(days=40))
    searched("没复制", 3)
    found = {
        query: queries_of(page.get(f"{LIST}?{query}"))
        for query in ("", "days=90", "days=90&reason=unused", "days=90&least=2")
    }
    assert found == {
        "": ["没复制", "花呗"],
        "days=90": ["没复制", "花呗", "旧"],
        "days=90&reason=unused": ["没复制"],
        "days=90&least=2": [],
    }


def test_the_file_of_the_gaps_is_safe_to_open_and_written_down(page: Client, english_trainer: Any) -> None:
    searched("=1+1")
    searched("13800138000")  # from before the masking
    response = page.post(FILE, {"days": "30"})
    rows = [record.cells for record in csv.read(response.content).records()]
    assert response.headers["Content-Disposition"].startswith('attachment; filename="search-gaps-')
    assert (response.content[:3], [row[0] for row in rows]) == (b"\xef\xbb\xbf", ["query", "*", "=1+1"])
    assert b"'=1+1" in response.content
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.kind, entry.detail) == (english_trainer, "exported", "gap", "2 rows")


def test_looking_writes_nothing(page: Client) -> None:
    searched("花呗")
    page.get(LIST, {"open": "花呗"})
    page.get(COPIES)
    assert (page.get(FILE).status_code, page.get(COPIES_FILE).status_code) == (405, 405)
    assert (AuditEntry.objects.count(), GapDecision.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "address", [LIST, COPIES, COPIES + "?by=card", COPIES + "?side=never", LIST + "?reason=decided"]
)
def test_lists_cost_the_same_at_one_and_at_three_rows(page: Client, agent: Any, address: str) -> None:
    def one_more(number: int) -> None:
        card = factories.card(f"card-{number}")
        Revision.objects.filter(slug=card.slug).update(created_at=timezone.now() - timedelta(days=60))
        searched(f"问{number}", user=agent)
        searched(f"定{number}", user=agent)
        CopyEvent.objects.create(line=card.say[0], user=agent)
        GapDecision.objects.create(query=f"定{number}", made="alias", card=card, by=agent)

    one_more(0)
    page.get(address)
    with CaptureQueriesContext(connection) as few:
        page.get(address)
    one_more(1)
    one_more(2)
    with CaptureQueriesContext(connection) as many:
        page.get(address)
    assert len(many) == len(few)


# Copies


def aged(slug: str, days: int = 60, **changes: Any) -> Card:
    """A card that was published so many days ago."""
    card = factories.card(slug, **changes)
    Revision.objects.filter(slug=slug).update(created_at=timezone.now() - timedelta(days=days))
    return card


def copied(card: Card, times: int, line: int = 0, days: float = 1) -> None:
    for _ in range(times):
        CopyEvent.objects.create(line=card.say[line], at=timezone.now() - timedelta(days=days))


def codes(response: Any) -> list[tuple[str, int]]:
    return [(row.line.code if row.line else row.card.slug, row.times) for row in response.context["rows"]]


def test_the_most_copied_first(page: Client) -> None:
    fee, gift = aged("fee", code="fe"), aged("gift", code="gi", stage="after", course="rules")
    copied(fee, 1), copied(fee, 2, 1), copied(gift, 4), copied(gift, 9, days=40)
    found = {
        query: codes(page.get(f"{COPIES}?{query}"))
        for query in ("", "days=90", "by=card", "stage=after", "course=language", "stage=in", "by=x&side=y&stage=z")
    }
    everything = [("gi1", 4), ("fe2", 2), ("fe1", 1)]
    assert found == {
        "": everything,
        "days=90": [("gi1", 13), ("fe2", 2), ("fe1", 1)],
        "by=card": [("gift", 4), ("fee", 3)],
        "stage=after": [("gi1", 4)],
        "course=language": [("fe2", 2), ("fe1", 1)],
        "stage=in": [],
        "by=x&side=y&stage=z": everything,
    }


def test_never_copied_is_what_could_have_been_copied_all_the_time(page: Client) -> None:
    """A card of yesterday, a draft, a 不该说 line: none of them was passed over by anybody."""
    fee = aged("fee", code="fe")
    aged("young", days=3, code="yo")
    aged("draft", code="dr", status="draft")
    aged("idle", code="id")
    copied(fee, 1)
    assert codes(page.get(COPIES, {"side": "never"})) == [("fe2", 0), ("id1", 0), ("id2", 0)]
    assert codes(page.get(COPIES, {"side": "never", "by": "card"})) == [("idle", 0)]


def test_a_new_line_of_an_old_card_is_not_blamed(page: Client) -> None:
    card = aged("fee", code="fe")
    document = card.to_document()
    document["do"].append({"code": "fe3", "text": "新的一句。", "why": "新。"})
    from knowledge.services.cards import publish_document

    publish_document(document)
    assert codes(page.get(COPIES, {"side": "never"})) == [("fe1", 0), ("fe2", 0)]


def test_the_weeks_are_a_picture_and_words(page: Client) -> None:
    card = aged("fee", code="fe")
    copied(card, 3, days=0)
    copied(card, 1, days=14)
    response = page.get(COPIES)
    (row,) = response.context["rows"]
    assert row.weeks == [0] * 9 + [1, 0, 3]
    assert [bar.height for bar in row.bars[-3:]] == [8, 1, 24]
    assert 'aria-label="Copies by week, oldest first: 0、0、0、0、0、0、0、0、0、1、0、3"' in response.content.decode()


def test_the_file_of_the_copies(page: Client) -> None:
    copied(aged("fee", code="fe"), 2)
    response = page.post(COPIES_FILE, {"side": "most"})
    (_heading, row) = [record.cells for record in csv.read(response.content).records()]
    assert row[:4] == ["情景fee", "fe1", "您好，fee这件事我来帮您查。", "2"]
    assert list(AuditEntry.objects.values_list("action", "kind")) == [("exported", "copies")]


@pytest.mark.parametrize("role", ["trainee", "agent"])
def test_others_find_nothing_here(role: str) -> None:
    client = client_of(factories.person(role))
    answers = [client.get(LIST), client.get(COPIES), client.post(FILE), client.post(COPIES_FILE), client.post(DECIDE)]
    assert [answer.status_code for answer in answers] == [404] * 5
