"""Draft, approve, publish: one road for every kind of content (docs/decisions/0012-workflow.md).

Readers see the live rows. What is being written is one open revision of the object: a draft, then waiting, then
returned or approved; publishing makes it the live text and it is a published revision like any other. A new object has
a live row too, of the status draft, which no reader sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.services import audit
from knowledge.documents import Document, in_words, tidy_document
from knowledge.enums import RevisionState, Status
from knowledge.models import Revision
from knowledge.models.revision import RevisionQuerySet
from knowledge.services import revisions
from knowledge.services.revisions import forget_open, next_number


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of content with versions.

    `publish(document, item, author, reason, status)` makes a document the live text of the item, which may be one not
    saved yet, and gives it the status, published unless told otherwise; it raises ValidationError when the text cannot
    be. `fill(item, document)` puts a document into the fields of an item in memory. `read(document)` is the document
    for people, its codes in words; `words` names its keys as the forms do.
    """

    name: str  # Revision.kind, and the kind of the content files
    model: type[models.Model]
    label: str | Promise
    permission: str  # of publishing directly
    slug: Callable[[Any], str]
    publish: Callable[..., Any]
    problems: Callable[[Document], list[Any]]
    fill: Callable[[Any, Document], None]
    read: Callable[[Document], Document]
    words: Mapping[str, str | Promise]


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.name] = kind


def kind_of(item: Any) -> Kind:
    return KINDS[item.search_kind]


def may_publish(user: Any, kind: Kind) -> bool:
    return bool(user.has_perm(kind.permission))


def open_revision(item: Any) -> Revision | None:
    """The draft of this object, if somebody is writing one."""
    return versions(item).open().select_related("author").first()


def versions(item: Any) -> RevisionQuerySet:
    """Every version of this object, the open one too."""
    return Revision.objects.filter(kind=item.search_kind, object_id=item.pk)


def base_of(item: Any) -> str:
    """Which open text an editor saw, for the save to compare; empty when there is none."""
    seen = versions(item).open().values_list("pk", "updated_at").first()
    return f"{seen[0]}@{seen[1].timestamp():.6f}" if seen else ""


def seen_mark(revision: Revision) -> str:
    """What an approver's page sends back, so that no text is approved which they have not read."""
    return f"{revision.state}@{revision.updated_at.timestamp():.6f}"


def live_number(item: Any) -> int:
    """The number of the published revision that the live rows hold; 0 before the first."""
    return revisions.live_number(item.search_kind, item.pk)


@transaction.atomic
def save_draft(item: Any, document: Document, *, author: Any, reason: str = "", send: bool = False) -> Revision:
    """Keep `document` as the open revision of the item, based on what is live now; the live rows stay as they are.

    An open revision is written on, and needs approval anew. `send` puts it into the queue of approvals at once.
    Raises ValidationError naming every problem of the document; then nothing is written.
    """
    kind = kind_of(item)
    document = tidy_document(document)
    if problems := kind.problems(document):
        raise ValidationError(in_words(problems))
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
def publish(item: Any, document: Document, *, author: Any, reason: str = "", status: str = "") -> Any:
    """Make `document` the live text at once, by somebody who may. The open revision of the item, on which this text
    was written, has done its work and goes. `item` may be one not saved yet.

    Raises ValidationError when the text cannot be published; then nothing is written. Returns the live item.
    """
    kind = kind_of(item)
    before = _standing(kind, item)
    if item.pk:
        forget_open(kind.name, item.pk)
    live = kind.publish(document, item, author=author, reason=reason, status=status or Status.PUBLISHED)
    if _standing(kind, live) != before:
        action = audit.Action.PUBLISHED if live.status == Status.PUBLISHED else audit.Action.CHANGED
        audit.note(author, action, kind=kind.name, slug=kind.slug(live), detail=reason)
    return live


def _standing(kind: Kind, item: Any) -> tuple[int, str]:
    """The number and the status of what is live, the row locked."""
    rows = kind.model._default_manager.select_for_update(of=("self",)).filter(pk=item.pk)
    status = rows.values_list("status", flat=True).first() if item.pk else None
    return (live_number(item), status) if status else (0, "")


@transaction.atomic
def begin(item: Any, document: Document, *, author: Any, reason: str = "", send: bool = False) -> Revision:
    """A new object by way of approval: a live row of the status draft, which no reader sees, and its open revision."""
    made = kind_of(item).publish(document, item, author=author, reason=reason, status=Status.DRAFT)
    return save_draft(made, document, author=author, reason=reason, send=send)


@transaction.atomic
def restore(item: Any, number: int, *, by: Any) -> Revision | None:
    """Bring an earlier text back: live at once by who may publish, else as a draft, which is returned.

    The status stays; somebody else's open draft does too, to be brought together with what is live now. Raises
    Revision.DoesNotExist for an unknown number, ValidationError when the text cannot be published any more or when a
    draft stands in the way of another.
    """
    kind = kind_of(item)
    revision = Revision.objects.published().get(kind=kind.name, object_id=item.pk, number=number)
    item = _locked_item(kind, item.pk)  # its status is the one it has now
    reason = _("Restored version %d") % number
    if may_publish(by, kind):
        kind.publish(revision.document, item, author=by, reason=reason, status=item.status)
        audit.note(by, audit.Action.RESTORED, kind=kind.name, slug=revision.slug, detail=reason)
        return None
    if open_revision(item):
        raise ValidationError(_("A draft of this is being written. Publish it or discard it first."))
    return save_draft(item, revision.document, author=by, reason=reason)


@transaction.atomic
def note_status(items: Iterable[Any], status: str, *, by: Any) -> None:
    """Write down that somebody published or retired these. The rows are changed by the service of their kind.

    What was scheduled of a retired one waits for approval again: no hour brings back what somebody has taken away.
    """
    action = audit.Action.PUBLISHED if status == Status.PUBLISHED else audit.Action.CHANGED
    for item in items:
        kind = kind_of(item)
        if status == Status.RETIRED:
            told = _("Retired after it was scheduled: approve it again to bring it back.")
            scheduled = versions(item).filter(state=RevisionState.APPROVED)
            scheduled.update(state=RevisionState.WAITING, publish_at=None, problem=told)
        audit.note(by, action, kind=kind.name, slug=kind.slug(item), detail=str(Status(status).label))


@transaction.atomic
def send(revision: Revision, *, by: Any, seen: str = "") -> None:
    """Put a draft into the queue of approvals, as it was `seen` (seen_mark)."""
    revision = _locked(revision, seen)
    _expect(revision, RevisionState.DRAFT, RevisionState.RETURNED)
    revision.state = RevisionState.WAITING
    revision.save()
    audit.note(by, audit.Action.SENT, kind=revision.kind, slug=revision.slug, detail=revision.reason)


@transaction.atomic
def give_back(revision: Revision, *, by: Any, comment: str, seen: str = "") -> None:
    """Return it to its author with a comment. Raises ValidationError without one, and when it is another text than
    the one that was `seen` (seen_mark)."""
    revision = _locked(revision, seen)
    _expect(revision, RevisionState.WAITING, RevisionState.APPROVED)
    if not comment.strip():
        raise ValidationError(_("Say what should be different, so that the author can go on."))
    revision.state, revision.comment = RevisionState.RETURNED, comment.strip()[:500]
    revision.publish_at, revision.problem = None, ""
    revision.decided_by, revision.decided_at = by, timezone.now()
    revision.save()
    audit.note(by, audit.Action.RETURNED, kind=revision.kind, slug=revision.slug, detail=revision.comment)


@transaction.atomic
def approve(
    revision: Revision, *, by: Any, comment: str = "", publish_at: datetime | None = None, seen: str = ""
) -> Any:
    """Approve a waiting revision: publish it now, or at `publish_at` when that lies ahead.

    Raises PermissionDenied for one's own text without the right to publish directly, ValidationError when the live
    text has changed since the draft was based on it or cannot be published, and when it is another text than the one
    that was `seen` (seen_mark). Returns the live item, or None.
    """
    revision = _locked(revision, seen)
    _expect(revision, RevisionState.WAITING, RevisionState.APPROVED)
    if revision.author_id == by.pk and not may_publish(by, KINDS[revision.kind]):
        raise PermissionDenied
    revision.decided_by, revision.decided_at, revision.comment = by, timezone.now(), comment.strip()[:500]
    if publish_at and publish_at > timezone.now():
        _refuse_overtaken(revision)
        revision.state, revision.publish_at, revision.problem = RevisionState.APPROVED, publish_at, ""
        revision.save()
        audit.note(by, audit.Action.CHANGED, kind=revision.kind, slug=revision.slug, detail=_("Scheduled"))
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
                revision = due.select_for_update().filter(pk=pk).first()  # nobody has put it off meanwhile
                if revision is not None:
                    _publish(revision)
                    done += 1
        except ValidationError as error:
            _fail(pk, " ".join(error.messages))
        except IntegrityError:
            _fail(pk, _("Another text has the same code or words."))
    return done


def _fail(pk: int, sentence: str) -> None:
    Revision.objects.filter(pk=pk).update(problem=sentence[:300])


@transaction.atomic
def take_back(revision: Revision, *, by: Any, seen: str = "") -> None:
    """Of what was approved for later: it waits for approval again, and no hour is set."""
    revision = _locked(revision, seen)
    _expect(revision, RevisionState.APPROVED)
    revision.state, revision.publish_at, revision.problem = RevisionState.WAITING, None, ""
    revision.save()
    audit.note(by, audit.Action.CHANGED, kind=revision.kind, slug=revision.slug, detail=_("Schedule taken back"))


@transaction.atomic
def discard(revision: Revision, *, by: Any, seen: str = "") -> None:
    """Throw an open revision away; the live text stays. Raises ValidationError when it is another text than the one
    that was `seen` (seen_mark)."""
    revision = _locked(revision, seen)
    _expect(revision, *(state for state in RevisionState if state != RevisionState.PUBLISHED))
    audit.note(by, audit.Action.CHANGED, kind=revision.kind, slug=revision.slug, detail=_("Draft discarded"))
    revision.delete()


def _publish(revision: Revision) -> Any:
    """Make an open revision the live text. It becomes the published revision that the service of its kind writes."""
    kind = KINDS[revision.kind]
    item = _refuse_overtaken(revision)
    Revision.objects.filter(pk=revision.pk).delete()
    item = kind.publish(revision.document, item, author=revision.author, reason=revision.reason)
    live = Revision.objects.published().filter(kind=kind.name, object_id=item.pk).order_by("-number")[:1]
    Revision.objects.filter(pk__in=live.values("pk")).update(
        decided_by=revision.decided_by, decided_at=revision.decided_at, comment=revision.comment
    )
    audit.note(revision.decided_by, audit.Action.PUBLISHED, kind=kind.name, slug=revision.slug, detail=revision.reason)
    return item


def is_overtaken(revision: Revision) -> bool:
    """Whether the live text is another than the one this draft was begun on."""
    return revisions.live_number(revision.kind, revision.object_id or 0) != revision.base_number


def _refuse_overtaken(revision: Revision) -> Any:
    """The live item, locked. Raises ValidationError when its text has changed since the draft was begun."""
    item = _locked_item(KINDS[revision.kind], revision.object_id)
    if is_overtaken(revision):
        raise ValidationError(_("The published text has changed since this draft was begun: bring the two together."))
    return item


def _locked_item(kind: Kind, pk: int | None) -> Any:
    """The live row as it is now, kept so until the transaction ends. Raises ValidationError when it is gone."""
    item = kind.model._default_manager.select_for_update(of=("self",)).filter(pk=pk).first()
    if item is None:
        raise ValidationError(_("What this is a draft of has been deleted."))
    return item


def _locked(revision: Revision, seen: str) -> Revision:
    """The row as it is now, kept so until the transaction ends. Raises ValidationError when it is gone, or another
    text than the one that was seen."""
    found = Revision.objects.select_for_update(of=("self",)).filter(pk=revision.pk).first()
    if found is None:
        raise ValidationError(_("This draft was published or discarded meanwhile."))
    if seen and seen != seen_mark(found):
        raise ValidationError(_("This draft has changed since you opened the page. Read it once more."))
    return found


def _expect(revision: Revision, *states: str) -> None:
    """Raises ValidationError when somebody else has decided meanwhile."""
    if revision.state not in states:
        raise ValidationError(
            _("Somebody else has dealt with this meanwhile; its state is now “%s”.")
            % RevisionState(revision.state).label
        )
