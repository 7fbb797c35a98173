"""The options of a question or a checkpoint: to fill in, and to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from knowledge.admin.rows import Column, Text, Tick
from knowledge.documents import Document


def option_columns(words: Column | None = None) -> tuple[Column, ...]:
    """`words` is the box of what is offered, when that is no text of the option's own."""
    words = words or Column("text", _("option"), Text(1))
    return words, Tick("right", _("right answer")), Column("feedback", _("feedback"), Text(1))


def options_read(options: Iterable[Document], lines: Mapping[str, str] | None = None) -> SafeString:
    """A tick before the right ones, the feedback behind. `lines` are the texts of a card's lines by code."""
    rows = [
        ("✓" if one["right"] == "yes" else "✗", one.get("text") or (lines or {}).get(one["line"], one["line"]), one)
        for one in options
    ]
    return bullets((mark, f"{words} · {one['feedback']}") for mark, words, one in rows)


def bullets(rows: Iterable[tuple[str, str]]) -> SafeString:
    """Pairs of a short word, which may be empty, and a text."""
    return format_html('<ul class="plain">{}</ul>', format_html_join("", "<li><b>{}</b> {}</li>", rows))
