"""One noun a file, its QuerySet beside it."""

from knowledge.models.card import Alias, Card, Line, LineCode
from knowledge.models.chore import Chore
from knowledge.models.event import CopyEvent, GapDecision, SearchLog
from knowledge.models.exchange import ImportJob, StagedRow
from knowledge.models.feedback import Feedback
from knowledge.models.personal import Favourite, Snippet
from knowledge.models.registry import ComplianceNote, Fact
from knowledge.models.revision import Revision, Tombstone
from knowledge.models.rule import WordingRule
from knowledge.models.synonym import SynonymGroup
from knowledge.models.use import Use

__all__ = [
    "Alias",
    "Card",
    "Chore",
    "ComplianceNote",
    "CopyEvent",
    "Fact",
    "Favourite",
    "Feedback",
    "GapDecision",
    "ImportJob",
    "Line",
    "LineCode",
    "Revision",
    "SearchLog",
    "Snippet",
    "StagedRow",
    "SynonymGroup",
    "Tombstone",
    "Use",
    "WordingRule",
]
