"""An index of a few documents for the tests of the engine."""

from collections.abc import Iterator

import pytest

from knowledge.search import engine
from tests.knowledge.search.documents import SHOP


@pytest.fixture
def no_synonyms() -> Iterator[None]:
    """The engine without the site's synonym table."""
    from knowledge.models.synonym import current_synonyms

    engine.set_synonym_provider(None)
    yield
    engine.set_synonym_provider(current_synonyms)


@pytest.fixture
def shop(db: None, no_synonyms: None) -> None:
    engine.clear()
    engine.index(SHOP)
