"""The admin as one desk: its lists under the words of the house, and without what third parties put there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

admin.site.unregister(DBTaskResult)

# Heading -> the lists under it, by the names of their models, in this order. What is not named comes last.
GROUPS: dict[Any, tuple[str, ...]] = {
    _("Content"): ("Card", "SynonymGroup", "WordingRule", "Fact", "ComplianceNote", "ImportJob"),
    _("Training"): ("Course", "Lesson", "Question", "Quiz", "Path", "Dialogue", "Assignment"),
    _("People"): ("User", "Team"),
    _("Records"): (
        *("Feedback", "Revision", "SearchLog", "Attempt", "DeskRun", "Enrolment", "Certificate", "DeadlineChange"),
        "AuditEntry",
    ),
}
OTHERS = _("Machine room")
_by_app = admin.site.get_app_list


def by_group(request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
    """Stock admin's list of lists, by what people do instead of by Django's apps; one app's page stays as it is."""
    apps = _by_app(request, app_label)
    if app_label:
        return apps
    models = {model["object_name"]: model for app in apps for model in app["models"]}
    named = {name for names in GROUPS.values() for name in names}
    groups = [*GROUPS.items(), (OTHERS, tuple(name for name in models if name not in named))]
    return [
        {"name": heading, "app_label": f"group-{at}", "models": [models[name] for name in names if name in models]}
        for at, (heading, names) in enumerate(groups)
        if any(name in models for name in names)
    ]


admin.site.get_app_list = by_group  # type: ignore[method-assign]
