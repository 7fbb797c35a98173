"""Pictures for Markdown texts: decoded, made small, written anew. Nothing is stored as it came.

Pillow is imported when the first one comes: most workers never see a picture, and it costs each a megabyte.
"""

from __future__ import annotations

import secrets
import warnings
from io import BytesIO
from typing import IO, TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES = 4 * 1024 * 1024
MAX_PIXELS = 24_000_000
MAX_SIDE = 1600
QUALITY = 82
FOLDER = "pictures"


class PictureRefused(Exception):
    """Why a file cannot be used, as a sentence for the person who sent it."""


class PictureTooLarge(PictureRefused):
    """More bytes or more pixels than we decode."""


def store(upload: IO[bytes]) -> str:
    """Keep a picture as WebP, at most 1600 pixels a side, without its metadata. Returns the name under MEDIA_ROOT.

    What the file is goes by its content, never by its name or declared type; of an animation the first frame
    counts. Raises PictureRefused, and OSError when the disk does.
    """
    data = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise PictureTooLarge(_("The picture is larger than 4 MB. Make it smaller and try again."))
    small = _decode(data)
    out = BytesIO()
    small.save(out, "WEBP", quality=QUALITY)
    return default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.webp", ContentFile(out.getvalue()))


def _decode(data: bytes) -> Image.Image:
    """The picture upright and small. A damaged or hostile file makes Pillow raise nearly anything."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we have a limit of our own
            Image.open(BytesIO(data), formats=FORMATS).verify()
            picture = Image.open(BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureTooLarge(_("The picture has more than 24 million pixels. Make it smaller and try again."))
            picture.draft("RGB", (MAX_SIDE, MAX_SIDE))
            picture.load()
            return _small(picture)
    except PictureRefused:
        raise
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(
            _("The picture has more than 24 million pixels. Make it smaller and try again.")
        ) from error
    except Exception as error:
        raise PictureRefused(_("This is no picture we can read. Use PNG, JPEG, WebP or GIF.")) from error


def _small(picture: Image.Image) -> Image.Image:
    """Upright, at most MAX_SIDE a side, RGB or RGBA. Made small before it is copied: 24 million pixels are 96 MB."""
    from PIL import ImageOps

    mode = "RGBA" if picture.has_transparency_data else "RGB"
    small = picture if picture.mode in {"L", "RGB", "RGBA"} else picture.convert(mode)
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    upright = ImageOps.exif_transpose(small).convert(mode)
    upright.info.clear()  # no place, no camera, no comment
    return upright
