"""Who meets what, everywhere it could be met: the table that docs/decisions/0003 promises.

What is not visible is as if it were not there: left out of every list, 404 at every address.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from knowledge.models import Card, CopyEvent, Favourite, Feedback, Snippet
from tests import factories

pytestmark = pytest.mark.django_db

# Every thing holds the same word, so that one query could bring all of them.
WORD = "蓝莓果酱"
PEOPLE = ("anonymous", "inactive", "trainee", "agent", "trainer", "manager")

SIGNED_IN = ("trainee", "agent", "trainer", "manager")
EVERYTHING = {"published", "draft", "retired"}

# who -> what they meet: in lists (a retired card is in no list), and at the addresses of a card and its lines.
LISTED = {"trainer": {"published", "draft"}} | {key: {"published"} for key in ("trainee", "agent", "manager")}
OPENED = {"trainer": EVERYTHING} | {key: {"published"} for key in ("trainee", "agent", "manager")}


@pytest.fixture
def clients() -> dict[str, Client]:
    found = {"anonymous": Client()}
    for role in (*SIGNED_IN, "inactive"):
        user = factories.person("trainer" if role == "inactive" else role, username=f"who-{role}")
        found[role] = Client()
        found[role].force_login(user, "django.contrib.auth.backends.ModelBackend")
        if role == "inactive":
            user.is_active = False
            user.save()
    return found


@pytest.fixture(autouse=True)
def things() -> None:
    for status in ("published", "draft", "retired"):
        factories.card(status, status, aliases=[f"{WORD}怎么回"])
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
    factories.card("hub", neighbours=["published", "draft", "retired"])
    wanted = {who: LISTED.get(who, set()) for who in PEOPLE}
    if where == "neighbours":
        wanted["trainer"] = EVERYTHING
    if where == "short code of a snippet":
        wanted = {key: set() for key in PEOPLE}
        assert {who: listed(LISTS[where](client)) & {"snippet"} for who, client in clients.items()} == wanted
        return
    assert {who: listed(LISTS[where](client)) for who, client in clients.items()} == wanted


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
    for who in ("anonymous", "inactive", "trainee", "agent", "manager"):
        for thing in ("draft", "retired"):
            for verb in ("copied", "favourite", "feedback"):
                clients[who].post(f"/lines/{card(thing).say[0].uuid}/{verb}/", {"kind": "error", "text": "x"})
    assert (CopyEvent.objects.count(), Favourite.objects.count(), Feedback.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("verb", ["", "delete/"])
def test_a_snippet_is_nobodys_but_its_owners(clients: dict[str, Client], verb: str) -> None:
    """404 for every role, trainers and managers included."""
    snippet = Snippet.objects.get()
    answers = {who: client.post(f"/me/snippets/{snippet.pk}/{verb}").status_code for who, client in clients.items()}
    assert answers == dict.fromkeys(PEOPLE, 404) | {"anonymous": 302, "inactive": 302}
    owner = Client()
    owner.force_login(snippet.user, "django.contrib.auth.backends.ModelBackend")
    assert listed(owner.get("/dock/", {"q": WORD})) == {"published", "snippet"}


def test_commands_see_what_everybody_sees(tmp_path: Path) -> None:
    """The search command is read by other programs; an export is a file anybody may open."""
    out = io.StringIO()
    call_command("search", WORD, "--json", stdout=out)
    assert json.loads(out.getvalue())["hits"] == ["published"]
    call_command("export_content", str(tmp_path), stdout=io.StringIO())
    assert sorted(path.stem for path in (tmp_path / "cards").iterdir()) == ["draft", "published"]
    assert "我自己的话" not in "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "cards").iterdir())


def test_a_role_taken_away_counts_with_the_next_request(clients: dict[str, Client]) -> None:
    """A trainer who becomes an agent sees no draft any more, without signing out."""
    from django.contrib.auth.models import Group

    assert clients["trainer"].get("/phrases/draft/").status_code == 200
    Group.objects.get(name="trainer").user_set.clear()
    assert clients["trainer"].get("/phrases/draft/").status_code == 404
    assert listed(clients["trainer"].get("/dock/", {"q": WORD})) == {"published"}
