"""A lesson as a Markdown file: <course>/<nn>-<slug>.md, its keys as YAML between two lines of ---, then its text.

A file without keys is read too: its title is its first heading, and what it has not is left open.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import PurePath

from django.utils.translation import gettext as _

from knowledge import files
from knowledge.documents import SLUG, Document, take_status, tidy, tidy_document, with_status
from knowledge.files import FileProblem, Parsed

MATTER = ("title", "minutes", "facts", "takeaways", "checks")
NAME = re.compile(r"(\d{2})-([a-z0-9-]+)\.md\Z", re.ASCII)
_NUMBERED = re.compile(r"(\d{1,4})[-_. ]+(.+)\Z", re.ASCII)
_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_PICTURE = re.compile(r"!\[([^\[\]]{0,200})\]\([ ]?<?([^()\s<>]{1,500})>?[^()]{0,200}\)")
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|/)", re.IGNORECASE)
FENCE = "```"


@dataclass(slots=True)
class LessonFile:
    """A file that was read. `document` has no key for what the file says nothing of; `parsed` knows the lines."""

    path: PurePath
    document: Document
    parsed: Parsed = field(default_factory=lambda: Parsed(PurePath(), None))
    lost: list[str] = field(default_factory=list)
    status: str = ""  # where the file says that the lesson is not published


def folder_of(path: PurePath) -> str:
    return path.parent.name


def with_matter(path: PurePath, text: str) -> LessonFile:
    """A file with its keys. Raises FileProblem."""
    name = NAME.match(path.name)
    if not name:
        raise FileProblem(str(path), 1, _("the file's name is two digits, a hyphen and the slug"))
    parsed, body = files.split_matter(path, text)
    if not isinstance(parsed.value, dict) or set(parsed.value) - {"status"} != set(MATTER):
        raise parsed.problem((), _("the keys here are %s") % "、".join(MATTER))
    first = parsed.lines["body",] + len(body) - len(body.lstrip("\n"))
    matter = tidy_document(parsed.value)
    status, wrong = take_status(matter)
    if wrong:
        raise parsed.problem(*wrong[0])
    head = {"course": folder_of(path), "slug": name[2], "position": str(int(name[1]))}
    document = head | {key: matter[key] for key in MATTER} | {"body": tidy(body)}
    parsed.lines |= {("body", at): first + at for at in range(document["body"].count("\n") + 1)}
    return LessonFile(path, document, parsed, status=status)


def has_matter(text: str) -> bool:
    """Whether a file begins with keys between two lines of ---."""
    lines = text.split("\n")
    return lines[0].rstrip() == "---" and any(line.rstrip() == "---" for line in lines[1:])


def without_matter(path: PurePath, text: str) -> LessonFile:
    """A Markdown file of anybody's. Course and slug come from its address, the title from its first heading."""
    stem = tidy(path.name.removesuffix(".md"))
    numbered = _NUMBERED.match(stem)
    name = (numbered[2] if numbered else stem).lower().replace("_", "-").replace(" ", "-")
    slug = name if SLUG.match(name) else f"lesson-{hashlib.sha256(str(path).encode()).hexdigest()[:10]}"
    title, body = _titled(tidy(text), numbered[2] if numbered else stem)
    found = LessonFile(path, {"course": folder_of(path), "slug": slug, "title": title})
    if numbered:
        found.document["position"] = str(int(numbered[1]))
    found.document["body"] = tidy(_without_pictures(body, found.lost))
    return found


def _titled(text: str, otherwise: str) -> tuple[str, str]:
    """Title and the text without it. A heading further down stays in the text as well."""
    lines, fenced = text.split("\n"), False
    for at, line in enumerate(lines):
        fenced ^= line.startswith(FENCE)
        if not fenced and _HEADING.match(line):
            above = [one for one in lines[:at] if one.strip()]
            return line.strip("# \t"), text if above else "\n".join(lines[at + 1 :])
    return otherwise, text


def _without_pictures(text: str, lost: list[str]) -> str:
    """Pictures that lie beside the file do not come with it: their words stay, and which they were is told."""

    def replace(found: re.Match[str]) -> str:
        if _ELSEWHERE.match(found[2]):
            return found[0]
        lost.append(found[2])
        return f"[{found[1]}]" if found[1] else ""

    return _PICTURE.sub(replace, text)


def name_of(document: Document) -> str:
    """The address of a lesson's file below the folder of all lessons."""
    return f"{document['course']}/{int(document['position']):02d}-{document['slug']}.md"


def dump(document: Document, status: str = "") -> str:
    matter = files.dump(with_status({key: document[key] for key in MATTER}, status))
    return f"---\n{matter}---\n{document['body']}\n"
