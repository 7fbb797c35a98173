"""需复核: one page for whatever leans on changed cards."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from knowledge.models import Revision, Use
from knowledge.services import cards
from tests import factories
from tests.knowledge.admin.conftest import signed_in
from tests.training import making
from tests.training.test_documents import lesson as lesson_document
from training.services import lessons, questions

pytestmark = pytest.mark.django_db
QUEUE = "/team/rechecks/"


@pytest.fixture
def wang(db: None) -> Any:
    return factories.person("trainer", locale="en", display_name="Wang")


@pytest.fixture
def as_wang(wang: Any) -> Client:
    return signed_in(wang)


def lean(slug: str) -> None:
    """A lesson and a question on a card of this slug, which then changes."""
    factories.card(slug, code=slug[:2] * 2)
    if not Use.objects.exists():
        making.course("language")
    body = f"开头。\n\n{{{{card:{slug}}}}}"
    lessons.save_document(lesson_document(slug=f"lesson-{slug}", title=f"课{slug}", body=body, checks=[], facts=[]))
    questions.save_document(making.single(f"language-{slug}", card=slug), "language")
    cards.publish_document(factories.document(slug, code=slug[:2] * 2, title=f"新{slug}"))


def shown(client: Client) -> list[tuple[str, list[str]]]:
    groups = client.get(QUEUE).context["cards"]
    return [(group["card"].slug, [row["use"].kind for row in group["rows"]]) for group in groups]


def test_card_by_card_and_one_by_one(as_wang: Client, wang: Any) -> None:
    """Clearing the question leaves the lesson; what was looked at, and by whom, is written down."""
    lean("aa")
    lean("bb")
    assert shown(as_wang) == [("aa", ["lesson", "question"]), ("bb", ["lesson", "question"])]
    use = Use.objects.get(card__slug="aa", kind="question")
    response = as_wang.post(f"{QUEUE}{use.pk}/done/", {"page": "1"}, follow=True)
    assert response.redirect_chain == [(f"{QUEUE}?page=1", 302)]
    assert shown(as_wang) == [("aa", ["lesson"]), ("bb", ["lesson", "question"])]
    use.refresh_from_db()
    assert (use.recheck, use.card_version_seen) == (False, 2)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.kind, entry.slug) == (wang, "question", "language-aa")
    assert entry.detail == "Rechecked after a change of the card aa"


def test_what_changed_is_one_click_away(as_wang: Client) -> None:
    """The version that was seen beside today's; with nothing to compare, the history."""
    lean("aa")
    card = Use.objects.get(kind="lesson").card
    cards.publish_document(factories.document("aa", code="aaaa", title="又改"))
    older, _between, newest = Revision.objects.filter(object_id=card.pk, kind="card").order_by("number")
    (group,) = as_wang.get(QUEUE).context["cards"]
    assert group["changed"] == f"/admin/knowledge/revision/compare/?a={older.pk}&b={newest.pk}"
    assert as_wang.get(group["changed"]).status_code == 200
    Use.objects.update(card_version_seen=9)
    (group,) = as_wang.get(QUEUE).context["cards"]
    assert group["changed"] == f"/admin/knowledge/card/{card.pk}/history/"


def test_an_item_on_two_cards_keeps_the_other_flag(as_wang: Client) -> None:
    for slug in ("aa", "bb"):
        factories.card(slug, code=slug * 2)
    making.course("language")
    lessons.save_document(lesson_document(body="{{card:aa}}\n\n{{card:bb}}", checks=[], facts=[]))
    for slug in ("aa", "bb"):
        cards.publish_document(factories.document(slug, code=slug * 2, title=f"新{slug}"))
    as_wang.post(f"{QUEUE}{Use.objects.get(card__slug='aa').pk}/done/")
    assert shown(as_wang) == [("bb", ["lesson"])]


def test_twice_is_not_there(as_wang: Client) -> None:
    """Two trainers clear the same row: the second learns that it has gone."""
    lean("aa")
    use = Use.objects.get(kind="lesson")
    assert as_wang.post(f"{QUEUE}{use.pk}/done/").status_code == 302
    assert as_wang.post(f"{QUEUE}{use.pk}/done/").status_code == 404


def test_who_may(as_wang: Client) -> None:
    lean("aa")
    use = Use.objects.get(kind="lesson")
    for role, looks in (("manager", 200), ("agent", 404), ("trainee", 404)):
        client = signed_in(factories.person(role))
        assert (client.get(QUEUE).status_code, client.post(f"{QUEUE}{use.pk}/done/").status_code) == (looks, 404)
    manager = signed_in(factories.person("manager"))
    assert manager.get(QUEUE).content.decode().count("/done/") == 0
    assert as_wang.get(f"{QUEUE}{use.pk}/done/").status_code == 405
    assert Use.objects.get(pk=use.pk).recheck is True


def test_nothing_waits(as_wang: Client) -> None:
    assert as_wang.get(QUEUE).content.decode().count("Nothing to recheck.") == 1
    for query in ("page=x", "page=-1", "page=999"):
        assert as_wang.get(f"{QUEUE}?{query}").status_code == 200


def test_queries_do_not_grow_with_rows(as_wang: Client) -> None:
    lean("aa")
    as_wang.get(QUEUE)
    with CaptureQueriesContext(connection) as at_one:
        as_wang.get(QUEUE)
    lean("bb")
    lean("cc")
    with CaptureQueriesContext(connection) as at_three:
        assert len(shown(as_wang)) == 3
    assert len(at_three) == len(at_one)
