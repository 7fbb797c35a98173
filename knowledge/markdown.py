"""Markdown to safe HTML, on save. Never in a request that reads."""

from __future__ import annotations

import re
from html import unescape
from itertools import count

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
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow"
    )


HEADING = re.compile(r"<h([23])(?: id=\"[^\"]*\")?>(.*?)</h\1>", re.DOTALL)


def with_anchors(html: str, taken: set[str]) -> tuple[str, list[dict[str, str]]]:
    """The HTML of `render` with an id on every h2 and h3, and the list of them: {level, id, title} in order.

    An id is the words of its heading, so that a link to it can be read; `taken` holds those the page has already
    and grows by the new ones.
    """
    found: list[dict[str, str]] = []

    def give(match: re.Match[str]) -> str:
        title = plain(match[2])
        stem = re.sub(r"[\W_]+", "-", title.lower()).strip("-")[:60] or "part"
        anchor = next(name for at in count(1) if (name := stem if at == 1 else f"{stem}-{at}") not in taken)
        taken.add(anchor)
        found.append({"level": match[1], "id": anchor, "title": title})
        return f'<h{match[1]} id="{anchor}">{match[2]}</h{match[1]}>'

    return HEADING.sub(give, html), found


def plain(html: str) -> str:
    """The words of rendered HTML, for search and previews. Inline marks vanish; blocks become line breaks."""
    blocks = re.sub(r"</(p|li|h\d|tr|td|th|blockquote|pre)>|<br\s*/?>", "\n", html)
    return re.sub(r"\n{2,}", "\n", unescape(re.sub(r"<[^>]+>", "", blocks))).strip()
