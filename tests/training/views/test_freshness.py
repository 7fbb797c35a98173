"""The queue of what is to be verified, and the click that clears it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from knowledge.models import Card, CopyEvent, Revision
from knowledge.search import engine
from tests import factories
from tests.knowledge.admin.conftest import signed_in
from tests.training import making
from tests.training.test_documents import lesson as lesson_document
from training.models import Lesson, LessonProgress
from training.services import lessons, questions

pytestmark = pytest.mark.django_db
QUEUE = "/team/freshness/"


@pytest.fixture
def wang(db: None) -> Any:
    return factories.person("trainer", locale="en", display_name="Wang")


@pytest.fixture
def as_wang(wang: Any) -> Client:
    return signed_in(wang)


def ago(days: int) -> Any:
    return timezone.localdate() - timedelta(days=days)


def made(slug: str, **values: Any) -> Card:
    card = factories.card(slug)
    Card.objects.filter(pk=card.pk).update(**values)
    return card


def read(slug: str, *readers: Any, days: int = 1, **values: Any) -> Lesson:
    """A lesson that these people opened so many days ago."""
    if not Card.objects.filter(slug="a").exists():
        made("a", verified_on=ago(0))
        making.course("language")
    lesson = lessons.save_document(lesson_document(slug=slug, title=slug))
    Lesson.objects.filter(pk=lesson.pk).update(**values)
    for reader in readers:
        LessonProgress.objects.create(user=reader, lesson=lesson, opened_at=timezone.now() - timedelta(days=days))
    return lesson


def copied(card: Card, times: int, days: int = 1) -> None:
    at = timezone.now() - timedelta(days=days)
    CopyEvent.objects.bulk_create([CopyEvent(line=card.say[0], at=at)] * times)


def rows(client: Client, query: str = "") -> list[tuple[str, int]]:
    return [(row.item.slug, row.used) for row in client.get(f"{QUEUE}?{query}").context["rows"]]


def test_most_used_first(as_wang: Client) -> None:
    """Copies for cards, readers for lessons, both of 30 days; what was used before does not count."""
    people = [factories.person("trainee") for _ in range(3)]
    copied(made("little"), 1)
    copied(made("much"), 5)
    copied(made("once-much"), 9, days=31)
    read("read-by-three", *people)
    read("read-long-ago", *people, days=31)
    assert rows(as_wang) == [("much", 5), ("read-by-three", 3), ("little", 1), ("once-much", 0), ("read-long-ago", 0)]


def test_only_what_readers_see_and_nobody_has_verified_in_time(as_wang: Client) -> None:
    factories.card("draft", status="draft")
    factories.card("retired", status="retired")
    made("valid", verified_on=ago(180))
    made("short", verified_on=ago(31), verify_days=30)
    made("old", verified_on=ago(211))
    made("never")
    closed = making.course("closed", status="draft")
    read("valid-lesson", verified_on=ago(0))
    read("in-a-closed-course", course=closed)
    found = as_wang.get(QUEUE).context["rows"]
    assert {row.item.slug: row.item.freshness for row in found} == {"short": "due", "old": "expired", "never": "due"}


def test_filters(as_wang: Client, wang: Any) -> None:
    li = factories.person("trainer")
    made("mine", owner=wang)
    made("lis", owner=li, course="rules")
    made("nobodys")
    read("my-lesson", owner=wang)
    # Mine without being asked, as there is some; everybody's on request.
    assert {slug for slug, _used in rows(as_wang)} == {"mine", "my-lesson"}
    for query, slugs in {
        "owner=": {"mine", "lis", "nobodys", "my-lesson"},
        "owner=mine": {"mine", "my-lesson"},
        "owner=none": {"nobodys"},
        f"owner={li.pk}": {"lis"},
        "owner=mine&kind=lesson": {"my-lesson"},
        "owner=&kind=card&course=language": {"mine", "nobodys"},
        "owner=&kind=lesson&course=rules": set(),
    }.items():
        assert {slug for slug, _used in rows(as_wang, query)} == slugs, query
    assert list(as_wang.get(QUEUE).context["owners"]) == [li]


def test_what_a_leaver_owned_is_nobodys(as_wang: Client) -> None:
    """It would wait for ever for somebody who no longer comes."""
    made("left-behind", owner=factories.person("trainer", is_active=False))
    made("nobodys")
    assert {slug for slug, _used in rows(as_wang, "owner=none")} == {"left-behind", "nobodys"}


@pytest.mark.parametrize(
    "query", ["owner=x", "owner=" + "9" * 40, "owner=%00", "kind=user", "course=%27", "page=x", "page=99999", "page=-1"]
)
def test_nonsense_is_no_error(as_wang: Client, query: str) -> None:
    made("one")
    assert rows(as_wang, query) == [("one", 0)]


def test_pages(as_wang: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row twice, none left out, and the filters stay."""
    monkeypatch.setattr("training.views.freshness.PAGE_LENGTH", 2)
    for number in range(5):
        made(f"c{number}")
    found = [slug for page in (1, 2, 3) for slug, _used in rows(as_wang, f"owner=none&page={page}")]
    assert found == ["c0", "c1", "c2", "c3", "c4"]
    assert 'href="?owner=none&amp;page=1"' in as_wang.get(f"{QUEUE}?owner=none&page=2").content.decode()


def test_queries_do_not_grow_with_rows(as_wang: Client, wang: Any) -> None:
    def add(number: int) -> None:
        made(f"c{number}", owner=factories.person("trainer"), verified_by=wang, verified_on=ago(400))
        read(f"l{number}", owner=factories.person("trainer"), verified_by=wang, verified_on=ago(400))

    add(1)
    as_wang.get(QUEUE)
    with CaptureQueriesContext(connection) as at_one:
        as_wang.get(QUEUE)
    add(2)
    add(3)
    with CaptureQueriesContext(connection) as at_three:
        assert len(as_wang.get(QUEUE).context["rows"]) == 6
    assert len(at_three) == len(at_one)


# The click


def verify(client: Client, item: Any, **fields: Any) -> Any:
    return client.post(f"{QUEUE}{item.search_kind}/{item.pk}/verify/", fields)


def test_one_click_clears_it(as_wang: Client, wang: Any) -> None:
    """Who and when is kept and shown, the text has no new version, the index follows, and the log has it."""
    card, lesson = made("card"), read("lesson")
    for item in (card, lesson):
        response = as_wang.post(
            f"{QUEUE}{item.search_kind}/{item.pk}/verify/", {"next": f"{QUEUE}?owner=none"}, follow=True
        )
        assert response.redirect_chain == [(f"{QUEUE}?owner=none", 302)]
        assert [str(message) for message in response.context["messages"]] == [
            f"“{item.title}” still holds: noted for today."
        ]
        item.refresh_from_db()
        assert (item.verified_on, item.verified_by, item.version) == (ago(0), wang, 1)
    assert rows(as_wang) == []
    assert Revision.objects.filter(slug__in=["card", "lesson"]).count() == 2
    assert list(AuditEntry.objects.order_by("pk").values_list("actor", "action", "kind", "slug", "detail")) == [
        (wang.pk, "changed", "card", "card", "Still valid"),
        (wang.pk, "changed", "lesson", "lesson", "Still valid"),
    ]
    assert engine.stats()["card"] == 2
    page = as_wang.get("/phrases/card/").content.decode()
    assert page.count(f"Verified on {ago(0)} by Wang") == 1


@pytest.mark.parametrize("target", ["", "//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_the_way_back_is_ours(as_wang: Client, target: str) -> None:
    assert verify(as_wang, made("card"), next=target).headers["Location"] == QUEUE


def test_who_may(as_wang: Client) -> None:
    """A manager sees and has no button; nobody else knows the page is there."""
    card = made("card")
    manager = signed_in(factories.person("manager", locale="en"))
    assert rows(manager) == [("card", 0)]
    html = manager.get(QUEUE).content.decode()
    assert (html.count("/verify/"), html.count("/admin/knowledge/card/")) == (0, 0)
    assert as_wang.get(QUEUE).content.decode().count(f"/team/freshness/card/{card.pk}/verify/") == 1
    for role, looks in (("manager", 200), ("agent", 404), ("trainee", 404)):
        client = signed_in(factories.person(role))
        assert (client.get(QUEUE).status_code, verify(client, card).status_code) == (looks, 404)
    assert as_wang.get(f"{QUEUE}card/{card.pk}/verify/").status_code == 405
    assert Card.objects.get(pk=card.pk).verified_on is None


@pytest.mark.parametrize("address", ["user/1", "card/999999", "question/1", "card/99999999999999999999"])
def test_what_is_not_there(as_wang: Client, address: str) -> None:
    assert as_wang.post(f"{QUEUE}{address}/verify/").status_code == 404


@pytest.mark.parametrize("target", ["a b", "0", "logout"])
def test_the_way_back_is_an_address(as_wang: Client, target: str) -> None:
    """Never the name of a view, which ended in an error 500 or elsewhere."""
    assert as_wang.post(f"{QUEUE}card/{made('card').pk}/verify/", {"next": target}).url == target.replace(" ", "%20")


# The badge


@pytest.mark.parametrize(("days", "word"), [(0, "Valid"), (181, "To be verified"), (211, "Expired")])
def test_badge_in_results_and_on_the_card(as_wang: Client, days: int, word: str) -> None:
    """A word and a picture, not a colour alone."""
    card = made("freight", verified_on=ago(days))
    from knowledge.search.indexed import reindex

    reindex([("card", card.pk)])
    for address in ("/phrases/?q=freight", "/phrases/freight/", "/dock/?q=freight"):
        html = as_wang.get(address).content.decode()
        assert html.count('<span class="badge ') == 1, address
        badge = html[html.index('<span class="badge ') :].split("</span>")[0]
        assert badge.endswith(f"</svg>{word}"), address
        assert badge.count('aria-hidden="true"') == 1


def test_the_button_is_for_who_may_change_cards(as_wang: Client) -> None:
    card = made("freight")
    address = f"/team/freshness/card/{card.pk}/verify/"
    assert as_wang.get("/phrases/freight/").content.decode().count(f'action="{address}"') == 1
    for role in ("agent", "manager"):
        assert signed_in(factories.person(role)).get("/phrases/freight/").content.decode().count("/verify/") == 0


def test_the_forms_of_the_admin_have_the_button(as_wang: Client) -> None:
    """Back to the form it was said on; nobody who only looks has it, and a question has none."""
    card, lesson = made("card"), read("lesson")
    for item, form in ((card, f"/admin/knowledge/card/{card.pk}"), (lesson, f"/admin/training/lesson/{lesson.pk}")):
        action = f'action="{QUEUE}{item.search_kind}/{item.pk}/verify/"'
        assert as_wang.get(f"{form}/change/").content.decode().count(action) == 1
        manager = signed_in(factories.person("manager"))
        assert manager.get(f"{form}/change/").content.decode().count(action) == 0
        back = as_wang.post(f"{QUEUE}{item.search_kind}/{item.pk}/verify/", {"next": f"{form}/change/"})
        assert back.headers["Location"] == f"{form}/change/"
    question = questions.save_document(making.single(), "language")
    assert as_wang.get(f"/admin/training/question/{question.pk}/change/").content.decode().count("/verify/") == 0
