"""One noun a file, its QuerySet beside it."""

from knowledge.models.card import Alias, Card, Line, LineCode
from knowledge.models.event import CopyEvent, SearchLog
from knowledge.models.feedback import Feedback
from knowledge.models.personal import Favourite, Snippet
from knowledge.models.registry import ComplianceNote, Fact
from knowledge.models.revision import Revision, Tombstone
from knowledge.models.synonym import SynonymGroup
from knowledge.models.use import Use

__all__ = [
    "Alias",
    "Card",
    "ComplianceNote",
    "CopyEvent",
    "Fact",
    "Favourite",
    "Feedback",
    "Line",
    "LineCode",
    "Revision",
    "SearchLog",
    "Snippet",
    "SynonymGroup",
    "Tombstone",
    "Use",
]
