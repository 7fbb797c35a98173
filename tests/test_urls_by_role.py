"""Every address of the site by role: the table a reviewer reads, and the test that it is complete.

The statuses say who gets in, not what the page shows: "in" is a redirect to sign-in, "door" one to the door of the
admin (which sends strangers to sign-in and answers 403 to those without the right), "no" a 403, "--" a 404.
A form posted empty answers 422 or 200 when its sender was let in.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.services import audit
from knowledge.models import (
    Card,
    ComplianceNote,
    Fact,
    Feedback,
    ImportJob,
    Revision,
    SearchLog,
    Snippet,
    SynonymGroup,
    Use,
)  # fmt: skip
from knowledge.services import rules
from tests import databases, factories
from tests.knowledge.admin.test_rule_form import DOCUMENT
from tests.training import making
from tests.training.desk.making import document as dialogue
from tests.training.test_documents import lesson
from training.models import Assignment, Certificate, Course, Dialogue, Enrolment, Quiz
from training.services import dialogues, drills, lessons, progress, questions, recall, runs

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "trainee", "agent", "trainer", "manager")
UUID = "11111111-1111-4111-8111-111111111111"

LESSON = {"code": "language", "slug": lesson()["slug"]}
# name, arguments, method -> anonymous, trainee, agent, trainer, manager
SITE: dict[tuple[str, str], tuple[dict[str, Any], tuple[Any, ...]]] = {
    ("home", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("phrases", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("dock", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("match", "post"): ({}, ("in", 200, 200, 200, 200)),
    ("check", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("check", "post"): ({}, ("in", 200, 200, 200, 200)),
    ("check_judge", "post"): ({}, ("in", 200, 200, 200, 200)),
    ("card", "get"): ({"slug": "fee"}, ("in", 200, 200, 200, 200)),
    ("copied", "post"): ({"uuid": "line"}, ("in", 204, 204, 204, 204)),
    ("favourite", "post"): ({"uuid": "line"}, ("in", 302, 302, 302, 302)),
    ("feedback", "get"): ({"uuid": "line"}, ("in", 200, 200, 200, 200)),
    ("feedback", "post"): ({"uuid": "line"}, ("in", 422, 422, 422, 422)),
    ("searched", "post"): ({}, ("in", 204, 204, 204, 204)),
    ("me", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("snippet_new", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("snippet", "get"): ({"pk": "snippet"}, ("in", "--", 200, "--", "--")),
    ("snippet_delete", "post"): ({"pk": "snippet"}, ("in", "--", 302, "--", "--")),
    ("markdown_preview", "post"): ({}, ("in", "no", "no", 200, "no")),
    ("picture_upload", "post"): ({}, ("in", "no", "no", 422, "no")),
    ("media", "get"): ({"name": "picture.webp"}, ("in", 200, 200, 200, 200)),
    ("learn", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("course", "get"): ({"code": "intro"}, ("in", 200, 200, 200, 200)),
    ("path", "get"): ({"slug": "examined"}, ("in", 200, 200, 200, 200)),
    ("path_follow", "post"): ({"slug": "examined"}, ("in", 302, 302, 302, 302)),
    ("lesson", "get"): (LESSON, ("in", 200, 200, 200, 200)),
    # Only the trainee has opened it: what belongs to a reading is nobody else's.
    ("lesson_beacon", "post"): (LESSON, ("in", 422, "--", "--", "--")),
    ("lesson_check", "post"): ({**LESSON, "number": 1}, ("in", 302, "--", "--", "--")),
    ("lesson_finish", "post"): (LESSON, ("in", 302, "--", "--", "--")),
    ("course_quiz", "get"): ({"code": "intro"}, ("in", 200, 200, 200, 200)),
    ("course_quiz", "post"): ({"code": "intro"}, ("in", 302, 302, 302, 302)),
    ("exam", "get"): ({"slug": "examined"}, ("in", 200, 200, 200, 200)),
    ("mistakes", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("recall", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("recall_session", "get"): ({}, ("in", 302, 302, 302, 302)),
    ("recall_session", "post"): ({}, ("in", 302, 302, 302, 302)),
    # Only the trainee has anything to recall, and a round: both are nobody else's.
    ("recall_rate", "post"): ({"pk": "recall item"}, ("in", 302, "--", "--", "--")),
    ("recall_rest", "post"): ({"pk": "recall item"}, ("in", 302, "--", "--", "--")),
    ("wrong_answers", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("drill_better", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("drill_better", "post"): ({}, ("in", 302, 302, 302, 302)),
    ("drill_typing", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("drill_typing", "post"): ({}, ("in", 302, 302, 302, 302)),
    ("drill_codes", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("drill_codes", "post"): ({}, ("in", 302, 302, 302, 302)),
    ("drill_round", "get"): ({"pk": "round"}, ("in", 200, "--", "--", "--")),
    ("drill_answer", "post"): ({"pk": "round"}, ("in", 302, "--", "--", "--")),
    ("practice", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("desk", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("desk_start", "post"): ({}, ("in", 302, 302, 302, 302)),
    ("desk_run", "get"): ({"pk": "run"}, ("in", 200, "--", "--", "--")),
    ("desk_state", "get"): ({"pk": "run"}, ("in", 200, "--", "--", "--")),
    ("desk_send", "post"): ({"pk": "run", "position": 1}, ("in", 302, "--", "--", "--")),
    ("desk_end", "get"): ({"pk": "run"}, ("in", 302, "--", "--", "--")),
    ("desk_end", "post"): ({"pk": "run"}, ("in", 200, "--", "--", "--")),
    ("desk_report", "get"): ({"pk": "finished run"}, ("in", 200, "--", 200, 200)),
    ("dialogue_play", "get"): ({"slug": "one"}, ("in", "--", "--", 200, "--")),
    ("dialogue_play", "post"): ({"slug": "one"}, ("in", "--", "--", 302, "--")),
    ("attempt", "get"): ({"pk": "attempt"}, ("in", 200, "--", "--", "--")),
    ("attempt", "post"): ({"pk": "attempt"}, ("in", 302, "--", "--", "--")),
    ("attempt_answer", "post"): ({"pk": "attempt", "position": 1}, ("in", 422, "--", "--", "--")),
    ("attempt_finish", "get"): ({"pk": "attempt"}, ("in", 302, "--", "--", "--")),
    ("attempt_finish", "post"): ({"pk": "attempt"}, ("in", 200, "--", "--", "--")),
    ("attempt_result", "get"): ({"pk": "result"}, ("in", 200, "--", 200, 200)),
    ("question_preview", "get"): ({"code": "language-01"}, ("in", "--", "--", 200, "--")),
    ("question_preview", "post"): ({"code": "language-01"}, ("in", "--", "--", 200, "--")),
    ("quiz_preview", "get"): ({"slug": "intro"}, ("in", "--", "--", 200, "--")),
    ("matrix", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("person", "get"): ({"pk": "newcomer"}, ("in", "--", "--", 200, 200)),
    ("team", "get"): ({}, ("in", "--", "--", 200, 200)),
    ("team_csv", "post"): ({}, ("in", "--", "--", 200, 200)),
    ("deadlines", "get"): ({}, ("in", "--", "--", 200, 200)),
    ("deadlines_csv", "post"): ({}, ("in", "--", "--", 200, 200)),
    ("assign", "get"): ({}, ("in", "--", "--", 200, 200)),
    ("assign", "post"): ({}, ("in", "--", "--", 422, 422)),
    ("assignment_end", "post"): ({"pk": "assignment"}, ("in", "--", "--", 302, 302)),
    ("deadline_change", "get"): ({"pk": "newcomer", "slug": "examined"}, ("in", "--", "--", 200, 200)),
    ("deadline_change", "post"): ({"pk": "newcomer", "slug": "examined"}, ("in", "--", "--", 422, 422)),
    ("item_analysis", "get"): ({}, ("in", "--", "--", 200, 200)),
    ("item_analysis_csv", "post"): ({}, ("in", "--", "--", 200, 200)),
    ("item", "get"): ({"code": "language-01"}, ("in", "--", "--", 200, 200)),
    ("item_retire", "post"): ({"code": "language-01"}, ("in", "--", "--", 302, "no")),
    ("freshness", "get"): ({}, ("in", "--", "--", 200, 200)),
    ("gaps", "get"): ({}, ("in", "--", "--", 200, 200)),
    ("gaps_csv", "post"): ({}, ("in", "--", "--", 200, 200)),
    ("gap_decide", "post"): ({}, ("in", "--", "--", 422, "--")),
    ("copies", "get"): ({}, ("in", "--", "--", 200, 200)),
    ("copies_csv", "post"): ({}, ("in", "--", "--", 200, 200)),
    ("rechecks", "get"): ({}, ("in", "--", "--", 200, 200)),
    ("recheck_done", "post"): ({"pk": "use"}, ("in", "--", "--", 302, "--")),
    ("verify", "post"): ({"kind": "lesson", "pk": "training_lesson"}, ("in", "--", "--", 302, "--")),
    ("certificate", "get"): ({"code": "certificate"}, (200, 200, 200, 200, 200)),
    ("certificate_pdf", "get"): ({"code": "certificate"}, ("in", "--", "--", 200, 200)),
    ("login", "get"): ({}, (200, 302, 302, 302, 302)),
    ("logout", "post"): ({}, ("in", 302, 302, 302, 302)),
    ("slip", "get"): ({}, (200, 302, 302, 302, 302)),
    ("password_change", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("password_change_done", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("password_reset", "get"): ({}, (200, 200, 200, 200, 200)),
    ("password_reset_done", "get"): ({}, (200, 200, 200, 200, 200)),
    ("password_reset_confirm", "get"): ({"uidb64": "MQ", "token": "x-y"}, (200, 200, 200, 200, 200)),
    ("password_reset_complete", "get"): ({}, (200, 200, 200, 200, 200)),
    ("me_settings", "get"): ({}, ("in", 200, 200, 200, 200)),
    ("me_theme", "post"): ({}, ("in", 400, 400, 400, 400)),
    ("me_data", "post"): ({}, ("in", 200, 200, 200, 200)),
    ("healthz", "get"): ({}, (200, 200, 200, 200, 200)),
    ("favicon", "get"): ({}, (301, 301, 301, 301, 301)),
    ("admin:index", "get"): ({}, ("door", "door", "door", 200, 200)),
    ("admin:login", "get"): ({}, ("in", "no", "no", "in", "in")),
    ("admin:logout", "post"): ({}, ("door", 302, 302, 302, 302)),
    ("admin:password_change", "get"): ({}, ("door", "door", "door", 302, 302)),
    ("admin:password_change_done", "get"): ({}, ("door", "door", "door", 200, 200)),
    ("admin:autocomplete", "get"): ({}, ("door", "door", "door", "no", "no")),
    ("admin:jsi18n", "get"): ({}, ("door", "door", "door", 200, 200)),
    ("admin:view_on_site", "get"): ({}, ("door", "door", "door", 302, 302)),
    ("admin:app_list", "get"): ({"app_label": "knowledge"}, ("door", "door", "door", 200, 200)),
    ("admin:knowledge_card_restore", "post"): ({"pk": "card", "number": 1}, ("in", "door", "door", 302, "no")),
    ("admin:training_lesson_restore", "post"): (
        {"pk": "training_lesson", "number": 1},
        ("in", "door", "door", 302, "no"),
    ),
    ("admin:training_question_restore", "post"): (
        {"pk": "training_question", "number": 1},
        ("in", "door", "door", 302, "no"),
    ),
    ("admin:training_dialogue_restore", "post"): (
        {"pk": "training_dialogue", "number": 1},
        ("in", "door", "door", 302, "no"),
    ),
    ("admin:training_dialogue_duplicate", "post"): ({"pk": "training_dialogue"}, ("in", "door", "door", 302, "no")),
    ("admin:training_dialogue_rechecked", "post"): ({"pk": "training_dialogue"}, ("in", "door", "door", 302, "no")),
    ("admin:knowledge_wordingrule_restore", "post"): (
        {"pk": "knowledge_wordingrule", "number": 1},
        ("in", "door", "door", 302, "no"),
    ),
    # Nothing to compare, and nothing to decide about a version that is live.
    ("admin:knowledge_revision_compare", "get"): ({}, ("in", "door", "door", "--", "--")),
    ("admin:knowledge_revision_decide", "post"): ({"pk": "knowledge_revision"}, ("in", "door", "door", "no", "no")),
    ("admin:training_lesson_preview", "post"): ({}, ("in", "door", "door", 200, "no")),
    ("admin:training_lesson_duplicate", "post"): ({"pk": "training_lesson"}, ("in", "door", "door", 302, "no")),
    ("admin:training_lesson_rechecked", "post"): ({"pk": "training_lesson"}, ("in", "door", "door", 302, "no")),
    ("admin:training_question_duplicate", "post"): ({"pk": "training_question"}, ("in", "door", "door", 302, "no")),
    ("admin:training_question_rechecked", "post"): ({"pk": "training_question"}, ("in", "door", "door", 302, "no")),
    ("admin:training_question_generate", "post"): ({}, ("in", "door", "door", "--", "no")),
    ("admin:training_path_duplicate", "post"): ({"pk": "training_path"}, ("in", "door", "door", 302, "no")),
    ("admin:training_quiz_duplicate", "post"): ({"pk": "training_quiz"}, ("in", "door", "door", 302, "no")),
    ("admin:accounts_user_slip", "post"): ({"pk": "newcomer"}, ("in", "door", "door", 200, 200)),
    ("admin:accounts_user_close", "post"): ({"pk": "newcomer"}, ("in", "door", "door", "no", 302)),
    ("admin:accounts_user_data", "post"): ({"pk": "newcomer"}, ("in", "door", "door", "no", 200)),
    ("admin:accounts_user_erase", "post"): ({"pk": "newcomer"}, ("in", "door", "door", "no", 422)),
    ("admin:accounts_auditentry_csv", "post"): ({}, ("in", "door", "door", "no", 200)),
}
SITE |= {
    ("admin:knowledge_importjob_changelist", "get"): ({}, ("in", "door", "door", 200, 200)),
    ("admin:knowledge_importjob_add", "get"): ({}, ("in", "door", "door", 200, 200)),
    ("admin:knowledge_importjob_add", "post"): ({}, ("in", "door", "door", 422, 422)),
    ("admin:knowledge_importjob_export", "post"): (
        {"kind": "synonyms", "form": "csv"},
        ("in", "door", "door", 200, 200),
    ),
    ("admin:knowledge_importjob_change", "get"): ({"pk": "import"}, ("in", "door", "door", 200, "--")),
    ("admin:knowledge_importjob_progress", "get"): ({"pk": "import"}, ("in", "door", "door", 200, "--")),
    ("admin:knowledge_importjob_wrong", "get"): ({"pk": "import"}, ("in", "door", "door", 200, "--")),
    ("admin:knowledge_importjob_mend", "post"): ({"pk": "import"}, ("in", "door", "door", 302, "--")),
    ("admin:knowledge_importjob_apply", "post"): ({"pk": "import"}, ("in", "door", "door", 302, "--")),
    ("admin:knowledge_importjob_restart", "post"): ({"pk": "import"}, ("in", "door", "door", 302, "--")),
    ("admin:knowledge_importjob_drop", "post"): ({"pk": "import"}, ("in", "door", "door", 302, "--")),
}
# Models whose addresses are all their own: they have rows above.
OWN = {"knowledge_importjob"}
# Model -> what trainer and manager may do with it in the admin: view, add, change, delete. Nobody else gets in.
ADMIN = {
    "knowledge_card": ("vacd", "v"),
    "knowledge_synonymgroup": ("vacd", "v"),
    "knowledge_feedback": ("vc", "v"),
    "knowledge_searchlog": ("v", "v"),
    "knowledge_fact": ("v", "v"),
    "knowledge_compliancenote": ("v", "v"),
    "knowledge_revision": ("v", "v"),
    "knowledge_wordingrule": ("vc", "v"),
    "training_lesson": ("vacd", "v"),
    "training_question": ("vacd", "v"),
    "training_course": ("vacd", "v"),
    "training_path": ("vacd", "v"),
    "training_quiz": ("vacd", "v"),
    "training_attempt": ("v", "v"),
    "training_dialogue": ("vacd", "v"),
    "training_deskrun": ("v", "v"),
    "training_enrolment": ("v", "v"),
    "training_certificate": ("v", "v"),
    "accounts_user": ("v", "vac"),
    "accounts_team": ("vacd", "v"),
    "accounts_auditentry": ("", "v"),
    "auth_group": ("", ""),
    "axes_accessattempt": ("", ""),
    "axes_accesslog": ("", ""),
    "axes_accessfailurelog": ("", ""),
}
SCREENS = {"changelist": "v", "add": "a", "history": "v", "delete": "d", "change": "v"}


def addresses(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of every address that can be asked for."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield (f"{namespace}:{pattern.name}" if namespace else str(pattern.name)), str(pattern.pattern)
        else:
            yield from addresses(pattern, pattern.namespace or namespace)


def test_every_address_has_a_row() -> None:
    """A new page without a row here has been looked at by nobody."""
    rows = {name for name, _method in SITE}
    rows |= {f"admin:{model}_{screen}" for model in ADMIN for screen in SCREENS}
    # Without a name, Django's own: the old address of a change page, and what catches the rest of /admin/.
    unnamed = {"admin:None"}
    assert {name for name, _route in addresses(get_resolver())} - unnamed == rows
    assert sorted(route for name, route in addresses(get_resolver()) if name in unnamed) == [
        "(?P<url>.*)$", *["<path:object_id>/"] * len(ADMIN)
    ]  # fmt: skip


def test_every_model_in_the_admin_has_a_row() -> None:
    """Registering a model opens five addresses at once."""
    registered = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert registered == {*ADMIN, *OWN}


@pytest.fixture
def made(db: None) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """People and things of a site at rest: all that takes long to make and does not grow old."""
    with databases.prepared("urls", a_site) as made:
        yield made


@pytest.fixture
def people(made: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    return made[0]


@pytest.fixture
def things(made: tuple[dict[str, Any], dict[str, Any]], settings: Any, tmp_path: Path) -> dict[str, Any]:
    """What the arguments of addresses stand for."""
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "picture.webp").write_bytes(b"RIFF")
    people, things = made
    asked = Quiz.objects.get(slug="intro")
    return {
        **things,
        **at_the_desk(people),
        **to_recall(people["trainee"]),
        "attempt": making.start(asked, people["trainee"], timezone.now()).pk,
    }


def a_site() -> tuple[dict[str, Any], dict[str, Any]]:
    people = {role: factories.person(role, username=f"the-{role}") for role in ROLES if role != "anonymous"}
    card = factories.card("fee", code="fe")
    snippet = Snippet(user=people["agent"], code="my1", title="x", text="y")
    snippet.save()
    line = card.say[0]
    factories.card("a")  # stands in the lesson
    course, path = making.course("language"), making.path("elsewhere")
    quiz = making.quiz()
    making.quiz("intro", course=making.course("intro"))
    making.path("examined", Course.objects.get(code="intro"), exam=making.quiz("examined", kind="exam"))
    question = questions.save_document(making.single(), "language")
    attempt = {"username": "x", "ip_address": "127.0.0.1", "user_agent": "x", "path_info": "/"}
    read = lessons.save_document(lesson())
    progress.open_lesson(read.pk, people["trainee"], now=timezone.now())
    use = read.uses.get()
    Use.objects.filter(pk=use.pk).update(recheck=True)
    things = {
        "card": card.pk,
        "line": line.uuid,
        "import": ImportJob.objects.create(kind="card", format="csv", name="x.csv", state="ready").pk,
        "use": use.pk,
        "snippet": snippet.pk,
        "certificate": made_for_somebody().code,
        "newcomer": factories.person("trainee", username="newcomer").pk,
        "content type": ContentType.objects.get_for_model(Card).pk,
        "knowledge_card": card.pk,
        "knowledge_synonymgroup": SynonymGroup.objects.create(words="运费 邮费").pk,
        "knowledge_feedback": Feedback.objects.create(card=card, line=line, kind="error", text="x").pk,
        "knowledge_searchlog": SearchLog.objects.create(query="x", results=0).pk,
        "knowledge_fact": Fact.objects.create(code="B-06", course="product", text="x").pk,
        "knowledge_compliancenote": ComplianceNote.objects.create(code="K-01", title="x").pk,
        "knowledge_revision": Revision.objects.get(slug="fee").pk,
        "knowledge_wordingrule": rules.save_document(DOCUMENT).pk,
        "training_lesson": read.pk,
        "training_question": question.pk,
        "result": making.result(people["trainee"], quiz, "1", "1").pk,
        "training_course": course.pk,
        "training_path": path.pk,
        "training_quiz": quiz.pk,
        "training_attempt": making.result(people["agent"], quiz, "1", "1").pk,
        "training_enrolment": Enrolment.objects.create(user=people["agent"], path=path).pk,
        "training_certificate": made_for_somebody().pk,
        "accounts_user": factories.person("trainee", username="somebody").pk,
        "accounts_auditentry": audit.note(people["trainer"], "changed", slug="x").pk,
        "auth_group": Group.objects.get(name="trainee").pk,
        "axes_accessattempt": AccessAttempt.objects.create(**attempt, failures_since_start=1).pk,
        "axes_accesslog": AccessLog.objects.create(**attempt).pk,
        "axes_accessfailurelog": AccessFailureLog.objects.create(**attempt).pk,
    }
    # The manager's own people: what others' managers see is told in tests/training/views/test_visibility.py.
    members = get_user_model().objects.filter(groups__name__in=["trainee", "agent"])
    things["accounts_team"] = factories.team("shop", *members, leaders=[people["manager"]]).pk
    given = Course.objects.get(code="intro").paths.get()
    things["assignment"] = Assignment.objects.create(path=given, team_id="shop", due_days=14).pk
    factories.card("haggle")
    for slug in ("one", "two"):
        dialogues.save_document(dialogue(slug))
    return people, things


def to_recall(person: Any) -> dict[str, Any]:
    """A mistake to be asked again, and a round of typing that is open."""
    item = recall.remember(person, "point", "one#x", "language", {"prompt": "x", "answer": "y"}, timezone.now())
    return {
        "recall item": item.pk,
        "round": drills.start(person, "typing", now=timezone.now(), rng=random.Random(1)).pk,
    }


def at_the_desk(people: dict[str, Any]) -> dict[str, Any]:
    """A trainee's run under way and one that is finished."""
    talks = list(Dialogue.objects.order_by("slug"))
    begun = [
        runs.start(people["trainee"], talks, now=timezone.now() - timedelta(seconds=back), dice=random.Random(1))
        for back in (9000, 5)
    ]
    return {
        "run": begun[1].pk,
        "finished run": begun[0].pk,
        "training_dialogue": talks[0].pk,
        "training_deskrun": begun[0].pk,
    }


def made_for_somebody() -> Certificate:
    """A certificate of nobody in this table."""
    return Certificate.objects.create(
        user=factories.person("trainee"),
        path=making.path(f"somewhere-{Certificate.objects.count()}"),
        name="x",
        title="y",
        valid_until="2099-01-01",
    )


def client_of(role: str, people: dict[str, Any]) -> Client:
    client = Client()
    if role != "anonymous":
        client.force_login(people[role], "django.contrib.auth.backends.ModelBackend")
    return client


def outcome(answer: Any) -> Any:
    target = answer.headers.get("Location", "")
    if target.startswith("/accounts/login/?next="):
        return "in"
    if target.startswith("/admin/login/"):
        return "door"
    return {403: "no", 404: "--"}.get(answer.status_code, answer.status_code)


def address(name: str, arguments: dict[str, Any], things: dict[str, Any]) -> str:
    values = {key: things.get(value, value) if isinstance(value, str) else value for key, value in arguments.items()}
    if name == "admin:view_on_site":
        values = {"content_type_id": things["content type"], "object_id": things["card"]}
    return reverse(name, kwargs=values)


@pytest.mark.parametrize(("name", "method"), SITE)
def test_site(name: str, method: str, people: dict[str, Any], things: dict[str, Any]) -> None:
    """Who gets in, row by row."""
    arguments, wanted = SITE[name, method]
    found = [outcome(getattr(client_of(role, people), method)(address(name, arguments, things))) for role in ROLES]
    assert found == list(wanted)


@pytest.mark.parametrize("model", ADMIN)
@pytest.mark.parametrize("screen", SCREENS)
def test_admin(model: str, screen: str, people: dict[str, Any], things: dict[str, Any]) -> None:
    """The rule of every admin class: in with the right, 403 without, the door for the others."""
    arguments = [] if screen in {"changelist", "add"} else [things[model]]
    found = {
        role: outcome(client_of(role, people).get(reverse(f"admin:{model}_{screen}", args=arguments))) for role in ROLES
    }
    wanted: dict[str, Any] = {"anonymous": "in", "trainee": "door", "agent": "door"}
    for role, rights in zip(("trainer", "manager"), ADMIN[model], strict=True):
        wanted[role] = 200 if SCREENS[screen] in rights else "no"
    assert found == wanted


def test_the_rest_of_the_admin_gives_nothing_away(people: dict[str, Any]) -> None:
    """An address that is none must not tell strangers which ones are."""
    found = [outcome(client_of(role, people).get("/admin/nothing/at/all/")) for role in ROLES]
    assert found == ["door", "door", "door", "--", "--"]


def test_signed_out_pages_are_a_short_list() -> None:
    """Each exception from sign-in is here on purpose; everything else is refused by the middleware."""
    public = {name for (name, _method), (_arguments, wanted) in SITE.items() if wanted[0] not in {"in", "door"}}
    assert public == {
        "certificate", "login", "slip", "healthz", "favicon",
        "password_reset", "password_reset_done", "password_reset_confirm", "password_reset_complete",
    }  # fmt: skip
    assert settings.LOGIN_URL == "login"
