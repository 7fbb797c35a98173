"""Draft, approve, publish: one road for every kind of content (docs/decisions/0012-workflow.md).

Readers see the live rows. What is being written is one open revision of the object: a draft, then waiting, then
returned or approved; publishing makes it the live text and it is a published revision like any other. A new object has
a live row too, of the status draft, which no reader sees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.services import audit
from knowledge.documents import Document, tidy_document
from knowledge.enums import RevisionState
from knowledge.models import Revision
from knowledge.services.revisions import next_number


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of content with versions. `publish(document, item, author, reason)` makes a document the live text of
    the item and its status published; it raises ValidationError when the text cannot be."""

    name: str  # Revision.kind, and the kind of the content files
    model: type[models.Model]
    label: str | Promise
    permission: str  # of publishing directly
    slug: Callable[[Any], str]
    publish: Callable[..., Any]
    problems: Callable[[Document], list[Any]]


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.name] = kind


def kind_of(item: Any) -> Kind:
    return KINDS[item.search_kind]


def may_publish(user: Any, kind: Kind) -> bool:
    return bool(user.has_perm(kind.permission))


def open_revision(item: Any) -> Revision | None:
    """The draft of this object, if somebody is writing one."""
    return Revision.objects.open().filter(kind=item.search_kind, object_id=item.pk).select_related("author").first()


def live_number(item: Any) -> int:
    """The number of the published revision that the live rows hold; 0 before the first."""
    rows = Revision.objects.published().filter(kind=item.search_kind, object_id=item.pk)
    return rows.aggregate(top=models.Max("number"))["top"] or 0


@transaction.atomic
def save_draft(item: Any, document: Document, *, author: Any, reason: str = "", send: bool = False) -> Revision:
    """Keep `document` as the open revision of the item, based on what is live now; the live rows stay as they are.

    An open revision is written on, and needs approval anew. `send` puts it into the queue of approvals at once.
    Raises ValidationError naming every problem of the document; then nothing is written.
    """
    kind = kind_of(item)
    document = tidy_document(document)
    if problems := kind.problems(document):
        raise ValidationError([sentence for _path, sentence in problems])
    kind.model._default_manager.select_for_update().get(pk=item.pk)  # two editors of one object come one by one
    revision = open_revision(item) or Revision(
        kind=kind.name, object_id=item.pk, number=next_number(kind.name, item.pk)
    )
    revision.slug, revision.document = kind.slug(item), document
    revision.author, revision.reason = author, reason[:200]
    revision.base_number = live_number(item)
    revision.state = RevisionState.WAITING if send else RevisionState.DRAFT
    revision.publish_at, revision.problem = None, ""
    revision.save()
    if send:
        audit.note(author, audit.Action.SENT, kind=kind.name, slug=revision.slug, detail=reason)
    return revision


@transaction.atomic
def send(revision: Revision, *, by: Any) -> None:
    """Put a draft into the queue of approvals."""
    revision = Revision.objects.select_for_update().get(pk=revision.pk)
    _expect(revision, RevisionState.DRAFT, RevisionState.RETURNED)
    revision.state = RevisionState.WAITING
    revision.save()
    audit.note(by, audit.Action.SENT, kind=revision.kind, slug=revision.slug, detail=revision.reason)


@transaction.atomic
def give_back(revision: Revision, *, by: Any, comment: str) -> None:
    """Return it to its author with a comment. Raises ValidationError without one."""
    revision = Revision.objects.select_for_update().get(pk=revision.pk)
    _expect(revision, RevisionState.WAITING, RevisionState.APPROVED)
    if not comment.strip():
        raise ValidationError(_("Say what should be different, so that the author can go on."))
    revision.state, revision.comment, revision.publish_at = RevisionState.RETURNED, comment.strip()[:500], None
    revision.decided_by, revision.decided_at = by, timezone.now()
    revision.save()
    audit.note(by, audit.Action.RETURNED, kind=revision.kind, slug=revision.slug, detail=revision.comment)


@transaction.atomic
def approve(revision: Revision, *, by: Any, comment: str = "", publish_at: datetime | None = None) -> Any:
    """Approve a waiting revision: publish it now, or at `publish_at` when that lies ahead.

    Raises PermissionDenied for one's own text without the right to publish directly, ValidationError when the live
    text has changed since the draft was based on it or cannot be published. Returns the live item, or None.
    """
    revision = Revision.objects.select_for_update().get(pk=revision.pk)
    _expect(revision, RevisionState.WAITING, RevisionState.APPROVED)
    if revision.author_id == by.pk and not may_publish(by, KINDS[revision.kind]):
        raise PermissionDenied
    revision.decided_by, revision.decided_at, revision.comment = by, timezone.now(), comment.strip()[:500]
    if publish_at and publish_at > timezone.now():
        revision.state, revision.publish_at, revision.problem = RevisionState.APPROVED, publish_at, ""
        revision.save()
        return None
    return _publish(revision)


def publish_due(now: datetime) -> int:
    """Publish what was approved for a time that has come. One that cannot be says why and waits for its approver.
    Returns how many went live."""
    due = Revision.objects.filter(state=RevisionState.APPROVED, publish_at__lte=now, problem="")
    done = 0
    for pk in list(due.order_by("publish_at", "pk").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                revision = Revision.objects.select_for_update().filter(pk=pk, state=RevisionState.APPROVED).first()
                if revision is not None:
                    _publish(revision)
                    done += 1
        except ValidationError as error:
            Revision.objects.filter(pk=pk).update(problem=" ".join(error.messages)[:300])
    return done


@transaction.atomic
def discard(revision: Revision, *, by: Any) -> None:
    """Throw an open revision away; the live text stays."""
    revision = Revision.objects.select_for_update().get(pk=revision.pk)
    _expect(revision, *(state for state in RevisionState if state != RevisionState.PUBLISHED))
    audit.note(by, audit.Action.CHANGED, kind=revision.kind, slug=revision.slug, detail=_("Draft discarded"))
    revision.delete()


def _publish(revision: Revision) -> Any:
    """Make an open revision the live text. It becomes the published revision that the service of its kind writes."""
    kind = KINDS[revision.kind]
    item = kind.model._default_manager.get(pk=revision.object_id)
    if live_number(item) != revision.base_number:
        raise ValidationError(_("The published text has changed since this draft was begun: bring the two together."))
    Revision.objects.filter(pk=revision.pk).delete()
    item = kind.publish(revision.document, item, author=revision.author, reason=revision.reason)
    live = Revision.objects.published().filter(kind=kind.name, object_id=item.pk).order_by("-number")[:1]
    Revision.objects.filter(pk__in=live.values("pk")).update(
        decided_by=revision.decided_by, decided_at=revision.decided_at, comment=revision.comment
    )
    audit.note(revision.decided_by, audit.Action.PUBLISHED, kind=kind.name, slug=revision.slug, detail=revision.reason)
    return item


def _expect(revision: Revision, *states: str) -> None:
    """Raises ValidationError when somebody else has decided meanwhile."""
    if revision.state not in states:
        raise ValidationError(
            _("Somebody else has dealt with this meanwhile; its state is now “%s”.")
            % RevisionState(revision.state).label
        )
