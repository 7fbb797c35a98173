"""What several admin pages share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.models import ComplianceNote, Fact
from knowledge.search.indexed import indexing_batch


class ReadOnlyAdmin(admin.ModelAdmin):
    """A register to look things up in: nobody adds, changes or deletes here, not even a superuser."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SavedWhole(admin.ModelAdmin):
    """Content written as a whole: its form is a WrittenForm, its save all or nothing."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """One transaction, one reindexing. What only the database could refuse (two trainers taking the same
        code at the same moment) undoes everything and comes back as an error on the form."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with transaction.atomic(), indexing_batch():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            request.late_problems = error.messages  # type: ignore[attr-defined]
        except IntegrityError:
            text = gettext("Somebody saved the same code or text at the same moment. Nothing was saved; try again.")
            request.late_problems = [text]  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)


class WithFacts(admin.ModelAdmin):
    """Of an item with fact ids: what they say, and the compliance notes that follow from them."""

    @admin.display(description=_("these facts"))
    def fact_texts(self, item: Any) -> Any:
        facts = Fact.objects.filter(code__in=item.facts)
        return plain_list((fact.code, fact.text) for fact in facts) or gettext("None yet.")

    @admin.display(description=_("compliance notes"))
    def notes(self, item: Any) -> Any:
        notes = ComplianceNote.objects.for_facts(item.facts)
        return plain_list((note.title, note.note) for note in notes) or gettext("None follow from these facts.")


def plain_list(rows: Iterable[tuple[str, str]]) -> SafeString | str:
    """Pairs of a short word and a text as a list to read; nothing when there are none."""
    items = format_html_join("", "<li><b>{}</b> {}</li>", rows)
    return format_html('<ul class="plain">{}</ul>', items) if items else ""


def place_attrs() -> dict[str, str]:
    """What rows.js reads on the box that holds a row's place, in the words of whoever reads the page."""
    return {
        "class": "vPosition",
        "data-position": "",
        "aria-label": gettext("position"),
        "data-say-up": gettext("Move up"),
        "data-say-down": gettext("Move down"),
        "data-say-drag": gettext("Drag to another place"),
        "data-say-moved": gettext("Now at place %(place)s of %(all)s"),
    }


def kept_order(before: list[str], chosen: list[str]) -> list[str]:
    """The chosen codes: those that stood before in their order, then the new ones. A form that was only
    looked at gives back the list it came from, so that saving it makes no revision."""
    return [code for code in before if code in chosen] + [code for code in chosen if code not in before]
