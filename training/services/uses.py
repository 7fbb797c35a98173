"""Which cards a lesson or question leans on, and whether somebody has looked since they changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.services import audit
from knowledge.models import Card, Use


def write(item: Any, kind: str, cards: Iterable[Card]) -> None:
    """Make the uses of `item` exactly these cards. One that stays keeps its flag: saving is not rechecking."""
    wanted = {card.pk: card for card in cards}
    there = {use.card_id: use for use in item.uses.all()}
    if gone := [use.pk for pk, use in there.items() if pk not in wanted]:
        Use.objects.filter(pk__in=gone).delete()
    Use.objects.bulk_create(
        Use(
            card=card,
            kind=kind,
            content_type=ContentType.objects.get_for_model(item),
            object_id=item.pk,
            card_version_seen=card.version,
        )
        for pk, card in wanted.items()
        if pk not in there
    )


@transaction.atomic
def rechecked(items: Iterable[Any]) -> int:
    """Somebody has looked: the flags go, and the cards' present versions count as seen. Returns how many uses."""
    done = 0
    for item in items:
        version = Subquery(Card.objects.filter(pk=OuterRef("card_id")).values("version")[:1])
        done += item.uses.filter(recheck=True).update(recheck=False, card_version_seen=version)
    return done


def flagged(user: Any) -> QuerySet[Use]:
    """What waits for a second look because its card has changed, card by card, of the cards this person may see."""
    seen = Card.objects.visible_to(user)
    rows = Use.objects.filter(recheck=True, card__in=seen).select_related("card", "content_type")
    return rows.order_by("card__title", "card", "kind", "pk")


@transaction.atomic
def seen(use: Use, *, by: Any) -> None:
    """Somebody has looked at this one use: its flag goes, other cards' flags on the same item stay."""
    version = Subquery(Card.objects.filter(pk=use.card_id).values("version")[:1])
    Use.objects.filter(pk=use.pk).update(recheck=False, card_version_seen=version)
    said = _("Rechecked after a change of the card %s") % use.card.slug
    audit.note(by, audit.Action.CHANGED, kind=use.kind, slug=_name(use.target), detail=said)


def _name(item: Any) -> str:
    """As its content file calls it."""
    return str(getattr(item, "slug", "") or getattr(item, "code", ""))
