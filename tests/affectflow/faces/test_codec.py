from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from affectflow.faces.codec import decode_image, encode_image, image_size
from affectflow.faces.settings import FaceSettings


@pytest.fixture
def ramp() -> np.ndarray:
    """Red grows to the right, green downwards, blue is constant: channels cannot be confused."""
    y, x = np.mgrid[0:112, 0:112]
    return np.dstack([x * 2, y, np.full_like(x, 200)]).astype(np.uint8)


def test_png_comes_back_exactly(ramp):
    data = encode_image(ramp, FaceSettings(image_format="png"))
    assert data.startswith(b"\x89PNG")
    np.testing.assert_array_equal(decode_image(data), ramp)


def test_jpeg_comes_back_nearly_and_by_its_quality(ramp):
    data = encode_image(ramp, FaceSettings())
    assert data.startswith(b"\xff\xd8")
    assert np.abs(decode_image(data).astype(int) - ramp).mean() < 2
    assert len(encode_image(ramp, FaceSettings(jpeg_quality=30))) < len(data)


def test_no_other_format_reaches_opencv(ramp):
    data = io.BytesIO()
    Image.fromarray(ramp).save(data, "JPEG2000")
    # OpenCV itself would take it.
    assert cv2.imdecode(np.frombuffer(data.getvalue(), np.uint8), cv2.IMREAD_COLOR) is not None
    assert decode_image(data.getvalue()) is None
    assert image_size(data.getvalue()) is None


def test_a_size_is_read_off_the_head(ramp):
    assert image_size(encode_image(ramp[:40], FaceSettings())) == (112, 40)
    assert image_size(b"\x89PNG\r\n\x1a\n cut") is None


@pytest.mark.parametrize("data", [b"", b"words", b"\xff\xd8\xff"])
def test_what_is_no_image_is_none(data):
    assert decode_image(data) is None
