"""Dialogues in the admin: what comes back from the form is what went in, and problems stand on their row."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Revision, Use, WordingRule
from tests import factories
from tests.training.desk.making import document
from training.models import DeskChat, Dialogue
from training.services import dialogues, runs

pytestmark = pytest.mark.django_db
LISTS = ("say", "any", "breaks", "has", "misses")


@pytest.fixture(autouse=True)
def card(db: None) -> Any:
    return factories.card("haggle")


@pytest.fixture
def dialogue() -> Dialogue:
    return dialogues.save_document(document("one"))


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def boxes(value: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A document as the boxes of its form."""
    found: dict[str, Any] = {"facts": " ".join(value["facts"]), "status": "published"}
    found |= {key: part for key, part in value.items() if key not in {"turns", "endings", "facts", "again"}}
    found["again"] = "\n".join(value.get("again", []))
    _rows(found, "turns", value["turns"])
    _rows(found, "endings", value["endings"])
    return found | changes


def _rows(found: dict[str, Any], name: str, rows: list[dict[str, Any]]) -> None:
    for at, row in enumerate(rows):
        found[f"{name}-{at}-position"] = str(at)
        for key, value in row.items():
            here = f"{name}-{at}-{key}"
            if isinstance(value, list) and key in LISTS:
                found[here] = "\n".join(value)
            elif isinstance(value, list):
                _rows(found, here, value)
            else:
                found[here] = value


def change(client: Client, dialogue: Dialogue, **changes: Any) -> Any:
    page = client.get(f"/admin/training/dialogue/{dialogue.pk}/change/")
    base = page.context["adminform"].form.initial["base"]
    return client.post(
        f"/admin/training/dialogue/{dialogue.pk}/change/",
        boxes(dialogue.to_document(), base=base, _save="1") | changes,
    )


def errors(page: Any) -> dict[str, list[str]]:
    return {} if page.status_code == 302 else dict(page.context["adminform"].form.errors)


def test_an_untouched_form_gives_back_the_text_it_came_from(trainer: Any, dialogue: Dialogue) -> None:
    """Or every look would make a version."""
    assert errors(change(client_of(trainer), dialogue)) == {}
    dialogue.refresh_from_db()
    assert dialogue.to_document() == document("one")
    assert (dialogue.version, Revision.objects.filter(kind="dialogue").count()) == (1, 1)


def test_an_edit_is_the_next_version(trainer: Any, dialogue: Dialogue) -> None:
    edit = {"again": "还在吗\n\n走了啊", "turns-0-nudge": "在不在", "turns-0-branches-0-breaks": "cold\nconflict"}
    assert errors(change(client_of(trainer), dialogue, **edit)) == {}
    dialogue.refresh_from_db()
    turn = dialogue.to_document()["turns"][0]
    assert (turn["nudge"], turn["branches"][0]["breaks"], dialogue.version) == ("在不在", ["cold", "conflict"], 2)
    assert dialogue.to_document()["again"] == ["还在吗", "走了啊"]
    assert errors(change(client_of(trainer), dialogue, again="")) == {}
    dialogue.refresh_from_db()
    assert "again" not in dialogue.to_document()


def test_problems_stand_on_their_row(dialogue: Dialogue) -> None:
    trainer = factories.person("trainer", locale="en")
    page = change(client_of(trainer), dialogue, **{"turns-0-branches-1-to": "nowhere"})
    assert errors(page) == {"turns": ["Row 1-2, leads to: There is no turn and no ending 'nowhere'."]}
    assert 'id="id_turns-0-branches-1-to_error"' in page.content.decode()
    page = change(client_of(trainer), dialogue, **{"turns-1-model": "抱歉。"})
    assert errors(page) == {"turns": ["Row 2, a good reply: The model does not make these points: 报价"]}


def test_a_model_that_breaks_a_rule_is_refused(trainer: Any, dialogue: Dialogue) -> None:
    """What is shown as good has to be sendable, by the rules as they are today."""
    WordingRule.objects.create(code="absolute", severity="error", about="x", clues=[{"match": ["今天就发"]}])
    page = change(client_of(trainer), dialogue)
    assert list(errors(page)) == ["turns"]
    dialogue.refresh_from_db()
    assert dialogue.version == 1


def test_rules_are_written_by_their_names(dialogue: Dialogue) -> None:
    trainer = factories.person("trainer", locale="en")
    page = client_of(trainer).get(f"/admin/training/dialogue/{dialogue.pk}/change/").content.decode()
    assert ">\nCold</textarea>" in page
    assert errors(change(client_of(trainer), dialogue, **{"turns-0-branches-0-breaks": "Cold\nInsult or clash"})) == {}
    dialogue.refresh_from_db()
    assert dialogue.to_document()["turns"][0]["branches"][0]["breaks"] == ["cold", "conflict"]


def test_who_may_not_publish_keeps_a_draft_and_may_play_it(dialogue: Dialogue) -> None:
    author = factories.person("trainer", publishes=False)
    client = client_of(author)
    assert errors(change(client, dialogue, title="新标题", _draft="1")) == {}
    dialogue.refresh_from_db()
    assert dialogue.title == document()["title"]
    assert Revision.objects.open().get(kind="dialogue").document["title"] == "新标题"
    assert client.post("/practice/dialogues/one/play/").status_code == 302
    assert DeskChat.objects.get().document["title"] == "新标题"


def test_a_new_dialogue(trainer: Any) -> None:
    made = client_of(trainer).post("/admin/training/dialogue/add/", boxes(document("fresh"), _save="1"))
    assert errors(made) == {}
    fresh = Dialogue.objects.get(slug="fresh")
    assert (fresh.to_document(), fresh.status) == (document("fresh"), "published")
    assert Use.objects.get(object_id=fresh.pk, kind="dialogue").card.slug == "haggle"


def test_the_drawing_counts_for_whoever_looks(trainer: Any, trainee: Any, dialogue: Dialogue) -> None:
    two = dialogues.save_document(document("two"))
    run = runs.start(trainee, [dialogue, two], now=timezone.now(), dice=random.Random(1))
    runs.finish(run, now=timezone.now() + timedelta(seconds=900))
    page = client_of(trainer).get(f"/admin/training/dialogue/{dialogue.pk}/change/").content.decode()
    assert "t1 · 1" in page
    assert "deal · 0" in page


def test_lists_cost_the_same_for_any_number(trainer: Any, trainee: Any) -> None:
    client, counts = client_of(trainer), []
    for number in (1, 3):
        for at in range(number):
            made = [dialogues.save_document(document(f"d{number}{at}{one}")) for one in "ab"]
            run = runs.start(trainee, made, now=timezone.now(), dice=random.Random(1))
            runs.finish(run, now=timezone.now() + timedelta(seconds=900))
        found = []
        for address in ("/admin/training/dialogue/", "/admin/training/deskrun/"):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                page = client.get(address)
            found.append(len(queries))
            assert page.status_code == 200
        counts.append(found)
    assert counts[0] == counts[1]


def test_runs_are_listed_once_with_their_figures(trainer: Any, trainee: Any, dialogue: Dialogue) -> None:
    two = dialogues.save_document(document("two"))
    run = runs.start(trainee, [dialogue, two], now=timezone.now(), dice=random.Random(1))
    runs.finish(run, now=timezone.now() + timedelta(seconds=900))
    page = client_of(trainer).get("/admin/training/deskrun/", {"q": document()["title"]})
    (row,) = page.context["cl"].result_list
    assert (row.served, row.well, row.earned, row.most) == (2, 0, 0, 4)
