"""Crops as JPEG or PNG bytes and back."""

from __future__ import annotations

import cv2
import numpy as np

from affectflow.faces.settings import FaceSettings


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


def decode_image(data: bytes) -> np.ndarray | None:
    """uint8 [height, width, 3], RGB; None where ``data`` is no whole image."""
    if not data:
        return None
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if bgr is None else cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
