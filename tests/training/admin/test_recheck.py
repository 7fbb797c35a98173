"""需复核: a card has changed, what leans on it says so, somebody looks and says that too."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import Use
from knowledge.services import cards
from tests import factories
from tests.training import making
from tests.training.admin.conftest import said, save
from training.models import Lesson, Question
from training.services import questions


@pytest.fixture
def flagged(lesson: Lesson, db: None) -> Lesson:
    """Its card has been edited since."""
    questions.save_document(making.single(card="a"), "language")
    cards.publish_document(factories.document("a", code="aa", title="改过的卡"))
    return lesson


def test_flag_in_the_lists(as_trainer: Client, flagged: Lesson) -> None:
    for model in ("lesson", "question"):
        page = as_trainer.get(f"/admin/training/{model}/?recheck=yes")
        (item,) = page.context["cl"].result_list
        assert page.context["cl"].model_admin.recheck(item) == "needs recheck"


def test_recheck_by_the_action(as_trainer: Client, flagged: Lesson) -> None:
    data = {"action": "rechecked", "_selected_action": [flagged.pk]}
    assert said(as_trainer.post("/admin/training/lesson/", data, follow=True)) == ["1 marked as rechecked."]
    assert list(Use.objects.order_by("kind").values_list("kind", "recheck", "card_version_seen")) == [
        ("lesson", False, 2),
        ("question", True, 1),
    ]


def test_recheck_by_the_button_of_the_form(as_trainer: Client, flagged: Lesson) -> None:
    """What changed, a way to it, and one click."""
    address = f"/admin/training/lesson/{flagged.pk}/"
    html = as_trainer.get(f"{address}change/").content.decode()
    assert html.count('改过的卡 <a href="/phrases/a/">See this card</a>') == 1
    response = as_trainer.post(f"{address}rechecked/", follow=True)
    assert response.redirect_chain == [(f"{address}change/", 302)]
    assert "flagged" not in response.content.decode()
    assert LogEntry.objects.get(object_id=str(flagged.pk)).change_message == "Rechecked."


def test_untouched_save_keeps_the_flag(as_trainer: Client, flagged: Lesson) -> None:
    """Saving is not rechecking."""
    assert save(as_trainer, flagged).status_code == 302
    assert Use.objects.filter(kind="lesson", recheck=True).count() == 1


# The card's page


def test_card_page_lists_its_uses(as_trainer: Client, flagged: Lesson) -> None:
    """knowledge does not know the courses: a template puts this there."""
    card = flagged.uses.get().card
    html = as_trainer.get(f"/admin/knowledge/card/{card.pk}/change/").content.decode()
    uses = html[html.index("Lessons and questions that use this card") :]
    question = Question.objects.get()
    for model, pk in (("lesson", flagged.pk), ("question", question.pk)):
        assert uses.count(f'href="/admin/training/{model}/{pk}/change/"') == 1
        assert uses.count(f'action="/admin/training/{model}/{pk}/rechecked/"') == 1
    assert html.count('action="/admin/training/question/generate/"') == 2


def test_recheck_from_the_card_page_leads_back(as_trainer: Client, flagged: Lesson) -> None:
    card = flagged.uses.get().card
    response = as_trainer.post(f"/admin/training/lesson/{flagged.pk}/rechecked/", {"card": card.pk})
    assert response.headers["Location"] == f"/admin/knowledge/card/{card.pk}/change/"


@pytest.mark.parametrize("card", ["//evil.example", "x", "１", "9" * 40])
def test_the_way_back_is_ours(as_trainer: Client, flagged: Lesson, card: str) -> None:
    response = as_trainer.post(f"/admin/training/lesson/{flagged.pk}/rechecked/", {"card": card})
    assert response.headers["Location"] == f"/admin/training/lesson/{flagged.pk}/change/"


def test_card_page_costs_no_query_a_use(as_trainer: Client, flagged: Lesson) -> None:
    address = f"/admin/knowledge/card/{flagged.uses.get().card_id}/change/"
    as_trainer.get(address)
    with CaptureQueriesContext(connection) as at_two:
        as_trainer.get(address)
    for at in (2, 3):
        questions.save_document(making.single(f"language-{at:02d}", card="a"), "language")
    with CaptureQueriesContext(connection) as at_four:
        as_trainer.get(address)
    assert len(at_four) == len(at_two)


def test_a_manager_sees_the_uses_without_buttons(as_manager: Client, flagged: Lesson) -> None:
    html = as_manager.get(f"/admin/knowledge/card/{flagged.uses.get().card_id}/change/").content.decode()
    assert html.count("Lessons and questions that use this card") == 1
    assert [html.count(part) for part in ("/rechecked/", "/generate/")] == [0, 0]
