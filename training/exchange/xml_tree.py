"""XML from strangers as a tree that remembers its lines.

defusedxml refuses a document type, and with it entities that swell and files that are fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXException, handler, xmlreader

from defusedxml import DefusedXmlException
from defusedxml import sax as safe

DEEPEST = 30
MOST = 5_000  # elements of one question
CHUNK = 64 * 1024  # characters
WHOLE = "question"
DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


class Unreadable(Exception):
    """The file is no XML we read: a code (dtd, xml, root, deep) and the line."""

    def __init__(self, code: str, line: int = 1) -> None:
        self.code, self.line = code, line
        super().__init__(f"{line}: {code}")


@dataclass(slots=True)
class Node:
    """An element: its children in order, those that have been read taken out of the list."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def take(self, tag: str) -> Node | None:
        """The first child of this name."""
        found = next((child for child in self.children if child.tag == tag), None)
        if found is not None:
            self.children = [child for child in self.children if child is not found]
        return found

    def all(self, *tags: str) -> list[Node]:
        """All children of these names."""
        found = [child for child in self.children if child.tag in tags]
        self.children = [child for child in self.children if child.tag not in tags]
        return found


class _Tree(handler.ContentHandler):
    """Builds Nodes; what stands in the outermost element is handed over as soon as it ends, and forgotten."""

    def __init__(self, parser: Any) -> None:
        super().__init__()
        self.parser = parser
        self.root: Node | None = None
        self.open: list[Node] = []
        self.ended: list[Node] = []
        self.count = 0

    def startElement(self, name: str, attrs: xmlreader.AttributesImpl) -> None:
        node = Node(name.lower(), dict(attrs.items()), self.parser.getLineNumber() or 1)
        self.count += 1
        if len(self.open) > DEEPEST or self.count > MOST:
            raise Unreadable("deep", node.line)
        if len(self.open) > 1 or (self.open and self.open[0].tag == WHOLE):
            self.open[-1].children.append(node)
        self.root = self.root or node
        self.open.append(node)

    def endElement(self, name: str) -> None:
        node = self.open.pop()
        if len(self.open) == 1 and self.open[0].tag != WHOLE:
            self.ended.append(node)
            self.count = 0

    def characters(self, content: str) -> None:
        # What a picture holds is never read.
        if self.open[-1].tag != "file":
            self.open[-1].pieces.append(content)


def elements(text: str) -> Iterator[Node]:
    """The elements of the outermost one, each as soon as it has been read; a lone question is its own. Raises
    Unreadable, also after some have been handed over."""
    parser = safe.make_parser()
    parser.forbid_dtd = True
    built = _Tree(parser)
    parser.setContentHandler(built)
    text = DECLARATION.sub(_same_lines, text)
    try:
        for at in range(0, len(text), CHUNK):
            parser.feed(text[at : at + CHUNK])
            if built.root and built.root.tag not in ("quiz", WHOLE):
                raise Unreadable("root", built.root.line)
            yield from built.ended
            built.ended = []
        parser.close()
    except DefusedXmlException as error:
        raise Unreadable("dtd") from error
    except SAXException as error:
        raise Unreadable("xml", parser.getLineNumber() or 1) from error
    if built.root is None:
        raise Unreadable("xml")
    if built.root.tag == WHOLE:
        yield built.root


def _same_lines(found: re.Match[str]) -> str:
    """The text is decoded already: what the declaration says of it is no longer true."""
    return "\n" * found[0].count("\n")
