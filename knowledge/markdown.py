"""Markdown to safe HTML, on save. Never in a request that reads."""

from __future__ import annotations

import re
from html import unescape

import markdown as engine
import nh3

TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "strong", "em", "code", "pre", "blockquote", "del",
    "ul", "ol", "li", "a", "img", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "th": {"align"},
    "td": {"align"},
    "ol": {"start"},
    "h2": {"id"},
    "h3": {"id"},
}
SCHEMES = {"http", "https", "mailto"}


def render(text: str) -> str:
    """Sanitised HTML of a Markdown text. Whatever the text holds, the result carries no script, style or handler."""
    html = engine.markdown(
        text,
        extensions=["tables", "sane_lists", "nl2br"],
        extension_configs={"tables": {"use_align_attribute": True}},
        output_format="html",
    )
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow")


def plain(html: str) -> str:
    """The words of rendered HTML, for search and previews. Inline marks vanish; blocks become line breaks."""
    blocks = re.sub(r"</(p|li|h\d|tr|td|th|blockquote|pre)>|<br\s*/?>", "\n", html)
    return re.sub(r"\n{2,}", "\n", unescape(re.sub(r"<[^>]+>", "", blocks))).strip()
