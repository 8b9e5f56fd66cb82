"""The settings choose the crop."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.data import astronaut

from affectflow.faces.align import align_face
from affectflow.faces.crop import box_square, whole_face, whole_frame
from affectflow.faces.cropper import create_cropper
from affectflow.faces.detectors import create_detector
from affectflow.faces.level import Leveller
from affectflow.faces.mask import FaceMask
from affectflow.faces.settings import CROPS, FaceSettings

SIZE = 64


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    """The astronaut's head and shoulders, wider than high: uint8 [240, 300, 3]."""
    return np.ascontiguousarray(astronaut()[10:250, 75:375])


@pytest.fixture(scope="module")
def face(image):
    detector = create_detector(FaceSettings())
    found = detector.detect(image)[0]
    detector.close()
    return found


def by_hand(crop, image, face):
    return {
        "aligned": lambda: align_face(image, face, SIZE),
        "box": lambda: box_square(image, face, SIZE),
        "whole": lambda: whole_frame(image, SIZE),
        "level": lambda: whole_frame(Leveller()(image), SIZE),
        "masked": lambda: FaceMask()(align_face(image, face, SIZE)),
    }[crop]()


@pytest.mark.parametrize("crop", CROPS)
def test_the_settings_choose(crop, image, face):
    cropper = create_cropper(FaceSettings(crop=crop, size=SIZE))
    found = cropper.crop(image, face)
    cropper.close()
    assert found.shape == (SIZE, SIZE, 3)
    np.testing.assert_array_equal(found, by_hand(crop, image, face))


@pytest.mark.parametrize("crop", CROPS)
def test_an_image_that_is_a_face_already_is_cut_no_further(crop, image):
    cropper = create_cropper(FaceSettings(crop=crop, size=SIZE))
    found = cropper.fit(image)
    cropper.close()
    plain = whole_frame(image, SIZE)
    expected = {"level": by_hand("level", image, None), "masked": None}.get(crop, plain)
    if expected is None:
        expected = FaceMask()(plain)
    np.testing.assert_array_equal(found, expected)
    assert cropper.changes == (crop in ("level", "masked"))


@pytest.mark.parametrize("crop", ["whole", "level"])
def test_faces_that_fill_the_image_are_not_looked_for(crop, image):
    detector = create_detector(FaceSettings(crop=crop, size=SIZE))
    (found,) = detector.detect(np.zeros_like(image))
    assert found.box == whole_face(SIZE).box
