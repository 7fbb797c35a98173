"""YAML that people edit: read as strings only, written in one canonical form.

Plain YAML turns `no` into False and 12:30:00 into 45000; nothing here ever does. Reading keeps the line of
every value, so that an error can say where. Writing uses a fixed key order (the mapping's own), literal blocks
for texts of several lines and no wrapping, so that export(load(file)) is the file again, byte for byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import yaml
from django.utils.translation import gettext as _

MAX_BYTES = 5 * 1024 * 1024
# Controls, NEL and the line separators: YAML either refuses them without a line or folds them into a space.
NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class FileProblem(Exception):
    """A file that cannot be used: path, line (1 based) and a sentence."""

    def __init__(self, path: Path | PurePath | str, line: int, sentence: str) -> None:
        self.path, self.line, self.sentence = str(path), line, sentence
        super().__init__(f"{Path(path).name}:{line}: {sentence}")


@dataclass(slots=True)
class Parsed:
    """A file's value and the line on which each part of it stands, by path of keys and indexes."""

    path: Path | PurePath
    value: Any
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    status: str = ""  # of the item, where its file says that it is not published

    def problem(self, at: tuple[str | int, ...], sentence: str) -> FileProblem:
        """The problem at a path, on the line of the nearest part that exists."""
        known = at
        while known and known not in self.lines:
            known = known[:-1]
        where = "/".join(str(part + 1 if isinstance(part, int) else part) for part in at)
        return FileProblem(self.path, self.lines.get(known, 1), f"{where}: {sentence}" if where else sentence)


def read(path: Path) -> Parsed:
    """Parse one UTF-8 YAML file. Raises FileProblem on anything that is not plain nested text."""
    return parse(path, read_text(path))


def split_matter(path: Path | PurePath, text: str) -> tuple[Parsed, str]:
    """A text with YAML between two `---` lines before it: the YAML, and the text as it stands.

    The text's first line is the parsed value's line of `body`; `path` is for the messages. Raises FileProblem.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    end = next((at for at, line in enumerate(lines) if at and line.rstrip() == "---"), 0)
    if lines[0].rstrip() != "---" or not end:
        raise FileProblem(path, 1, _("the file begins with its keys between two lines of ---"))
    # The first line stays: to YAML it is the start of a document, and every line keeps its number.
    parsed = parse(path, "\n".join(lines[:end]))
    parsed.lines["body",] = end + 2
    return parsed, "\n".join(lines[end + 1 :])


def read_text(path: Path) -> str:
    """The text of a UTF-8 file without a byte order mark. Raises FileProblem."""
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            raise FileProblem(path, 1, _("the file is over 5 MB"))
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FileProblem(path, line, _("the file is not UTF-8")) from error
    except OSError as error:
        raise FileProblem(path, 1, _("cannot be read: %s") % error.strerror) from error
    if odd := NOT_TEXT.search(text):
        raise FileProblem(path, text.count("\n", 0, odd.start()) + 1, _("control characters are not allowed"))
    return text


def parse(path: Path | PurePath, text: str) -> Parsed:
    """The value of a YAML text and its lines; `path` is for the messages. Raises FileProblem."""
    try:
        node = _compose(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        sentence = _("not valid YAML: %s") % (getattr(error, "problem", None) or error)
        raise FileProblem(path, mark.line + 1 if mark else 1, sentence) from error
    if node is None:
        raise FileProblem(path, 1, _("the file is empty"))
    parsed = Parsed(path, None)
    parsed.value = _value(parsed, node, (), set())
    return parsed


# What libyaml may read: it is sixteen times faster, but deep nesting overruns its stack and ends the process.
SHALLOW_LINE, SHALLOW_BRACKETS = 1000, 500


def _compose(text: str) -> yaml.Node | None:
    """The nodes of a text. Whatever libyaml cannot read or should not try, the slow reader judges and explains."""
    brackets, longest = text.count("[") + text.count("{"), max(map(len, text.split("\n")))
    if brackets < SHALLOW_BRACKETS and longest < SHALLOW_LINE and yaml.__with_libyaml__:
        with suppress(yaml.YAMLError):
            return yaml.compose(text, Loader=yaml.CBaseLoader)
    return yaml.compose(text, Loader=yaml.BaseLoader)


def _value(parsed: Parsed, node: yaml.Node, at: tuple[str | int, ...], seen: set[int]) -> Any:
    parsed.lines[at] = node.start_mark.line + 1
    if id(node) in seen:  # an anchor: it may contain itself, or swell a small file into gigabytes
        raise parsed.problem(at, _("write the text out here; anchors are not read"))
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(parsed, item, (*at, index), seen) for index, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise FileProblem(parsed.path, key.start_mark.line + 1, _("a key must be a word"))
        if key.value in result:
            raise FileProblem(parsed.path, key.start_mark.line + 1, _("the key %r stands here twice") % key.value)
        result[key.value] = _value(parsed, value, (*at, key.value), seen)
    return result


def dump(value: Any) -> str:
    """The canonical text of nested mappings, lists and strings. Ends with a line break."""
    return "\n".join(_lines(value, 0)) + "\n"


def _lines(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{pad}{_scalar(key)}:", item, depth + 1)
    else:
        for item in value:
            yield from _item(pad, item, depth)


def _item(pad: str, item: Any, depth: int) -> Iterator[str]:
    if isinstance(item, str) or not item:
        yield from _entry(f"{pad}-", item, depth + 1)
        return
    first, *rest = _lines(item, depth + 1)
    yield f"{pad}- {first.lstrip()}"
    yield from rest


def _entry(head: str, item: Any, depth: int) -> Iterator[str]:
    if not isinstance(item, str):
        if item:
            yield head
            yield from _lines(item, depth)
        else:
            yield f"{head} {'{}' if isinstance(item, dict) else '[]'}"
    elif "\n" in item and item != item.strip():  # a literal block would lose the white space around it
        yield f"{head} {json.dumps(item, ensure_ascii=False)}"
    elif "\n" in item:
        yield f"{head} |-"
        yield from ("  " * depth + line if line else "" for line in item.split("\n"))
    else:
        yield f"{head} {_scalar(item)}"


SAFE = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<~][^\t]*\Z")
RESOLVER = yaml.resolver.Resolver()


def _scalar(text: str) -> str:
    """Plain where any YAML reader would see the same string, else single quoted."""
    plain = (
        SAFE.match(text)
        and text == text.strip()
        and ": " not in text
        and " #" not in text
        and not text.endswith(":")
        and RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"
    )
    return text if plain else "'" + text.replace("'", "''") + "'"
