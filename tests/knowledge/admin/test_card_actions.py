"""Publishing, retiring, verifying, deleting: the index follows in the same transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from knowledge import files
from knowledge.models import Card, Feedback, LineCode, Tombstone, Use
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.services import cards, content
from tests import factories

LIST = "/admin/knowledge/card/"
EVERYBODY = Viewer()


def found(query: str) -> list[str]:
    return [hit.slug for hit in engine.search(query, EVERYBODY).hits]


def act(client: Client, action: str, *chosen: Card) -> list[str]:
    """Run an action on cards; the sentences it says."""
    data = {"action": action, "_selected_action": [card.pk for card in chosen]}
    response = client.post(LIST, data, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def use_of(card: Card) -> Use:
    kind = ContentType.objects.get_for_model(Card)
    return Use.objects.create(card=card, kind="lesson", content_type=kind, object_id=1, card_version_seen=1)


def test_publish(as_trainer: Client, trainer: Any) -> None:
    drafts = [factories.card(slug, status="draft", title=f"{word}运费") for slug, word in (("a", "甲"), ("b", "乙"))]
    assert found("运费") == []
    assert act(as_trainer, "publish", *drafts) == ["2 cards published."]
    assert sorted(found("运费")) == ["a", "b"]
    entries = LogEntry.objects.values_list("user", "object_id", "change_message")
    assert sorted(entries) == sorted((trainer.pk, str(card.pk), "Published.") for card in drafts)


def test_publish_refuses_a_card_without_a_line(as_trainer: Client) -> None:
    """A reader who finds it would have nothing to copy; then nothing of the choice is published."""
    mute = factories.card("mute", status="draft", title="没话说", do=[])
    sound = factories.card("sound", status="draft")
    said = act(as_trainer, "publish", mute, sound)
    assert said == ["Nothing was published. These cards have no line to say yet: 没话说"]
    assert set(Card.objects.values_list("status", flat=True)) == {"draft"}


def test_retire(as_trainer: Client) -> None:
    card = factories.card("freight", title="运费多少")
    assert found("运费") == ["freight"]
    assert act(as_trainer, "retire", card) == ["1 card retired."]
    assert found("运费") == []
    assert engine.stats().get("card", 0) == 0


def test_verify(as_trainer: Client, as_agent: Client) -> None:
    """Readers see it at once: what is cached of the card is keyed by what the index holds of it."""
    card = factories.card("freight", title="运费多少")
    assert "待核实" in as_agent.get("/phrases/?q=运费").content.decode()
    assert act(as_trainer, "verify", card) == ["1 marked as still valid."]
    card.refresh_from_db()
    assert card.verified_on == timezone.localdate()
    assert "待核实" not in as_agent.get("/phrases/?q=运费").content.decode()


def test_delete_takes_the_card_out_of_the_index(as_trainer: Client) -> None:
    """Its codes stay taken for ever."""
    card = factories.card("freight", code="fr", title="运费多少")
    response = as_trainer.post(f"{LIST}{card.pk}/delete/", {"post": "yes"})
    assert (response.status_code, Card.objects.count(), found("运费")) == (302, 0, [])
    assert engine.stats().get("card", 0) == 0
    assert LineCode.objects.filter(code="fr1").exists()
    assert Tombstone.objects.count() == 0


def test_deleted_starter_card_stays_deleted(as_trainer: Client, tmp_path: Path) -> None:
    """By the button and by the action of the list alike."""
    (tmp_path / "cards").mkdir()
    for slug in ("one", "two", "three"):
        (tmp_path / "cards" / f"{slug}.yaml").write_text(files.dump(factories.document(slug)))
    for name, key in (("facts", "facts"), ("compliance", "notes"), ("synonyms", "groups")):
        (tmp_path / f"{name}.yaml").write_text(f"{key}: []\n")
    content.load(tmp_path)
    one, two = Card.objects.get(slug="one"), Card.objects.get(slug="two")
    as_trainer.post(f"{LIST}{one.pk}/delete/", {"post": "yes"})
    data = {"action": "delete_selected", "_selected_action": [two.pk], "post": "yes"}
    as_trainer.post(LIST, data)
    assert content.load(tmp_path).deleted == ["one", "two"]
    assert list(Card.objects.values_list("slug", flat=True)) == ["three"]


def test_card_with_uses_cannot_be_deleted(as_trainer: Client) -> None:
    """A lesson would lose its words; the page says what to do instead."""
    card = factories.card("freight")
    use_of(card)
    cards.set_status([card], "retired")
    sentence = "so it cannot be deleted. Retire it instead"
    for method in ("get", "post"):
        response = getattr(as_trainer, method)(f"{LIST}{card.pk}/delete/", {"post": "yes"})
        assert response.content.decode().count(sentence) == 1
    data = {"action": "delete_selected", "_selected_action": [card.pk], "post": "yes"}
    response = as_trainer.post(LIST, data)
    assert response.content.decode().count("so they cannot be deleted. Retire them instead") == 1
    assert Card.objects.filter(pk=card.pk).exists()


def test_remarks_do_not_keep_a_card(as_trainer: Client) -> None:
    """Trainers may not delete remarks one by one; with the card they go."""
    card = factories.card("freight")
    Feedback.objects.create(card=card, line=card.say[0], kind="error", text="错了")
    as_trainer.post(f"{LIST}{card.pk}/delete/", {"post": "yes"})
    assert (Card.objects.count(), Feedback.objects.count()) == (0, 0)


def test_view_on_site(as_trainer: Client) -> None:
    card = factories.card("freight")
    page = as_trainer.get(f"{LIST}{card.pk}/change/").content.decode()
    assert page.count('href="/phrases/freight/" class="viewsitelink"') == 1
