"""Boxes for lists: ids, words and lines of text, typed as people type them and kept as lists."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from knowledge.documents import tidy
from knowledge.models import Fact

BETWEEN_IDS = re.compile(r"[\s,，、;；]+")
BETWEEN_WORDS = re.compile(r"[\n\r,，、;；]+")


class FactIds(forms.CharField):
    """A list of fact ids, typed with spaces or commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value

    def split(self, value: str) -> list[str]:
        unified = unicodedata.normalize("NFKC", value or "")
        return list(dict.fromkeys(word[:1].upper() + word[1:] for word in BETWEEN_IDS.split(unified) if word))

    def clean(self, value: Any) -> Any:
        ids = self.split(super().clean(value))
        known = set(Fact.objects.filter(code__in=ids).values_list("code", flat=True))
        if unknown := [one for one in ids if one not in known]:
            raise ValidationError(gettext("No such fact: %s") % "、".join(unknown))
        return ids

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.split(data)


def fact_help() -> SafeString:
    """How to fill in a FactIds box, and where the ids are."""
    return format_html(
        '{} <a href="{}" target="_blank">{}</a>',
        gettext("Ids with spaces or commas between them."),
        reverse("admin:knowledge_fact_changelist"),
        gettext("Look them up"),
    )


class WordList(forms.CharField):
    """A list of words or phrases, one a line or with 、 or commas between them."""

    between = BETWEEN_WORDS
    joint = "、"

    def prepare_value(self, value: Any) -> Any:
        return self.joint.join(value) if isinstance(value, list) else value

    def split(self, value: str) -> list[str]:
        return list(dict.fromkeys(word for one in self.between.split(value or "") if (word := tidy(one))))

    def clean(self, value: Any) -> Any:
        return self.split(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.split(data)
