"""Who may do what: the one table. Applied by `sync_roles` (migration, `make run`, test fixtures)."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction

TRAINEE, AGENT, TRAINER, MANAGER = "trainee", "agent", "trainer", "manager"
ROLES = (TRAINEE, AGENT, TRAINER, MANAGER)
# Beside a role: a trainer who may publish without somebody else's approval.
PUBLISHER = "publisher"
# Roles whose holders may enter the admin.
STAFF_ROLES = (TRAINER, MANAGER)


def _all(app: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{app}.{verb}_{model}" for model in models for verb in ("add", "change", "delete", "view"))


def _view(app: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{app}.view_{model}" for model in models)


# role -> permissions. Trainees and agents need none: what everybody may do is behind sign-in alone.
PERMISSIONS: dict[str, tuple[str, ...]] = {
    TRAINEE: (),
    AGENT: (),
    TRAINER: (
        "knowledge.view_wordingrule",
        "knowledge.change_wordingrule",
        *_all("training", "dialogue"),
        *_view("training", "deskrun"),
        *_all("knowledge", "card", "alias", "line", "synonymgroup"),
        "knowledge.upload_picture",
        "knowledge.approve_revision",
        "knowledge.import_content",
        *_view("knowledge", "revision", "fact", "compliancenote", "searchlog", "importjob"),
        "knowledge.view_feedback",
        "knowledge.change_feedback",
        *_all("training", "course", "lesson", "path", "pathcourse", "question", "quiz"),
        *_view("training", "attempt", "attemptitem", "certificate", "enrolment"),
        "training.change_certificate",
        *_all("training", "assignment"),
        "training.view_deadlinechange",
        "training.add_deadlinechange",
        *_all("accounts", "team"),
        "accounts.view_user",
        "accounts.issue_signinslip",
    ),
    PUBLISHER: (
        "knowledge.publish_card",
        "knowledge.publish_wordingrule",
        "training.publish_lesson",
        "training.publish_question",
        "training.publish_dialogue",
    ),
    MANAGER: (
        "knowledge.view_wordingrule",
        *_view("training", "dialogue", "deskrun"),
        *_view("knowledge", "card", "alias", "line", "synonymgroup", "revision", "fact", "compliancenote"),
        *_view("knowledge", "searchlog", "feedback"),
        *_view("training", "assignment"),
        "training.add_assignment",
        "training.view_deadlinechange",
        "training.add_deadlinechange",
        "accounts.view_team",
        "accounts.view_auditentry",
        "accounts.export_user",
        "accounts.erase_user",
        *_view("training", "course", "lesson", "path", "pathcourse", "question", "quiz"),
        *_view("training", "attempt", "attemptitem", "certificate", "enrolment"),
        "accounts.add_user",
        "accounts.change_user",
        "accounts.view_user",
        "accounts.issue_signinslip",
    ),
}


def sync_roles() -> None:
    """Make the groups hold exactly the permissions of the table. Safe to repeat.

    Raises LookupError when the table names a permission that no migration has created yet.
    """
    with transaction.atomic():
        known = {
            f"{app}.{codename}": pk
            for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
        }
        for role, names in PERMISSIONS.items():
            if missing := [name for name in names if name not in known]:
                raise LookupError(f"Role {role} names unknown permissions: {', '.join(missing)}")
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.set([known[name] for name in names])
