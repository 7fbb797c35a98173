"""The pages of recall: what is due, ten minutes of it, the book; all of it without script."""

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

from knowledge.enums import Status
from tests import factories
from tests.training import making
from training.models import Question, RecallItem, RecallLog, RecallSession
from training.services import recall

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def reader(db: None) -> Any:
    return factories.person("trainee", locale="en")


@pytest.fixture
def client(reader: Any) -> Client:
    made = Client()
    made.force_login(reader, BACKEND)
    return made


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The clock of the tests: a list of one moment."""
    moment = [timezone.now().replace(hour=4)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment[0])
    return moment


def words(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<(?!a |form|input|button)[^>]+>", " ", answer.content.decode())).split())


def missed(user: Any, kind: str, key: str, now: list[Any], days: int = 1, **front: Any) -> RecallItem:
    front = {"prompt": f"顾客说{key}", "answer": "好的", "given": "不", "why": "先应声"} | front
    return recall.remember(user, kind, key, "language", front, now[0] - timedelta(days=days))


def asked(user: Any, code: str, now: list[Any]) -> RecallItem:
    making.questions.save_document(making.single(code), "language")
    return missed(user, "question", code, now)


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def test_nothing_yet_is_said_kindly(client: Client) -> None:
    """With what one might do instead."""
    page = words(client, "/review/")
    assert "Nothing to recall yet" in page
    assert 'href="/practice/better/"' in page
    assert "Recall for 10 minutes" not in page


def test_nothing_today_says_when(client: Client, reader: Any, now: list[Any]) -> None:
    missed(reader, "point", "d#a", now, days=0)
    day = timezone.localdate() + timedelta(days=1)
    page = words(client, "/review/")
    assert "Nothing to recall today" in page
    assert f"The next comes back on {day:%Y-%m-%d}." in page


def test_the_whole_way_without_script(client: Client, reader: Any, now: list[Any]) -> None:
    """Begin, answer a question, read why, rate a point, and the day is done."""
    asked(reader, "language-01", now)
    point = missed(reader, "point", "d#a", now)
    assert "2 to recall today" in words(client, "/review/")
    assert client.post("/review/session/")["Location"] == "/review/session/"
    page = client.get("/review/session/").content.decode()
    item = RecallItem.objects.get(key="language-01")
    now[0] += timedelta(seconds=20)
    answer = {"shown": field(page, "shown"), "position": "1", "a1": "0"}
    told = client.post(f"/review/items/{item.pk}/rate/", answer)
    assert told["Location"] == f"/review/session/?told={item.pk}"
    assert "✓ Right" in words(client, told["Location"])
    page = client.get("/review/session/").content.decode()
    assert [point.front[name] in page for name in ("prompt", "answer", "given", "why")] == [True] * 4
    client.post(f"/review/items/{point.pk}/rate/", {"shown": field(page, "shown"), "rating": "3"})
    done = words(client, "/review/session/")
    assert "Everything for today is recalled" in done
    assert "2 recalled this time" in done
    assert sorted(RecallLog.objects.values_list("rating", flat=True)) == [3, 3]


def test_on_the_stroke_of_ten_there_is_no_new_one(client: Client, reader: Any, now: list[Any]) -> None:
    """The one on the page is finished all the same, and told why."""
    for at in range(3):
        asked(reader, f"language-0{at}", now)
    client.post("/review/session/")
    page, begun = client.get("/review/session/").content.decode(), now[0]
    now[0] = begun + timedelta(minutes=9, seconds=59)
    assert 'name="shown"' in client.get("/review/session/").content.decode()
    now[0] = begun + timedelta(minutes=10)
    done = words(client, "/review/session/")
    assert 'name="shown"' not in done
    assert "Ten minutes are over" in done
    first = RecallItem.objects.order_by("due", "pk")[0]
    answer = {"shown": field(page, "shown"), "position": "1", "a1": "1"}
    told = client.post(f"/review/items/{first.pk}/rate/", answer)["Location"]
    assert "✕ Not quite" in words(client, told)
    assert "1 recalled this time" in words(client, "/review/session/")
    assert "2 to recall today" in words(client, "/review/")


def test_ten_minutes_across_midnight(client: Client, reader: Any, now: list[Any]) -> None:
    """They are ten minutes all the same; what becomes due with the new day comes in, and an answer belongs to the day
    on which it is given."""
    now[0] = now[0].replace(hour=15, minute=55, second=0, microsecond=0)  # 23:55 in Shanghai
    today = timezone.localdate(now[0])
    missed(reader, "point", "d#today", now, days=1)
    missed(reader, "point", "d#tomorrow", now, days=0)
    client.post("/review/session/")
    page = client.get("/review/session/").content.decode()
    first = RecallItem.objects.get(key="d#today")
    now[0] += timedelta(minutes=6)  # 00:01
    assert (
        client.post(f"/review/items/{first.pk}/rate/", {"shown": field(page, "shown"), "rating": "1"}).status_code
        == 302
    )
    first.refresh_from_db()
    assert timezone.localdate(first.due) == today + timedelta(days=2)
    assert "d#tomorrow" in words(client, "/review/session/")
    now[0] += timedelta(minutes=3, seconds=59)
    assert 'name="shown"' in client.get("/review/session/").content.decode()
    now[0] += timedelta(seconds=1)  # 00:05
    assert "Ten minutes are over" in words(client, "/review/session/")
    assert "1 to recall today" in words(client, "/review/")


def test_closing_the_page_loses_nothing(client: Client, reader: Any, now: list[Any]) -> None:
    """Within the ten minutes one goes on with them, after them one begins anew."""
    missed(reader, "point", "d#a", now)
    client.post("/review/session/")
    now[0] += timedelta(minutes=4)
    assert "6 min 0 s left Go on recalling" in re.sub(r"<[^>]+> ?", "", words(client, "/review/"))
    now[0] += timedelta(minutes=7)
    assert "Recall for 10 minutes" in words(client, "/review/")
    client.post("/review/session/")
    assert RecallSession.objects.count() == 2


def test_stopping_early(client: Client, reader: Any, now: list[Any]) -> None:
    missed(reader, "point", "d#a", now)
    client.post("/review/session/")
    assert client.post("/review/session/", {"end": "1"})["Location"] == "/review/"
    assert "Ten minutes are over" in words(client, "/review/session/")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"shown": "x"},
        {"rating": "3"},
        {"rating": "9"},
        {"rating": "x", "shown": ""},
        {"a1": "\x00", "position": "-"},
    ],
)
def test_bad_input_is_told_and_changes_nothing(
    client: Client, reader: Any, now: list[Any], sent: dict[str, str]
) -> None:
    """A hand-written request, a page from before an edit: shown anew, never a 500."""
    client.post("/review/session/")
    for item in (asked(reader, "language-01", now), missed(reader, "point", "d#a", now)):
        answer = client.post(f"/review/items/{item.pk}/rate/", sent)
        assert answer["Location"] == "/review/session/"
    assert RecallLog.objects.count() == 0
    assert "answered in another window or has been edited" in words(client, "/review/session/")


def test_a_misfit_comes_back_with_its_answer(client: Client, reader: Any, now: list[Any]) -> None:
    """An order with a gap is said, and the places given so far stand."""
    making.questions.save_document(making.document("ordering"), "language")
    item = missed(reader, "question", "language-ordering", now)
    client.post("/review/session/")
    page = client.get("/review/session/").content.decode()
    sent = {"shown": field(page, "shown"), "position": "1", "a1-0": "1", "a1-1": "2"}
    answer = client.post(f"/review/items/{item.pk}/rate/", sent)
    assert answer.status_code == 422
    assert "Give each step a place of its own" in answer.content.decode()
    assert RecallLog.objects.count() == 0


def test_the_book_says_what_comes_today(client: Client, reader: Any, now: list[Any]) -> None:
    """Not a day that has gone by."""
    missed(reader, "point", "d#a", now, days=3)
    missed(reader, "point", "d#b", now, days=0)
    page = words(client, "/review/mistakes/")
    assert (page.count("comes back today"), page.count("comes back on")) == (1, 1)


def test_the_book_tells_two_points_of_one_message_apart(client: Client, reader: Any, now: list[Any]) -> None:
    """Or the same message stands there twice, and nobody sees why."""
    for at, why in enumerate(("报到货：第二件就是钟点。", "安抚：先应声。")):
        missed(reader, "point", f"d#t1:{at}", now, prompt="顾客发来：周六到不到", why=why)
    page = words(client, "/review/mistakes/")
    assert [page.count(f"Point at the desk · {name} ·") for name in ("报到货", "安抚")] == [1, 1]


def test_digits_are_offered_where_there_is_something_to_choose(client: Client, reader: Any, now: list[Any]) -> None:
    """Not beside a gap to be filled in."""
    making.questions.save_document(making.document("fill"), "language")
    item = missed(reader, "question", "language-fill", now)
    client.post("/review/session/")
    assert "1 to 9 choose" not in words(client, "/review/session/")
    item.delete()
    asked(reader, "language-one", now)
    assert "1 to 9 choose" in words(client, "/review/session/")


def test_what_was_taken_back_while_it_was_on_the_screen(client: Client, reader: Any, now: list[Any]) -> None:
    """A click on 作答 or 搁置 must not end on a page that says there is nothing here."""
    item = asked(reader, "language-one", now)
    client.post("/review/session/")
    shown = field(client.get("/review/session/").content.decode(), "shown")
    Question.objects.update(status=Status.RETIRED)
    answer = client.post(f"/review/items/{item.pk}/rate/", {"shown": shown, "position": "1", "a1": "1"}, follow=True)
    assert answer.redirect_chain == [("/review/session/", 302)]
    assert "has been edited since" in answer.content.decode()
    assert RecallLog.objects.count() == 0
    assert client.post(f"/review/items/{item.pk}/rest/").headers["Location"] == "/review/mistakes/"


def test_nobody_elses(client: Client, reader: Any, now: list[Any], as_trainer: Client) -> None:
    """404 for everybody but the owner, trainers too."""
    item = missed(reader, "point", "d#a", now)
    for what in ("rate", "rest"):
        assert as_trainer.post(f"/review/items/{item.pk}/{what}/").status_code == 404
        assert client.get(f"/review/items/{item.pk}/{what}/").status_code == 405
    assert "顾客说d#a" not in words(as_trainer, "/review/mistakes/")


def test_the_book(client: Client, reader: Any, now: list[Any]) -> None:
    """What was asked and why, filtered and paged; set aside and back, to the same place."""
    items = [missed(reader, "point", f"d#{at:02d}", now) for at in range(21)]
    assert "顾客说d#00" in words(client, "/review/mistakes/", competency="language")
    assert "No wrong answers here" in words(client, "/review/mistakes/", competency="rules")
    assert "1 / 2" in words(client, "/review/mistakes/", competency="nonsense")
    assert "顾客说d#20" in words(client, "/review/mistakes/", page="2")
    back = "/review/mistakes/?competency=language"
    address = f"/review/items/{items[0].pk}/rest/"
    assert client.post(address, {"next": back})["Location"] == back
    assert "顾客说d#00" not in words(client, "/review/mistakes/")
    assert "顾客说d#00" in words(client, "/review/mistakes/", state="resting")
    for elsewhere in ("//evil.example/", "/admin/", "https://evil.example/review/"):
        assert client.post(address, {"back": "1", "next": elsewhere})["Location"] == "/review/mistakes/"
    assert RecallItem.objects.filter(resting=True).count() == 0


def test_everything_is_escaped(client: Client, reader: Any, now: list[Any]) -> None:
    """What a trainee wrote at the desk stands in their own book."""
    missed(reader, "point", "d#a", now, given="<script>alert(1)</script>")
    client.post("/review/session/")
    for address in ("/review/session/", "/review/mistakes/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(("address", "most"), [("/review/", 6), ("/review/session/", 9), ("/review/mistakes/", 8)])
def test_queries_do_not_grow_with_rows(client: Client, reader: Any, now: list[Any], address: str, most: int) -> None:
    """At one mistake of a kind and at three."""
    counts = []
    client.post("/review/session/")
    factories.card("a", code="aa")
    for number in (1, 2, 3):
        asked(reader, f"language-0{number}", now)
        missed(reader, "point", f"d#{number}", now)
        missed(reader, "drill", f"a#aa5{number}", now)
        with CaptureQueriesContext(connection) as queries:
            words(client, address)
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= most


def test_home_says_what_is_due(client: Client, reader: Any, now: list[Any]) -> None:
    """In the one place that says what comes next, and nowhere when nothing is due."""
    assert 'href="/review/"' not in words(client, "/")
    missed(reader, "point", "d#a", now)
    assert '<a href="/review/"> 1 to recall today' in words(client, "/").replace('">', '"> ')
