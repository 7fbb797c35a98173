"""The first page of the admin: what waits for whoever opens it, and the lists under the words of the house."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Team
from csportal.admin import GROUPS
from knowledge.enums import RevisionState
from knowledge.models import Card, Feedback, ImportJob, Revision, SearchLog, Use
from tests import factories
from tests.knowledge.admin.conftest import signed_in
from tests.training import making
from training.models import Assignment
from training.services import questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(db: None) -> Any:
    return factories.person("trainer", locale="en", display_name="Wang")


@pytest.fixture
def li(db: None) -> Any:
    return factories.person("trainer", locale="en", display_name="Li")


def desk(user: Any) -> dict[str, tuple[int, int | None]]:
    with override("en"):
        page = signed_in(user).get("/admin/")
    return {one.queue.name: (one.total, one.mine) for one in page.context["waiting"]}


def draft(author: Any, state: str, slug: str) -> Revision:
    return Revision.objects.create(
        kind="card", slug=slug, number=9, document={"title": slug}, state=state, author=author
    )


def something_everywhere(wang: Any, li: Any, at: int) -> None:
    """One more of everything in each queue."""
    card = factories.card(f"c{at}")
    Card.objects.filter(pk=card.pk).update(owner=wang)
    draft(li, RevisionState.WAITING, f"w{at}")
    draft(wang, RevisionState.RETURNED, f"r{at}")
    Feedback.objects.create(card=card, line=card.say[0], kind="error", text="x")
    questions.save_document(making.single(f"language-{at:02d}", card=f"c{at}"), "language")
    Use.objects.update(recheck=True)
    SearchLog.objects.create(query=f"查不到{at}", results=0, user=li)
    ImportJob.objects.create(kind="card", format="csv", name="x.csv", state=ImportJob.State.READY)
    ImportJob.objects.create(kind="card", format="csv", name="x.csv", state=ImportJob.State.DONE)
    team = Team.objects.create(code=f"t{at}", name=f"班{at}")
    team.leaders.add(wang)
    factories.person("agent", team=team, joined_team_on=timezone.localdate() - timedelta(days=60))
    course = making.course(f"course{at}")
    making.quiz(f"quiz{at}", course=course)
    Assignment.objects.create(
        path=making.path(f"path{at}", course), team=team, due_on=timezone.localdate() - timedelta(days=1),
        assigned_on=timezone.localdate() - timedelta(days=30),
    )  # fmt: skip


def test_everything_is_counted_for_who_may_act(wang: Any, li: Any) -> None:
    """The owner's share apart; nobody approves their own draft; what came back is its author's alone."""
    making.course("language")
    something_everywhere(wang, li, 1)
    something_everywhere(wang, li, 2)
    assert desk(wang) == {
        "approvals": (2, None),
        "returned": (2, None),
        "freshness": (2, 2),
        "feedback": (2, 2),
        "rechecks": (2, None),
        "overdue": (2, 2),
        "imports": (2, None),
        "gaps": (2, None),
    }
    assert desk(li) == {
        "approvals": (0, None),
        "returned": (0, None),
        "freshness": (2, 0),
        "feedback": (2, 0),
        "rechecks": (2, None),
        "overdue": (2, 0),
        "imports": (2, None),
        "gaps": (2, None),
    }
    manager = factories.person("manager")
    Team.objects.get(code="t1").leaders.add(manager)
    assert desk(manager) == {"overdue": (1, 1), "imports": (0, None)}


def test_every_number_leads_to_as_many(wang: Any, li: Any) -> None:
    """The link of a queue opens the list that was counted."""
    making.course("language")
    something_everywhere(wang, li, 1)
    client = signed_in(wang)
    page = client.get("/admin/")
    for one in page.context["waiting"]:
        answer = client.get(one.href)
        assert answer.status_code == 200, one.href
        if "cl" in answer.context:
            assert answer.context["cl"].result_count == one.total, one.queue.name
        else:
            assert answer.context["pages"].paginator.count == one.total, one.queue.name


def test_an_empty_desk_is_said_kindly(wang: Any) -> None:
    html = signed_in(wang).get("/admin/").content.decode()
    assert html.count('<li class="waits">') == 0
    for words in ("No draft waits for you.", "Everybody is in time.", "Everybody who wrote has an answer."):
        assert html.count(words) == 1


def test_queries_do_not_grow(wang: Any, li: Any) -> None:
    making.course("language")
    something_everywhere(wang, li, 1)
    client = signed_in(wang)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as at_one:
        client.get("/admin/")
    something_everywhere(wang, li, 2)
    something_everywhere(wang, li, 3)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as at_three:
        client.get("/admin/")
    assert len(at_three) == len(at_one)


# The lists


def test_lists_stand_under_the_words_of_the_house(wang: Any) -> None:
    page = signed_in(wang).get("/admin/")
    with override("en"):
        shown = {
            str(app["name"]): [model["object_name"] for model in app["models"]] for app in page.context["app_list"]
        }
    assert list(shown) == ["Content", "Training", "People", "Records"]
    assert shown["Training"][:5] == ["Course", "Lesson", "Question", "Quiz", "Path"]


def test_every_list_of_ours_has_a_place() -> None:
    """One that nobody named would stand in the machine room, between locks and groups."""
    named = {name for names in GROUPS.values() for name in names}
    ours = {"accounts", "knowledge", "training"}
    assert {model.__name__ for model in admin.site._registry if model._meta.app_label in ours} - named == set()


def test_the_queue_of_tasks_is_nobodys_page(client: Client) -> None:
    root = factories.person("manager", is_superuser=True)
    assert signed_in(root).get("/admin/django_tasks_database/dbtaskresult/").status_code == 404


def test_other_pages_keep_the_side_bar(wang: Any) -> None:
    html = signed_in(wang).get("/admin/knowledge/fact/").content.decode()
    assert html.count('id="nav-sidebar"') == 1
    assert html.count('aria-current="page"') >= 1
