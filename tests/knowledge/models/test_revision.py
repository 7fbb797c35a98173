"""Revisions and tombstones."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from knowledge.models import Revision, Tombstone

pytestmark = pytest.mark.django_db


def revision(number: int, **values: object) -> Revision:
    defaults = {"kind": "card", "object_id": 1, "slug": "a", "document": {}, "state": "published"}
    return Revision.objects.create(number=number, **(defaults | values))


def test_a_number_belongs_to_one_revision_of_one_object() -> None:
    """Restoring version 3 must mean one text; another kind or object counts for itself."""
    revision(3)
    revision(3, object_id=2)
    revision(3, kind="lesson")
    with pytest.raises(IntegrityError), transaction.atomic():
        revision(3)
    assert Revision.objects.count() == 3


def test_what_is_not_published_yet_has_no_object() -> None:
    """Several new cards may wait at once: an empty object is no object shared."""
    revision(1, object_id=None, slug="new-a", state="waiting")
    revision(1, object_id=None, slug="new-b", state="waiting")
    assert Revision.objects.filter(object_id=None).count() == 2


def test_a_revision_outlives_its_author(agent: object) -> None:
    """People leave; who wrote it may become unknown, the text may not go."""
    revision(1, author=agent)
    agent.delete()  # type: ignore[attr-defined]
    assert Revision.objects.get().author is None


def test_newest_first_and_named() -> None:
    """The list in the admin is read from the top."""
    assert [str(revision(1)), str(revision(2))] == ["card a 1", "card a 2"]
    assert [found.number for found in Revision.objects.all()] == [2, 1]


def test_a_tombstone_stands_once() -> None:
    """Deleting twice is no error of the trainer's; two stones for one card would be ours."""
    stone = Tombstone.objects.create(kind="card", slug="a")
    Tombstone.objects.create(kind="synonyms", slug="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Tombstone.objects.create(kind="card", slug="a")
    assert str(stone) == "card a"
