"""Erasing a person: what goes, what stays, and that nothing was forgotten."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import ManyToManyField
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Mailing, SignInSlip, User
from accounts.services import erasure, slips
from knowledge.models import (
    Card,
    CopyEvent,
    Favourite,
    Feedback,
    ImportJob,
    Revision,
    SearchLog,
    Snippet,
    StagedRow,
)
from knowledge.models.audience import viewer_of
from knowledge.search import engine
from tests import factories
from tests.training import making
from tests.training.test_documents import lesson
from training.models import (
    Assignment,
    Attempt,
    AttemptItem,
    Certificate,
    DeadlineChange,
    DeskChat,
    DeskEvent,
    DeskRun,
    DrillRound,
    Enrolment,
    LessonProgress,
    Path,
    RecallItem,
    RecallLog,
    RecallSession,
)
from training.services import certificates, lessons

pytestmark = pytest.mark.django_db
NAME, NUMBER, MAIL = "张小红", "Z900", "xiaohong@example.com"


def relations() -> dict[str, Any]:
    """Every relation of a model to a person, as app.Model.field. A person's own columns are no relation."""
    return {
        f"{model._meta.label}.{field.name}": field
        for model in apps.get_models()
        for field in [*model._meta.get_fields(include_parents=False), *model._meta.many_to_many]
        if field.is_relation and not field.auto_created and field.related_model is User
    }


def test_every_relation_to_a_person_is_erased_or_kept_for_a_reason() -> None:
    """A new table that names people, forgotten here, would outlive every request to be erased."""
    assert sorted(relations()) == sorted([*erasure.ERASED, *erasure.KEPT])
    assert not erasure.ERASED & set(erasure.KEPT)
    assert all(erasure.KEPT.values())


@pytest.fixture
def manager(db: None) -> Any:
    return factories.person("manager")


@pytest.fixture
def xiaohong(manager: Any) -> Any:
    """Somebody who has left a trace in every table there is."""
    person = factories.person("agent", username="xiaohong", display_name=NAME, staff_number=NUMBER, email=MAIL)
    team = factories.team("shop", person, leaders=[person])
    card = factories.card("a")
    line = card.say[0]
    Card.objects.filter(pk=card.pk).update(owner=person, verified_by=person)
    Revision.objects.update(author=person, decided_by=person)
    Favourite.objects.create(user=person, line=line)
    Snippet.objects.create(user=person, code="xh1", title="我的", text="小红的话")
    CopyEvent.objects.create(user=person, line=line)
    SearchLog.objects.create(user=person, query="运费", results=1)
    Feedback.objects.create(author=person, closed_by=person, card=card, kind="error", text="x")
    job = ImportJob.objects.create(kind="staff", format="csv", name="x", created_by=person)
    StagedRow.objects.create(job=job, row=2, outcome="new", slug=NUMBER, document={"display_name": NAME})
    apps.get_model("knowledge.GapDecision").objects.create(query="x", made="nothing", by=person)
    slips.issue([person], manager)
    SignInSlip.objects.create(user=manager, code_hash="x", issued_by=person, expires_at=timezone.now())
    Mailing.objects.create(user=person, kind="digest", day=date(2026, 1, 1))
    AccessAttempt.objects.create(username="xiaohong", ip_address="10.0.0.1", failures_since_start=1)
    quiz, path = making.quiz(), making.path("examined")
    making.result(person, quiz, "1", "1")
    item = AttemptItem.objects.filter(attempt__user=person).first()
    assert item is not None
    AttemptItem.objects.filter(pk=item.pk).update(answer="我叫张小红", document=item.document | {"type": "rewrite"})
    Attempt.objects.create(user=person, quiz=making.quiz("intro", course=making.course("language")), number=1)
    Enrolment.objects.create(user=person, path=path)
    read = lessons.save_document(lesson())
    type(read).objects.filter(pk=read.pk).update(owner=person, verified_by=person)
    LessonProgress.objects.create(user=person, lesson=read, seconds=60, place="heading")
    Certificate.objects.create(user=person, path=path, name=NAME, title="x", valid_until=date(2099, 1, 1))
    Assignment.objects.create(path=path, person=person, due_days=14)
    Assignment.objects.create(path=path, team=team, due_days=14, created_by=person)
    DeadlineChange.objects.create(person=person, path=path, kind="extension", reason="生病")
    DeadlineChange.objects.create(person=manager, path=path, kind="exemption", reason="x", by=person)
    recalled = RecallItem.objects.create(
        user=person, kind="point", key="a#b", competency="language", due=timezone.now()
    )
    RecallLog.objects.create(item=recalled, rating=1)
    RecallSession.objects.create(user=person)
    DrillRound.objects.create(user=person, kind="typing")
    run = DeskRun.objects.create(user=person, state="finished", finished_at=timezone.now())
    chat = DeskChat.objects.create(run=run, position=1, document={"slug": "keyboard"}, competency="language")
    DeskEvent.objects.create(chat=chat, sequence=1, at=1, text="我叫张小红", judged={})
    history = {"user_id": manager.pk, "action_flag": CHANGE, "object_repr": NAME}
    for thing in (person, Certificate.objects.get(user=person), Assignment.objects.get(person=person)):
        LogEntry.objects.create(
            content_type=ContentType.objects.get_for_model(thing), object_id=str(thing.pk), **history
        )
    LogEntry.objects.create(
        user=person, content_type=ContentType.objects.get_for_model(card), object_id=str(card.pk), action_flag=CHANGE
    )
    AuditEntry.objects.create(actor=person, person=person, action="changed")
    assert team.leaders.count() == 1
    return person


def erase(person: Any, by: Any) -> bool:
    return erasure.erase(person, by=by, reason="本人要求")


def named(field: Any, person: Any) -> int:
    if isinstance(field, ManyToManyField):
        return int(getattr(person, field.remote_field.related_name).count())
    return int(field.model._base_manager.filter(**{field.name: person.pk}).count())


def test_the_trace_is_whole(xiaohong: Any) -> None:
    """Or the tests below would find nothing because there was nothing."""
    empty = [name for name, field in relations().items() if not named(field, xiaohong)]
    assert empty == []


def test_nothing_that_is_erased_is_left(xiaohong: Any, manager: Any) -> None:
    erase(xiaohong, manager)
    left = {name for name, field in relations().items() if named(field, User.objects.get(pk=xiaohong.pk))}
    assert left == set(erasure.KEPT)


def test_the_account_is_empty_and_shut(xiaohong: Any, manager: Any) -> None:
    client = Client()
    client.force_login(xiaohong, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/me/").status_code == 200
    erase(xiaohong, manager)
    person = User.objects.get(pk=xiaohong.pk)
    assert (person.username, person.display_name, person.staff_number, person.email) == (
        f"erased-{person.pk}", f"#{person.pk}", None, "",
    )  # fmt: skip
    assert (person.is_active, person.has_usable_password(), person.team, person.groups.count()) == (
        False, False, None, 0,
    )  # fmt: skip
    assert (person.left_on, person.erased_at is None) == (timezone.localdate(), False)
    assert (client.get("/me/").status_code, Session.objects.count()) == (302, 0)


def test_the_name_stands_nowhere_in_the_database(xiaohong: Any, manager: Any) -> None:
    """Columns, JSON, the admin's history, the index: wherever a name could have been copied to."""
    erase(xiaohong, manager)
    found = []
    for model in apps.get_models():
        for row in model._base_manager.all():
            values = [str(getattr(row, field.attname)) for field in model._meta.concrete_fields]
            found += [
                model._meta.label for value in values for word in (NAME, NUMBER, MAIL, "xiaohong") if word in value
            ]
    assert found == []
    assert engine.find("小红的话", viewer_of(xiaohong), kinds=("snippet",)).hits == []


def test_statistics_stay_without_the_person(xiaohong: Any, manager: Any) -> None:
    """Item analysis must not move because somebody left."""
    before = list(
        AttemptItem.objects.filter(attempt__state="finished").order_by("pk").values_list("pk", "points", "first")
    )
    erase(xiaohong, manager)
    items = AttemptItem.objects.order_by("pk")
    assert list(items.values_list("pk", "points", "first")) == before
    assert [item.answer for item in items if item.document["type"] == "rewrite"] == [None]
    assert all(item.answer is not None for item in items if item.document["type"] != "rewrite")
    assert list(Attempt.objects.values_list("state", flat=True)) == ["finished"]
    assert (LessonProgress.objects.get().seconds, LessonProgress.objects.get().place) == (60, "")
    assert (CopyEvent.objects.count(), SearchLog.objects.count(), Feedback.objects.count()) == (1, 1, 1)


def test_the_certificate_answers_as_none(xiaohong: Any, manager: Any) -> None:
    code = Certificate.objects.get().code
    assert Client().get(f"/certificates/{code}/").status_code == 200
    erase(xiaohong, manager)
    answer = Client().get(f"/certificates/{code}/")
    assert (answer.status_code, NAME in answer.content.decode()) == (404, False)
    assert Certificate.objects.get().revoked_at is not None


def test_old_results_earn_no_new_certificate(xiaohong: Any, manager: Any) -> None:
    """A look at a result issues what was earned and never issued: not for somebody who asked to be forgotten."""
    attempt = Attempt.objects.get(state="finished")
    Path.objects.filter(slug="examined").update(exam=attempt.quiz)
    type(attempt.quiz).objects.update(kind="exam")
    Attempt.objects.filter(pk=attempt.pk).update(passed=True)
    erase(xiaohong, manager)
    assert certificates.issue_if_earned(Attempt.objects.get(pk=attempt.pk)) is None
    assert Certificate.objects.count() == 1


def test_the_admins_history_keeps_the_number(xiaohong: Any, manager: Any) -> None:
    erase(xiaohong, manager)
    shown = LogEntry.objects.exclude(user=xiaohong.pk).values_list("object_repr", flat=True)
    assert list(shown) == [f"#{xiaohong.pk}"] * 3


def test_it_is_written_down_once_and_safe_to_repeat(xiaohong: Any, manager: Any) -> None:
    assert [erase(xiaohong, manager), erase(xiaohong, manager)] == [True, False]
    when = User.objects.get(pk=xiaohong.pk).erased_at
    entries = AuditEntry.objects.filter(action="erased")
    assert [(entry.actor, entry.person_id, entry.detail) for entry in entries] == [(manager, xiaohong.pk, "本人要求")]
    CopyEvent.objects.create(user=xiaohong, line=Card.objects.get().say[0])
    erase(xiaohong, manager)
    assert (CopyEvent.objects.filter(user=xiaohong).count(), User.objects.get(pk=xiaohong.pk).erased_at) == (0, when)


def test_a_name_that_is_taken_does_not_stop_it(xiaohong: Any, manager: Any) -> None:
    factories.person("agent", username=f"erased-{xiaohong.pk}")
    assert erase(xiaohong, manager)


def test_one_transaction(xiaohong: Any, manager: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half erased is the worst of both: the name gone from the account, and still on the certificate."""

    def fails(person: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(erasure, "STEPS", [*erasure.STEPS, fails])
    with pytest.raises(RuntimeError):
        erase(xiaohong, manager)
    assert (Favourite.objects.count(), Certificate.objects.get().name) == (1, NAME)
    assert AuditEntry.objects.filter(action="erased").count() == 0


@pytest.mark.parametrize(
    ("by", "whom", "may"),
    [
        ("manager", "trainee", True),
        ("manager", "manager", True),
        ("manager", "superuser", False),
        ("manager", "oneself", False),
        ("trainer", "trainee", False),
        ("superuser", "superuser", True),
        ("superuser", "oneself", False),
    ],
)
def test_who_may_erase_whom(by: str, whom: str, may: bool) -> None:
    def somebody(role: str) -> Any:
        return factories.person("manager", is_superuser=True) if role == "superuser" else factories.person(role)

    eraser = somebody(by)
    person = eraser if whom == "oneself" else somebody(whom)
    if may:
        assert erase(person, eraser)
    else:
        with pytest.raises(PermissionDenied):
            erase(person, eraser)
        assert User.objects.get(pk=person.pk).erased_at is None


def test_no_erasure_without_a_reason(xiaohong: Any, manager: Any) -> None:
    with pytest.raises(ValidationError):
        erasure.erase(xiaohong, by=manager, reason="  ")
    assert User.objects.get(pk=xiaohong.pk).erased_at is None
