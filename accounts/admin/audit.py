"""The audit log: to be read, filtered and taken along, and changed by nobody."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import AuditEntry, User
from accounts.services import audit, sheets

EXPORTED = 50_000  # entries of a file at most, the newest


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        kinds = AuditEntry.objects.order_by().values_list("kind", flat=True).distinct()
        return [(kind, audit.kind_name(kind)) for kind in sorted(kinds) if kind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class PersonFilter(admin.SimpleListFilter):
    """The people that stand in a column of the log, those who are gone by their number."""

    title = _("about whom")
    parameter_name = column = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        pks = AuditEntry.objects.order_by().exclude(**{self.column: None}).values(self.column).distinct()
        known = {person.pk: shown(person, person.pk) for person in User.objects.filter(pk__in=pks)}
        rows = [(str(pk), known.get(pk, f"#{pk}")) for pk in pks.values_list(self.column, flat=True)]
        nobody = [("none", gettext("The site itself"))] if self.column == "actor" else []
        return [*nobody, *sorted(rows, key=lambda row: row[1])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        value = self.value() or ""
        if value == "none":
            return queryset.filter(**{self.column: None})
        if value.isascii() and value.isdigit() and len(value) < 18:
            return queryset.filter(**{self.column: int(value)})
        return queryset


class ActorFilter(PersonFilter):
    title = _("who")
    parameter_name = column = "actor"


def shown(person: User | None, pk: int | None) -> str:
    """A person by name and number; whoever was erased or deleted by number alone."""
    if person is None or person.erased_at:
        return f"#{pk}"
    return f"{person} #{pk}"


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    """Nobody adds, changes or deletes here, not even a superuser (docs/decisions/0016-audit.md)."""

    list_display = ("when", "who", "action", "kind_read", "slug", "about", "detail_read")
    list_display_links = None
    list_filter = ("at", "action", KindFilter, ActorFilter, PersonFilter)
    list_select_related = ("actor", "person")
    list_per_page = 100
    search_fields = ("slug", "detail", "actor__display_name", "person__display_name")
    search_help_text = _("A slug or short code, a word of the detail, or a name.")
    ordering = ("-at", "-pk")
    show_full_result_count = False
    change_list_template = "accounts/admin_audit.html"
    actions = None
    fields = ("when", "who", "action", "kind_read", "slug", "about", "detail_read")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("at"), ordering="at")
    def when(self, entry: AuditEntry) -> SafeString:
        here = timezone.localtime(entry.at)
        return format_html('<time datetime="{}">{}</time>', here.isoformat(), f"{here:%Y-%m-%d %H:%M:%S}")

    @admin.display(description=_("who"), ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        return shown(entry.actor, entry.actor_id) if entry.actor_id else gettext("The site itself")

    @admin.display(description=_("about whom"), ordering="person")
    def about(self, entry: AuditEntry) -> str:
        return shown(entry.person, entry.person_id) if entry.person_id else self.get_empty_value_display()

    @admin.display(description=_("kind"), ordering="kind")
    def kind_read(self, entry: AuditEntry) -> str:
        return audit.kind_name(entry.kind)

    @admin.display(description=_("detail"))
    def detail_read(self, entry: AuditEntry) -> str:
        return audit.in_words(entry.detail)

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(require_POST(self.export_view))
        return [path("csv/", export, name="accounts_auditentry_csv"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The list as it is filtered by the address, the newest first. Taking it along is itself written down."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        changes: ChangeList = self.get_changelist_instance(request)
        entries = list(changes.get_queryset(request)[:EXPORTED])
        data = sheets.write([self.heading(), *(self.row(entry) for entry in entries)])
        audit.note(request.user, audit.Action.EXPORTED, kind="audit", detail=str(len(entries)))
        name = f"audit-{timezone.localdate():%Y-%m-%d}.csv"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(data, "text/csv; charset=utf-8", headers=disposition)

    def heading(self) -> list[str]:
        return [
            str(word)
            for word in (_("at"), _("who"), _("action"), _("kind"), _("of what"), _("about whom"), _("detail"))
        ]

    def row(self, entry: AuditEntry) -> list[str]:
        about = shown(entry.person, entry.person_id) if entry.person_id else ""
        when = f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}"
        return [
            *(when, self.who(entry), entry.get_action_display(), self.kind_read(entry)),
            *(entry.slug, about, self.detail_read(entry)),
        ]
