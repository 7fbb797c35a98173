"""Reads a page's form the way a browser would send it, so that tests save what a trainer sees."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.data: dict[str, Any] = {}
        self.area, self.select = "", ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.inside = at.get("id") == self.form_id
        if not self.inside:
            return
        if tag == "input" and at.get("name"):
            self._input(at)
        elif tag == "textarea":
            self.area, self.data[at["name"]] = at["name"], ""
        elif tag == "select":
            self.select = at["name"]
            if "multiple" in at:
                self.data[self.select] = []
        elif tag == "option" and self.select and "selected" in at:
            self._add(self.select, at["value"])

    def _input(self, at: dict[str, str]) -> None:
        kind = at.get("type", "text")
        if kind in {"checkbox", "radio"}:
            if "checked" in at:
                self._add(at["name"], at.get("value", "on"), many=kind == "checkbox")
        elif kind not in {"submit", "file", "button"}:
            self.data[at["name"]] = at.get("value", "")

    def _add(self, name: str, value: str, many: bool = False) -> None:
        if many or isinstance(self.data.get(name), list):
            self.data.setdefault(name, []).append(value)
        else:
            self.data[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # A browser leaves out the first line break, and sends the others as \r\n.
            self.data[self.area] = self.data[self.area].removeprefix("\r\n").removeprefix("\n").replace("\n", "\r\n")
            self.area = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, text: str) -> None:
        if self.area:
            self.data[self.area] += text.replace("\r\n", "\n")


def form_data(response: Any, form_id: str) -> dict[str, Any]:
    """What the browser would send if the form were submitted untouched. Template rows for new ones are left out."""
    form = _Form(form_id)
    form.feed(response.content.decode())
    return {name: value for name, value in form.data.items() if "__prefix__" not in name}
