"""The buttons by which a list is taken out as a file."""

from __future__ import annotations

from typing import Any

from django import template

from knowledge.services.exchange import jobs
from knowledge.services.exchange.registry import formats_of

register = template.Library()


@register.inclusion_tag("admin/exchange/tools.html", takes_context=True)
def exchange_tools(context: Any, kind: str) -> dict[str, Any]:
    """Export buttons for the list as it is filtered now, and the door to the import of its kind."""
    request = context["request"]
    formats = formats_of(kind) if kind in jobs.exportable(request.user) else []
    return {
        "kind": kind,
        "formats": [form for form in formats if form.write],
        "may_import": kind in jobs.importable(request.user),
        "query": request.GET.urlencode(),
        "csrf_token": context.get("csrf_token"),
    }
