"""Draft, approve, publish: what readers see, who may decide, what is written down, and what a race does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import override

from accounts.models import AuditEntry
from knowledge.models import Card, Revision
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.services import cards, chores, content, workflow
from tests import factories
from tests.training import making
from tests.training.test_documents import lesson as lesson_document
from training.models import Lesson, Question
from training.services import courses, lessons, questions

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Sentences are compared in the words of the code."""
    with override("en"):
        yield


@pytest.fixture
def writer(db: None) -> Any:
    return factories.person("trainer", publishes=False)


@pytest.fixture
def other(db: None) -> Any:
    return factories.person("trainer", publishes=False)


@pytest.fixture
def card(db: None) -> Card:
    return factories.card("freight", code="fr", title="运费多少")


def changed(item: Any, **values: Any) -> dict[str, Any]:
    return {**item.to_document(), **values}


def fresh(item: Any) -> Any:
    return type(item).objects.get(pk=item.pk)


def found(query: str) -> list[str]:
    return [hit.slug for hit in engine.search(query, Viewer()).hits]


def audited(kind: str = "card") -> list[tuple[str, Any]]:
    return list(AuditEntry.objects.filter(kind=kind).order_by("pk").values_list("action", "actor"))


# One road for every kind


def made(kind: str) -> Any:
    if kind == "card":
        return factories.card("freight", code="fr")
    if kind == "lesson":
        factories.card("a", code="aa")
        making.course("language")
        return lessons.save_document(lesson_document())
    return questions.save_document(making.single(), "language")


WORDS = {"card": "principle", "lesson": "title", "question": "prompt"}


@pytest.mark.parametrize("kind", WORDS)
def test_a_draft_changes_nothing_until_it_is_approved(kind: str, writer: Any, other: Any) -> None:
    """The three kinds there are, and any later one: live rows, version and history follow the approval alone."""
    item = made(kind)
    before = item.to_document()
    draft = workflow.save_draft(item, changed(item, **{WORDS[kind]: "改过的文字。"}), author=writer, send=True)
    assert (fresh(item).to_document(), fresh(item).version, draft.state) == (before, 1, "waiting")
    workflow.approve(draft, by=other, comment="好")
    live = Revision.objects.published().get(kind=kind, object_id=item.pk, number=2)
    assert fresh(item).to_document()[WORDS[kind]] == "改过的文字。"
    assert (live.author, live.decided_by, live.comment, live.base_number) == (writer, other, "好", 1)
    assert workflow.open_revision(item) is None
    assert audited(kind) == [("sent", writer.pk), ("published", other.pk)]


def test_the_same_draft_is_written_on(card: Card, writer: Any, other: Any) -> None:
    """One open text an object: whoever saves it next is its author, and it needs approval anew."""
    first = workflow.save_draft(card, changed(card, title="一稿"), author=writer, send=True)
    second = workflow.save_draft(card, changed(card, title="二稿"), author=other, reason="更短")
    assert (first.pk, second.state, second.author, second.reason) == (second.pk, "draft", other, "更短")
    assert Revision.objects.open().get().document["title"] == "二稿"


def test_an_unsound_draft_is_refused(card: Card, writer: Any) -> None:
    with pytest.raises(ValidationError, match="title"):
        workflow.save_draft(card, changed(card, title=""), author=writer)
    assert workflow.open_revision(card) is None


def test_a_new_object_waits_unseen(writer: Any, other: Any) -> None:
    """A live row no reader sees, beside its draft; approval makes it readable."""
    document = factories.document("blueberries", title="蓝莓压坏了")
    draft = workflow.begin(Card(slug="blueberries"), document, author=writer, send=True)
    assert (Card.objects.get().status, found("蓝莓压坏了")) == ("draft", [])
    workflow.approve(draft, by=other)
    assert (Card.objects.get().status, found("蓝莓压坏了")) == ("published", ["blueberries"])
    revision = Revision.objects.get()
    assert (revision.state, revision.decided_by) == ("published", other)


# Who decides


@pytest.mark.parametrize("kind", ["card", "lesson", "question"])
@pytest.mark.parametrize("road", ["begin", "publish"])
def test_a_new_one_never_writes_over_another(kind: str, road: str, writer: Any, trainer: Any) -> None:
    """Two trainers take one slug at once: the form of the second was sound before the first was saved."""
    there = made(kind)
    new = type(there)(**{"code" if kind == "question" else "slug": there.code if kind == "question" else there.slug})
    author = writer if road == "begin" else trainer
    with pytest.raises(ValidationError, match="at the same moment"):
        getattr(workflow, road)(new, changed(there), author=author)
    assert (fresh(there).version, fresh(there).status, Revision.objects.open().count()) == (1, "published", 0)


def test_nobody_approves_their_own(card: Card, writer: Any, trainer: Any) -> None:
    """Two pairs of eyes; who may publish without approval needs none."""
    draft = workflow.save_draft(card, changed(card, title="我的"), author=writer, send=True)
    with pytest.raises(PermissionDenied):
        workflow.approve(draft, by=writer)
    own = workflow.save_draft(card, changed(card, title="主编的"), author=trainer, send=True)
    workflow.approve(own, by=trainer)
    assert fresh(card).title == "主编的"


def test_returned_with_a_comment(card: Card, writer: Any, other: Any) -> None:
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer, send=True)
    with pytest.raises(ValidationError):
        workflow.give_back(draft, by=other, comment="  ")
    workflow.give_back(draft, by=other, comment="再软一点")
    draft.refresh_from_db()
    assert (draft.state, draft.comment, draft.decided_by) == ("returned", "再软一点", other)
    workflow.send(draft, by=writer)
    draft.refresh_from_db()
    assert (draft.state, audited()) == (
        "waiting",
        [("sent", writer.pk), ("returned", other.pk), ("sent", writer.pk)],
    )


@pytest.mark.parametrize("act", ["approve", "give_back", "send", "take_back"])
def test_a_draft_is_nobodys_to_decide(card: Card, writer: Any, other: Any, act: str) -> None:
    """What is not in the right state says so; sending is the one way out of a draft."""
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer, send=act == "send")
    extra = {"comment": "x"} if act == "give_back" else {}
    with pytest.raises(ValidationError, match="now"):
        getattr(workflow, act)(draft, by=other, **extra)


@pytest.mark.parametrize("act", ["approve", "give_back", "discard"])
def test_only_what_was_read_is_decided(card: Card, writer: Any, other: Any, act: str) -> None:
    """The author saves once more while the approver reads: the button must not take the text nobody has read."""
    draft = workflow.save_draft(card, changed(card, title="一稿"), author=writer, send=True)
    seen = workflow.seen_mark(draft)
    workflow.save_draft(card, changed(card, title="另一个意思"), author=writer, send=True)
    extra = {"comment": "x"} if act == "give_back" else {}
    with pytest.raises(ValidationError, match="Read it once more"):
        getattr(workflow, act)(draft, by=other, seen=seen, **extra)
    assert (fresh(card).title, workflow.open_revision(card).state) == ("运费多少", "waiting")  # type: ignore[union-attr]


def test_two_approvers_at_once(card: Card, writer: Any, other: Any) -> None:
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer, send=True)
    workflow.approve(draft, by=other)
    for act in (workflow.approve, workflow.discard):
        with pytest.raises(ValidationError, match="meanwhile"):
            act(draft, by=other)
    assert fresh(card).version == 2


def test_an_overtaken_draft_is_not_approved(card: Card, writer: Any, other: Any, trainer: Any) -> None:
    """It would undo, without a word, what was published since. Saved once more on what is live now, it may."""
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer, send=True)
    cards.publish_document(changed(card, trigger="新加的"), author=trainer)
    for hour in (None, NOW + timedelta(hours=1)):
        with pytest.raises(ValidationError, match="bring the two together"):
            workflow.approve(draft, by=other, publish_at=hour)
    together = changed(fresh(card), title="二稿")
    workflow.approve(workflow.save_draft(card, together, author=writer, send=True), by=other)
    assert (fresh(card).title, fresh(card).trigger) == ("二稿", "新加的")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"do": []}, "at least one line to say"),
        ({"aliases": ["别处的说法"]}, "This leads to another card already: 别处的说法"),
        ({"audience": ["gone"]}, "Unknown team: gone"),
    ],
)
def test_what_cannot_be_published_stays_in_the_queue(
    card: Card, writer: Any, other: Any, changes: dict[str, Any], told: str
) -> None:
    """The world has moved on since the draft was sound: told, and nothing is half published."""
    draft = workflow.save_draft(card, changed(card, **changes), author=writer, send=True)
    factories.card("elsewhere", title="别处", aliases=["别处的说法"])
    with pytest.raises(ValidationError, match=told):
        workflow.approve(draft, by=other)
    assert (fresh(card).version, workflow.open_revision(card)) == (1, draft)


# At its hour


def test_scheduled(card: Card, writer: Any, other: Any) -> None:
    draft = workflow.save_draft(card, changed(card, title="双十一的说法"), author=writer, send=True)
    hour = timezone.now() + timedelta(hours=2)
    assert workflow.approve(draft, by=other, publish_at=hour) is None
    assert (workflow.publish_due(hour - timedelta(seconds=1)), fresh(card).title) == (0, "运费多少")
    assert (workflow.publish_due(hour), fresh(card).title) == (1, "双十一的说法")
    assert (workflow.publish_due(hour), fresh(card).version) == (0, 2)
    assert audited()[-1] == ("published", other.pk)


def test_a_schedule_taken_back(card: Card, writer: Any, other: Any) -> None:
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer, send=True)
    hour = timezone.now() + timedelta(hours=2)
    workflow.approve(draft, by=other, publish_at=hour)
    workflow.take_back(draft, by=other)
    assert (workflow.publish_due(hour), workflow.open_revision(card).state) == (0, "waiting")  # type: ignore[union-attr]


def test_a_failed_schedule_says_why_and_holds_up_no_other(card: Card, writer: Any, other: Any) -> None:
    second = factories.card("second")
    drafts = [workflow.save_draft(one, changed(one, title="新题"), author=writer, send=True) for one in (card, second)]
    hour = timezone.now() + timedelta(hours=2)
    for draft in drafts:
        workflow.approve(draft, by=other, publish_at=hour)
    cards.publish_document(changed(card, trigger="抢先"))
    assert workflow.publish_due(hour) == 1
    failed = Revision.objects.open().get()
    assert (failed.slug, failed.state, "bring the two together" in failed.problem) == ("freight", "approved", True)
    assert (workflow.publish_due(hour), fresh(second).title) == (0, "新题")


def test_the_database_may_refuse_at_the_hour(
    card: Card, writer: Any, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then too the queue says so, and the chore goes on."""
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer, send=True)
    hour = timezone.now() + timedelta(hours=2)
    workflow.approve(draft, by=other, publish_at=hour)
    monkeypatch.setattr(cards, "record", lambda *_args, **_values: (_ for _ in ()).throw(IntegrityError("twice")))
    assert workflow.publish_due(hour) == 0
    draft.refresh_from_db()
    assert (draft.problem, fresh(card).title) == ("Another text has the same code or words.", "运费多少")


def test_publishing_at_an_hour_is_regular_work() -> None:
    """Registered, or nobody would ever do it."""
    assert chores.REGULAR["publish"].run == workflow.publish_due


# Directly, and back


def test_published_directly(card: Card, writer: Any, trainer: Any) -> None:
    """The draft it was written on has done its work; an unchanged text is no event."""
    workflow.save_draft(card, changed(card, title="二稿"), author=writer)
    live = workflow.publish(card, changed(card, title="二稿"), author=trainer, reason="定稿")
    assert (live.title, live.version, workflow.open_revision(card)) == ("二稿", 2, None)
    workflow.publish(card, changed(live), author=trainer)
    assert (fresh(card).version, audited()) == (2, [("published", trainer.pk)])


def test_a_status_alone_is_written_down(card: Card, trainer: Any) -> None:
    workflow.publish(card, changed(card), author=trainer, status="retired")
    assert (fresh(card).status, audited()) == ("retired", [("changed", trainer.pk)])


@pytest.mark.parametrize("kind", WORDS)
def test_any_version_comes_back(kind: str, trainer: Any, writer: Any) -> None:
    """Live at once by who may publish, as a draft by who may not."""
    item = made(kind)
    before = item.to_document()
    workflow.publish(item, {**before, WORDS[kind]: "第二版。"}, author=trainer)
    draft = workflow.restore(fresh(item), 1, by=writer)
    assert draft is not None
    assert (draft.document, draft.state, fresh(item).version) == (before, "draft", 2)
    workflow.discard(draft, by=writer)
    assert workflow.restore(fresh(item), 1, by=trainer) is None
    assert (fresh(item).to_document(), fresh(item).version) == (before, 3)
    assert audited(kind)[-1] == ("restored", trainer.pk)


def test_restoring_never_writes_over_a_draft(card: Card, writer: Any, other: Any, trainer: Any) -> None:
    """Somebody's evening of work: refused as a draft; live beside it, and the draft is told that it was overtaken."""
    workflow.publish(card, changed(card, title="第二版"), author=trainer)
    draft = workflow.save_draft(card, changed(fresh(card), title="写了一晚上"), author=other)
    with pytest.raises(ValidationError, match="A draft of this is being written"):
        workflow.restore(fresh(card), 1, by=writer)
    workflow.restore(fresh(card), 1, by=trainer)
    assert (workflow.open_revision(card), workflow.is_overtaken(draft)) == (draft, True)
    assert draft.document["title"] == "写了一晚上"


def test_restoring_publishes_nothing_that_was_retired_meanwhile(card: Card, trainer: Any) -> None:
    """The status that stays is the one it has now, not when the page was read; and what is gone stays gone."""
    old = fresh(card)
    cards.publish_document(changed(card, title="第二版"))
    cards.set_status([card], "retired")
    workflow.restore(old, 1, by=trainer)
    assert (fresh(card).title, fresh(card).status) == ("运费多少", "retired")
    cards.delete([fresh(card)])
    with pytest.raises(ValidationError, match="has been deleted"):
        workflow.restore(old, 1, by=trainer)


def test_a_draft_is_no_version_to_restore(card: Card, writer: Any, trainer: Any) -> None:
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer)
    for number in (draft.number, 99):
        with pytest.raises(Revision.DoesNotExist):
            workflow.restore(card, number, by=trainer)


# Other roads to the same object


def test_deleting_takes_the_draft_along(writer: Any) -> None:
    """Or the queue would offer to approve a text of nothing."""
    card, lesson, question = factories.card("x"), made("lesson"), made("question")
    for item in (card, lesson, question):
        workflow.save_draft(item, item.to_document(), author=writer, send=True)
    cards.delete([card])
    questions.delete([question])
    courses.delete([lesson.course])
    assert (Revision.objects.open().count(), Lesson.objects.count(), Question.objects.count()) == (0, 0, 0)


def test_an_object_gone_by_another_road(card: Card, writer: Any, other: Any) -> None:
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer, send=True)
    Card.objects.all().delete()
    with pytest.raises(ValidationError, match="has been deleted"):
        workflow.approve(draft, by=other)


def test_starter_content_leaves_a_draft_alone(writer: Any, other: Any, tmp_path: Any) -> None:
    """A newer release changes the live text; the trainer's open draft stays, and is told that it was overtaken."""
    from knowledge import files

    (tmp_path / "cards").mkdir()
    for name, key in (("facts", "facts"), ("compliance", "notes"), ("synonyms", "groups")):
        (tmp_path / f"{name}.yaml").write_text(f"{key}: []\n")
    path = tmp_path / "cards" / "one.yaml"
    document = factories.document("one")
    path.write_text(files.dump(document))
    content.load(tmp_path)
    card = Card.objects.get()
    draft = workflow.save_draft(card, changed(card, title="我的草稿"), author=writer, send=True)
    assert content.load(tmp_path).same == ["one"]
    assert workflow.open_revision(card) == draft
    path.write_text(files.dump({**document, "title": "新一版的题目"}))
    assert content.load(tmp_path).updated == ["one"]
    assert (fresh(card).title, workflow.open_revision(card).document["title"]) == ("新一版的题目", "我的草稿")  # type: ignore[union-attr]
    with pytest.raises(ValidationError, match="bring the two together"):
        workflow.approve(draft, by=other)


def test_a_retired_card_may_have_a_draft(card: Card, writer: Any, other: Any) -> None:
    """Approving it brings the card back to readers."""
    cards.set_status([card], "retired")
    draft = workflow.save_draft(fresh(card), changed(card, title="又要用了"), author=writer, send=True)
    assert found("又要用了") == []
    workflow.approve(draft, by=other)
    assert (fresh(card).status, found("又要用了")) == ("published", ["freight"])


def test_no_hour_brings_back_what_was_retired(card: Card, writer: Any, other: Any, trainer: Any) -> None:
    """What was scheduled before somebody retired the card waits for approval again, and says why."""
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer, send=True)
    hour = timezone.now() + timedelta(hours=2)
    workflow.approve(draft, by=other, publish_at=hour)
    cards.set_status([card], "retired")
    workflow.note_status([card], "retired", by=trainer)
    assert (workflow.publish_due(hour), fresh(card).status) == (0, "retired")
    draft.refresh_from_db()
    assert (draft.state, draft.publish_at, draft.problem) == (
        *("waiting", None),
        "Retired after it was scheduled: approve it again to bring it back.",
    )


def test_put_off_at_the_last_moment(card: Card, writer: Any, other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An approver who chooses a later hour while the chore runs is not overtaken by it."""
    draft = workflow.save_draft(card, changed(card, title="二稿"), author=writer, send=True)
    hour = timezone.now() + timedelta(hours=2)
    workflow.approve(draft, by=other, publish_at=hour)

    def list_and_put_off(rows: Any) -> Any:
        found = list(rows)
        workflow.approve(draft, by=other, publish_at=hour + timedelta(days=1))
        return found

    monkeypatch.setattr(workflow, "list", list_and_put_off, raising=False)
    assert (workflow.publish_due(hour), fresh(card).title) == (0, "运费多少")


def test_a_copy_is_a_draft_of_its_own(writer: Any) -> None:
    """Copying an object with an open draft copies what is live; the draft stays where it is."""
    question = made("question")
    workflow.save_draft(question, changed(question, prompt="改写中"), author=writer)
    copy = questions.duplicate(question)
    assert (copy.prompt, workflow.open_revision(copy)) == (question.prompt, None)
    assert workflow.open_revision(question) is not None


def test_a_moved_lesson_keeps_its_draft(writer: Any) -> None:
    lesson = made("lesson")
    draft = workflow.save_draft(lesson, changed(lesson, title="写作中"), author=writer)
    second = lessons.duplicate(lesson)
    courses.save(lesson.course, needs=[], order=[second, fresh(lesson)])
    assert (workflow.open_revision(lesson), fresh(lesson).title) == (draft, lesson.title)


@pytest.mark.parametrize(("own", "after"), [({}, "2"), ({"position": "7"}, "7")])
def test_a_move_does_not_overtake_a_draft(writer: Any, other: Any, own: dict[str, str], after: str) -> None:
    """It moves along, unless its author gave it a place of its own."""
    lesson = made("lesson")
    draft = workflow.save_draft(lesson, changed(lesson, title="写作中", **own), author=writer, send=True)
    courses.save(lesson.course, needs=[], order=[lessons.duplicate(lesson), fresh(lesson)])
    assert fresh(lesson).position == 2
    workflow.approve(fresh(draft), by=other)
    assert (fresh(lesson).title, str(fresh(lesson).position)) == ("写作中", after)


def test_a_deleted_neighbour_does_not_overtake_a_draft(card: Card, writer: Any, other: Any) -> None:
    near = factories.card("near")
    cards.publish_document(changed(card, neighbours=["near"]))
    draft = workflow.save_draft(card, changed(fresh(card), title="二稿"), author=writer, send=True)
    cards.delete([near])
    workflow.approve(fresh(draft), by=other)
    assert (fresh(card).title, fresh(card).neighbours) == ("二稿", [])
