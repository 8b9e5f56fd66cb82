"""Crops on a frame whose pixels say where they come from."""

from __future__ import annotations

import numpy as np

from affectflow.faces.crop import box_square, whole_face, whole_frame
from affectflow.faces.face import Face


def ramp(height: int, width: int) -> np.ndarray:
    """uint8 [h, w, 3]: red is the column, green the row."""
    frame = np.zeros((height, width, 3), np.uint8)
    frame[..., 0] = np.arange(width)
    frame[..., 1] = np.arange(height)[:, None]
    return frame


def face_at(x: int, y: int, w: int, h: int, frame: np.ndarray) -> Face:
    height, width = frame.shape[:2]
    box = (x / width, y / height, w / width, h / height)
    return Face(box, whole_face(112).landmarks, 0.9)


def test_a_box_at_its_own_size_is_that_part_of_the_frame():
    frame = ramp(120, 160)
    found = box_square(frame, face_at(40, 20, 64, 64, frame), 64)
    np.testing.assert_array_equal(found, frame[20:84, 40:104])


def test_a_box_that_is_no_square_is_widened_about_its_middle():
    frame = ramp(120, 160)
    # 32 wide and 64 high at (60, 20): 16 more on either side.
    found = box_square(frame, face_at(60, 20, 32, 64, frame), 64)
    np.testing.assert_array_equal(found, frame[20:84, 44:108])


def test_a_box_is_brought_to_size_by_averaging():
    frame = ramp(120, 160)
    found = box_square(frame, face_at(40, 20, 64, 64, frame), 32)
    # Each pixel is the mean of 2x2: columns 40 and 41 give 40.5.
    expected = np.stack([frame[20:84:2, 40:104:2, 0] + 0.5, frame[20:84:2, 40:104:2, 1] + 0.5], -1)
    np.testing.assert_allclose(found[..., :2], expected, atol=1)


def test_beyond_the_frame_is_black():
    frame = ramp(120, 160) + 1
    found = box_square(frame, face_at(-32, 0, 64, 64, frame), 64)
    assert not found[:, :32].any()
    np.testing.assert_array_equal(found[:, 32:], frame[:64, :32])


def test_all_of_the_frame_whatever_its_aspect():
    frame = ramp(120, 160)
    found = whole_frame(frame, 40)
    assert found.shape == (40, 40, 3)
    # 4x3 pixels to one: the first column is the mean of columns 0 to 3.
    np.testing.assert_allclose(found[:, 0, 0], 1.5, atol=0.51)
    assert whole_frame(frame[:40, :40], 40).base is frame
    assert whole_frame(frame, 200).shape == (200, 200, 3)
