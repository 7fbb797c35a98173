"""The starter content through every form, untouched: no version, no edit, and the same files again."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from knowledge.models import Revision
from knowledge.services import content
from tests.knowledge.admin.conftest import errors
from tests.training.admin.conftest import save
from training.models import Course, Lesson, Path, Question, Quiz

MODELS = (Lesson, Question, Course, Quiz, Path)
FOLDERS = ("lessons", "questions", "courses.yaml", "paths.yaml")


def files(folder: FilePath) -> dict[str, bytes]:
    paths = [
        path for name in FOLDERS for path in ((folder / name).rglob("*.*") if "." not in name else [folder / name])
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}


def quizzes() -> list[Any]:
    fields = (
        "slug",
        "title",
        "kind",
        "course",
        "rules",
        "pass_mark",
        "time_limit",
        "attempts_allowed",
        "cooldown",
        "status",
    )
    return list(Quiz.objects.order_by("pk").values_list(*fields))


@pytest.mark.django_db
def test_untouched_starter_content(starter_content: None, as_trainer: Client, tmp_path: FilePath) -> None:
    """Otherwise looking at an item and pressing Save would cut it off from later starter content."""
    before, versions = quizzes(), Revision.objects.count()
    for model in MODELS:
        for item in model._default_manager.order_by("pk"):
            response = save(as_trainer, item)
            assert response.status_code == 302, (item, errors(response))
    assert (quizzes(), Revision.objects.count()) == (before, versions)
    content.export(tmp_path)
    there = files(tmp_path)
    assert len(there) == 12 + 2 + Lesson.objects.count()
    assert there == files(FilePath(settings.CONTENT_DIR))
