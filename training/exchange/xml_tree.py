"""XML from strangers as a tree that remembers its lines.

defusedxml refuses a document type, and with it entities that swell and files that are fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXException, handler, xmlreader

from defusedxml import DefusedXmlException
from defusedxml import sax as safe

DEEPEST = 30
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
    """Builds Nodes and yields none before the whole is known to be sound."""

    def __init__(self) -> None:
        super().__init__()
        self.root: Node | None = None
        self.open: list[Node] = []
        self.parser: Any = None

    def startElement(self, name: str, attrs: xmlreader.AttributesImpl) -> None:
        node = Node(name.lower(), dict(attrs.items()), self.parser.getLineNumber() or 1)
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)
        if len(self.open) > DEEPEST:
            raise Unreadable("deep", node.line)

    def endElement(self, name: str) -> None:
        self.open.pop()

    def characters(self, content: str) -> None:
        # What a picture holds is never read.
        if self.open[-1].tag != "file":
            self.open[-1].pieces.append(content)


def tree(text: str) -> Node:
    """The root of a document. Raises Unreadable."""
    built = _Tree()
    parser = built.parser = safe.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(built)
    try:
        parser.feed(DECLARATION.sub(_same_lines, text))
        parser.close()
    except DefusedXmlException as error:
        raise Unreadable("dtd") from error
    except SAXException as error:
        line = error.getLineNumber() if hasattr(error, "getLineNumber") else 1
        raise Unreadable("xml", line or 1) from error
    if built.root is None:
        raise Unreadable("xml")
    return built.root


def _same_lines(found: re.Match[str]) -> str:
    """The text is decoded already: what the declaration says of it is no longer true."""
    return "\n" * found[0].count("\n")
