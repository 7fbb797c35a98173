"""What waits for somebody at their desk. The admin's first page counts it, the weekly mail tells of it.

Each app registers its own when Django starts, so that no lower app knows of what stands above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from knowledge.enums import RevisionState
from knowledge.models import Card, Feedback, ImportJob, Revision
from knowledge.models.event import RECENT_DAYS
from knowledge.services import gaps
from knowledge.services.exchange import jobs

TOLD = 5  # titles a mail names of one queue


@dataclass(frozen=True, slots=True)
class Queue:
    """`count(user, now, mine)` says how many wait, `first(user, now)` the titles of the first few of the user's own.

    `mine` asks for the user's own alone; a queue without owners has none (`owned` is false) and ignores it. A queue
    without `first` stands at the desk only. `address` is where it is worked on, of the user's own if `mine`.
    """

    name: str
    place: int
    label: str | Promise
    empty: str | Promise
    may: Callable[[Any], bool]
    count: Callable[[Any, datetime, bool], int]
    address: Callable[[bool], str]
    first: Callable[[Any, datetime], list[str]] | None = None
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue as one person sees it. `mine` is None where nothing has an owner."""

    queue: Queue
    total: int
    mine: int | None

    @property
    def href(self) -> str:
        return self.queue.address(bool(self.mine))


QUEUES: dict[str, Queue] = {}


def register(*queues: Queue) -> None:
    for queue in queues:
        QUEUES[queue.name] = queue


def of(user: Any) -> list[Queue]:
    """The queues this person may work on, in their order."""
    return sorted((queue for queue in QUEUES.values() if queue.may(user)), key=lambda queue: queue.place)


def desk(user: Any, now: datetime) -> list[Waiting]:
    """How much waits in each queue: a query or two for each, whatever waits there."""
    return [
        Waiting(queue, queue.count(user, now, False), queue.count(user, now, True) if queue.owned else None)
        for queue in of(user)
    ]


def titles(found: Iterable[Any]) -> list[str]:
    """The first few, each on one short line."""
    return [Truncator(" ".join(str(one).split())).chars(40) for one in found]


# Of the phrasebook


def waiting(user: Any) -> QuerySet[Revision]:
    """Other people's drafts that wait for approval."""
    rows = Revision.objects.filter(state=RevisionState.WAITING).exclude(author=user)
    return rows.for_teams_of(user).order_by("updated_at", "pk")  # type: ignore[attr-defined, no-any-return]


def returned(user: Any) -> QuerySet[Revision]:
    """Drafts somebody gave back to this author."""
    return Revision.objects.filter(state=RevisionState.RETURNED, author=user).order_by("updated_at", "pk")


def remarks(user: Any, mine: bool) -> QuerySet[Feedback]:
    """Open 报错 / 建议. What is about a card without an owner, or whose owner has left, is everybody's."""
    rows = Feedback.objects.filter(state=Feedback.State.OPEN, card__in=Card.objects.for_teams_of(user))
    if mine:
        rows = rows.filter(Q(card__owner=user) | Q(card__owner=None) | Q(card__owner__is_active=False))
    return rows.select_related("card").order_by("created_at", "pk")


UNDER_WAY = (ImportJob.State.READING, ImportJob.State.READY, ImportJob.State.APPLYING)


def imports(user: Any) -> QuerySet[ImportJob]:
    """Files being read or applied, and those that wait for a yes."""
    return jobs.visible_to(user).filter(state__in=UNDER_WAY)


def searches(now: datetime) -> int:
    """Different queries of the last month that led nowhere."""
    return gaps.find(now - timedelta(days=RECENT_DAYS), limit=1).total


def may(*permissions: str) -> Callable[[Any], bool]:
    """Members of staff with one of these."""
    return lambda user: bool(user.is_staff and any(user.has_perm(name) for name in permissions))


def _drafts(state: str) -> str:
    return f"{reverse('admin:knowledge_revision_changelist')}?state__exact={state}"


def _name(revision: Revision) -> str:
    return str(revision.document.get("title") or revision.slug)


PHRASEBOOK = (
    Queue(
        name="approvals",
        place=10,
        label=_("Waiting for approval"),
        empty=_("No draft waits for you."),
        may=may("knowledge.approve_revision"),
        count=lambda user, now, mine: waiting(user).count(),
        first=lambda user, now: titles(_name(revision) for revision in waiting(user)[:TOLD]),
        address=lambda mine: _drafts(RevisionState.WAITING),
    ),
    Queue(
        name="returned",
        place=20,
        label=_("Returned to me"),
        empty=_("Nothing came back to you."),
        may=may("knowledge.change_card", "training.change_lesson", "training.change_question"),
        count=lambda user, now, mine: returned(user).count(),
        first=lambda user, now: titles(_name(revision) for revision in returned(user)[:TOLD]),
        address=lambda mine: _drafts(RevisionState.RETURNED),
    ),
    Queue(
        name="feedback",
        place=40,
        label=_("Reports and suggestions"),
        empty=_("Everybody who wrote has an answer."),
        may=may("knowledge.change_feedback"),
        count=lambda user, now, mine: remarks(user, mine).count(),
        first=lambda user, now: titles(f"{one.card} – {one.text}" for one in remarks(user, True)[:TOLD]),
        address=lambda mine: (
            f"{reverse('admin:knowledge_feedback_changelist')}?state__exact=open&whose={'mine' if mine else 'all'}"
        ),
        owned=True,
    ),
    Queue(
        name="imports",
        place=70,
        label=_("Imports going on"),
        empty=_("No import is under way."),
        may=lambda user: bool(jobs.importable(user)),
        count=lambda user, now, mine: imports(user).count(),
        address=lambda mine: f"{reverse('admin:knowledge_importjob_changelist')}?state__in={','.join(UNDER_WAY)}",
    ),
    Queue(
        name="gaps",
        place=80,
        label=_("Search gaps"),
        empty=_("Whoever searched has found something."),
        may=may("knowledge.change_card"),
        count=lambda user, now, mine: searches(now),
        address=lambda mine: reverse("gaps"),
    ),
)
