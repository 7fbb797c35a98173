"""A card: who sees it, how fresh it is, what its document and its index entry say."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from knowledge.documents import card_problems, digest, line_id
from knowledge.enums import Side, Stage, Status
from knowledge.models import Card, Line, LineCode, Use
from knowledge.search.document import SearchDocument
from tests import factories

pytestmark = pytest.mark.django_db


def slugs(cards: Any) -> list[str]:
    return [card.slug for card in cards]


def three_states() -> None:
    for status in ("draft", "published", "retired"):
        factories.card(f"a-{status}", status)


def test_published_means_published() -> None:
    """A draft or a retired card in this queryset would be on everybody's screen."""
    three_states()
    assert slugs(Card.objects.published()) == ["a-published"]


def test_readers_see_published_cards_and_those_who_may_change_cards_see_all(
    trainee: Any, agent: Any, trainer: Any, manager: Any
) -> None:
    """The one rule of visibility: every screen and service leans on it."""
    three_states()
    seen = {str(user): slugs(Card.objects.visible_to(user)) for user in (trainee, agent, trainer, manager)}
    everything = ["a-draft", "a-published", "a-retired"]
    assert list(seen.values()) == [["a-published"], ["a-published"], everything, ["a-published"]]


def test_nobody_signed_out_or_deactivated_sees_anything(trainer: Any) -> None:
    """A deactivated trainer may still hold a session for a moment."""
    three_states()
    trainer.is_active = False
    assert slugs(Card.objects.visible_to(AnonymousUser())) == []
    assert slugs(Card.objects.visible_to(trainer)) == []


def test_lines_follow_their_card(agent: Any, trainer: Any) -> None:
    """Copy, favourite and feedback ask for lines: a line of a draft must not be reachable beside its card."""
    three_states()
    assert {line.card.slug for line in Line.objects.visible_to(agent)} == {"a-published"}
    assert Line.objects.visible_to(trainer).count() == 12
    assert [line.side for line in Line.objects.visible_to(agent).copyable()] == ["do", "do"]


def test_parts_come_with_two_queries_for_any_number(django_assert_num_queries: Any) -> None:
    """Lists of cards read their lines; a query a card would make the phrasebook crawl."""
    for number in range(3):
        factories.card(f"c{number}")
    with django_assert_num_queries(3):
        documents = [card.to_document() for card in Card.objects.with_parts()]
    assert [document["slug"] for document in documents] == ["c0", "c1", "c2"]


def test_the_document_of_the_live_rows_is_the_document_that_made_them() -> None:
    """File, diff, export and restore all rest on this."""
    for changes in ({}, {"trigger": "顾客进店没说话"}, {"facts": ["B-06"], "neighbours": ["x"]}):
        source = factories.document("round", "rd", **changes)
        card = factories.card("round", code="rd", **changes)
        assert card.to_document() == source
        assert card.current_hash == digest(source)
        assert card_problems(card.to_document()) == []


def test_the_keys_of_the_document_have_one_order() -> None:
    """Files are diffed by people: a key that wanders shows as a change."""
    card = factories.card("order", trigger="先开口")
    assert list(card.to_document()) == [
        "slug", "title", "stage", "course", "competency", "groups", "facts", "neighbours", "trigger", "aliases",
        "do", "dont", "principle",
    ]  # fmt: skip
    assert [list(line) for line in card.to_document()["dont"]] == [["code", "text", "why", "breaks"]] * 2


def test_a_line_id_is_written_only_when_the_code_does_not_give_it() -> None:
    """Starter files stay readable, and a line that changed its code still keeps its favourites."""
    card = factories.card("ids", code="id")
    first, second = card.say
    assert str(first.uuid) == line_id("id1")
    Line.objects.filter(pk=first.pk).update(code="id9")
    assert Card.objects.get(pk=card.pk).to_document()["do"] == [
        {"id": line_id("id1"), "code": "id9", "text": first.text, "why": first.why},
        {"code": "id2", "text": second.text, "why": second.why},
    ]


def test_edited_by_trainer_compares_with_what_was_loaded() -> None:
    """The loader overwrites what this says nobody touched."""
    card = factories.card("edited")
    assert card.edited_by_trainer is True
    Card.objects.filter(pk=card.pk).update(loaded_hash=card.current_hash)
    assert Card.objects.get(pk=card.pk).edited_by_trainer is False
    card.lines.filter(side=Side.DO).update(why="改过的理由。")
    assert Card.objects.get(pk=card.pk).edited_by_trainer is True


def test_markdown_is_rendered_on_save() -> None:
    """Rendering in a request that reads would cost every reader; forgetting it would show the old reasons."""
    card = factories.card("markdown", principle="**先**答")
    assert card.principle_html == "<p><strong>先</strong>答</p>"
    card.principle = "<script>x</script>后答"
    card.save()
    assert "script" not in Card.objects.get(pk=card.pk).principle_html


def test_what_the_index_holds_of_a_card() -> None:
    """Every text a reader can see must be findable, with fields both as written and as they read."""
    card = factories.card(
        "found",
        code="fd",
        stage="after",
        course="process",
        competency="reviews",
        groups=["valued", "haggling"],
        trigger="顾客不说话",
    )
    assert card.search_document() == SearchDocument(
        kind="card",
        object_id=card.pk,
        slug="found",
        title="情景found",
        aliases=("found怎么说", "found在吗"),
        body=(
            "您好，found这件事我来帮您查。\n先应声。\nfound寄到{地区}是{运费|5}元。\nfound寄到地区是5元。\n说得具体。\n"
            "found没有。\n冷。\nfound你自己看。\n命令。\n关于found，先听再说。\n顾客不说话"
        ),
        codes=("fd1", "fd2"),
        published=True,
        audience=(),
        facets=("stage:after", "competency:reviews", "course:process", "group:valued", "group:haggling"),
        uses=0,
    )


def test_a_card_of_any_stage_is_found_under_every_stage() -> None:
    """Otherwise an agent who filters by after-sale never sees how to apologise."""
    facets = factories.card("everywhere", stage=Stage.ANY).search_document().facets
    assert [token for token in facets if token.startswith("stage:")] == [
        "stage:pre", "stage:in", "stage:after", "stage:review",
    ]  # fmt: skip


def test_drafts_are_indexed_as_drafts_and_retired_cards_not_at_all() -> None:
    """Trainers find their drafts by search; nobody finds what is retired."""
    assert factories.card("d", "draft").search_document().published is False
    retired = factories.card("r", "retired")
    assert retired.search_document() is None
    assert slugs(Card.searchable()) == ["d"]


def test_whatever_a_hit_shows_changes_its_hash() -> None:
    """Hits are cached under this hash: something shown but not hashed would stay old on the other worker."""
    card = factories.card("hash", code="hh")
    before = card.search_document().content_hash
    line = card.say[0]
    changes = {
        "title": lambda: setattr(card, "title", "新情景"),
        "stage": lambda: setattr(card, "stage", "in"),
        "competency": lambda: setattr(card, "competency", "product"),
        "status": lambda: setattr(card, "status", Status.DRAFT),
        "verified": lambda: setattr(card, "verified_on", datetime.date(2026, 1, 1)),
        "verified again": lambda: setattr(card, "verified_on", datetime.date(2026, 2, 1)),
        "another interval": lambda: setattr(card, "verify_days", 90),
        "line": lambda: setattr(line, "text", "换一句。"),
        "code": lambda: setattr(line, "code", "hh9"),
    }
    seen = [before]
    for change in changes.values():
        change()
        seen.append(card.search_document().content_hash)
    assert len(set(seen)) == len(changes) + 1


def test_a_card_with_uses_cannot_be_deleted(agent: Any) -> None:
    """A lesson would otherwise lose the passage it embeds without a word."""
    from django.contrib.contenttypes.models import ContentType

    card = factories.card("used")
    kind = ContentType.objects.get_for_model(agent)
    Use.objects.create(card=card, kind="lesson", content_type=kind, object_id=agent.pk, card_version_seen=1)
    with pytest.raises(ProtectedError):
        card.delete()
    assert slugs(Card.objects.all()) == ["used"]


def test_short_codes_and_slugs_are_unique_in_the_database() -> None:
    """Two agents saving at once must not leave one code with two meanings."""
    one, two = factories.card("one", code="oo"), factories.card("two", code="tt")
    with pytest.raises(IntegrityError), transaction.atomic():
        Line.objects.create(card=two, side="do", code="oo1", text="x", why="y")
    with pytest.raises(IntegrityError), transaction.atomic():
        Card.objects.create(slug=one.slug, title="x", stage="pre", course="intro", competency="language", principle="x")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": "{手机号}"}, "text"),
        ({"side": "dont", "breaks": []}, "breaks"),
        ({"breaks": ["rude"]}, "breaks"),
        ({"breaks": ["cold", "cold"]}, "breaks"),
        ({"breaks": "cold"}, "breaks"),
        ({"code": "A1"}, "code"),
        ({"code": "oo1"}, "code"),
        ({"code": "gone1"}, "code"),
    ],
)
def test_a_line_in_the_admin_is_checked_field_by_field(values: dict[str, Any], field: str) -> None:
    """The admin saves rows, not documents: the same mistakes have to be refused there, on their field."""
    card = factories.card("one", code="oo")
    LineCode.objects.create(code="gone1", line="00000000-0000-4000-8000-000000000001")
    line = Line(**({"card": card, "side": "do", "code": "oo3", "text": "好", "why": "好"} | values))
    with pytest.raises(ValidationError) as caught:
        line.full_clean()
    assert list(caught.value.message_dict) == [field]


def test_the_share_link_names_the_line_twice() -> None:
    """The query survives the way through sign-in, the fragment scrolls."""
    line = factories.card("share", code="sh").say[0]
    assert line.get_absolute_url() == "/phrases/share/?line=sh1#sh1"


def test_words_for_people(agent: Any) -> None:
    """Lists in the admin print these."""
    card = factories.card("named", code="nm", groups=["valued"])
    line, broken = card.say[0], card.avoid[0]
    assert (str(card), str(line), str(card.aliases.first())) == ("情景named", f"nm1 {line.text[:20]}", "named怎么说")
    assert str(LineCode.objects.get(code="nm1")) == "nm1"
    assert len(card.group_labels) == len(broken.rule_labels) == 1
    assert [part.name for part in card.say[1].parts] == ["", "地区", "", "运费", ""]
