"""Images as videos of one frame."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from affectflow.corpora.clip import Clip
from affectflow.corpora.files import is_image
from affectflow.corpora.pixel_table import open_table
from affectflow.errors import RejectedClip
from affectflow.faces.codec import check_image_side
from affectflow.faces.settings import FaceSettings
from affectflow.video.decode import Frame
from affectflow.video.reject import check_file, rejected

# Those of the endings that are taken for images (affectflow.corpora.files), and no other decoder.
_FORMATS = ("BMP", "JPEG", "PNG", "TIFF")


def is_still(clip: Clip) -> bool:
    """Whether a clip is one image: a file, or an item of a table."""
    return bool(clip.item) or is_image(clip.source.name)


def read_still(clip: Clip, settings: FaceSettings) -> Frame:
    """The image of a clip as frame 0, upright, brought down to ``settings.max_side``.

    Raises:
        RejectedClip: unreadable or bad_size; a ``TransientReject`` where another try may go better.
    """
    if clip.item:
        rgb = open_table(clip.source).image(int(clip.item))
        return Frame(0, math.nan, rgb, (rgb.shape[1], rgb.shape[0]))
    rgb, size = _read_file(clip.source, settings)
    return Frame(0, math.nan, rgb, size)


def _read_file(path: Path, settings: FaceSettings) -> tuple[np.ndarray, tuple[int, int]]:
    """The picture that is looked at, and its width and height in the file."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    state = check_file(path)
    try:
        with Image.open(path, formats=_FORMATS) as image:
            check_image_side(path, image.size, settings)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError as error:
        raise RejectedClip("bad_size", f"{path}: {error}") from error
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        # What Pillow raises on damaged files differs with their format; an error of the system has
        # a number.
        machine = str(error.strerror) if isinstance(error, OSError) and error.errno else ""
        detail = f"no image that can be read: {error}"
        raise rejected("unreadable", path, detail, machine, state) from error
    size = upright.size
    upright.thumbnail((settings.max_side, settings.max_side))
    return np.asarray(upright), size
