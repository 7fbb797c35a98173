"""What a trainer makes of a query that led nowhere: an alias, a synonym, a card to be written, or nothing.

One transaction each. Every function raises ValidationError, and changes nothing, when somebody else has decided on the
query since the trainer saw it (`seen`, of `state_of`), or when what is asked for cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import audit
from knowledge.documents import RESERVED_SLUGS, Document
from knowledge.enums import Competency, Course, RevisionState, Stage, Status
from knowledge.models import Alias, Card, GapDecision, SynonymGroup
from knowledge.models.synonym import MIN_WORD, parse_words
from knowledge.search.pinyin import readings
from knowledge.services import cards, revisions, workflow
from knowledge.text import normalise, runs

Made = GapDecision.Made
MASK = "*"  # what stands for the digits of a number


@dataclass(frozen=True, slots=True)
class Turned:
    """What became of a query. `live` says whether readers find it from now on."""

    query: str
    made: Made
    live: bool
    card: Card | None = None
    group: SynonymGroup | None = None


def state_of(decision: GapDecision | None) -> str:
    """What a later decision compares: the decision that stood when the page was made."""
    return f"{decision.pk}:{decision.at.timestamp():.6f}" if decision else ""


def is_word(query: str) -> bool:
    """Whether a query could be a synonym: one word of the trade, with no number masked in it."""
    return MASK not in query and len(query) >= MIN_WORD and parse_words(query) == [query]


@transaction.atomic
def as_alias(query: str, card: Card, *, by: Any, seen: str) -> Turned:
    """Let the query lead to this card: at once for who may publish, else by a draft that is sent for approval."""
    _claim(query, Made.ALIAS, by=by, seen=seen, card=card)
    _refuse_masked(query)
    card = Card.objects.select_for_update().filter(pk=card.pk).first()  # type: ignore[assignment]
    if card is None:
        raise ValidationError(_("Somebody has deleted this card meanwhile. Nothing was changed."))
    _refuse_claimed(query, card)
    reason = _("Search gap: %s") % query
    draft = workflow.open_revision(card)
    if workflow.may_publish(by, workflow.kind_of(card)):
        before = workflow.live_number(card)
        card = cards.publish_document(_with_alias(card.to_document(), query), author=by, reason=reason)
        live = card.status == Status.PUBLISHED
        action = audit.Action.PUBLISHED if live else audit.Action.CHANGED
        audit.note(by, action, kind=Card.search_kind, slug=card.slug, detail=reason)
        # Somebody's draft of the same card keeps its place: it has the new alias too, and nothing else is different.
        revisions.bring_along(
            Card.search_kind, card.pk, base=before, change=lambda document: _with_alias(document, query)
        )
        return Turned(query, Made.ALIAS, live, card)
    if draft and draft.author_id != by.pk:
        raise ValidationError(
            _("%(who)s is writing on “%(card)s” at this moment. Nothing was changed: ask them to add it.")
            % {"who": draft.author or _("Somebody"), "card": card.title}
        )
    document = _with_alias(draft.document if draft else card.to_document(), query)
    unfinished = draft is not None and draft.state != RevisionState.WAITING
    workflow.save_draft(card, document, author=by, reason=reason, send=not unfinished)
    return Turned(query, Made.ALIAS, False, card)


@transaction.atomic
def as_synonym(query: str, words: str, group: SynonymGroup | None = None, *, by: Any, seen: str) -> Turned:
    """Let the search take the query for the words of a group, or for `words` in a new one."""
    _claim(query, Made.SYNONYM, by=by, seen=seen)
    if not is_word(query):
        raise ValidationError(_("Only a single word of two characters or more, without a number, can be a synonym."))
    if group is not None:
        group = SynonymGroup.objects.select_for_update().filter(pk=group.pk).first()
        if group is None:
            raise ValidationError(_("Somebody has deleted this group meanwhile. Nothing was changed."))
        group.words = f"{group.words} {query}"
    else:
        group = SynonymGroup(words=f"{query} {words}")
    group.full_clean()
    group.save()
    audit.note(by, audit.Action.CHANGED, kind="synonyms", slug=group.words, detail=_("Search gap: %s") % query)
    return Turned(query, Made.SYNONYM, True, group=group)


@transaction.atomic
def as_card(query: str, near: Card | None = None, *, by: Any, seen: str) -> Turned:
    """Begin a card of the status draft: title and alias are the query, its place that of the nearest card."""
    _claim(query, Made.CARD, by=by, seen=seen)
    _refuse_masked(query)
    _refuse_claimed(query, None)
    document: Document = {
        "slug": _free_slug(query),
        "title": query,
        "stage": near.stage if near else Stage.ANY,
        "course": near.course if near else Course.values[0],
        "competency": near.competency if near else Competency.values[0],
        "groups": [],
        "facts": [],
        "neighbours": [],
        "aliases": [query],
        "do": [],
        "dont": [],
        "principle": "（还没有写：这种情景为什么这样说。）",
    }
    card = cards.publish_document(document, author=by, reason=_("Search gap: %s") % query, status=Status.DRAFT)
    GapDecision.objects.filter(query=query).update(card=card)
    audit.note(by, audit.Action.CHANGED, kind=Card.search_kind, slug=card.slug, detail=_("Search gap: %s") % query)
    return Turned(query, Made.CARD, False, card)


@transaction.atomic
def set_aside(query: str, *, by: Any, seen: str) -> Turned:
    """Take the query off the list until it is asked again and leads nowhere once more."""
    _claim(query, Made.NOTHING, by=by, seen=seen)
    audit.note(by, audit.Action.CHANGED, kind="gap", slug=query, detail=_("Set aside"))
    return Turned(query, Made.NOTHING, False)


@transaction.atomic
def take_back(query: str, *, by: Any) -> bool:
    """Put a query that was set aside back on the list. Returns whether it was set aside."""
    taken, _by_model = GapDecision.objects.filter(query=query, made=Made.NOTHING).delete()
    if taken:
        audit.note(by, audit.Action.CHANGED, kind="gap", slug=query, detail=_("Taken back"))
    return bool(taken)


def _claim(query: str, made: Made, *, by: Any, seen: str, card: Card | None = None) -> None:
    """Enter the decision. Of two trainers at once the second raises ValidationError: by the state both saw, or by the
    database where neither could see the other."""
    found = GapDecision.objects.select_for_update(of=("self",)).filter(query=query).select_related("by").first()
    if state_of(found) != seen:
        raise ValidationError(_already(found))
    values = {"made": made, "card": card, "by": by, "at": timezone.now()}
    if found:
        GapDecision.objects.filter(pk=found.pk).update(**values)
        return
    try:
        with transaction.atomic():
            GapDecision.objects.create(query=query, **values)
    except IntegrityError as error:
        now = GapDecision.objects.filter(query=query).select_related("by").first()
        raise ValidationError(_already(now)) from error


def _already(decision: GapDecision | None) -> str:
    if decision is None:
        return _("Somebody has put this back on the list meanwhile. Nothing was changed: look at it once more.")
    return _("%(who)s has decided on this meanwhile: %(made)s. Nothing was changed.") % {
        "who": decision.by or _("Somebody"),
        "made": decision.get_made_display(),
    }


def _refuse_masked(query: str) -> None:
    if MASK in query:
        raise ValidationError(_("A number is masked in this query, so that nobody's search could match it."))


def _refuse_claimed(query: str, card: Card | None) -> None:
    """A customer's words lead to one card: the same rule as on the card's form and in the content files."""
    others = Card.objects.exclude(pk=card.pk if card else 0)
    claimed = Alias.objects.filter(card__in=others, text__iexact=query).select_related("card").first()
    title = claimed.card.title if claimed else ""
    for other, words in others.values_list("title", "keywords"):
        title = title or (other if query in map(normalise, words) else "")
    if title:
        raise ValidationError(_("This leads to another card already: %s") % title)


def _with_alias(document: Document, query: str) -> Document:
    known = {normalise(text) for text in document["aliases"]}
    return document if query in known else document | {"aliases": [*document["aliases"], query]}


def _free_slug(query: str) -> str:
    """An address for a card to be written: the query as it is read aloud."""
    parts: list[str] = []
    for run in runs(normalise(query)):
        heard = [readings(char)[:1] for char in run.text] if run.kind == "cjk" else [(run.text,)]
        parts += [part[0] for part in heard if part and part[0].isascii() and part[0].isalnum()]
    stem = "-".join(parts)[:50].strip("-") or "card"
    number, slug = 1, stem
    while slug in RESERVED_SLUGS or Card.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{stem}-{number}"
    return slug
