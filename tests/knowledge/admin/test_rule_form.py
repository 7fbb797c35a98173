"""The form of a wording rule: what breaks its own examples is not saved, and says so on the box."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry
from knowledge.enums import RevisionState
from knowledge.models import Revision, WordingRule
from knowledge.services import checking, rules
from tests import factories

pytestmark = pytest.mark.django_db

DOCUMENT: dict[str, Any] = {
    "code": "absolute",
    "severity": "error",
    "about": "说满了。",
    "better": ["我们尽量。"],
    "lesson": "",
    "card": "",
    "clues": [{"match": ["保证…8到"], "unless": ["不敢保证…8"]}],
    "catches": ["保证三天到"],
    "passes": ["不敢保证三天到"],
}


@pytest.fixture
def rule(db: None) -> WordingRule:
    return rules.save_document(DOCUMENT)


def sent(rule: WordingRule, **changes: str) -> dict[str, str]:
    """What the browser sends of the form as it stands."""
    fields = {
        "severity": "error",
        "status": "published",
        "about": "说满了。",
        "better": "我们尽量。",
        "card": "",
        "lesson": "",
        "clues-0-match": "保证…8到",
        "clues-0-unless": "不敢保证…8",
        "clues-0-position": "0",
        "catches": "保证三天到",
        "passes": "不敢保证三天到",
        "trial": "",
        "reason": "",
        "base": f"{rule.version}:{rule.updated_at.timestamp():.6f}",
        "_save": "1",
    }
    return fields | changes


def post(client: Client, rule: WordingRule, **changes: str) -> Any:
    return client.post(f"/admin/knowledge/wordingrule/{rule.pk}/change/", sent(rule, **changes))


def test_an_edit_changes_the_verdict_at_once(as_trainer: Client, rule: WordingRule) -> None:
    """A rule mended at noon must not go on scolding people until the next restart."""
    assert checking.judge("包三天到")[1] == "ok"
    answer = post(as_trainer, rule, **{"clues-0-match": "保证…8到\n包…8到"})
    assert answer.status_code == 302
    assert checking.judge("包三天到")[1] == "block"
    assert AuditEntry.objects.filter(action="published", slug="absolute").count() == 1


def test_an_untouched_form_makes_no_version(as_trainer: Client, rule: WordingRule) -> None:
    """Looking at a rule is not editing it."""
    assert post(as_trainer, rule).status_code == 302
    rule.refresh_from_db()
    assert (rule.version, rule.to_document()) == (1, DOCUMENT)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"catches": "保证三天到\n最近发货"}, "catches"),
        ({"passes": "不敢保证三天到\n保证明天到"}, "passes"),
        ({"clues-0-match": "保证("}, "clues"),
        ({"clues-0-match": "…"}, "clues"),
        ({"clues-0-longest": "many"}, "clues"),
        ({"clues-0-match": ""}, "clues"),
        ({"catches": ""}, "catches"),
        ({"unless": "("}, "unless"),
        ({"without": "保证"}, "catches"),
        ({"clues-0-match": "保证…8到\n好\x00"}, "clues"),  # PostgreSQL takes no NUL
        ({"catches": "保证三天到\x07。"}, "catches"),
    ],
)
@pytest.mark.parametrize("road", ["_save", "_draft", "_send"])
def test_a_rule_that_does_not_hold_is_not_saved(
    as_trainer: Client, rule: WordingRule, changes: dict[str, str], field: str, road: str
) -> None:
    """Neither published nor kept: an approver must never find a rule that breaks its own examples."""
    data = sent(rule, **changes)
    del data["_save"]
    answer = as_trainer.post(f"/admin/knowledge/wordingrule/{rule.pk}/change/", data | {road: "1"})
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    rule.refresh_from_db()
    assert rule.to_document() == DOCUMENT
    assert Revision.objects.exclude(state=RevisionState.PUBLISHED).count() == 0


def test_the_box_to_try_it_saves_nothing(as_trainer: Client, rule: WordingRule) -> None:
    """The rule as it is being edited, on a reply of the trainer's own."""
    data = sent(rule, **{"clues-0-match": "包…8到", "trial": "包您明天到"})
    del data["_save"]
    answer = as_trainer.post(f"/admin/knowledge/wordingrule/{rule.pk}/change/", data | {"_try": "1"})
    assert answer.context["adminform"].form.found == ["包您明天到"]
    rule.refresh_from_db()
    assert rule.to_document() == DOCUMENT


def test_without_the_right_it_waits_for_approval(rule: WordingRule) -> None:
    """Readers are judged by what somebody else has read."""
    client = Client()
    client.force_login(factories.person("trainer", publishes=False), "django.contrib.auth.backends.ModelBackend")
    data = sent(rule, **{"clues-0-match": "保证…8到\n包…8到"})
    del data["_save"], data["status"]
    answer = client.post(f"/admin/knowledge/wordingrule/{rule.pk}/change/", data | {"_send": "1"})
    assert answer.status_code == 302
    assert Revision.objects.get(state=RevisionState.WAITING).slug == "absolute"
    assert checking.judge("包三天到")[1] == "ok"


def test_pages_for_who_may_look(as_trainer: Client, rule: WordingRule, manager: Any) -> None:
    """The list and the form open, and a manager reads what a rule finds without boxes."""
    assert as_trainer.get("/admin/knowledge/wordingrule/").status_code == 200
    assert as_trainer.get(f"/admin/knowledge/wordingrule/{rule.pk}/change/").status_code == 200
    assert as_trainer.get("/admin/knowledge/wordingrule/add/").status_code == 403
    client = Client()
    client.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/admin/knowledge/wordingrule/{rule.pk}/change/").status_code == 200
    assert client.post(f"/admin/knowledge/wordingrule/{rule.pk}/change/", sent(rule)).status_code == 403
