"""What the pages of cards and lessons share: an owner, an interval, and one click that says it still holds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, ForeignKey, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from knowledge.models.freshness import ValidTo
from knowledge.services import freshness

# As one row of a fieldset.
VERIFIED_FIELDS = ("owner", "verified_on", "verify_days")


class VerifiedAdmin(admin.ModelAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(last_valid_day=ValidTo())

    @admin.display(description=_("freshness"), ordering=F("last_valid_day").asc(nulls_first=True))
    def fresh(self, item: Any) -> str:
        return format_html('<span class="freshness {}">{}</span>', item.freshness.value, item.freshness.label)

    @admin.action(description=_("Still valid"), permissions=["change"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        chosen = list(queryset)
        freshness.verify(chosen, by=request.user, day=timezone.localdate())
        for item in chosen:
            self.log_change(request, item, gettext("Verified."))
        done = ngettext("%d marked as still valid.", "%d marked as still valid.", len(chosen)) % len(chosen)
        self.message_user(request, done, messages.SUCCESS)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: Any, **kwargs: Any) -> Any:
        """An owner is somebody who may enter here; whoever owns something already stays choosable."""
        if db_field.name == "owner":
            people = db_field.remote_field.model._default_manager.order_by("display_name", "pk")
            able = Q(is_staff=True, is_active=True) | Q(pk__in=self.model._default_manager.values("owner"))
            kwargs["queryset"] = people.filter(able)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "owner" and field is not None:
            for door in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{door}_related", False)
        return field
