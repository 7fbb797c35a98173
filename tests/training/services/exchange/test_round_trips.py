"""Every kind in every format, with all the starter content: out, in again, out again, and nothing is another byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from accounts.models import User
from knowledge.models import Card, LineCode, Revision, SynonymGroup, Use
from knowledge.search import engine
from knowledge.services.exchange.registry import exchange_of, exchanges, formats_of
from tests import factories
from tests.knowledge.services.exchange.moving import bring, counts, export, imported, problems
from training.models import Lesson, Question

pytestmark = pytest.mark.django_db
ALL = [(one.kind, form.name) for one in exchanges() for form in formats_of(one.kind) if form.read and form.write]
PEOPLE = ("陈晓＝Ａ", "=cmd()", "丽莎😀", "O'Neil", "赵 一")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def stocked(starter_content: None) -> Any:
    """The starter content, some of it touched as trainers touch it, and people. Returns who imports."""
    owner = factories.person("trainer", staff_number="00042", display_name=PEOPLE[0], locale="en")
    factories.team("甲班", owner)
    for at, name in enumerate(PEOPLE[1:]):
        person = factories.person("agent", staff_number=f"-00{at}", display_name=name, email=f"p{at}@example.com")
        person.full_clean()  # what the form of people lets through
    owner.save()
    first, second, third = Card.objects.order_by("slug")[:3]
    Card.objects.filter(pk=first.pk).update(owner=owner, verify_days=30)
    Card.objects.filter(pk=second.pk).update(status="draft")
    Card.objects.filter(pk=third.pk).update(status="retired")
    Question.objects.filter(code="language-01").update(status="draft")
    Lesson.objects.filter(pk=Lesson.objects.order_by("slug")[0].pk).update(status="draft")
    SynonymGroup.objects.create(words="包邮 免运费 免邮", note="=钱\n二行😀")
    SynonymGroup.objects.first().delete()  # the numbers have a gap
    return factories.person("manager", locale="en", is_superuser=True)


def nobody_left() -> None:
    User.objects.filter(staff_number__isnull=False).delete()


def no_cards() -> None:
    Use.objects.all().delete()
    Question.objects.update(card=None)
    Card.objects.all().delete()
    LineCode.objects.all().delete()


def none_of(model: Any) -> Callable[[], Any]:
    return model.objects.all().delete


EMPTIED = {
    "card": no_cards,
    "question": none_of(Question),
    "lesson": none_of(Lesson),
    "synonyms": none_of(SynonymGroup),
    "staff": nobody_left,
}


def test_no_kind_is_forgotten() -> None:
    """Seven kinds of file are promised, and a kind that comes later belongs into this test."""
    assert sorted(ALL) == [
        ("card", "csv"), ("card", "xlsx"), ("lesson", "zip"), ("question", "csv"), ("question", "gift"),
        ("question", "moodle-xml"), ("question", "xlsx"), ("staff", "csv"), ("staff", "xlsx"), ("synonyms", "csv"),
        ("synonyms", "xlsx"),
    ]  # fmt: skip
    assert {kind for kind, _form in ALL} == EMPTIED.keys()


@contextmanager
def taken_back() -> Iterator[None]:
    """What happens within leaves no trace: the starter content takes long to load, and each format needs it whole."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("kind", EMPTIED)
def test_every_export_comes_back_byte_for_byte(stocked: Any, kind: str) -> None:
    """Brought back it changes nothing; and it is a backup: after everything of the kind is gone it makes the same
    again."""
    for form in [form for one, form in ALL if one == kind]:
        with taken_back():
            nothing_changes(stocked, kind, form)
        with taken_back():
            all_comes_back(stocked, kind, form)


def nothing_changes(by: Any, kind: str, form: str) -> None:
    """Every row is the same, no version is written, nothing is lost, and the next export is the same bytes."""
    data, written = export(kind, form), Revision.objects.count()
    number = len(list(exchange_of(kind).entries()))
    job = bring(kind, data, by, form)
    assert (form, job.state, counts(job), job.named, problems(job)) == (form, "ready", {"same": number}, [], [])
    assert number > 1
    assert (form, export(kind, form) == data, Revision.objects.count()) == (form, True, written)


def all_comes_back(by: Any, kind: str, form: str) -> None:
    data = export(kind, form)
    number = len(list(exchange_of(kind).entries()))
    EMPTIED[kind]()
    if kind in {"card", "lesson"}:
        engine.clear()
    Revision.objects.filter(kind=kind).delete()
    assert list(exchange_of(kind).entries()) == []
    job = imported(kind, data, by, form)
    assert (form, job.state, counts(job), job.notes) == (form, "done", {"new": number}, [])
    assert (form, export(kind, form) == data) == (form, True)
    assert (form, counts(bring(kind, data, by, form))) == (form, {"same": number})
