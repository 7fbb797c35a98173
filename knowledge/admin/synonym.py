"""Trade synonyms."""

from __future__ import annotations

from django.contrib import admin

from knowledge.admin.audited import Audited
from knowledge.models import SynonymGroup


@admin.register(SynonymGroup)
class SynonymGroupAdmin(Audited):
    list_display = ("words", "note")
    search_fields = ("words", "note")
    fields = ("words", "note")
    ordering = ("words",)
