"""Marked-up text to plain words: the prompts and options of our questions are shown as they stand."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

from django.utils.translation import gettext_lazy as _

from knowledge import markdown
from training.exchange.moodle import LONGEST, Asked

PLAIN, HTML, MARKDOWN, AUTO = "plain", "html", "markdown", "moodle"
BLOCKS = frozenset(
    "address article aside blockquote center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr legend main nav ol p pre section summary table tbody tfoot thead tr ul".split()
)
BOLD, ITALIC, HEADING = _("bold"), _("italic"), _("heading")
SHOWN = {
    "b": BOLD,
    "strong": BOLD,
    "i": ITALIC,
    "em": ITALIC,
    "u": _("underline"),
    "s": _("strike"),
    "del": _("strike"),
}
MARKS = (
    SHOWN | {f"h{level}": HEADING for level in range(1, 7)} | {name: name for name in ("code", "font", "ins", "mark")}
)
MEDIA = frozenset("applet audio embed iframe math object svg video".split())
SILENT = frozenset("script style template title".split())
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w*);")
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")


def plain(text: str, form: str, asked: Asked) -> str:
    """The words of a text in one of Moodle's four formats; what the words cannot keep is named on `asked`."""
    if len(text) > LONGEST and form != PLAIN:
        asked.broken = asked.broken or "long"
        return ""
    if form == MARKDOWN:
        # Two spaces at the end of a line and the like: let the engine decide what is meant.
        return _of_html(markdown.render(text), asked)
    if form == HTML:
        return _of_html(text, asked)
    if form == AUTO and _MARKUP.search(text):
        return _of_html(text.replace("\n", "<br>"), asked)
    return text


def _of_html(text: str, asked: Asked) -> str:
    reader = _Words(asked)
    # The parser fails on a marked section that it does not know; in HTML there are none.
    reader.feed(text.replace("<![", "&lt;!["))
    reader.close()
    return reader.words()


class _Words(HTMLParser):
    """Collects words and line breaks; lists keep their marks, links their address."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(convert_charrefs=True)
        self.asked = asked
        self.parts: list[str] = []
        self.lists: list[int] = []  # the number of the next item; 0 in a list without numbers
        self.links: list[str] = []
        self.silent = self.kept = 0

    def words(self) -> str:
        lines = "".join(self.parts).split("\n")
        return re.sub(r"\n{2,}", "\n", "\n".join(line.rstrip() for line in lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in SILENT:
            self.silent += 1
            self.asked.lose("media", tag)
        elif tag in MEDIA:
            self.asked.lose("media", tag)
        elif tag == "img":
            self._picture(values)
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self._item()
        elif tag in ("td", "th"):
            self.asked.lose("table")
            self.parts.append("" if not self.parts or self.parts[-1].endswith("\n") else " | ")
        elif tag == "a":
            self.links.append(values.get("href", ""))
        elif tag in ("sub", "sup"):
            self.asked.lose("formatting", tag)
            self.parts.append("_" if tag == "sub" else "^")
        self._block(tag, values)

    def _block(self, tag: str, values: dict[str, str]) -> None:
        if tag in MARKS:
            self.asked.lose("formatting", MARKS[tag])
        elif tag == "span" and values.get("style"):
            self.asked.lose("formatting", "style")
        if tag in ("ol", "ul"):
            self.lists.append(1 if tag == "ol" else 0)
        if tag in BLOCKS:
            self.parts.append("\n")
            self.kept += tag == "pre"

    def _picture(self, values: dict[str, str]) -> None:
        source = unquote(values.get("src", "")).split("?")[0]
        name = "data:" if source.startswith("data:") else source.rsplit("/", 1)[-1]
        self.asked.lose("picture", name or values.get("alt", ""))
        if alt := _SPACE.sub(" ", values.get("alt", "")).strip():
            self.parts.append(f"[{alt}]")

    def _item(self) -> None:
        mark = "- "
        if self.lists and self.lists[-1]:
            mark = f"{self.lists[-1]}. "
            self.lists[-1] += 1
        self.parts.append("\n" + mark)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        if tag in ("ol", "ul") and self.lists:
            self.lists.pop()
        if tag == "a" and self.links:
            address = self.links.pop()
            if address.startswith(("http:", "https:", "mailto:")):
                self.parts.append(f" ({address})")
        if tag in BLOCKS:
            self.parts.append("\n")
            self.kept = max(0, self.kept - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        text = data if self.kept else _SPACE.sub(" ", data)
        if text == " " and (not self.parts or self.parts[-1].endswith(("\n", " "))):
            return
        begins = not self.parts or self.parts[-1].endswith("\n")
        self.parts.append(text.lstrip(" ") if begins and not self.kept else text)
