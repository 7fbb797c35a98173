"""The pages of the desk: whose they are, what they refuse, and what a look costs."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from tests import factories
from tests.training.desk.making import document
from training.models import DeskEvent, DeskRun, Dialogue
from training.services import dialogues, runs

pytestmark = pytest.mark.django_db


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def talks(db: None) -> list[Dialogue]:
    factories.card("haggle")
    return [dialogues.save_document(document(slug)) for slug in ("one", "two", "three")]


@pytest.fixture
def learner(db: None) -> Any:
    return factories.person("trainee", locale="en")


@pytest.fixture
def run(learner: Any, talks: list[Dialogue]) -> DeskRun:
    begun = timezone.now() - timedelta(seconds=3)
    return runs.start(learner, talks[:2], now=begun, dice=random.Random(1))


def test_begin_by_choice_or_by_chance(learner: Any) -> None:
    client = client_of(learner)
    assert client.post("/practice/desk/start/", {"dialogue": ["one"]}).headers["Location"] == "/practice/desk/"
    assert (
        client.post("/practice/desk/start/", {"dialogue": ["one", "nowhere"]}).headers["Location"] == "/practice/desk/"
    )
    # PostgreSQL would not be asked for the second of these.
    assert (
        client.post("/practice/desk/start/", {"dialogue": ["one", "th\0ree"]}).headers["Location"] == "/practice/desk/"
    )
    assert DeskRun.objects.count() == 0
    answer = client.post("/practice/desk/start/", {"dialogue": ["one", "three"], "gentle": "1"})
    run = DeskRun.objects.get()
    assert answer.headers["Location"] == f"/practice/desk/{run.pk}/"
    assert {chat.document["slug"] for chat in run.chats.all()} == {"one", "three"}
    assert {chat.document["seconds"] for chat in run.chats.all()} == {"90"}
    assert client.post("/practice/desk/start/", {"random": "1"}).headers["Location"] == "/practice/desk/"
    runs.finish(run, now=timezone.now())
    client.post("/practice/desk/start/", {"random": "1"})
    assert DeskRun.objects.count() == 2


def test_a_look_is_three_queries_with_or_without_news(learner: Any, run: DeskRun) -> None:
    """Session, person, and the run with its replies; the same with five replies."""
    client, address = client_of(learner), f"/practice/desk/{run.pk}/state/"
    client.get(address)
    counts = []
    for number in range(2):
        for more in range(1 + 3 * number):
            runs.send(run, runs.Reply(1, f"您好{more}", 10 * number + more + 1), now=timezone.now())
        with CaptureQueriesContext(connection) as fresh:
            answer = client.get(address)
        with CaptureQueriesContext(connection) as same:
            again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (answer.status_code, again.status_code, again.content) == (200, 304, b"")
        counts.append((len(fresh), len(same)))
    assert counts == [(3, 3), (3, 3)]


def test_a_look_costs_the_same_for_any_number_of_customers(learner: Any, talks: list[Dialogue]) -> None:
    """Two customers or five, all there: three queries."""
    counts = []
    for many in (2, 5):
        made = [dialogues.save_document(document(f"many-{many}-{at}")) for at in range(many)]
        run = runs.start(learner, made, now=timezone.now() - timedelta(seconds=120), dice=random.Random(1))
        client, address = client_of(learner), f"/practice/desk/{run.pk}/state/"
        assert len(client.get(address).json()["chats"]) == many
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
        runs.finish(run, now=timezone.now())
    assert counts == [3, 3]


def test_a_talk_is_shown_in_the_language_of_who_looks(learner: Any, run: DeskRun) -> None:
    """Drawn talks are kept; those of another language are others."""
    told = []
    for locale in ("en", "zh-hans", "en"):
        learner.locale = locale
        learner.save()
        told.append(client_of(learner).get(f"/practice/desk/{run.pk}/state/").json()["chats"][0]["talk"])
    assert ("Order card" in told[0], "Order card" in told[1], told[2] == told[0]) == (True, False, True)


def test_a_look_tells_all_a_page_shows(learner: Any, run: DeskRun) -> None:
    told = client_of(learner).get(f"/practice/desk/{run.pk}/state/").json()
    first, second = told["chats"]
    assert (told["over"], told["waiting"], first["here"], second["here"]) == (False, 1, True, False)
    assert 36 < first["left"] < 39
    assert (second["talk"], second["left"]) == ("", None)
    assert "K87" in first["talk"]
    assert "mood" not in str(told)


@pytest.mark.parametrize("mark", ["x", 'W/"1.open.0.inf"', 'W/"\u4e2d"'.encode().decode("latin-1"), "a" * 3000])
def test_a_mark_of_somebody_elses_making_is_none(learner: Any, run: DeskRun, mark: str) -> None:
    client = client_of(learner)
    assert client.get(f"/practice/desk/{run.pk}/state/", headers={"If-None-Match": mark}).status_code in {200, 304}
    assert client.get(f"/practice/desk/{10**20}/state/").status_code == 404


def test_replies_from_the_script(learner: Any, run: DeskRun) -> None:
    client, address = client_of(learner), f"/practice/desk/{run.pk}/chats/1/send/"
    answer = client.post(address, {"text": "您好", "sequence": "7"}, headers={"X-Fragment": "1"})
    assert (answer.status_code, answer.json()["error"]) == (200, "")
    assert "您好" in answer.json()["chats"][0]["talk"]
    client.post(address, {"text": "您好", "sequence": "7"}, headers={"X-Fragment": "1"})
    assert DeskEvent.objects.count() == 1
    for form in ({}, {"text": " "}, {"text": "长" * 601, "sequence": "8"}):
        assert client.post(address, form, headers={"X-Fragment": "1"}).status_code == 422
    for wrong in ("-1", "x", "9" * 30, "２"):
        client.post(address, {"text": f"句{wrong[:2]}", "sequence": wrong}, headers={"X-Fragment": "1"})
    assert DeskEvent.objects.count() <= 5
    assert client.post(address.replace("/1/", "/9/"), {"text": "x"}).status_code == 404
    assert client.post(address.replace("/1/", f"/{10**20}/"), {"text": "x"}).status_code == 404
    DeskRun.objects.update(started_at=timezone.now() - timedelta(seconds=900))
    late = client.post(address, {"text": "晚了", "sequence": "99"}, headers={"X-Fragment": "1"})
    assert (late.status_code, late.json()["error"]) == (409, "This customer has gone; the reply came too late.")


def test_nobody_answers_in_somebody_elses_place(run: DeskRun, trainer: Any, agent: Any) -> None:
    for user in (trainer, agent):
        client = client_of(user)
        for address in ("", "state/"):
            assert client.get(f"/practice/desk/{run.pk}/{address}").status_code == 404
        assert client.post(f"/practice/desk/{run.pk}/chats/1/send/", {"text": "x"}).status_code == 404
        assert client.post(f"/practice/desk/{run.pk}/end/", {"sure": "1"}).status_code == 404


def test_a_get_ends_nothing(learner: Any, run: DeskRun) -> None:
    """A run that is over asks for its report with a POST."""
    client = client_of(learner)
    DeskRun.objects.update(started_at=timezone.now() - timedelta(seconds=900))
    page = client.get(f"/practice/desk/{run.pk}/")
    assert "data-now" in page.content.decode()
    client.get(f"/practice/desk/{run.pk}/end/")
    run.refresh_from_db()
    assert run.state == "open"
    assert client.post(f"/practice/desk/{run.pk}/end/").headers["Location"] == f"/practice/desk/{run.pk}/report/"
    assert client.get(f"/practice/desk/{run.pk}/").headers["Location"] == f"/practice/desk/{run.pk}/report/"
    assert client.get(f"/practice/desk/{run.pk}/report/").status_code == 200


def test_ending_early_asks_once(learner: Any, run: DeskRun) -> None:
    client = client_of(learner)
    assert "2 customers are still there" in client.post(f"/practice/desk/{run.pk}/end/").content.decode()
    assert client.post(f"/practice/desk/{run.pk}/end/", {"sure": "1"}).status_code == 302
    assert client.post(f"/practice/desk/{run.pk}/end/", {"sure": "1"}).status_code == 302


def test_reports_are_seen_by_those_who_train_and_written_down(
    learner: Any, run: DeskRun, trainer: Any, manager: Any, agent: Any
) -> None:
    """A manager sees those of the teams they lead."""
    address = f"/practice/desk/{run.pk}/report/"
    assert [client_of(user).get(address).status_code for user in (trainer, agent)] == [404, 404]
    runs.finish(run, now=timezone.now() + timedelta(seconds=900))
    assert [client_of(user).get(address).status_code for user in (trainer, manager, agent)] == [200, 404, 404]
    factories.team("shop", learner, leaders=[manager])
    assert client_of(manager).get(address).status_code == 200
    seen = AuditEntry.objects.filter(action="viewed", person=learner).values_list("actor", flat=True)
    assert set(seen) == {trainer.pk, manager.pk}


def test_a_preview_is_its_players_alone(trainer: Any, talks: list[Dialogue]) -> None:
    other = factories.person("trainer")
    client = client_of(trainer)
    begun = client.post("/practice/dialogues/one/play/").headers["Location"]
    client.post(f"{begun}end/", {"sure": "1"})
    assert [client_of(user).get(f"{begun}report/").status_code for user in (trainer, other)] == [200, 404]


def test_everything_that_was_typed_is_escaped(learner: Any, run: DeskRun) -> None:
    runs.send(run, runs.Reply(1, "<script>alert(1)</script>&", 1), now=timezone.now())
    client = client_of(learner)
    pages = [client.get(f"/practice/desk/{run.pk}/"), client.get(f"/practice/desk/{run.pk}/state/")]
    runs.finish(run, now=timezone.now() + timedelta(seconds=900))
    pages.append(client.get(f"/practice/desk/{run.pk}/report/"))
    texts = [pages[0].content.decode(), pages[1].json()["chats"][0]["talk"], pages[2].content.decode()]
    assert ["<script>alert" in text for text in texts] == [False] * 3
    assert ["&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in text for text in texts] == [True] * 3


def test_queries_do_not_grow_with_rows(learner: Any) -> None:
    """The door of practice, the choice of customers: one run and one dialogue or many."""
    client, counts = client_of(learner), []
    for number in (1, 3):
        for at in range(number):
            dialogues.save_document(document(f"more-{number}-{at}"))
            made = runs.start(learner, list(Dialogue.objects.all())[:2], now=timezone.now(), dice=random.Random(1))
            runs.finish(made, now=timezone.now() + timedelta(seconds=900))
        found = []
        for address in ("/practice/", "/practice/desk/"):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
