"""Publishing: rows, revision, index and recheck flags in one transaction, or nothing."""

from __future__ import annotations

import copy
import uuid
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection

from knowledge.documents import line_id
from knowledge.models import Alias, Card, CopyEvent, Favourite, Line, LineCode, Revision, Use
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.search.index import fingerprints
from knowledge.services import cards, workflow
from tests import factories

pytestmark = pytest.mark.django_db


def revisions(card: Card) -> list[tuple[int, int, str]]:
    found = Revision.objects.filter(kind="card", object_id=card.pk).order_by("number")
    return list(found.values_list("number", "base_number", "state"))


def everything() -> dict[str, Any]:
    """All rows that publishing may touch, for comparison before and after a refusal."""
    models = (Card, Alias, Line, LineCode, Revision, Use, Favourite)
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    return rows | {"index": fingerprints()}


def hits(query: str) -> list[str]:
    return [hit.slug for hit in engine.search(query, Viewer()).hits]


def test_a_new_slug_makes_a_published_card(trainer: Any) -> None:
    """The loader and the admin's first save come through here."""
    card = cards.publish_document(factories.document("new", "nw"), author=trainer, reason="第一版")
    assert (card.slug, card.status, card.version) == ("new", "published", 1)
    assert revisions(card) == [(1, 0, "published")]
    revision = Revision.objects.get()
    assert (revision.author, revision.reason, revision.slug) == (trainer, "第一版", "new")
    assert revision.document == factories.document("new", "nw") == card.to_document()
    assert set(LineCode.objects.values_list("code", "line")) == {
        (code, uuid.UUID(line_id(code))) for code in ("nw1", "nw2", "nw51", "nw52")
    }
    assert hits("new在吗") == ["new"]


def test_a_changed_text_raises_the_version_and_keeps_the_old_text() -> None:
    """Without the base number a conflict could never be told."""
    card = factories.card("a", code="aa")
    changed = cards.publish_document(factories.document("a", "aa", title="改过的情景"))
    assert (changed.pk, changed.version, changed.title) == (card.pk, 2, "改过的情景")
    assert revisions(card) == [(1, 0, "published"), (2, 1, "published")]
    assert [revision.document["title"] for revision in Revision.objects.order_by("number")] == ["情景a", "改过的情景"]
    assert hits("改过") == ["a"]


def test_an_unchanged_text_adds_no_version() -> None:
    """A save without a change must not send every lesson that uses the card to recheck."""
    card = factories.card("a", code="aa")
    again = cards.publish_document(factories.document("a", "aa", title=" 情景a \r\n"))
    assert (again.version, revisions(card)) == (1, [(1, 0, "published")])


def test_the_status_stays_unless_it_is_named() -> None:
    """A correction of a draft must not publish it, nor bring a retired card back."""
    for status in ("draft", "retired"):
        factories.card(status, status, code=status[:3])
        assert cards.publish_document(factories.document(status, status[:3], title="改")).status == status
    assert cards.publish_document(factories.document("draft", "dra"), status="published").status == "published"


def test_lines_keep_their_rows_their_favourites_and_their_copies(agent: Any) -> None:
    """Rewording or moving a line must not empty fifty people's favourites."""
    card = factories.card("a", code="aa")
    first, second = card.say
    Favourite.objects.create(user=agent, line=first)
    CopyEvent.objects.create(user=agent, line=second)
    document = factories.document("a", "aa")
    document["do"] = [document["do"][1], document["do"][0] | {"text": "换了说法。"}]
    document["dont"].append(document["dont"].pop(0))
    after = cards.publish_document(document)
    assert [(line.pk, line.code, line.position) for line in after.say] == [(second.pk, "aa2", 0), (first.pk, "aa1", 1)]
    assert after.say[1].text == "换了说法。"
    assert [line.code for line in after.avoid] == ["aa52", "aa51"]
    assert (Favourite.objects.get().line_id, CopyEvent.objects.get().line_id) == (first.pk, second.pk)


def test_a_line_may_change_sides_and_take_a_new_code(agent: Any) -> None:
    """Its uuid is its identity: neither its code nor its side is."""
    card = factories.card("a", code="aa")
    line = card.say[1]
    Favourite.objects.create(user=agent, line=line)
    document = factories.document("a", "aa")
    moved = document["do"].pop(1)
    document["dont"].append(moved | {"id": line_id("aa2"), "code": "aa53", "breaks": ["cold"]})
    after = cards.publish_document(document)
    assert [(found.pk, found.code, found.side) for found in after.avoid[2:]] == [(line.pk, "aa53", "dont")]
    assert Favourite.objects.get().line_id == line.pk
    assert after.to_document() == document


def test_lines_and_aliases_left_out_are_gone() -> None:
    """The live rows are the document, not more."""
    card = factories.card("a", code="aa", aliases=["一", "二", "三"])
    document = factories.document("a", "aa", aliases=["三", "一"])
    document["do"].pop(0)
    after = cards.publish_document(document)
    assert [line.code for line in after.say] == ["aa2"]
    assert [alias.text for alias in after.aliases.all()] == ["三", "一"]
    assert Line.objects.filter(card=card).count() == 3
    assert hits("二") == []


def test_codes_do_not_change_hands_even_inside_a_card() -> None:
    """Agents type aa1 from memory: after a swap they would send the other line."""
    factories.card("a", code="aa")
    before = everything()
    document = factories.document("a", "aa")
    one, two = document["do"]
    document["do"] = [one | {"id": line_id("aa1"), "code": "aa2"}, two | {"id": line_id("aa2"), "code": "aa1"}]
    with pytest.raises(ValidationError, match="aa1、aa2"):
        cards.publish_document(document)
    assert everything() == before


def test_a_line_may_move_to_a_fresh_code_and_back() -> None:
    """The ledger remembers both codes as this line's."""
    factories.card("a", code="aa")
    document = factories.document("a", "aa")
    renamed = copy.deepcopy(document)
    renamed["do"][0] |= {"id": line_id("aa1"), "code": "aa9"}
    assert [line.code for line in cards.publish_document(renamed).say] == ["aa9", "aa2"]
    assert [line.code for line in cards.publish_document(document).say] == ["aa1", "aa2"]
    assert LineCode.objects.filter(line=line_id("aa1")).count() == 2


def test_a_code_of_another_card_is_refused() -> None:
    """One code, two meanings: the search could only show one of them. A sentence, not a database error."""
    factories.card("a", code="aa")
    before = everything()
    document = factories.document("b", "bb")
    document["do"][0]["code"] = "aa1"
    with pytest.raises(ValidationError, match="aa1"):
        cards.publish_document(document)
    document["do"][0] |= {"id": str(uuid.uuid4())}
    with pytest.raises(ValidationError, match="aa1"):
        cards.publish_document(document)
    assert everything() == before


def test_a_code_is_never_given_again_after_its_line_is_gone() -> None:
    """Agents remember codes longer than cards live."""
    card = factories.card("a", code="aa")
    card.delete()
    document = factories.document("b", "bb")
    document["do"][0] |= {"id": str(uuid.uuid4()), "code": "aa1"}
    with pytest.raises(ValidationError, match="aa1"):
        cards.publish_document(document)
    assert list(Card.objects.all()) == []


def test_a_deleted_line_may_come_back_under_its_own_code() -> None:
    """Restoring an old version brings back lines that were dropped since."""
    document = factories.document("a", "aa")
    shorter = copy.deepcopy(document)
    shorter["do"].pop(0)
    cards.publish_document(document)
    cards.publish_document(shorter)
    assert [line.code for line in cards.publish_document(document).say] == ["aa1", "aa2"]


def test_a_line_of_another_card_cannot_be_claimed_by_its_id() -> None:
    """A copied file still carries the ids of the first card's lines."""
    card = factories.card("a", code="aa")
    before = everything()
    document = factories.document("b", "bb")
    document["do"][0]["id"] = str(card.say[0].uuid)
    with pytest.raises(ValidationError, match="aa1"):
        cards.publish_document(document)
    assert everything() == before


@pytest.mark.parametrize("changes", [{"title": ""}, {"stage": "x"}, {"slug": "Match"}, {"do": "x"}])
def test_an_unsound_document_writes_nothing(changes: dict[str, Any]) -> None:
    """Every problem is named, and the live card stays as it was."""
    factories.card("a", code="aa")
    before = everything()
    with pytest.raises(ValidationError) as caught:
        cards.publish_document(factories.document("a", "aa") | changes)
    assert caught.value.messages[0].startswith(f"{next(iter(changes))}: ")
    assert everything() == before


def test_a_failure_at_the_last_step_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows without index, or index without revision, would be a card nobody can explain."""
    factories.card("a", code="aa")
    before = everything()

    def fail(*_args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("knowledge.search.indexed.index", fail)
    with pytest.raises(RuntimeError):
        cards.publish_document(factories.document("a", "aa", title="新"))
    assert everything() == before


def test_uses_are_flagged_for_recheck_only_when_the_text_changed(agent: Any) -> None:
    """One card, four uses: what leans on it has to be looked at again, and not after a mere save."""
    card, other = factories.card("a", code="aa"), factories.card("b", code="bb")
    kind = ContentType.objects.get_for_model(agent)
    for number, one in enumerate((card, other)):
        Use.objects.create(card=one, kind="lesson", content_type=kind, object_id=number, card_version_seen=1)
    cards.publish_document(factories.document("a", "aa"))
    assert list(Use.objects.order_by("pk").values_list("recheck", flat=True)) == [False, False]
    cards.publish_document(factories.document("a", "aa", title="新"))
    assert list(Use.objects.order_by("pk").values_list("recheck", "card_version_seen")) == [(True, 1), (False, 1)]


def test_restore_makes_an_earlier_text_the_newest(trainer: Any) -> None:
    """History is added to, never rewound."""
    card = factories.card("a", code="aa")
    cards.publish_document(factories.document("a", "aa", title="第二版"))
    assert workflow.restore(card, 1, by=trainer) is None
    restored = Card.objects.get()
    assert (restored.title, restored.version) == ("情景a", 3)
    assert revisions(card) == [(1, 0, "published"), (2, 1, "published"), (3, 2, "published")]
    last = Revision.objects.order_by("-number")[0]
    assert (last.author, "1" in last.reason) == (trainer, True)
    with pytest.raises(Revision.DoesNotExist):
        workflow.restore(card, 9, by=trainer)


def test_record_after_rows_changed_by_hand(trainer: Any) -> None:
    """The admin saves rows itself and then calls this: same version, revision, ledger and index."""
    card = factories.card("a", code="aa", aliases=["蓝莓果酱"])
    Line.objects.create(card=card, side="do", code="aa3", text="再给一句。", why="多一条路。", position=2)
    Alias.objects.filter(card=card).delete()
    fresh = cards.record(card, author=trainer, reason="补一句")
    assert (fresh.version, [line.code for line in fresh.say]) == (2, ["aa1", "aa2", "aa3"])
    assert LineCode.objects.filter(code="aa3").exists()
    assert (hits("再给一句"), hits("蓝莓果酱")) == (["a"], [])
    assert cards.record(card, author=trainer, reason="没改").version == 2


def test_a_long_reason_is_cut_not_refused() -> None:
    """PostgreSQL would refuse the row, and the edit with it."""
    factories.card("a", code="aa")
    cards.publish_document(factories.document("a", "aa", title="新"), reason="因" * 300)
    assert Revision.objects.order_by("-number")[0].reason == "因" * 200


def test_publishing_costs_the_same_beside_any_number_of_cards() -> None:
    """The loader publishes 84 times: a query that grows with the table would make it crawl."""
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in range(3):
        with CaptureQueriesContext(connection) as queries:
            factories.card(f"c{number}")
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]
