"""Pages put together from what was made and compressed once.

Rendering a page and compressing it cost more than all it takes to know what stands on it, and most of a page is the
same for everybody. So a page is rendered once with holes where its reader comes in, and kept under everything else it
depends on; a request fills the holes. A piece is deflated by itself, up to a byte boundary and without looking back
(zlib's full flush), so that pieces and what is new can follow one another in one gzip stream (RFC 1951, RFC 1952).
"""

from __future__ import annotations

import re
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

KEPT = 24 * 3600  # seconds; what is kept is never wrong, only no longer asked for
_ACCEPTS = re.compile(r"\bgzip\b")
_RAW = -15  # a deflate stream without a header of its own
_END = b"\x03\x00"  # an empty last block
_STORED = 1024  # bytes up to which compressing costs more than it saves


class Piece(NamedTuple):
    """A run of the page: its bytes, and the same deflated."""

    plain: bytes
    deflated: bytes


Filling = str | Piece | Iterable["Filling"]


def piece(html: str, level: int = 9) -> Piece:
    """The piece of this HTML. Something short is put in as it is, in a block that says so."""
    plain = html.encode()
    if len(plain) < _STORED and level < 9:
        size = len(plain).to_bytes(2, "little")
        return Piece(plain, b"\x00" + size + bytes(255 - byte for byte in size) + plain)
    engine = zlib.compressobj(level, zlib.DEFLATED, _RAW)
    return Piece(plain, engine.compress(plain) + engine.flush(zlib.Z_FULL_FLUSH))


def gzipped(pieces: Iterable[Piece]) -> bytes:
    """One gzip file of the pieces. A file name of random length hides how long they are, as Django's own does."""
    name = secrets.token_urlsafe(75)[: secrets.randbelow(100)].encode()
    parts, check, size = [b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x02\xff", name, b"\x00"], 0, 0
    for one in pieces:
        parts.append(one.deflated)
        check = zlib.crc32(one.plain, check)
        size += len(one.plain)
    return b"".join([*parts, _END, check.to_bytes(4, "little"), (size & 0xFFFFFFFF).to_bytes(4, "little")])


class _Reader:
    """Stands for the reader while a page is rendered: only what the page's key names is known of them."""

    is_authenticated = True

    def __init__(self, is_staff: bool, pk: SafeString, name: SafeString) -> None:
        self.is_staff, self.pk, self.name = is_staff, pk, name

    def __str__(self) -> str:
        return self.name

    __html__ = __str__


def kept(key: str) -> str:
    """The cache key of something that also depends on the release and on the language of the request."""
    return f"{settings.VERSION}/{translation.get_language()}/{key}"


def respond(
    request: HttpRequest, template: str, key: str, context: Mapping[str, Any], holes: Mapping[str, Filling]
) -> HttpResponse:
    """The page of a signed-in reader.

    `context` may depend on nothing but `key`, the release, the language, the theme and whether the reader is staff.
    What else the page shows comes in by `holes`: HTML by the names that the template prints it under. The reader's
    name, form tokens and messages (`flash`) are filled in here.
    """
    reader: Any = request.user
    full = kept(f"page/{template}/{reader.theme}/{reader.is_staff}/{key}")
    frame = cache.get(full)
    if frame is None:
        frame = _frame(request, template, context, holes)
        cache.set(full, frame, KEPT)
    fillings: dict[str, Filling] = {
        **holes,
        "token": get_token(request),
        "name": escape(str(reader)),
        "person": str(reader.pk),
        # Messages are told once: never by a page that has no place for them.
        "flash": told(request) if "flash" in frame else "",
    }
    return delivered(request, _filled(frame, fillings))


def delivered(request: HttpRequest, pieces: Iterable[Piece]) -> HttpResponse:
    """The pieces as one answer, as gzip where the browser takes it."""
    if takes_gzip(request):
        return answer(gzipped(pieces), "gzip")
    return answer(b"".join(one.plain for one in pieces))


def takes_gzip(request: HttpRequest) -> bool:
    return bool(_ACCEPTS.search(request.headers.get("Accept-Encoding", "")))


def answer(body: bytes, encoding: str = "") -> HttpResponse:
    """A body as it goes over the wire."""
    response = HttpResponse(body, headers={"Content-Encoding": encoding} if encoding else None)
    patch_vary_headers(response, ("Accept-Encoding",))
    return response


def told(request: HttpRequest) -> str:
    """The messages that wait for this reader, as HTML."""
    waiting = messages.get_messages(request)
    return render_to_string("components/_messages.html", {"messages": waiting}) if len(waiting) else ""


def _frame(request: HttpRequest, template: str, context: Mapping[str, Any], holes: Iterable[str]) -> list[Piece | str]:
    """The page with the names of its holes between its pieces."""
    mark = secrets.token_hex(8)  # nobody can write the mark of a hole into a page
    at = {name: mark_safe(f"<!--{mark}:{name}-->") for name in (*holes, "token", "name", "person", "flash")}
    whole = {
        **context,
        **at,
        "framed": True,
        "csrf_token": at["token"],
        "user": _Reader(request.user.is_staff, at["person"], at["name"]),
    }
    parts = re.split(rf"<!--{mark}:(\w+)-->", render_to_string(template, whole, request))
    return [part if number % 2 else piece(part) for number, part in enumerate(parts) if part]


def _filled(frame: Iterable[Piece | str], fillings: Mapping[str, Filling]) -> Iterator[Piece]:
    for part in frame:
        yield from _pieces(fillings[part] if isinstance(part, str) else part)


def _pieces(filling: Filling) -> Iterator[Piece]:
    if isinstance(filling, Piece):
        yield filling
    elif isinstance(filling, str):
        if filling:
            yield piece(filling, 1)
    else:
        for one in filling:
            yield from _pieces(one)
