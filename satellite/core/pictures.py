"""Pictures for the model: JPEG or PNG, bounded, as the data URI that a Realtime server takes."""

from __future__ import annotations

import binascii

MAX_PICTURE_BYTES = 512_000
"""An uplink of one megabit per second takes five seconds for it, while speech has to wait; with
base64 it stays below the megabyte that many servers take as one message."""
MAX_BASE64_BYTES = (MAX_PICTURE_BYTES + 2) // 3 * 4
_KINDS = ((b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"))


class PictureError(ValueError):
    """The message says what is wrong with it, as the rest of a sentence that begins with "it"."""


def data_uri(picture: bytes) -> str:
    """The picture as a data URI.

    Raises:
        PictureError: it is too large, or neither JPEG nor PNG.
    """
    check_size(len(picture))
    for begin, kind in _KINDS:
        if picture.startswith(begin):
            text = binascii.b2a_base64(picture, newline=False).decode("ascii")
            return f"data:image/{kind};base64,{text}"
    raise PictureError("is neither JPEG nor PNG")


def check_size(size_bytes: int) -> None:
    """Raises ``PictureError`` for a picture that is too large."""
    if size_bytes > MAX_PICTURE_BYTES:
        raise PictureError(
            f"has {size_bytes / 1000:.0f} kB, and {MAX_PICTURE_BYTES // 1000} kB are taken:"
            " a lower resolution or quality helps"
        )


def from_base64(text: bytes | str) -> bytes:
    """What base64 stands for. Raises ``PictureError``."""
    try:
        return binascii.a2b_base64(text)
    except ValueError:  # not base64, or not ASCII
        raise PictureError("is not base64") from None
