"""Certificates: earned, never typed. They can be looked up and taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.services import audit
from training.admin.attempt import OfPeople
from training.enums import CertificateState
from training.models import Certificate
from training.services import certificates


class WorthFilter(admin.SimpleListFilter):
    """The same rule as `certificates.state`, in the database."""

    title = _("state")
    parameter_name = "worth"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return CertificateState.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Certificate]) -> QuerySet[Certificate]:
        valid = Q(revoked_at=None, valid_until__gte=timezone.localdate())
        revoked = Q(revoked_at__date__lte=F("valid_until"))
        if self.value() == CertificateState.VALID:
            return queryset.filter(valid)
        if self.value() == CertificateState.REVOKED:
            return queryset.filter(revoked)
        return queryset.exclude(valid).exclude(revoked) if self.value() else queryset


@admin.register(Certificate)
class CertificateAdmin(OfPeople):
    list_display = ("name", "title", "code", "issued_on", "valid_until", "worth", "page")
    list_filter = (WorthFilter, "path", "issued_on")
    list_select_related = ("path",)
    search_fields = ("name", "code", "user__display_name", "user__staff_number")
    search_help_text = _("A name, a staff number, or the number of a certificate.")
    fields = ("name", "title", "user", "path", "code", "issued_on", "valid_until", "revoked_at", "worth", "page")
    actions = ("revoke",)

    @admin.display(description=_("state"))
    def worth(self, certificate: Certificate) -> str:
        return str(certificates.state(certificate, timezone.localdate()).label)

    @admin.display(description=_("public page"))
    def page(self, certificate: Certificate) -> str:
        address = reverse("certificate", args=[certificate.code])
        return format_html('<a href="{}">{}</a>', address, gettext("See what anybody sees"))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("training.change_certificate")

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Certificate]) -> HttpResponse | None:
        """Asks first: there is no way back but another exam."""
        standing = list(queryset.filter(revoked_at=None))
        if not standing:
            self.message_user(request, gettext("All of these had been revoked before."), messages.WARNING)
            return None
        if "confirmed" not in request.POST:
            return self._ask(request, standing)
        now = timezone.now()
        for certificate in standing:
            certificates.revoke(certificate, now)
            self.log_change(request, certificate, gettext("Revoked."))
            about: dict[str, Any] = {"kind": "certificate", "slug": certificate.code, "person": certificate.user}
            audit.note(request.user, audit.Action.CHANGED, **about, detail=gettext("Revoked."))
        done = ngettext("%d certificate revoked.", "%d certificates revoked.", len(standing)) % len(standing)
        self.message_user(request, done, messages.SUCCESS)
        return None

    def _ask(self, request: HttpRequest, standing: list[Certificate]) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Revoke certificates"),
            "standing": standing,
        }
        return TemplateResponse(request, "admin/training/certificate/revoke.html", context)
