"""Crops as JPEG or PNG bytes and back."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np

from affectflow.errors import RejectedClip
from affectflow.faces.settings import FaceSettings

_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def encode_image(rgb: np.ndarray, settings: FaceSettings) -> bytes:
    """``rgb``, uint8 [height, width, 3], in the settings' image format."""
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    if settings.image_format == "jpeg":
        done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, settings.jpeg_quality])
    else:
        done, data = cv2.imencode(".png", bgr)
    if not done:
        raise ValueError(f"cannot encode an image of shape {rgb.shape}, {rgb.dtype}")
    return bytes(data)


def check_image_side(path: Path, size: tuple[int, int], settings: FaceSettings) -> None:
    """Refuses, before there are pixels, what few bytes may state: RejectedClip, bad_size."""
    width, height = size
    if max(size) > settings.limit_side:
        raise RejectedClip(
            "bad_size",
            f"{path}: an image of {width}x{height}; the limit is {settings.limit_side}",
        )


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height that an image's head states; None where it is neither JPEG nor PNG.

    Raises:
        RejectedClip: it states more pixels than anybody's memory holds.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            return image.size
    except Image.DecompressionBombError as error:
        raise RejectedClip("bad_size", str(error)) from error
    except (OSError, ValueError, SyntaxError):
        return None


def decode_image(data: bytes) -> np.ndarray | None:
    """uint8 [height, width, 3], RGB; None where ``data`` is no whole JPEG or PNG.

    OpenCV takes a picture for what it begins with, whatever its file is called. Its decoders of
    other formats are not asked: that of JPEG 2000 had a hole up to 4.11 (CVE-2025-53644), and 4.12
    does not go with TensorFlow's NumPy.
    """
    if not data.startswith(_BEGINNINGS):
        return None
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if bgr is None else cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
