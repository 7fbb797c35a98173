"""The registries: looked up here, changed in the content files."""

from __future__ import annotations

from django.contrib import admin

from knowledge.admin.base import ReadOnlyAdmin
from knowledge.models import ComplianceNote, Fact


@admin.register(Fact)
class FactAdmin(ReadOnlyAdmin):
    list_display = ("code", "text", "course")
    list_filter = ("course",)
    search_fields = ("code", "text")
    fields = ("code", "course", "text")
    list_per_page = 200


@admin.register(ComplianceNote)
class ComplianceNoteAdmin(ReadOnlyAdmin):
    list_display = ("code", "title", "note")
    search_fields = ("code", "title", "note", "basis")
    fields = ("code", "title", "note", "basis", "checked", "applies_to")
