"""What every template may show."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The release for the footer and the reader's theme for the root element."""
    theme = getattr(getattr(request, "user", None), "theme", "") or "system"
    return {"version": settings.VERSION, "theme": theme}
