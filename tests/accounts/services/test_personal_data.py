"""What a person is given of what is held of them."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest

from accounts.models import AuditEntry, User
from accounts.services import personal_data
from knowledge.tables import csv
from tests import factories
from tests.accounts.services.test_erasure import NAME, relations, xiaohong  # noqa: F401

pytestmark = pytest.mark.django_db
# Relations that say nothing of the person themselves: what they decided about others' work.
OF_OTHERS = {
    "accounts.SignInSlip.issued_by",
    "admin.LogEntry.user",
    "knowledge.Card.owner",
    "knowledge.Card.verified_by",
    "knowledge.Feedback.closed_by",
    "knowledge.Revision.decided_by",
    "training.Assignment.created_by",
    "training.DeadlineChange.by",
    "training.Lesson.owner",
    "training.Lesson.verified_by",
}
PART_OF = {
    "accounts.AuditEntry.actor": "audit",
    "accounts.AuditEntry.person": "audit",
    "accounts.Mailing.user": "mailings",
    "accounts.SignInSlip.user": "slips",
    "accounts.Team.leaders": "profile",
    "knowledge.CopyEvent.user": "copies",
    "knowledge.Favourite.user": "favourites",
    "knowledge.Feedback.author": "feedback",
    "knowledge.GapDecision.by": "gap_decisions",
    "knowledge.ImportJob.created_by": "imports",
    "knowledge.Revision.author": "revisions",
    "knowledge.SearchLog.user": "searches",
    "knowledge.Snippet.user": "snippets",
    "training.Assignment.person": "assignments",
    "training.Attempt.user": "attempts",
    "training.Certificate.user": "certificates",
    "training.DeadlineChange.person": "deadline_changes",
    "training.Enrolment.user": "enrolments",
    "training.LessonProgress.user": "progress",
    "training.DeskRun.user": "desk",
    "training.DrillRound.user": "drills",
    "training.RecallItem.user": "recall",
    "training.RecallSession.user": "recall_sessions",
}


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as files:
        assert files.testzip() is None
        return {name: files.read(name) for name in files.namelist()}


def test_every_relation_to_a_person_is_handed_out() -> None:
    """A table that is erased but not handed out would be one nobody can ask for."""
    assert set(relations()) == OF_OTHERS | set(PART_OF)
    assert set(personal_data.PARTS) == set(PART_OF.values()) | {"answers", "recalls"}


def test_everything_is_in_it(xiaohong: Any) -> None:  # noqa: F811
    files = opened(personal_data.archive(xiaohong, by=xiaohong))
    rows = {name: json.loads(data) for name, data in files.items() if name.endswith(".json")}
    assert {name for name, found in rows.items() if not found} == set()
    assert (rows["profile.json"][0]["display_name"], rows["profile.json"][0]["leads"]) == (NAME, ["shop"])
    assert rows["answers.json"][0]["answer"] == "我叫张小红"
    assert rows["snippets.json"] == [{"code": "xh1", "title": "我的", "text": "小红的话"}]
    assert "password" not in files["profile.json"].decode()
    assert b"code_hash" not in b"".join(files.values())


def test_tables_are_safe_to_open_and_the_same_rows(xiaohong: Any) -> None:  # noqa: F811
    xiaohong.snippets.update(title="=1+1")
    files = opened(personal_data.archive(xiaohong, by=xiaohong))
    assert files["snippets.csv"].startswith(b"\xef\xbb\xbf")
    cells = [record.cells for record in csv.read(files["snippets.csv"]).records()]
    assert (cells, b"'=1+1" in files["snippets.csv"]) == (
        [["code", "title", "text"], ["xh1", "=1+1", "小红的话"]],
        True,
    )


def test_somebody_new_gets_a_whole_archive(agent: Any) -> None:
    files = opened(personal_data.archive(agent, by=agent))
    assert (json.loads(files["attempts.json"]), "attempts.csv" in files, "README.txt" in files) == ([], False, True)


def test_nobody_elses_rows_are_in_it(xiaohong: Any, agent: Any) -> None:  # noqa: F811
    files = opened(personal_data.archive(agent, by=agent))
    assert NAME.encode() not in b"".join(files.values())


def test_taking_it_is_written_down(agent: Any, manager: Any) -> None:
    personal_data.archive(agent, by=manager)
    assert list(AuditEntry.objects.values_list("actor", "action", "kind", "person")) == [
        (manager.pk, "exported", "person", agent.pk)
    ]


def test_who_may_take_whose(agent: Any, trainer: Any, manager: Any) -> None:
    """An archive is mostly results: managers get those of their teams."""
    other = factories.person("agent")
    root = factories.person("manager", is_superuser=True)
    factories.team("shop", agent, leaders=[manager])
    may = {
        (str(by), str(person))
        for by in (agent, trainer, manager, root)
        for person in (agent, other, root)
        if personal_data.may_export(User.objects.get(pk=by.pk), person)
    }
    wanted = {(agent, agent), (manager, agent), (root, agent), (root, other), (root, root)}
    assert may == {(str(by), str(person)) for by, person in wanted}
