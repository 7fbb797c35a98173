"""The Markdown box's preview, and pictures: nothing is stored or served as it came."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.roles import AGENT, MANAGER, TRAINEE, TRAINER
from knowledge.markdown import render
from knowledge.services import pictures
from tests import factories

PREVIEW, UPLOAD = "/markdown/preview/", "/markdown/pictures/"
ROLES = (TRAINEE, AGENT, TRAINER, MANAGER)


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(factories.person(role, locale="en"), "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client(db: None) -> Client:
    return client_of(TRAINER)


# Preview


def test_preview_is_the_site_s_own_rendering(client: Client) -> None:
    text = "**先听**再说\n\n<script>alert(1)</script>[x](javascript:alert(1))"
    response = client.post(PREVIEW, {"text": text})
    assert (response.status_code, response.content.decode()) == (200, render(text))
    assert response.headers["X-Fragment"] == "preview"


def test_preview_is_a_post_of_limited_length(client: Client) -> None:
    assert client.get(PREVIEW).status_code == 405
    assert client.post(PREVIEW, {"text": "字" * 20_000}).status_code == 200
    assert client.post(PREVIEW, {"text": "字" * 20_001}).status_code == 413


@pytest.mark.parametrize("path", [PREVIEW, UPLOAD])
def test_who_may_write(db: None, path: str) -> None:
    """markdownx's own addresses ask nobody who they are."""
    statuses = {role: client_of(role).post(path, {"text": "x"}).status_code for role in ROLES}
    trainer = 200 if path == PREVIEW else 422
    assert statuses == {"trainee": 403, "agent": 403, "trainer": trainer, "manager": 403}
    assert Client().post(path, {"text": "x"}).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", [PREVIEW, UPLOAD])
def test_another_site_cannot_post(db: None, path: str) -> None:
    """The token of the form is asked for, though the size of an upload is looked at before it."""
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(factories.person(TRAINER), "django.contrib.auth.backends.ModelBackend")
    assert careful.post(path, {"image": upload(picture())}).status_code == 403


# Pictures


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 0).save(out, form, **options)
    return out.getvalue()


def upload(data: bytes, name: str = "p.png", declared: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, declared)


def send(client: Client, data: bytes, name: str = "p.png", declared: str = "image/png") -> Any:
    return client.post(UPLOAD, {"image": upload(data, name, declared)})


def stored(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "I;16"), ("PNG", "LA"), ("JPEG", "RGB"),
     ("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGBA"), ("GIF", "P")],
)  # fmt: skip
def test_picture_becomes_webp(client: Client, media_root: Path, form: str, mode: str) -> None:
    """Whatever its name says: the content decides."""
    response = send(client, picture(form, mode=mode), "anything.txt", "text/plain")
    assert response.status_code == 200, response.content
    (path,) = stored(media_root)
    assert response.json() == {"markdown": f"![what the picture shows](/media/pictures/{path.name})"}
    assert (Image.open(path).format, Image.open(path).size) == ("WEBP", (40, 30))
    assert f'src="/media/pictures/{path.name}"' in render(response.json()["markdown"])


def test_large_picture_is_made_small(client: Client, media_root: Path) -> None:
    send(client, picture("JPEG", (4000, 3000)))
    assert Image.open(stored(media_root)[0]).size == (1600, 1200)


def test_transparency_is_kept(client: Client, media_root: Path) -> None:
    send(client, picture("PNG", mode="RGBA"))
    assert Image.open(stored(media_root)[0]).convert("RGBA").getpixel((0, 0))[3] == 0


def test_first_frame_of_an_animation(client: Client, media_root: Path) -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "lime")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert send(client, out.getvalue()).status_code == 200
    kept = Image.open(stored(media_root)[0])
    red, green, blue = kept.convert("RGB").getpixel((10, 10))
    assert (getattr(kept, "n_frames", 1), red > 200, green < 60, blue < 60) == (1, True, True, True)


def test_upright_and_without_metadata(client: Client, media_root: Path) -> None:
    """A phone writes where the picture was taken into it, and lays portraits on their side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "camera of somebody"
    send(client, picture("JPEG", (40, 20), exif=exif))
    path = stored(media_root)[0]
    assert Image.open(path).size == (20, 40)
    assert dict(Image.open(path).getexif()) == {}
    assert b"camera of somebody" not in path.read_bytes()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, body: bytes = b"", *before: bytes) -> bytes:
    """A PNG as somebody hostile writes it: any size in the head, any body."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(before) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE: dict[str, tuple[Callable[[], bytes], int]] = {
    "html named gif": (lambda: b"<html><script>alert(1)</script></html>", 422),
    "html behind a gif head": (lambda: b"GIF89a<script>alert(1)</script>", 422),
    "svg": (lambda: SVG, 422),
    "svg with an xml head": (lambda: b'<?xml version="1.0"?>' + SVG, 422),
    "empty": (lambda: b"\x00", 422),
    "truncated png": (lambda: picture("PNG", (300, 300))[:60], 422),
    "truncated jpeg": (lambda: picture("JPEG", (300, 300))[:-200], 422),
    "truncated webp": (lambda: picture("WEBP", (300, 300))[:40], 422),
    "truncated gif": (lambda: picture("GIF", (300, 300), mode="P")[:30], 422),
    "png without a body": (lambda: png(100, 100), 422),
    "png of no width": (lambda: png(0, 100), 422),
    "png with a broken checksum": (lambda: picture()[:20] + b"\xff" + picture()[21:], 422),
    "png that says 60000 x 60000": (lambda: png(60_000, 60_000, zlib.compress(b"")), 413),
    "png that says 2 billion a side": (lambda: png(2**31 - 1, 2**31 - 1), 413),
    "more than 24 million pixels": (lambda: picture("PNG", (6001, 4000), mode="1"), 413),
    "bomb in a text chunk": (
        lambda: png(10, 10, b"", chunk(b"zTXt", b"c\x00\x00" + zlib.compress(bytes(100_000_000)))),
        422,
    ),
    "tiff": (lambda: picture("TIFF"), 422),
    "bmp": (lambda: picture("BMP"), 422),
    "icon": (lambda: picture("ICO", (16, 16)), 422),
    "pdf": (lambda: picture("PDF"), 422),
    "postscript": (lambda: picture("EPS"), 422),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(client: Client, media_root: Path, name: str) -> None:
    """A sentence, no crash, nothing on the disk."""
    make, status = HOSTILE[name]
    response = send(client, make(), "innocent.gif", "image/gif")
    assert response.status_code == status, response.content
    assert list(response.json()) == ["error"]
    assert stored(media_root) == []


def test_script_hidden_behind_a_picture_is_left_behind(client: Client, media_root: Path) -> None:
    """A file may be a picture and a page at once; written anew it is only the picture."""
    assert send(client, picture("GIF", mode="P") + b"<script>alert(1)</script>").status_code == 200
    assert b"script" not in stored(media_root)[0].read_bytes()


def test_too_many_bytes(client: Client, media_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by the size of the request, before anybody reads it, and by the size of the file."""
    assert send(client, bytes(pictures.MAX_BYTES + 1)).status_code == 413
    before_reading = client.post(
        UPLOAD, data=b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="9" * 9
    )
    assert before_reading.status_code == 413
    assert stored(media_root) == []


def test_no_file(client: Client) -> None:
    assert client.post(UPLOAD, {"image": "text"}).status_code == 422
    assert client.get(UPLOAD).status_code == 405


def test_full_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    response = send(client, picture())
    assert (response.status_code, list(response.json())) == (503, ["error"])


def test_full_disk_while_the_picture_arrives(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large one waits in a file of its own before anybody looks at it; the editor is told the same sentence."""

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", full)
    response = send(client, bytes(3_000_000))
    assert (response.status_code, list(response.json())) == (503, ["error"])


# Media


@pytest.fixture
def kept(client: Client, media_root: Path) -> str:
    send(client, picture())
    return f"/media/pictures/{stored(media_root)[0].name}"


def test_media_cannot_run_anything(as_agent: Client, kept: str) -> None:
    response = as_agent.get(kept)
    headers = ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy", "Content-Disposition")
    assert response.status_code == 200
    assert [response.headers.get(name, "").split(";")[0] for name in headers[:2]] == ["image/webp", "nosniff"]
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert Image.open(BytesIO(b"".join(response))).format == "WEBP"


def test_media_is_behind_sign_in(kept: str) -> None:
    assert Client().get(kept).headers["Location"] == f"/accounts/login/?next={kept}"


def test_other_files_are_only_downloaded(as_agent: Client, media_root: Path) -> None:
    """Whatever else lands in the folder never opens as a page."""
    (media_root / "evil.html").write_text("<script>alert(1)</script>")
    response = as_agent.get("/media/evil.html")
    disposition = response.headers["Content-Disposition"].split(";")[0]
    assert (response.headers["Content-Type"], disposition) == ("application/octet-stream", "attachment")


@pytest.mark.parametrize(
    "name",
    ["pictures/none.webp", "pictures/", "../secret-key", "..%2fsecret-key", "pictures/../../x", "%00", "a" * 400],
)
def test_media_stays_in_its_folder(as_agent: Client, media_root: Path, name: str) -> None:
    (media_root.parent / "secret-key").write_text("secret")
    assert as_agent.get(f"/media/{name}").status_code == 404


def test_markdownx_s_own_addresses_do_not_exist(client: Client) -> None:
    for path in ("/markdownx/markdownify/", "/markdownx/upload/"):
        assert client.post(path, {"content": "x"}).status_code == 404
