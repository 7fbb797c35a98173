"""Out to Moodle's formats and in again: the same document, byte for byte, and nothing to name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import files
from knowledge.documents import Document
from tests.training.exchange import sources
from training.enums import QuestionType
from training.exchange.mapping import Mapped

ROADS = [(sources.as_gift, sources.from_gift), (sources.as_xml, sources.from_xml)]
KINDS = list(QuestionType.values)


def told(found: list[Mapped]) -> list[tuple[str, list[str], str]]:
    return [(files.dump(one.document or {}), sources.codes(one), one.broken) for one in found]


@pytest.mark.parametrize(("write", "read"), ROADS, ids=["gift", "xml"])
def test_the_starter_questions_come_back(write: Callable[..., str], read: Callable[..., list[Mapped]]) -> None:
    """All of them in one file: a sign that is not escaped would take the rest of the file with it."""
    documents = sources.starter()
    assert len(documents) >= 265
    assert told(read(write(*documents))) == [(files.dump(one), [], "") for one in documents]


@pytest.mark.parametrize(("write", "read"), ROADS, ids=["gift", "xml"])
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_document_comes_back(
    kind: str, write: Callable[..., str], read: Callable[..., list[Mapped]], data: st.DataObject
) -> None:
    """Texts full of the signs of GIFT, XML, JSON and Markdown are what trainers paste."""
    document: Document = data.draw(sources.documents(kind))
    assert [(one.document, sources.codes(one), one.broken) for one in read(write(document))] == [(document, [], "")]
