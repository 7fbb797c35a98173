"""What this app brings in and takes out, registered when Django starts. Reading and writing files is imported here,
openpyxl is not: it comes with the first workbook (knowledge/tables/xlsx.py)."""

from __future__ import annotations

from datetime import timedelta

from knowledge.services import chores
from knowledge.services.exchange import jobs
from knowledge.services.exchange.cards import CARD_FORMATS, CARDS
from knowledge.services.exchange.registry import register
from knowledge.services.exchange.staff import STAFF, STAFF_FORMATS
from knowledge.services.exchange.synonyms import SYNONYM_FORMATS, SYNONYMS


def register_all() -> None:
    register(CARDS, *CARD_FORMATS)
    register(STAFF, *STAFF_FORMATS)
    register(SYNONYMS, *SYNONYM_FORMATS)
    chores.register(chores.Regular("imports", jobs.look_after, every=timedelta(seconds=30)))
