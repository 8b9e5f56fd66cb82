from __future__ import annotations

import numpy as np
import pytest

from affectflow.faces.codec import decode_image, encode_image
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


@pytest.mark.parametrize("data", [b"", b"words", b"\xff\xd8\xff"])
def test_what_is_no_image_is_none(data):
    assert decode_image(data) is None
