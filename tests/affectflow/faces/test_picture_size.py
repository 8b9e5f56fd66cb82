from __future__ import annotations

import numpy as np
import pytest

from affectflow.faces.picture_size import PictureSize


def picture(width: int, height: int) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("size", "change"),
    [
        ((640, 360), (False, False)),
        ((320, 180), (True, False)),
        ((427, 240), (True, False)),  # 426.7, to whole pixels
        ((360, 640), (True, True)),
        ((480, 360), (True, True)),  # the pixels' aspect went from 4:3 to 1:1
    ],
)
def test_size_and_shape(size, change):
    sizes = PictureSize()
    assert sizes.change(picture(640, 360)) == (False, False)
    assert sizes.change(picture(*size)) == change
    # It is the new one from then on.
    assert sizes.change(picture(*size)) == (False, False)
