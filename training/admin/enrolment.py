"""Who follows which path. People choose for themselves."""

from __future__ import annotations

from django.contrib import admin

from knowledge.admin.base import ReadOnlyAdmin
from training.admin.attempt import WHO
from training.models import Enrolment


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ("user", "path", "chosen_at")
    list_filter = ("path", "chosen_at")
    list_select_related = ("user", "path")
    search_fields = WHO
    fields = ("user", "path", "chosen_at")
