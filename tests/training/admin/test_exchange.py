"""Files from Moodle on the page of imports."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from knowledge.models import ImportJob
from tests import factories
from tests.training import making
from training.models import Question

pytestmark = pytest.mark.django_db
ADD = "/admin/knowledge/importjob/add/"


@pytest.fixture
def client() -> Client:
    made = Client()
    made.force_login(factories.person("trainer", locale="en"))
    return made


def send(client: Client, name: str, data: bytes, **values: str) -> Any:
    return client.post(ADD, {"kind": "question", "file": SimpleUploadedFile(name, data)} | values, follow=True)


def test_a_course_is_chosen_for_what_names_none(client: Client) -> None:
    """The field is on the page, its choice goes with the file, and one that is none of ours counts as no choice."""
    making.course()
    assert '<option value="language">' in client.get(ADD).content.decode()
    send(client, "a.gift", "哪个？{=甲 ~乙}".encode(), course="language")
    send(client, "b.gift", "哪个？{=甲 ~乙}".encode(), course="nowhere")
    jobs = ImportJob.objects.order_by("pk").values_list("course", "counts__new", "counts__wrong")
    assert list(jobs) == [("language", 1, 0), ("", 0, 1)]


def test_what_is_lost_stands_on_the_page_before_and_after(client: Client) -> None:
    """In a row of the preview, in the list above it, and in that list when the rows are gone. Escaped, all of it."""
    making.course()
    page = send(client, "a.gift", "::<b>题</b>::哪个？{=甲 ~乙}\n\n写一段。{}".encode(), course="language")
    text = page.content.decode()
    lost = "Its name is not kept: &lt;b&gt;题&lt;/b&gt;"
    left_out = "Left out: a question of the type “essay” cannot be asked here."
    assert (text.count(lost), text.count(left_out)) == (2, 1)
    job = ImportJob.objects.get()
    address = reverse("admin:knowledge_importjob_change", args=[job.pk])
    client.post(reverse("admin:knowledge_importjob_apply", args=[job.pk]), {"target": "publish"})
    text = client.get(address).content.decode()
    assert (text.count(lost), text.count(left_out), Question.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("kind", "form", "begins"),
    [
        ("question", "gift", b"$CATEGORY: $course$/language"),
        ("question", "moodle-xml", b"<?xml"),
        ("lesson", "zip", b"PK"),
    ],
)
def test_exports_are_offered_and_written_down(client: Client, kind: str, form: str, begins: bytes) -> None:
    """As the tables are: a file to download, and an entry in the audit log."""
    making.course()
    making.pool()
    address = reverse("admin:knowledge_importjob_export", args=[kind, form])
    assert address in client.get(reverse("admin:knowledge_importjob_changelist")).content.decode()
    answer = client.post(address)
    assert (answer.status_code, answer.content[: len(begins)]) == (200, begins)
    assert AuditEntry.objects.filter(action="exported", kind=kind).count() == 1
