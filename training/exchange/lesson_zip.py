"""Lessons as a zip of Markdown files, in and out. What a stranger's zip may not be is refused before it is unpacked."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from knowledge.documents import Document
from knowledge.files import NOT_TEXT, FileProblem
from knowledge.tables import archive
from knowledge.tables.guard import Refused
from training.exchange import lesson_files
from training.exchange.lesson_files import LessonFile

FOLDER = "lessons"
MOST_FILES = 400
LARGEST = 128 * 1024  # bytes of one lesson; the longest of the starter lessons has 8 KB
UTF8_NAME = 0x800
LEAVINGS = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)")


def read(data: bytes, notes: list[str]) -> Iterator[LessonFile | FileProblem]:
    """Every Markdown file in the order of their addresses, or why it cannot be used. Raises Refused.

    What is in the zip beside them is told in `notes`.
    """
    _refuse_twins(data)
    opened = archive.open_zip(data, most=MOST_FILES)
    entries = sorted(((_path(entry), entry) for entry in opened.infolist()), key=lambda pair: str(pair[0]))
    other, found = [], 0
    for path, entry in entries:
        if entry.is_dir() or LEAVINGS.search(str(path)):
            continue
        if path.suffix.lower() not in (".md", ".markdown"):
            other.append(str(path))
            continue
        found += 1
        yield _file(opened, path, entry, notes)
    if other:
        notes.append(_("Only Markdown files are read; left out: %s") % "、".join(other))
    if not found:
        raise Refused(_("There are no Markdown files (.md) in this file."))


def _refuse_twins(data: bytes) -> None:
    try:
        names = Counter(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except Exception:  # what it is instead is the archive's to tell
        return
    if twins := [name for name, count in names.items() if count > 1]:
        raise Refused(_("Two files have the same name in this file: %s") % twins[0])


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Where an entry wants to lie. Raises Refused for one that wants to lie elsewhere."""
    name = entry.filename
    if not entry.flag_bits & UTF8_NAME:
        name = _named_by_windows(name)
    name = name.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name:
        raise Refused(_("A file in it wants to lie outside its folder: %s. It was not opened.") % name[:80])
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused(_("There is a link instead of a file in it: %s. It was not opened.") % name[:80])
    return PurePosixPath(name)


def _named_by_windows(name: str) -> str:
    """Old zips say nothing of the encoding of their names, and Chinese Windows writes them in GBK."""
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return name


def _file(
    opened: zipfile.ZipFile, path: PurePosixPath, entry: zipfile.ZipInfo, notes: list[str]
) -> LessonFile | FileProblem:
    if entry.file_size > LARGEST:
        return FileProblem(str(path), 1, _("a lesson of more than 128 KB is not read"))
    try:
        text = _decoded(archive.content(opened, entry.filename), path, notes)
        if lesson_files.has_matter(text):
            return lesson_files.with_matter(path, text)
        return lesson_files.without_matter(path, text)
    except FileProblem as problem:
        return problem


def _decoded(raw: bytes, path: PurePosixPath, notes: list[str]) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            raise FileProblem(str(path), raw[: error.start].count(b"\n") + 1, _("the file is not UTF-8")) from error
        notes.append(_("%s was read as GB18030.") % path)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if odd := NOT_TEXT.search(text):
        raise FileProblem(str(path), text.count("\n", 0, odd.start()) + 1, _("control characters are not allowed"))
    return text


def write(lessons: Iterable[tuple[Document, str]]) -> bytes:
    """The zip of these documents with their statuses: the same lessons, the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for document, status in lessons:
            entry = zipfile.ZipInfo(f"{FOLDER}/{lesson_files.name_of(document)}", (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, lesson_files.dump(document, status))
    return out.getvalue()
