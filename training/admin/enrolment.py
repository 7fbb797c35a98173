"""Who follows which path. People choose for themselves."""

from __future__ import annotations

from django.contrib import admin

from training.admin.attempt import WHO, OfPeople
from training.models import Enrolment


@admin.register(Enrolment)
class EnrolmentAdmin(OfPeople):
    list_display = ("user", "path", "chosen_at")
    list_filter = ("path", "chosen_at")
    list_select_related = ("user", "path")
    search_fields = WHO
    fields = ("user", "path", "chosen_at")
