"""What is in the database before anything is measured. Runs inside the site (place.inside)."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from accounts.roles import AGENT, TRAINEE, sync_roles
from accounts.services.demo import create_demo_accounts
from knowledge.models import Line
from knowledge.services import events
from tests.training.making import right_answer
from training.models import Attempt, Course, Dialogue, Quiz
from training.models import Path as LearningPath
from training.services import quizzes, runs
from training.services.quizzes import Given

DATA = Path(settings.DATA_DIR)
COURSE = "intro"  # the course that needs no other


def content() -> None:
    """The starter content, roles and static files, as `make run` makes them."""
    call_command("migrate", verbosity=0)
    sync_roles()
    call_command("load_content", verbosity=0, stdout=StringIO())
    call_command("compile_catalog", verbosity=0)
    # Compressing the admin's files would take longer than the measurement.
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin", "admin_ours", "markdownx"])


def pages() -> None:
    """An agent with favourites, copies, a quiz half done and one handed in. Writes places.json: {name: address}."""
    content()
    create_demo_accounts(DATA / "demo-accounts.json")
    agent = User.objects.get(groups__name=AGENT)
    for at, line in enumerate(Line.objects.copyable()[:60:6]):
        events.count_copy(line, agent)
        if at % 2:
            events.toggle_favourite(line, agent)
    result, attempt = (_half_done(course, agent) for course in Course.objects.filter(code__in=(COURSE, "language")))
    quizzes.finish(result, now=timezone.now())
    places = {
        "attempt": f"/attempts/{attempt.pk}/",
        "result": f"/attempts/{result.pk}/result/",
        "path": f"/paths/{LearningPath.objects.earliest('pk').slug}/",
    }
    (DATA / "places.json").write_text(json.dumps(places))


def _half_done(course: Course, user: Any) -> Attempt:
    """An open attempt at a course's quiz, every other question answered right."""
    now = timezone.now()
    attempt = quizzes.start(course.quiz, user, now=now - timedelta(minutes=5), rng=random.Random(course.code))
    given = [Given(item.position, right_answer(item.document), 1, 20) for item in attempt.items.all()[::2]]
    quizzes.answer_all(attempt, given, now=now)
    return attempt


def crowd(submitters: int, readers: int) -> None:
    """Trainees in the middle of nothing but an open quiz, and agents who read; all signed in.

    Writes crowd.json: {"submitters": [{"session", "attempt"}], "readers": [{"session"}]}.
    """
    content()
    quiz = Quiz.objects.get(course__code=COURSE)
    # Whoever hands in starts again at once, as often as the time allows.
    Quiz.objects.filter(pk=quiz.pk).update(cooldown=0, attempts_allowed=None)
    known: dict[str, list[dict[str, Any]]] = {"submitters": [], "readers": []}
    for at in range(submitters):
        user = _person(f"trainee-{at:02}", TRAINEE)
        attempt = quizzes.start(quiz, user, now=timezone.now(), rng=random.Random(at))
        known["submitters"].append({"session": _session(user), "user": user.pk, "attempt": attempt.pk})
    for at in range(readers):
        known["readers"].append({"session": _session(_person(f"agent-{at:02}", AGENT))})
    (DATA / "crowd.json").write_text(json.dumps(known))


def desk(sessions: int) -> None:
    """Trainees with a run of three customers under way, all signed in. Writes desk.json: [{"session", "run"}]."""
    content()
    able = list(Dialogue.objects.published())
    known = []
    for at in range(sessions):
        user, dice = _person(f"trainee-{at:03}", TRAINEE), random.Random(at)
        run = runs.start(user, dice.sample(able, 3), now=timezone.now(), dice=dice)
        known.append({"session": _session(user), "run": run.pk})
    (DATA / "desk.json").write_text(json.dumps(known))


def _person(name: str, role: str) -> User:
    user = User(username=name, display_name=name)
    user.set_unusable_password()
    user.save()
    user.groups.set([Group.objects.get(name=role)])
    return user


def _session(user: User) -> str:
    """The key of a session as signing in would have made it, without the work of a password's hash."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)
