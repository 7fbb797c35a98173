"""Facts and the compliance notes that follow from them."""

from __future__ import annotations

import pytest

from knowledge.models import ComplianceNote, Fact

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry() -> None:
    for code in ("B-06", "E-41", "E-42"):
        Fact.objects.create(code=code, course="product", text=f"事实{code}")
    for code, facts in {"K-02": ["E-42"], "K-01": ["B-06", "E-41"]}.items():
        ComplianceNote.objects.create(
            code=code, title="标题", note="说明", basis="依据", checked="核对"
        ).applies_to.set(facts)


@pytest.mark.parametrize(
    ("facts", "notes"),
    [
        ([], []),
        (["A-01"], []),
        (["B-06"], ["K-01"]),
        (["E-41", "B-06"], ["K-01"]),
        (("E-42", "E-41"), ["K-01", "K-02"]),
    ],
)
def test_notes_follow_from_facts_each_once(registry: None, facts: list[str], notes: list[str]) -> None:
    """A note left out lets an agent say something unlawful; one shown twice is noise."""
    assert [note.code for note in ComplianceNote.objects.for_facts(facts)] == notes


def test_words_for_people(registry: None) -> None:
    """Choices and lists print these."""
    assert str(Fact.objects.get(pk="B-06")) == "B-06"
    assert str(ComplianceNote.objects.get(pk="K-01")) == "K-01 标题"
