"""Write cards: from a document, from the admin, restore, retire. One transaction each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Team
from knowledge.documents import Document, card_problems, digest, in_words, line_id, tidy_document
from knowledge.enums import Side, Status
from knowledge.models import Alias, Card, Line, LineCode, Tombstone, Use
from knowledge.models.fields import after_all
from knowledge.search.indexed import indexing_batch, mark
from knowledge.services import revisions


@transaction.atomic
def publish_document(document: Document, *, author: Any = None, reason: str = "", status: str = "") -> Card:
    """Make this document the live version of its card, creating the card when the slug is new.

    Raises ValidationError naming every problem, unknown teams among them; then nothing is written. Writes rows,
    revision and index.
    """
    document = tidy_document(document)
    if found := card_problems(document):
        raise ValidationError(in_words(found))
    card = Card.objects.select_for_update().filter(slug=document["slug"]).first()
    card = card or Card(slug=document["slug"], status=Status.PUBLISHED)
    audience = _audience(document.get("audience", []), card)
    fill(card, document)
    card.audience, card.status = audience, status or card.status
    with indexing_batch():
        card.save()
        _claim_codes(card, {part["code"]: uuid.UUID(_identity(part)) for side in Side for part in document[side.value]})
        _write_aliases(card, document["aliases"])
        _write_lines(card, document)
        return record(card, author=author, reason=reason)


@transaction.atomic
def record(card: Card, *, author: Any, reason: str) -> Card:
    """After the live rows of a card have changed: claim its codes, raise the version, write the revision,
    flag its uses for recheck. Returns the card read afresh; an unchanged text adds no revision."""
    fresh = Card.objects.with_parts().get(pk=card.pk)
    _claim_codes(fresh, {line.code: line.uuid for line in fresh.lines.all()})
    if revisions.publish(fresh, Card.search_kind, fresh.slug, fresh.to_document(), author=author, reason=reason):
        Use.objects.filter(card=fresh).update(recheck=True)
    mark(fresh)
    return fresh


def publish_draft(document: Document, card: Card, *, author: Any, reason: str, status: str = Status.PUBLISHED) -> Card:
    """Make a draft the live text of its card, and the card visible unless told otherwise. Raises as
    `publish_document`, and when readers would find nothing to say or a customer's words would lead to two cards."""
    if card.pk is None and Card.objects.filter(slug=card.slug).exists():
        raise ValidationError(
            _("Somebody saved the same code or text at the same moment. Nothing was saved; try again.")
        )
    if status == Status.PUBLISHED and not document["do"]:
        raise ValidationError(_("A published card needs at least one line to say. Add one, or keep a draft."))
    claimed = claimed_elsewhere(card)
    if taken := [word for word in (*document["aliases"], *document.get("keywords", [])) if word in claimed]:
        raise ValidationError(
            [_("This leads to another card already: %s") % f"{word} ({claimed[word]})" for word in taken]
        )
    return publish_document(document | {"slug": card.slug}, author=author, reason=reason, status=status)


def claimed_elsewhere(card: Card) -> dict[str, str]:
    """Aliases and search words of the other cards, each with the title of its card. A customer's words lead to one
    card: the content files refuse a phrase that two cards claim, so nothing may pass that makes such an export."""
    others = Card.objects.exclude(pk=card.pk)
    claimed = {word: title for title, words in others.values_list("title", "keywords") for word in words}
    return claimed | dict(Alias.objects.filter(card__in=others).values_list("text", "card__title"))


def fill(card: Card, document: Document) -> None:
    """Put a document into the fields of a card in memory; its rows are the form's (knowledge.admin.forms)."""
    for key in ("title", "stage", "course", "competency", "groups", "facts", "neighbours", "principle"):
        setattr(card, key, document[key])
    card.trigger = document.get("trigger", "")
    card.keywords, card.audience = document.get("keywords", []), document.get("audience", [])


def mark_as_loaded(card: Card) -> None:
    """Remember the present text as the starter content's, so that a later edit can be told from it."""
    Card.objects.filter(pk=card.pk).update(loaded_hash=digest(card.to_document()))


@transaction.atomic
def set_status(cards: Iterable[Card], status: Status) -> None:
    """Publish, retire or withdraw cards. The index follows in the same transaction; the text has no new version."""
    _change(cards, status=status)


def _change(cards: Iterable[Card], **values: Any) -> None:
    chosen = list(cards)
    with indexing_batch():
        Card.objects.filter(pk__in=[card.pk for card in chosen]).update(updated_at=after_all(Card), **values)
        for card in chosen:
            mark(card)


@transaction.atomic
def delete(cards: Iterable[Card]) -> None:
    """Delete cards for good; those that came with the starter content stay deleted when it is loaded again.

    Raises ProtectedError when something uses one of them (retire it instead); then all are kept.
    """
    with indexing_batch():
        gone = set()
        for card in cards:
            gone.add(card.slug)
            revisions.forget_open(Card.search_kind, card.pk)
            if card.loaded_hash:
                Tombstone.objects.get_or_create(kind=Card.search_kind, slug=card.slug)
            card.delete()
        _forget_neighbours(gone)


def _forget_neighbours(gone: set[str]) -> None:
    """Take deleted cards out of the others' neighbours: an export that names them could not be loaded again."""

    def without(document: Document) -> Document:
        return document | {"neighbours": [slug for slug in document["neighbours"] if slug not in gone]}

    for card in Card.objects.only("pk", "neighbours"):
        if gone.intersection(card.neighbours):
            base = revisions.live_number(Card.search_kind, card.pk)
            Card.objects.filter(pk=card.pk).update(**without({"neighbours": card.neighbours}))
            record(card, author=None, reason=_("A neighbour was deleted"))
            revisions.bring_along(Card.search_kind, card.pk, base=base, change=without)


def unknown_teams(codes: Iterable[str], card: Card | None = None) -> list[str]:
    """The codes of no team, sorted. One that the live `card` names already passes: a team that has gone since keeps
    nobody from saving or loading the text, which only those who change cards still read."""
    asked = set(codes) - set(card.audience if card else ())
    return sorted(asked - set(Team.objects.filter(code__in=asked).values_list("code", flat=True)))


def for_team_alone(team: Team) -> list[str]:
    """Why this team cannot go: the cards that are for it, each a sentence."""
    named = Card.objects.exclude(audience=[]).order_by("slug").values_list("title", "audience")
    sentence = _("The card “%s” is for this team: take the team out of it first.")
    return [sentence % title for title, audience in named if team.pk in audience]


def _audience(codes: list[str], card: Card) -> list[str]:
    if unknown := unknown_teams(codes, card):
        raise ValidationError(_("Unknown team: %s") % "、".join(unknown))
    return sorted(codes)


def _write_aliases(card: Card, texts: list[str]) -> None:
    kept = {alias.text: alias for alias in card.aliases.all()}
    card.aliases.exclude(text__in=texts).delete()
    for position, text in enumerate(texts):
        alias = kept.get(text) or Alias(card=card, text=text)
        if alias.pk is None or alias.position != position:
            alias.position = position
            alias.save()


def _write_lines(card: Card, document: Document) -> None:
    """Lines keep their rows by uuid, so that favourites and copies stay with them."""
    wanted = [
        (uuid.UUID(_identity(part)), side, position, part)
        for side in Side
        for position, part in enumerate(document[side.value])
    ]
    card.lines.exclude(uuid__in=[identity for identity, *_rest in wanted]).delete()
    kept = {line.uuid: line for line in card.lines.all()}
    for identity, side, position, part in wanted:
        line = kept.get(identity) or Line(uuid=identity, card=card)
        line.side, line.position = side, position
        line.code, line.text, line.why = part["code"], part["text"], part["why"]
        line.breaks = part.get("breaks", [])
        line.save()


def _identity(part: Document) -> str:
    return part.get("id") or line_id(part["code"])


def _claim_codes(card: Card, mine: dict[str, uuid.UUID]) -> None:
    """Enter the card's codes in the ledger. Raises ValidationError when one belongs to another line, or when
    a line belongs to another card: before the rows are written, or the database's own refusal would come first."""
    if strays := Line.objects.filter(uuid__in=mine.values()).exclude(card=card).values_list("code", flat=True):
        raise ValidationError(_("Lines of another card: %s") % "、".join(sorted(strays)))
    taken = dict(LineCode.objects.filter(code__in=mine).values_list("code", "line"))
    if stolen := sorted(code for code, owner in taken.items() if owner != mine[code]):
        raise ValidationError(_("Short codes given to another line before: %s") % "、".join(stolen))
    LineCode.objects.bulk_create(LineCode(code=code, line=mine[code]) for code in mine if code not in taken)
