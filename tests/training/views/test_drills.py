"""The pages of the drills: a door, a round, why after each, the result; all of it without script."""

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

from knowledge.models import Card
from tests import factories
from training.models import DrillRound, RecallItem

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def player(db: None) -> Any:
    return factories.person("trainee", locale="en")


@pytest.fixture
def client(player: Any) -> Client:
    made = Client()
    made.force_login(player, BACKEND)
    return made


@pytest.fixture
def cards(db: None) -> list[Card]:
    return [factories.card(f"c{at}", code=f"c{chr(97 + at)}") for at in range(3)]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The clock of the tests: a list of one moment."""
    moment = [timezone.now().replace(hour=4)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment[0])
    return moment


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def begin(client: Client, kind: str) -> tuple[str, DrillRound]:
    answer = client.post(f"/practice/{kind}/")
    found = DrillRound.objects.get(kind=kind, finished_at=None)
    assert answer["Location"] == f"/practice/rounds/{found.pk}/"
    return f"/practice/rounds/{found.pk}/", found


def right(found: DrillRound, at: int) -> str:
    asked = found.items[at]["asked"]
    if asked["type"] == "fill":
        return str(asked["answers"][0])
    return next(option["key"] for option in asked["options"] if option["right"] == "yes")


@pytest.mark.parametrize("kind", ["better", "codes"])
def test_a_round(client: Client, cards: list[Card], kind: str) -> None:
    """Ask, why, next, and so on to the result; the doors know the best and the round that is open."""
    assert "Start a round" in words(client, f"/practice/{kind}/")
    address, found = begin(client, kind)
    assert "Go on with the round" in words(client, f"/practice/{kind}/")
    for at in range(3):
        assert f"{at + 1} of 3" in words(client, address)
        given = "" if at == 1 else right(found, at)
        assert client.post(f"{address}answers/", {"at": at, f"a{at + 1}": given})["Location"] == address
        if at < 2:
            assert ("○ Not answered" if at == 1 else "✓ Right") in words(client, address)
            client.post(f"{address}answers/", {"at": at + 1, "on": "1"})
    result = words(client, address)
    assert "2 of 3 right" in result
    assert "What went wrong is asked again in recall" in result
    assert RecallItem.objects.get().key == f"{found.items[1]['card']}#{found.items[1]['what']}"
    assert "your best: 2 of 10" in words(client, f"/practice/{kind}/")


def test_a_pair_that_ran_out(client: Client, cards: list[Card], now: list[Any]) -> None:
    """Its page comes with an empty bar; sending it is no answer, and the why comes all the same."""
    address, found = begin(client, "better")
    now[0] += timedelta(seconds=30)
    assert 'data-remaining="0.0"' in client.get(address).content.decode()
    client.post(f"{address}answers/", {"at": 0, "a1": right(found, 0)})
    assert "○ Not answered" in words(client, address)


def test_no_card_is_said(client: Client) -> None:
    for kind in ("better", "typing", "codes"):
        assert client.post(f"/practice/{kind}/")["Location"] == f"/practice/{kind}/"
        assert "There is no published card to practise with yet." in words(client, f"/practice/{kind}/")


def test_a_card_taken_back_is_not_shown(client: Client, cards: list[Card]) -> None:
    """Neither while the round is on nor in its result."""
    address, found = begin(client, "better")
    Card.objects.update(status="retired")
    for at in range(3):
        page = client.get(address).content.decode()
        assert found.items[at]["asked"]["prompt"] not in page
        client.post(f"{address}answers/", {"at": at})
        client.post(f"{address}answers/", {"at": at + 1, "on": "1"}) if at < 2 else None
    page = client.get(address).content.decode()
    assert not [item for item in found.items if item["asked"]["prompt"] in page]
    assert "0</b> <span>of 0 right" in page


def test_typing_without_script(client: Client, cards: list[Card], now: list[Any]) -> None:
    """The texts are counted and dropped; the figures are what is left."""
    address, found = begin(client, "typing")
    now[0] += timedelta(seconds=60)
    texts = {f"t{at}": item["text"] for at, item in enumerate(found.items)}
    assert client.post(f"{address}answers/", texts)["Location"] == address
    length = sum(map(len, texts.values()))
    page = words(client, address)
    assert f"{length} characters a minute" in page
    assert f"100% right, {length} characters in 60 seconds." in page


@pytest.mark.parametrize("sent", [{}, {"characters": "x"}, {"t0": "短"}, {"characters": "9" * 30}])
def test_implausible_totals_are_told(client: Client, cards: list[Card], sent: dict[str, str]) -> None:
    """To a page in words, to the script as JSON; the round stays open."""
    address, found = begin(client, "typing")
    assert client.post(f"{address}answers/", sent)["Location"] == address
    assert "This round could not be counted" in words(client, address)
    answer = client.post(f"{address}answers/", sent, headers={"X-Fragment": "1"})
    assert (answer.status_code, "could not be counted" in answer.json()["error"]) == (422, True)
    found.refresh_from_db()
    assert found.finished_at is None


@pytest.mark.parametrize("sent", [{}, {"at": "x"}, {"at": "99"}, {"at": "3"}, {"at": "-1"}])
def test_a_place_that_is_not_there(client: Client, cards: list[Card], sent: dict[str, str]) -> None:
    address, _found = begin(client, "better")
    assert client.post(f"{address}answers/", sent).status_code == 404


def test_nobody_elses(client: Client, cards: list[Card], as_trainer: Client) -> None:
    for kind in ("better", "typing", "codes"):
        address, _found = begin(client, kind)
        assert as_trainer.get(address).status_code == 404
        assert as_trainer.post(f"{address}answers/").status_code == 404
        assert client.get(f"{address}answers/").status_code == 405


@pytest.mark.parametrize("kind", ["better", "codes", "typing"])
def test_a_round_is_constant_in_queries(client: Client, player: Any, kind: str) -> None:
    """With one card and with three."""
    counts = []
    for at in range(3):
        factories.card(f"q{at}", code=f"q{chr(97 + at)}")
        address, _found = begin(client, kind)
        with CaptureQueriesContext(connection) as queries:
            words(client, address)
        counts.append(len(queries))
        DrillRound.objects.all().delete()
    assert counts == [counts[0]] * 3
    assert counts[0] <= 4
