"""A certificate: what anybody may verify, and the paper for whom it belongs to."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.services import audit
from training.models import Certificate
from training.services import certificates


# Never kept by a browser or on the way: a revocation shows at the next look.
@login_not_required
@cache_control(no_store=True)
@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """The public page. Whatever number is none of ours gets one and the same answer."""
    found = certificates.find(code)
    if found is None:
        return render(request, "training/certificate_none.html", status=404)
    if found.code != code:
        return redirect("certificate", found.code)
    state = certificates.state(found, timezone.localdate())
    return render(request, "training/certificate.html", {"certificate": found, "state": state})


@cache_control(private=True, no_store=True)
@require_safe
def pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The paper, for its owner and for staff who may see certificates."""
    found = certificates.find(code)
    if found is None or not Certificate.objects.visible_to(request.user).filter(pk=found.pk).exists():
        raise Http404
    audit.viewed(request.user, person=found.user)
    name = content_disposition_header(as_attachment=True, filename=f"结业证书-{found.name}.pdf")
    return HttpResponse(certificates.pdf(found), "application/pdf", headers={"Content-Disposition": name})
