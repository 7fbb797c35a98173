"""The floors of search quality, on the database of this run (run_eval prints the figures)."""

import pytest

from knowledge.models.synonym import current_synonyms
from knowledge.search import engine
from tests.search_quality.corpus import card_documents, use_starter_synonyms
from tests.search_quality.run_eval import FLOORS, LEAST, Asked, ask, measure

pytestmark = pytest.mark.django_db
MOST_APART = 0.05  # hit@3 of the half we wrote and the half we did not


@pytest.fixture
def halves(db: None) -> dict[str, list[Asked]]:
    engine.clear()
    engine.index(card_documents())
    use_starter_synonyms()
    try:
        return {half: ask(half) for half in ("own", "blind")}
    finally:
        engine.set_synonym_provider(current_synonyms)


def test_every_kind_of_query_reaches_its_floor(halves: dict[str, list[Asked]]) -> None:
    missed = []
    for half, answers in halves.items():
        for kind, place in FLOORS.items():
            first, third, _ = measure([answer for answer in answers if answer.kind == kind])
            reached = first if place == 1 else third
            if reached < LEAST[kind]:
                missed.append(f"{half} {kind} hit@{place} {reached:.3f} < {LEAST[kind]}")
    assert missed == []


def test_the_half_nobody_tuned_for_is_as_good(halves: dict[str, list[Asked]]) -> None:
    own, blind = (measure(halves[half])[1] for half in ("own", "blind"))
    assert abs(own - blind) < MOST_APART
