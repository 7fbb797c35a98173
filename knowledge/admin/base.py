"""What several admin pages share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):
    """A register to look things up in: nobody adds, changes or deletes here, not even a superuser."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def kept_order(before: list[str], chosen: list[str]) -> list[str]:
    """The chosen codes: those that stood before in their order, then the new ones. A form that was only
    looked at gives back the list it came from, so that saving it makes no revision."""
    return [code for code in before if code in chosen] + [code for code in chosen if code not in before]
