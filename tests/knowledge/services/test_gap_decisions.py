"""What a query that led nowhere becomes, and that it is found from then on."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections

from accounts.models import AuditEntry
from knowledge.enums import RevisionState, Status
from knowledge.models import Card, GapDecision, Revision, SearchLog, SynonymGroup
from knowledge.models.audience import viewer_of
from knowledge.search import engine
from knowledge.services import events, gap_decisions, gaps, workflow
from tests import factories

pytestmark = pytest.mark.django_db


def hits(query: str, user: Any) -> list[str]:
    return [hit.slug for hit in engine.find(query, viewer_of(user)).hits]


def sentences(error: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    return list(error.value.messages)


@pytest.fixture
def english() -> Any:
    from django.utils.translation import override

    with override("en"):
        yield


def test_from_a_search_that_finds_nothing_to_one_that_finds_the_card(agent: Any, trainer: Any) -> None:
    """The purpose of the whole page."""
    card = factories.card("fee")
    assert events.log_search("花呗分期", agent, viewer_of(agent))
    assert (hits("花呗分期", agent), SearchLog.objects.get().results) == ([], 0)
    turned = gap_decisions.as_alias("花呗分期", card, by=trainer, seen="")
    assert (turned.live, hits("花呗分期", agent)) == (True, ["fee"])
    assert list(card.aliases.order_by("position").values_list("text", flat=True)) == [
        "fee怎么说",
        "fee在吗",
        "花呗分期",
    ]
    revision = Revision.objects.filter(slug="fee").latest("number")
    assert (revision.state, revision.author, revision.number) == (RevisionState.PUBLISHED, trainer, 2)
    assert list(AuditEntry.objects.values_list("actor", "action", "kind", "slug")) == [
        (trainer.pk, "published", "card", "fee")
    ]
    decision = GapDecision.objects.get()
    assert (decision.query, decision.made, decision.card, decision.by) == ("花呗分期", "alias", card, trainer)


def test_without_the_right_to_publish_it_waits_for_approval(agent: Any) -> None:
    writer, approver = factories.person("trainer", publishes=False), factories.person("trainer")
    card = factories.card("fee")
    turned = gap_decisions.as_alias("花呗分期", card, by=writer, seen="")
    draft = workflow.open_revision(card)
    assert draft is not None
    assert (turned.live, draft.state, hits("花呗分期", agent)) == (False, RevisionState.WAITING, [])
    workflow.approve(draft, by=approver)
    assert hits("花呗分期", agent) == ["fee"]


def test_ones_own_unfinished_draft_takes_it_and_is_not_sent(trainer: Any) -> None:
    """A half-written text must not be sent to an approver behind its author's back."""
    writer = factories.person("trainer", publishes=False)
    card = factories.card("fee")
    workflow.save_draft(card, card.to_document() | {"title": "半句"}, author=writer)
    gap_decisions.as_alias("花呗分期", card, by=writer, seen="")
    draft = workflow.open_revision(card)
    assert draft is not None
    assert (draft.state, draft.document["title"]) == (RevisionState.DRAFT, "半句")
    assert draft.document["aliases"][-1] == "花呗分期"


def test_somebody_elses_draft_is_not_written_on(english: Any) -> None:
    writer, other = (factories.person("trainer", publishes=False) for _ in range(2))
    card = factories.card("fee")
    before = workflow.save_draft(card, card.to_document() | {"title": "半句"}, author=other)
    with pytest.raises(ValidationError) as error:
        gap_decisions.as_alias("花呗分期", card, by=writer, seen="")
    assert sentences(error) == [
        f"{other} is writing on “情景fee” at this moment. Nothing was changed: ask them to add it."
    ]
    draft = workflow.open_revision(card)
    assert draft is not None
    assert (draft.document, draft.author, GapDecision.objects.count()) == (before.document, other, 0)


def test_publishing_keeps_somebodys_draft_alive(trainer: Any) -> None:
    """An alias must not turn a colleague's waiting draft into one that can never be approved."""
    writer = factories.person("trainer", publishes=False)
    card = factories.card("fee")
    workflow.save_draft(card, card.to_document() | {"title": "新题目"}, author=writer, send=True)
    gap_decisions.as_alias("花呗分期", card, by=trainer, seen="")
    draft = workflow.open_revision(card)
    assert draft is not None
    assert (draft.state, draft.author, draft.document["aliases"][-1]) == (RevisionState.WAITING, writer, "花呗分期")
    workflow.approve(draft, by=trainer)
    live = Card.objects.get(slug="fee")
    assert (live.title, [alias.text for alias in live.aliases.all()][-1]) == ("新题目", "花呗分期")


@pytest.mark.parametrize("where", ["aliases", "keywords"])
def test_words_of_another_card_are_refused_with_its_name(trainer: Any, english: Any, where: str) -> None:
    """Two cards with one phrase make an export that cannot be loaded."""
    factories.card("other", **{where: ["花呗分期"]})
    card = factories.card("fee")
    with pytest.raises(ValidationError) as error:
        gap_decisions.as_alias("花呗分期", card, by=trainer, seen="")
    assert sentences(error) == ["This leads to another card already: 情景other"]
    assert (card.aliases.count(), GapDecision.objects.count(), AuditEntry.objects.count()) == (2, 0, 0)


def test_an_alias_that_is_there_already_makes_no_version(trainer: Any) -> None:
    card = factories.card("fee", aliases=["花呗分期"])
    assert gap_decisions.as_alias("花呗分期", card, by=trainer, seen="").live
    assert Revision.objects.filter(slug="fee").count() == 1


def test_a_masked_number_becomes_nothing(trainer: Any) -> None:
    card = factories.card("fee")
    for turn in (
        lambda: gap_decisions.as_alias("单号*", card, by=trainer, seen=""),
        lambda: gap_decisions.as_synonym("单号*", "运单", by=trainer, seen=""),
        lambda: gap_decisions.as_card("单号*", by=trainer, seen=""),
    ):
        with pytest.raises(ValidationError):
            turn()
    assert (GapDecision.objects.count(), Card.objects.count()) == (0, 1)


def test_a_synonym_is_found_by_the_next_search(agent: Any, trainer: Any) -> None:
    factories.card("fee", aliases=["运费怎么算"])
    assert hits("邮资", agent) == []
    turned = gap_decisions.as_synonym("邮资", "运费 快递费", by=trainer, seen="")
    assert (turned.group and turned.group.words, hits("邮资", agent)) == ("邮资 运费 快递费", ["fee"])


def test_a_synonym_joins_a_group(agent: Any, trainer: Any) -> None:
    factories.card("fee", aliases=["运费怎么算"])
    group = SynonymGroup.objects.create(words="运费 快递费")
    gap_decisions.as_synonym("邮资", "", group, by=trainer, seen="")
    assert (SynonymGroup.objects.get().words, hits("邮资", agent)) == ("运费 快递费 邮资", ["fee"])


@pytest.mark.parametrize(
    ("query", "words"), [("邮资", ""), ("邮资", "费"), ("邮", "运费"), ("邮资 多少", "运费"), ("邮资", "字 " * 150)]
)
def test_what_is_no_synonym_is_refused(trainer: Any, query: str, words: str) -> None:
    with pytest.raises(ValidationError):
        gap_decisions.as_synonym(query, words, by=trainer, seen="")
    assert (SynonymGroup.objects.count(), GapDecision.objects.count()) == (0, 0)


def test_a_card_begins_where_the_nearest_one_stands(agent: Any, trainer: Any) -> None:
    near = factories.card("fee", stage="after", course="rules", competency="rules")
    turned = gap_decisions.as_card("花呗分期", near, by=trainer, seen="")
    card = Card.objects.get(slug="hua-bei-fen-qi")
    assert (turned.card, turned.live, card.status, card.title) == (card, False, Status.DRAFT, "花呗分期")
    assert ((card.stage, card.course), [alias.text for alias in card.aliases.all()]) == (
        ("after", "rules"),
        ["花呗分期"],
    )
    assert (hits("花呗分期", agent), hits("花呗分期", trainer)) == ([], ["hua-bei-fen-qi"])
    assert GapDecision.objects.get().card == card


@pytest.mark.parametrize(
    ("query", "slug"), [("运费 ok", "yun-fei-ok"), ("match", "match-2"), ("？！", "card"), ("fee", "fee-2")]
)
def test_an_address_is_made_of_any_query(trainer: Any, query: str, slug: str) -> None:
    factories.card("fee", aliases=["说法"])
    turned = gap_decisions.as_card(query, by=trainer, seen="")
    assert turned.card is not None
    assert turned.card.slug == slug


def test_set_aside_and_taken_back(agent: Any, trainer: Any) -> None:
    SearchLog.objects.create(query="花呗", results=0, user=agent)
    since = SearchLog.objects.get().at
    gap_decisions.set_aside("花呗", by=trainer, seen="")
    assert gaps.find(since).gaps == []
    assert gap_decisions.take_back("花呗", by=trainer)
    assert [gap.query for gap in gaps.find(since).gaps] == ["花呗"]
    assert not gap_decisions.take_back("花呗", by=trainer)
    assert (
        list(AuditEntry.objects.order_by("pk").values_list("action", "kind", "slug"))
        == [("changed", "gap", "花呗")] * 2
    )


def test_only_what_was_set_aside_can_be_taken_back(trainer: Any) -> None:
    gap_decisions.as_synonym("邮资", "运费", by=trainer, seen="")
    assert not gap_decisions.take_back("邮资", by=trainer)
    assert GapDecision.objects.count() == 1


def test_the_second_of_two_trainers_is_told(trainer: Any, english: Any) -> None:
    """Both had the page open; the second would undo the first without knowing."""
    card = factories.card("fee")
    gap_decisions.as_alias("花呗分期", card, by=trainer, seen="")
    with pytest.raises(ValidationError) as error:
        gap_decisions.set_aside("花呗分期", by=factories.person("trainer"), seen="")
    assert sentences(error) == [f"{trainer} has decided on this meanwhile: Alias. Nothing was changed."]
    decision = GapDecision.objects.get()
    assert decision.made == "alias"
    gap_decisions.set_aside("花呗分期", by=trainer, seen=gap_decisions.state_of(decision))
    assert GapDecision.objects.get().made == "nothing"


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_wins() -> None:
    """By the database, where neither could see the other."""
    card = factories.card("fee")
    trainers = [factories.person("trainer") for _ in range(2)]
    start, outcomes = threading.Barrier(2), []

    def decide(trainer: Any) -> None:
        start.wait(10)
        try:
            gap_decisions.as_alias("花呗分期", card, by=trainer, seen="")
            outcomes.append("made")
        except ValidationError:
            outcomes.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=(trainer,)) for trainer in trainers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["made", "told"]
    assert (card.aliases.filter(text="花呗分期").count(), GapDecision.objects.count()) == (1, 1)
    connection.close()
