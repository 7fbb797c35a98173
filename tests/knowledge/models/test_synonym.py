"""Trade synonyms, and the version by which every worker follows an edit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from knowledge.models import SynonymGroup
from knowledge.models.synonym import current_synonyms, parse_words
from knowledge.search import engine
from knowledge.search.document import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("运费 邮费", ["运费", "邮费"]),
        ("运费、邮费，快递费/邮资;x；y\nz,w", ["运费", "邮费", "快递费", "邮资", "x", "y", "z", "w"]),
        (" 运费  运费 ", ["运费"]),
        ("ＱＱ Qq", ["qq"]),
        ("", []),
    ],
)
def test_words_are_parted_by_what_people_type_between_them(text: str, words: list[str]) -> None:
    """A full-width comma left inside a word makes a synonym nobody ever searches."""
    assert parse_words(text) == words


def test_a_group_is_stored_in_one_form() -> None:
    """However it was typed: the mapping is built from the stored form."""
    group = SynonymGroup.objects.create(words="运费、邮费，邮费")
    assert (group.words, str(group)) == ("运费 邮费", "运费 邮费")


@pytest.mark.parametrize("words", ["运费", "运费 运费", "退 换货", " ", "运费 邮"])
def test_a_group_needs_two_words_of_two_characters(words: str) -> None:
    """One character as a synonym would answer every search with everything."""
    with pytest.raises(ValidationError) as caught:
        SynonymGroup(words=words).full_clean()
    assert list(caught.value.message_dict) == ["words"]


def test_each_word_maps_to_the_others_of_all_its_groups() -> None:
    """A word in two groups means both; it is never its own synonym."""
    SynonymGroup.objects.create(words="运费 邮费")
    SynonymGroup.objects.create(words="邮费 快递费 运费")
    _version, mapping = current_synonyms()
    assert {word: set(others) for word, others in mapping.items()} == {
        "运费": {"邮费", "快递费"},
        "邮费": {"运费", "快递费"},
        "快递费": {"邮费", "运费"},
    }


def test_the_version_changes_with_every_change() -> None:
    """The mapping is cached under it: an edit the version misses never reaches the other worker."""
    versions = [current_synonyms()[0]]
    one = SynonymGroup.objects.create(words="运费 邮费")
    versions.append(current_synonyms()[0])
    two = SynonymGroup.objects.create(words="退货 退回")
    versions.append(current_synonyms()[0])
    one.words = "运费 快递费"
    one.save()
    versions.append(current_synonyms()[0])
    two.delete()
    versions.append(current_synonyms()[0])
    SynonymGroup.objects.create(words="退货 退回")
    versions.append(current_synonyms()[0])
    one.delete()
    versions.append(current_synonyms()[0])
    assert len(set(versions)) == 7
    assert dict(current_synonyms()[1]) == {"退货": ("退回",), "退回": ("退货",)}


def test_an_unchanged_table_costs_one_small_query(django_assert_num_queries: object) -> None:
    """It is asked in every search."""
    SynonymGroup.objects.create(words="运费 邮费")
    current_synonyms()
    with django_assert_num_queries(1):  # type: ignore[operator]
        current_synonyms()


def test_the_search_follows_the_next_moment() -> None:
    """A trainer adds a synonym and tries it: it has to work, and stop working when taken out."""
    factories.card("post", aliases=["邮资多少"])
    found = lambda: [hit.slug for hit in engine.search("驿费", Viewer()).hits]  # noqa: E731
    assert found() == []
    group = SynonymGroup.objects.create(words="驿费 邮资")
    assert found() == ["post"]
    group.delete()
    assert found() == []


def test_the_version_rises_when_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit dated before another one was found by no worker until the clock had caught up."""
    group = SynonymGroup.objects.create(words="运费 邮费")
    before = current_synonyms()[0]
    earlier = timezone.now() - timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: earlier)
    group.words = "运费 邮资"
    group.save()
    assert current_synonyms()[0] > before
    assert dict(current_synonyms()[1]) == {"运费": ("邮资",), "邮资": ("运费",)}
