"""Zipped files from strangers: looked at before anything is unpacked."""

from __future__ import annotations

import io
import zipfile

from django.utils.translation import gettext as _

from knowledge.tables.guard import MAX_PACKED, Refused, in_megabytes, too_large

MAX_UNPACKED = 50 * 1024 * 1024
MAX_ENTRIES = 200
MAX_RATIO = 200  # of an entry over 1 MB; a sheet of equal rows packs to a hundredth
RATIO_FROM = 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old, and of encrypted, office files
NESTED = (".zip", ".xlsx", ".xlsm", ".docx", ".jar", ".7z", ".rar", ".gz", ".bz2", ".xz")
ENCRYPTED = 0x1


def open_zip(data: bytes, *, most: int = MAX_ENTRIES) -> zipfile.ZipFile:
    """The archive, when it is small, honest and flat. Raises Refused.

    What an entry says of its size is the most that zipfile will ever give of it, so the sum is a true limit.
    """
    if len(data) > MAX_PACKED:
        raise too_large(MAX_PACKED)
    if data.startswith(OLE):
        raise Refused(_("The file is protected by a password, or in the old format. Save it without a password, anew."))
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise _damaged() from error
    names = [entry.filename for entry in entries]
    if len(entries) > most:
        raise Refused(_("There are more than %d files in this file; it is not what it says it is.") % most)
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Refused(_("The file is protected by a password. Save it without one and try again."))
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED or any(map(_swells, entries)):
        text = _("Unpacked, the file would be larger than %(size)d MB. It was not opened. Split it and try again.")
        raise Refused(text % {"size": in_megabytes(MAX_UNPACKED)})
    if any(name.lower().endswith(NESTED) for name in names) or len(set(names)) < len(names):
        raise Refused(_("There are packed files inside this file. It was not opened."))
    return archive


def content(archive: zipfile.ZipFile, name: str) -> bytes:
    """One entry. Raises Refused when it is damaged."""
    try:
        return archive.read(name)
    except Exception as error:  # zlib, lzma, CRC, an unknown method: nearly anything
        raise _damaged() from error


def _swells(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)


def _damaged() -> Refused:
    return Refused(_("The file is damaged or not what its name says. Save it anew and try again."))
