"""Queries written down once: the same answers as Django's own way, whatever the values."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Exists, OuterRef

from knowledge.models import Card
from knowledge.prepared import Prepared
from tests import factories

pytestmark = pytest.mark.django_db


def by_stage(stage: str, this: int) -> Any:
    same = Card.objects.filter(pk=this, slug=OuterRef("slug"))
    return Card.objects.filter(stage=stage).annotate(same=Exists(same)).order_by("slug").values_list("slug", "same")


STAGES = Prepared(by_stage, stage=str, this=int)


@pytest.mark.parametrize("stage", ["pre", "in", "nothing", "'; DROP TABLE x; --", "%s"])
def test_it_answers_as_the_queryset_does(stage: str) -> None:
    """Each value must land in its own place, and stay a value."""
    factories.card("a")
    second, third = factories.card("b"), factories.card("c", stage="in")
    for this in (second.pk, third.pk, -1):
        found = [(slug, bool(same)) for slug, same in STAGES.rows(stage=stage, this=this)]
        assert found == list(by_stage(stage, this))


def test_a_value_without_a_place_is_an_error() -> None:
    """Django drops a condition that is always true; a query that forgot whose rows it reads must not run."""
    careless = Prepared(lambda user: Card.objects.values_list("slug"), user=int)
    with pytest.raises(LookupError):
        careless.rows(user=1)
