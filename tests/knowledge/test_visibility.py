"""Who meets what, everywhere it could be met: the table that docs/decisions/0003 promises.

What is not visible is as if it were not there: left out of every list, 404 at every address.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Team, User
from knowledge.models import Card, CopyEvent, Favourite, Feedback, Revision, SearchLog, Snippet
from knowledge.services import shelves
from knowledge.services.cards import publish_document
from tests import factories

pytestmark = pytest.mark.django_db

# Every thing holds the same word, so that one query could bring all of them.
WORD = "蓝莓果酱"
# Those without a team, a member of the card's team and of another one, a manager who leads it, and who has left both
# the firm and the team.
ROLES = {"trainee": "trainee", "agent": "agent", "trainer": "trainer", "manager": "manager"}
ROLES |= {"member": "agent", "stranger": "agent", "leader": "manager", "inactive": "trainer", "leaver": "agent"}
PEOPLE = ("anonymous", *ROLES)
GONE = ("inactive", "leaver")

SIGNED_IN = tuple(who for who in ROLES if who not in GONE)
# `ours` and `muted` are for one team alone, the second of them not published.
EVERYTHING = {"published", "draft", "retired", "ours", "muted"}

# who -> what they meet: in lists (a retired card is in no list), and at the addresses of a card and its lines.
READERS = {key: {"published"} for key in ("trainee", "agent", "manager", "stranger")}
READERS |= {key: {"published", "ours"} for key in ("member", "leader")}
LISTED = READERS | {"trainer": EVERYTHING - {"retired"}}
OPENED = READERS | {"trainer": EVERYTHING}


@pytest.fixture
def clients() -> dict[str, Client]:
    ours, other = Team.objects.create(code="s1", name="一店"), Team.objects.create(code="s11", name="十一店")
    teams = {"member": ours, "leaver": ours, "stranger": other}
    found = {"anonymous": Client()}
    for who, role in ROLES.items():
        user = factories.person(role, username=f"who-{who}", team=teams.get(who))
        found[who] = Client()
        found[who].force_login(user, "django.contrib.auth.backends.ModelBackend")
        if who == "leader":
            ours.leaders.add(user)
        if who in GONE:
            user.is_active = False
            user.save()
    return found


@pytest.fixture(autouse=True)
def things(clients: dict[str, Client]) -> None:
    for status in ("published", "draft", "retired"):
        factories.card(status, status, aliases=[f"{WORD}怎么回"])
    for slug, status in (("ours", "published"), ("muted", "draft")):
        factories.card(slug, status, aliases=[f"{WORD}{slug}"], audience=["s1"])
    owner = factories.person("agent", username="owner")
    Snippet(user=owner, code="zz1", title=f"{WORD}私人", text=f"{WORD}我自己的话").save()


def card(slug: str) -> Card:
    return Card.objects.get(slug=slug)


def listed(answer: Any) -> set[str]:
    """What a results page or fragment shows. Somebody who must sign in first meets nothing."""
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/accounts/login/?next=")
        return set()
    assert answer.status_code == 200
    page = answer.content.decode()
    shown = {status for status in EVERYTHING if f"/phrases/{status}/" in page}
    return shown | ({"snippet"} if "我自己的话" in page or "私人" in page else set())


LISTS: dict[str, Callable[[Client], Any]] = {
    "search page": lambda client: client.get("/phrases/", {"q": WORD}),
    "near search": lambda client: client.get("/phrases/", {"q": f"{WORD}呀不知道哪个"}),
    "pinyin": lambda client: client.get("/phrases/", {"q": "lanmeiguojiang"}),
    "short code of a snippet": lambda client: client.get("/dock/", {"q": "zz1"}),
    "suggestion": lambda client: client.get("/dock/", {"q": WORD}, headers={"X-Fragment": "1"}),
    "home": lambda client: client.get("/", {"q": WORD}),
    "browsing": lambda client: client.get("/phrases/"),
    "filtered": lambda client: client.get("/phrases/", {"q": WORD, "stage": "pre", "competency": "language"}),
    "match page": lambda client: client.post("/phrases/match/", {"message": f"请问{WORD}这个怎么回答顾客才好呢"}),
    "match fragment": lambda client: client.post(
        "/phrases/match/", {"message": f"请问{WORD}这个怎么回答顾客才好呢"}, headers={"X-Fragment": "1"}
    ),
    "neighbours": lambda client: client.get("/phrases/hub/"),
}


@pytest.mark.parametrize("where", LISTS)
def test_lists(clients: dict[str, Client], where: str) -> None:
    """A draft in one forgotten list is a promise to a customer that nobody approved."""
    factories.card("hub", neighbours=sorted(EVERYTHING))
    wanted = {who: LISTED.get(who, set()) for who in PEOPLE}
    if where == "neighbours":
        wanted["trainer"] = EVERYTHING
    if where == "short code of a snippet":
        wanted = {key: set() for key in PEOPLE}
        assert {who: listed(LISTS[where](client)) & {"snippet"} for who, client in clients.items()} == wanted
        return
    found = {who: listed(LISTS[where](client)) for who, client in clients.items()}
    if where.startswith("match"):  # the three best of a trainer's four
        assert len(found["trainer"]) == 3
        wanted["trainer"] = wanted["trainer"] & found["trainer"]
    assert found == wanted


ADDRESSES: dict[str, Callable[[Client, Card], Any]] = {
    "card page": lambda client, card: client.get(f"/phrases/{card.slug}/"),
    "share link": lambda client, card: client.get(card.say[0].get_absolute_url()),
    "copied": lambda client, card: client.post(f"/lines/{card.say[0].uuid}/copied/"),
    "favourite": lambda client, card: client.post(f"/lines/{card.say[0].uuid}/favourite/"),
    "feedback form": lambda client, card: client.get(f"/lines/{card.say[0].uuid}/feedback/"),
    "feedback": lambda client, card: client.post(
        f"/lines/{card.say[0].uuid}/feedback/", {"kind": "error", "text": "x"}
    ),
}
GOOD = {"card page": 200, "share link": 200, "copied": 204, "favourite": 302, "feedback form": 200, "feedback": 302}


@pytest.mark.parametrize("where", ADDRESSES)
def test_addresses(clients: dict[str, Client], where: str) -> None:
    """Visible: it works. Not visible: 404, as for something that never was. Signed out: sign in first."""
    found, wanted = {}, {}
    for who, client in clients.items():
        for thing in EVERYTHING:
            answer = ADDRESSES[where](client, card(thing))
            sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/?next=")
            found[who, thing] = "sign in" if sign_in else answer.status_code
            wanted[who, thing] = (
                "sign in" if who not in SIGNED_IN else GOOD[where] if thing in OPENED[who] else 404
            )  # fmt: skip
    assert found == wanted


def test_nothing_is_counted_for_what_is_not_visible(clients: dict[str, Client]) -> None:
    """A refused copy or star must leave no row behind either."""
    for who in (*GONE, "anonymous", "trainee", "agent", "manager", "stranger"):
        for thing in EVERYTHING - {"published"}:
            for verb in ("copied", "favourite", "feedback"):
                clients[who].post(f"/lines/{card(thing).say[0].uuid}/{verb}/", {"kind": "error", "text": "x"})
    assert (CopyEvent.objects.count(), Favourite.objects.count(), Feedback.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("verb", ["", "delete/"])
def test_a_snippet_is_nobodys_but_its_owners(clients: dict[str, Client], verb: str) -> None:
    """404 for every role, trainers and managers included."""
    snippet = Snippet.objects.get()
    answers = {who: client.post(f"/me/snippets/{snippet.pk}/{verb}").status_code for who, client in clients.items()}
    assert answers == dict.fromkeys(PEOPLE, 404) | dict.fromkeys(("anonymous", *GONE), 302)
    owner = Client()
    owner.force_login(snippet.user, "django.contrib.auth.backends.ModelBackend")
    assert listed(owner.get("/dock/", {"q": WORD})) == {"published", "snippet"}


def test_commands_see_what_everybody_sees(tmp_path: Path) -> None:
    """The search command is read by other programs; an export is a file anybody may open."""
    out = io.StringIO()
    call_command("search", WORD, "--json", stdout=out)
    assert json.loads(out.getvalue())["hits"] == ["published"]
    call_command("export_content", str(tmp_path), stdout=io.StringIO())
    assert sorted(path.stem for path in (tmp_path / "cards").iterdir()) == ["draft", "muted", "ours", "published"]
    assert "我自己的话" not in "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "cards").iterdir())


def test_counts_are_of_what_is_visible(clients: dict[str, Client]) -> None:
    """A number beside a filter, or over the list, that counts a hidden card tells that there is one."""
    wanted = {who: len(LISTED[who]) for who in SIGNED_IN}
    for address in ("/phrases/", f"/phrases/?q={WORD}", f"/phrases/?q={WORD}&stage=pre", f"/dock/?q={WORD}"):
        pages = {who: clients[who].get(address).content.decode() for who in SIGNED_IN}
        found = {who: int(re.findall(r'data-total="(\d+)"', page)[0]) for who, page in pages.items()}
        assert found == wanted, address
        # Beside the stage that all of them are of.
        chips = {who: re.findall(r'stage=pre"[^>]*>\D*(\d+)<', page) for who, page in pages.items()}
        assert chips == {who: [str(count)] for who, count in wanted.items()}, address


def test_a_settled_search_counts_what_its_reader_sees(clients: dict[str, Client]) -> None:
    """The list of searches that found nothing is about each reader's own phrasebook."""
    for who in ("member", "stranger"):
        assert clients[who].post("/searches/", {"q": f"{WORD}ours"}).status_code == 204
    counts = dict(SearchLog.objects.values_list("user__username", "results"))
    assert counts["who-member"] == counts["who-stranger"] + 1


SHELVES = ("favourites", "recents", "most_used")


def test_shelves_drop_what_is_not_for_the_reader_any_more(clients: dict[str, Client]) -> None:
    """Kept and copied while they might; a change of team takes the words off every shelf, and brings them back."""
    user = User.objects.get(username="who-member")
    line = card("ours").say[0]
    for verb in ("favourite", "copied"):
        clients["member"].post(f"/lines/{line.uuid}/{verb}/")

    def shown() -> dict[str, bool]:
        pages = {"dock": "/dock/", "me": "/me/"}
        return {name: "ours这件事" in clients["member"].get(path).content.decode() for name, path in pages.items()}

    assert shown() == {"dock": True, "me": True}
    assert [len(getattr(shelves, name)(user)) for name in SHELVES] == [1, 1, 1]
    User.objects.filter(pk=user.pk).update(team="s11")
    assert shown() == {"dock": False, "me": False}
    user.refresh_from_db()
    assert [len(getattr(shelves, name)(user)) for name in SHELVES] == [0, 0, 0]
    User.objects.filter(pk=user.pk).update(team="s1")
    assert shown() == {"dock": True, "me": True}


def test_what_one_has_asked_for_is_not_kept_for_another(clients: dict[str, Client]) -> None:
    """The caches are warm with every reader's answer, in both orders; each still gets their own."""
    for _ in range(2):
        for who in (*SIGNED_IN, *reversed(SIGNED_IN)):
            for ask in LISTS.values():
                answer = ask(clients[who])
                if answer.status_code == 200:
                    assert listed(answer) - {"snippet"} <= LISTED[who]


ADMIN = {"trainer": EVERYTHING, "leader": EVERYTHING, "manager": {"published", "draft", "retired"}}
ADMIN |= {"agent": None, "member": None}  # not theirs at all
ADMIN_LISTS = {
    "list": "/admin/knowledge/card/",
    "search": f"/admin/knowledge/card/?q={WORD}",
    "versions": "/admin/knowledge/revision/?state=published",
    "remarks": "/admin/knowledge/feedback/",
}


@pytest.mark.parametrize("where", ADMIN_LISTS)
def test_the_admin_follows_the_same_rule(clients: dict[str, Client], where: str) -> None:
    """A manager looks at cards, versions and remarks there; those of a team they do not lead are not theirs."""
    for slug in EVERYTHING:
        Feedback.objects.create(card=card(slug), line=card(slug).say[0], kind="error", text=f"/phrases/{slug}/")
    for who, wanted in ADMIN.items():
        answer = clients[who].get(ADMIN_LISTS[where])
        if wanted is None:
            assert answer.status_code in (302, 403)
            continue
        rows = answer.context["cl"].queryset
        found = {str(getattr(row, "slug", "") or row.card.slug) for row in rows}
        assert found == wanted, who


def test_a_page_of_the_admin_is_not_opened_by_its_number(clients: dict[str, Client]) -> None:
    """Numbers are easily counted up."""
    pages = [f"/admin/knowledge/card/{card('ours').pk}/{page}/" for page in ("change", "history")]
    pages.append(f"/admin/knowledge/revision/{Revision.objects.get(slug='ours').pk}/change/")
    found = {who: [clients[who].get(page).status_code for page in pages] for who in ("trainer", "leader", "manager")}
    assert found == {"trainer": [200] * 3, "leader": [200] * 3, "manager": [302] * 3}


def test_an_older_version_stays_with_its_teams(clients: dict[str, Client]) -> None:
    """Opened to everybody, or closed: neither today's audience nor the one of then may be passed by."""
    shut = card("ours").to_document()
    publish_document({key: value for key, value in shut.items() if key != "audience"})
    publish_document(card("published").to_document() | {"audience": ["s1"]})

    def versions(who: str, slug: str) -> list[int]:
        rows = clients[who].get(f"/admin/knowledge/revision/?state=published&q={slug}").context["cl"].queryset
        return sorted(row.number for row in rows if row.slug == slug)

    wanted = {"trainer": ([1, 2], [1, 2]), "leader": ([1, 2], [1, 2]), "manager": ([2], [])}
    assert {who: (versions(who, "ours"), versions(who, "published")) for who in wanted} == wanted


def test_an_open_version_does_not_tell_of_the_shut_one_before_it(clients: dict[str, Client]) -> None:
    """Neither by what it changed, nor in the history of the card."""
    shut = card("ours")
    closed = {key: value for key, value in shut.to_document().items() if key != "audience"}
    publish_document(closed | {"title": "对大家说", "trigger": "对大家"}, reason="开放")
    Revision.objects.filter(slug="ours", number=1).update(reason="一店的理由")
    pages = (f"revision/{Revision.objects.get(slug='ours', number=2).pk}/change/", f"card/{shut.pk}/history/")
    told = {
        who: [
            any(
                word in clients[who].get(f"/admin/knowledge/{page}").content.decode()
                for word in (shut.title, "一店的理由")
            )
            for page in pages
        ]
        for who in ("trainer", "leader", "manager")
    }
    assert told == {"trainer": [True, True], "leader": [True, True], "manager": [False, False]}


def test_a_role_taken_away_counts_with_the_next_request(clients: dict[str, Client]) -> None:
    """A trainer who becomes an agent sees no draft any more, without signing out."""
    from django.contrib.auth.models import Group

    assert clients["trainer"].get("/phrases/draft/").status_code == 200
    Group.objects.get(name="trainer").user_set.clear()
    assert clients["trainer"].get("/phrases/draft/").status_code == 404
    assert listed(clients["trainer"].get("/dock/", {"q": WORD})) == {"published"}
