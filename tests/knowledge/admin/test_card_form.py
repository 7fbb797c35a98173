"""Changing a card as a trainer does: rows, version, revision, codes and index follow; nothing is half written."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client

from accounts.roles import TRAINER
from knowledge.models import Card, ComplianceNote, Fact, Line, LineCode, Revision, Use
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.services import cards
from tests import factories
from tests.knowledge.admin.conftest import address, errors, fresh, signed_in
from tests.knowledge.admin.page import form_data

EVERYBODY = Viewer()


def found(query: str) -> list[str]:
    return [hit.slug for hit in engine.search(query, EVERYBODY).hits]


def new_line(data: dict[str, Any], side: str, **values: Any) -> dict[str, Any]:
    """The form with its empty last row of a side filled in."""
    at = int(data[f"{side}-TOTAL_FORMS"]) - 1
    return data | {f"{side}-{at}-{name}": value for name, value in values.items()}


def test_untouched_form_makes_no_version(as_trainer: Client, card: Card, opened: Any) -> None:
    """A form that loses or reorders anything would show here as a second version."""
    before = fresh(card).to_document()
    response = as_trainer.post(address(card), opened(card))
    assert response.status_code == 302
    assert (fresh(card).version, fresh(card).to_document()) == (1, before)


def test_untouched_starter_cards_stay_unedited(starter_content: None, as_trainer: Client, opened: Any) -> None:
    """Otherwise looking at a card and pressing Save would cut it off from later starter content."""
    for card in Card.objects.filter(slug__in=["after-sale-followup", "bad-review-apology", "abusive-customer"]):
        assert as_trainer.post(address(card), opened(card)).status_code == 302
        assert (fresh(card).version, fresh(card).edited_by_trainer) == (1, False), card.slug


def test_save_writes_version_revision_and_index(as_trainer: Client, trainer: Any, card: Card, opened: Any) -> None:
    data = opened(card) | {"title": "冷链怎么收费", "reason": "说得更准", "do-0-text": "冷链每单{运费|8}元。"}
    assert as_trainer.post(address(card), data).status_code == 302
    revision = Revision.objects.get(object_id=card.pk, number=2)
    live = fresh(card)
    assert (live.version, live.title, live.say[0].text) == (2, "冷链怎么收费", "冷链每单{运费|8}元。")
    assert (revision.author, revision.reason, revision.base_number) == (trainer, "说得更准", 1)
    assert revision.document == live.to_document()
    assert found("冷链") == ["freight"]


def test_save_flags_uses(as_trainer: Client, card: Card, opened: Any) -> None:
    """What leans on a card must hear of its change."""
    use = _use(card)
    as_trainer.post(address(card), opened(card) | {"title": "另一个题目"})
    use.refresh_from_db()
    assert use.recheck is True


def test_add_a_card(as_trainer: Client, trainer: Any) -> None:
    """From an empty form to a draft with its first version; a reader does not find it yet."""
    data = form_data(as_trainer.get("/admin/knowledge/card/add/"), "card_form")
    data |= {"title": "蓝莓压坏了", "slug": "crushed", "stage": "after", "course": "rules", "competency": "rules"}
    data |= {"principle": "先道歉。", "aliases-0-text": "蓝莓都烂了"}
    data |= {"do-0-code": "lm1", "do-0-text": "抱歉，马上补发。", "do-0-why": "先认。"}
    assert as_trainer.post("/admin/knowledge/card/add/", data).status_code == 302
    card = Card.objects.with_parts().get(slug="crushed")
    assert (card.version, card.status, card.owner) == (1, "draft", trainer)
    assert card.to_document()["do"][0]["text"] == "抱歉，马上补发。"
    assert LineCode.objects.get(code="lm1").line == card.say[0].uuid
    assert found("蓝莓都烂了") == []


def test_texts_are_tidied(as_trainer: Client, card: Card, opened: Any) -> None:
    r"""Browsers send \r\n and people leave spaces: neither survives a round trip through a file."""
    data = opened(card) | {"principle": "先听。  \r\n\r\n再说。\r\n", "do-0-text": "您好， \r\n我来查。"}
    as_trainer.post(address(card), data)
    live = fresh(card)
    assert (live.principle, live.say[0].text) == ("先听。\n\n再说。", "您好，\n我来查。")


def test_groups_and_neighbours_keep_their_order(as_trainer: Client, opened: Any) -> None:
    """Those that stood there stay in their order, new ones follow: no version for an order nobody chose."""
    for slug in ("aa", "bb", "cc"):
        factories.card(slug)
    card = factories.card("mine", groups=["difficult", "potential"], neighbours=["cc", "aa"])
    data = opened(card)
    data["neighbours"] = ["aa", "bb", "cc"]
    data["groups"] = ["potential", "haggling", "difficult"]
    as_trainer.post(address(card), data)
    live = fresh(card)
    assert live.neighbours == ["cc", "aa", "bb"]
    assert live.groups == ["difficult", "potential", "haggling"]


def test_lost_neighbour_is_kept_until_taken_out(as_trainer: Client, opened: Any) -> None:
    card = factories.card("mine", neighbours=["gone"])
    as_trainer.post(address(card), opened(card) | {"title": "别的"})
    assert fresh(card).neighbours == ["gone"]
    as_trainer.post(address(card), opened(card) | {"neighbours": []})
    assert fresh(card).neighbours == []


def test_facts_are_ids_in_any_spelling(as_trainer: Client, card: Card, opened: Any) -> None:
    for code in ("A-01", "B-02", "E-46b"):
        Fact.objects.create(code=code, course="intro", text=f"text of {code}")
    note = ComplianceNote.objects.create(code="K-01", title="有据", note="先核对。", basis="法", checked="原文")
    note.applies_to.set(["B-02"])
    as_trainer.post(address(card), opened(card) | {"facts": "a-01， B-02、Ｅ-46b b-02"})
    assert fresh(card).facts == ["A-01", "B-02", "E-46b"]
    page = as_trainer.get(address(card)).content.decode()
    assert page.count("<b>有据</b> 先核对。") == 1
    assert page.count("<b>E-46b</b> text of E-46b") == 1


def test_unknown_facts_are_named(as_trainer: Client, card: Card, opened: Any) -> None:
    response = as_trainer.post(address(card), opened(card) | {"facts": "Z-99 Q-01"})
    assert errors(response) == ["No such fact: Z-99、Q-01"]
    assert fresh(card).version == 1


def test_search_words(as_trainer: Client, card: Card, opened: Any) -> None:
    """Words staff type are found, also after being edited here."""
    as_trainer.post(address(card), opened(card) | {"keywords": "冷链费、 保温箱，冷链费"})
    assert fresh(card).keywords == ["冷链费", "保温箱"]
    assert found("保温箱") == ["freight"]


# Rows


def test_rows_are_ordered_by_their_places(as_trainer: Client, card: Card, opened: Any) -> None:
    """The script, or a person with the number fields, sends places; rows without one go to the end."""
    data = new_line(opened(card), "do", code="fr3", text="第三句。", why="够了。", position="")
    data |= {"do-0-position": "5", "do-1-position": "2"}
    assert as_trainer.post(address(card), data).status_code == 302
    assert [line.code for line in fresh(card).say] == ["fr2", "fr1", "fr3"]


def test_place_alone_makes_no_row(as_trainer: Client, card: Card, opened: Any) -> None:
    """The script numbers the empty last row too."""
    assert as_trainer.post(address(card), new_line(opened(card), "do", position="2")).status_code == 302
    assert len(fresh(card).say) == 2


def test_aliases_may_exchange_texts(as_trainer: Client, card: Card, opened: Any) -> None:
    data = opened(card)
    data |= {"aliases-0-text": data["aliases-1-text"], "aliases-1-text": data["aliases-0-text"]}
    assert as_trainer.post(address(card), data).status_code == 302
    assert fresh(card).to_document()["aliases"] == ["freight在吗", "freight怎么说"]


def test_alias_deleted_and_written_again(as_trainer: Client, card: Card, opened: Any) -> None:
    data = opened(card) | {"aliases-0-DELETE": "on"}
    data |= {"aliases-2-text": data["aliases-0-text"]}
    assert as_trainer.post(address(card), data).status_code == 302
    assert fresh(card).to_document()["aliases"] == ["freight在吗", "freight怎么说"]


def test_alias_twice(as_trainer: Client, card: Card, opened: Any) -> None:
    data = opened(card)
    response = as_trainer.post(address(card), data | {"aliases-2-text": data["aliases-0-text"]})
    assert errors(response) == [
        "Please correct the duplicate data for text.",
        "Please correct the duplicate values below.",
    ]
    assert fresh(card).version == 1


def test_alias_of_another_card(as_trainer: Client, card: Card, opened: Any) -> None:
    """An export of both cards could not be loaded again."""
    factories.card("other", title="别的情景", aliases=["这多少钱"], keywords=["行情"])
    response = as_trainer.post(address(card), opened(card) | {"aliases-2-text": "这多少钱", "keywords": "行情"})
    sentence = "This leads to another card already: "
    assert sorted(errors(response)) == [sentence + "别的情景", sentence + "行情 (别的情景)"]


def test_rules_of_a_line_keep_their_order(as_trainer: Client, opened: Any) -> None:
    avoid = {"code": "ab51", "text": "没有。", "why": "冷。", "breaks": ["privacy", "cold"]}
    card = factories.card("mine", code="ab", dont=[avoid])
    as_trainer.post(address(card), opened(card) | {"dont-0-breaks": ["cold", "absolute", "privacy"]})
    assert fresh(card).avoid[0].breaks == ["privacy", "cold", "absolute"]


def test_line_row_keeps_its_uuid(as_trainer: Client, card: Card, opened: Any) -> None:
    """Favourites and copies hang on the row: a new text or code must not make a new line."""
    before = [line.uuid for line in fresh(card).say]
    as_trainer.post(address(card), opened(card) | {"do-0-code": "fr9", "do-0-text": "改了。"})
    assert [line.uuid for line in fresh(card).say] == before
    assert set(LineCode.objects.filter(line=before[0]).values_list("code", flat=True)) == {"fr1", "fr9"}


# Refusals, each told on its field; the text stays on the screen


@pytest.mark.parametrize(
    ("changes", "place", "field"),
    [
        ({"title": ""}, "", "title"),
        ({"title": "运\x07费"}, "", "title"),
        ({"principle": "原\u2028则"}, "", "principle"),
        ({"aliases-0-text": "喂\x0b在吗"}, "aliases", "text"),
        ({"do-0-code": "FR1"}, "do", "code"),
        ({"do-0-code": "fr2"}, "do", "code"),
        ({"do-0-code": "fr51"}, "do", "code"),
        ({"do-0-text": "您好{心情}"}, "do", "text"),
        ({"do-0-text": "您好{运费"}, "do", "text"),
        ({"do-0-text": "字" * 601}, "do", "text"),
        ({"do-0-why": ""}, "do", "why"),
        ({"dont-0-breaks": []}, "dont", "breaks"),
        ({"dont-0-breaks": ["nonsense"]}, "dont", "breaks"),
        ({"do-0-position": "-1"}, "do", "position"),
    ],
)
def test_refused_on_its_field(
    as_trainer: Client, card: Card, opened: Any, changes: dict[str, Any], place: str, field: str
) -> None:
    before = fresh(card).to_document()
    response = as_trainer.post(address(card), opened(card) | {"reason": "仍在这里"} | changes)
    assert response.status_code == 200
    wrong = {"": [response.context["adminform"].form]}
    for inline in response.context["inline_admin_formsets"]:
        wrong[inline.formset.prefix] = inline.formset.forms
    told = [name for form in wrong[place] for name in form.errors]
    assert field in told
    assert 'value="仍在这里"' in response.content.decode()
    assert (fresh(card).version, fresh(card).to_document()) == (1, before)


def test_code_of_a_deleted_line_is_never_given_again(as_trainer: Client, card: Card, opened: Any) -> None:
    as_trainer.post(address(card), opened(card) | {"do-1-DELETE": "on"})
    data = new_line(opened(card), "do", code="fr2", text="新的。", why="新。")
    assert errors(as_trainer.post(address(card), data)) == ["fr2 was given to another line and is never reused."]


def test_reserved_slug(as_trainer: Client) -> None:
    """/phrases/match/ is a page already: a card there could never be read."""
    data = form_data(as_trainer.get("/admin/knowledge/card/add/"), "card_form")
    data |= {
        "title": "题",
        "slug": "match",
        "stage": "pre",
        "course": "rules",
        "competency": "rules",
        "principle": "先。",
    }
    response = as_trainer.post("/admin/knowledge/card/add/", data)
    assert list(response.context["adminform"].form.errors) == ["slug"]
    assert Card.objects.count() == 0


def test_slug_is_chosen_once(as_trainer: Client, card: Card, opened: Any) -> None:
    """People have shared the address."""
    data = opened(card)
    assert "slug" not in data
    as_trainer.post(address(card), data | {"slug": "moved", "title": "新题"})
    assert (fresh(card).slug, fresh(card).title) == ("freight", "新题")


def test_published_card_needs_a_line(as_trainer: Client, card: Card, opened: Any) -> None:
    data = opened(card) | {"do-0-DELETE": "on", "do-1-DELETE": "on"}
    sentence = "A published card needs at least one line to say. Add one, or keep a draft."
    assert errors(as_trainer.post(address(card), data)) == [sentence]
    assert as_trainer.post(address(card), data | {"status": "draft"}).status_code == 302


@pytest.mark.parametrize("error", [ValidationError("codes are taken"), IntegrityError("twice")])
def test_late_refusal_undoes_everything(as_trainer: Client, card: Card, opened: Any, error: Exception) -> None:
    """Two trainers taking a code in the same instant pass every check: the database stops the second one."""
    before = fresh(card).to_document()
    data = opened(card) | {"title": "改到一半"}
    with patch.object(cards, "record", side_effect=error):
        response = as_trainer.post(address(card), data)
    sentence = "Somebody saved the same code or text at the same moment. Nothing was saved; try again."
    assert errors(response) == ["codes are taken" if isinstance(error, ValidationError) else sentence]
    assert 'value="改到一半"' in response.content.decode()
    assert (fresh(card).to_document(), found("改到一半")) == (before, [])


# Two trainers


def test_second_save_is_refused(as_trainer: Client, card: Card, opened: Any) -> None:
    """The later save would silently undo the earlier one."""
    second = factories.person(TRAINER, locale="en", display_name="Li")
    mine = opened(card)
    assert signed_in(second).post(address(card), opened(card) | {"title": "她的题目"}).status_code == 302
    response = as_trainer.post(address(card), mine | {"title": "我的题目"})
    (sentence,) = errors(response)
    assert sentence.startswith("Li changed this card at ")
    assert 'value="我的题目"' in response.content.decode()
    assert (fresh(card).title, fresh(card).version) == ("她的题目", 2)
    assert errors(as_trainer.post(address(card), mine | {"title": "我的题目"})) == [sentence]


def test_change_of_state_counts_too(as_trainer: Client, card: Card, opened: Any) -> None:
    """Retiring makes no version of the text, but an old form would bring the card back."""
    second = factories.person(TRAINER, locale="en", display_name="Li")
    mine = opened(card)
    retire = {"action": "retire", "_selected_action": [card.pk]}
    signed_in(second).post("/admin/knowledge/card/", retire)
    (sentence,) = errors(as_trainer.post(address(card), mine))
    assert sentence.startswith("Li changed this card at ")
    assert fresh(card).status == "retired"


def test_deleted_row_in_an_old_form(as_trainer: Client, card: Card, opened: Any) -> None:
    """The old form still names the row: an answer, not a crash, and nothing written."""
    mine = opened(card)
    as_trainer.post(address(card), opened(card) | {"do-1-DELETE": "on"})
    response = as_trainer.post(address(card), mine | {"do-1-text": "还在改。"})
    assert (response.status_code, fresh(card).version) == (200, 2)
    assert "还在改。" in response.content.decode()


def test_form_without_its_base_is_refused(as_trainer: Client, card: Card, opened: Any) -> None:
    data = opened(card)
    del data["base"]
    assert as_trainer.post(address(card), data | {"title": "盲写"}).status_code == 200
    assert fresh(card).title == "运费多少"


# Who may what


def test_without_publishing_status_is_read_only(card: Card) -> None:
    """change_card alone edits, but does not decide what readers see."""
    from django.contrib.auth.models import Permission

    writer = factories.person(TRAINER, locale="en")
    writer.groups.clear()
    names = [f"{verb}_{model}" for verb in ("view", "change") for model in ("card", "alias", "line")]
    writer.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = signed_in(writer)
    data = form_data(client.get(address(card)), "card_form")
    assert "status" not in data
    assert client.post(address(card), data | {"status": "retired", "title": "新题"}).status_code == 302
    assert (fresh(card).status, fresh(card).title) == ("published", "运费多少")
    assert Revision.objects.open().get().document["title"] == "新题"


def test_owner_may_be_staff_or_who_owns_now(as_trainer: Client, trainer: Any, agent: Any) -> None:
    """Twenty thousand agents in a drop-down help nobody; an owner who left must not block the save."""
    left = factories.person(TRAINER, display_name="left", is_active=False)
    card = factories.card("mine")
    Card.objects.filter(pk=card.pk).update(owner=left)
    form = as_trainer.get(address(card)).context["adminform"].form
    assert set(form.fields["owner"].queryset) == {left, trainer}


def test_queries_do_not_grow_with_rows(as_trainer: Client, django_assert_num_queries: Any) -> None:
    """One line more must not cost a query more."""

    def lines(count: int, code: str) -> list[dict[str, str]]:
        return [{"code": f"{code}{at}", "text": f"第{at}句。", "why": "短。"} for at in range(1, count + 1)]

    one = factories.card("one", code="oa", do=lines(1, "oa"), aliases=["一"])
    three = factories.card("three", code="tb", do=lines(3, "tb"), aliases=["一甲", "二甲", "三甲"])
    as_trainer.get(address(one))
    counts = [_queries(as_trainer, card) for card in (one, three)]
    assert counts[0] == counts[1]


def _queries(client: Client, card: Card) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(address(card))
    return len(captured)


def _use(card: Card) -> Use:
    """Something that leans on the card; what it is does not matter here."""
    from django.contrib.contenttypes.models import ContentType

    kind = ContentType.objects.get_for_model(Line)
    return Use.objects.create(card=card, kind="lesson", content_type=kind, object_id=card.pk, card_version_seen=1)
