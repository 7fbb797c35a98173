"""How a line's text is shown."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from knowledge import variables

register = template.Library()


@register.filter
def with_fields(text: str) -> SafeString:
    """The line as HTML: literal runs escaped, each {name|default} a span the script can fill.

    Without script the reader sees the default, or the name where there is none.
    """
    return format_html_join("", "{}", ((_part(part),) for part in variables.split(text)))


def _part(part: variables.Part) -> str | SafeString:
    if not part.name:
        return part.text
    return format_html(
        '<span class="var{}" data-var="{}" data-default="{}" data-scope="{}">{}</span>',
        "" if part.text else " empty",
        part.name,
        part.text,
        part.scope,
        part.text or part.name,
    )
