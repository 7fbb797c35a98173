"""Favourites and snippets: one reader's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from knowledge.models import Favourite, Snippet
from knowledge.search.document import SearchDocument
from tests import factories

pytestmark = pytest.mark.django_db


def snippet(user: Any, code: str = "my1", **values: Any) -> Snippet:
    return Snippet(**({"user": user, "code": code, "title": "晚安", "text": "{店名|小店}祝您晚安。"} | values))


def test_a_snippet_is_its_authors_alone(agent: Any, trainer: Any) -> None:
    """Not even a trainer reads somebody's private words."""
    snippet(agent).save()
    seen = [list(Snippet.objects.visible_to(user)) for user in (agent, trainer, AnonymousUser())]
    assert [len(found) for found in seen] == [1, 0, 0]


def test_two_people_may_use_one_code_and_one_person_may_not(agent: Any, trainer: Any) -> None:
    """my1 is everybody's first idea; for one person it has to mean one text."""
    snippet(agent).save()
    snippet(trainer).save()
    with pytest.raises(ValidationError):
        snippet(agent).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        snippet(agent).save()


@pytest.mark.parametrize(
    ("values", "field"),
    [({"code": "MY1"}, "code"), ({"code": "m1"}, "code"), ({"text": "{密码}"}, "text"), ({"title": ""}, "title")],
)
def test_what_a_snippet_may_not_be(agent: Any, values: dict[str, Any], field: str) -> None:
    """Told on the field, before it is saved."""
    with pytest.raises(ValidationError) as caught:
        snippet(agent, **values).full_clean()
    assert list(caught.value.message_dict) == [field]


def test_what_the_index_holds_of_a_snippet(agent: Any) -> None:
    """The audience is what keeps it private in every search."""
    own = snippet(agent)
    own.save()
    assert own.search_document() == SearchDocument(
        kind="snippet",
        object_id=own.pk,
        slug=f"{agent.pk}-my1",
        title="晚安",
        aliases=(),
        body="{店名|小店}祝您晚安。\n小店祝您晚安。",
        codes=("my1",),
        published=True,
        audience=(f"user:{agent.pk}",),
        facets=(),
        uses=0,
    )
    assert [part.name for part in own.parts] == ["店名", ""]
    assert str(own) == "my1 晚安"


def test_a_line_is_a_favourite_once(agent: Any) -> None:
    """Two quick clicks must not make it stay after one is taken back."""
    line = factories.card("fav").say[0]
    Favourite.objects.create(user=agent, line=line)
    with pytest.raises(IntegrityError), transaction.atomic():
        Favourite.objects.create(user=agent, line=line)
    assert str(Favourite.objects.get()) == f"{agent.pk} {line.pk}"
