from __future__ import annotations

import builtins
import sys

import numpy as np
import pytest
from skimage.data import astronaut

from affectflow.errors import InputError
from affectflow.faces.align import TEMPLATE_112
from affectflow.faces.detectors import create_detector
from affectflow.faces.detectors.box_points import Proportions, points_in_box
from affectflow.faces.settings import DETECTORS, FaceSettings

# The astronaut's features as read off the photograph, pixels of 512: right eye, left eye, nose
# tip, right and left mouth corner.
ASTRONAUT = np.array([[203, 101], [246, 104], [224, 127], [203, 140], [246, 141]])


# How close the points are to the features, pixels: the mesh sees them, boxes have proportions.
CLOSE = {"mediapipe": 3, "haar": 9, "dlib_hog": 9}


@pytest.fixture(params=DETECTORS)
def built(request):
    if request.param == "dlib_hog":
        pytest.importorskip("dlib", reason="the package dlib-bin is not installed")
    detector = create_detector(FaceSettings(detector=request.param))
    yield detector
    detector.close()


def test_the_astronaut_is_found_with_points_on_the_features(built, request):
    faces = built.detect(astronaut())
    assert len(faces) == 1
    face = faces[0]
    x, y, w, h = np.array(face.box) * 512
    assert x < 203
    assert y < 101
    assert x + w > 246
    assert y + h > 141
    assert 0.5 <= face.score <= 1
    assert face.landmarks.shape == (5, 2)
    assert face.landmarks.dtype == np.float32
    close = CLOSE[request.node.callspec.params["built"]]
    assert np.abs(face.landmarks * 512 - ASTRONAUT).max() < close


def test_two_faces_in_a_wide_frame(built, portrait):
    frame = np.full((240, 420, 3), 90, np.uint8)
    frame[20:220, 5:205] = portrait
    frame[20:220, 215:415] = portrait
    faces = sorted(built.detect(frame), key=lambda face: face.box[0])
    assert len(faces) == 2
    moved = (faces[1].landmarks - faces[0].landmarks) * (420, 240)
    assert np.abs(moved - (210, 0)).max() < 10


def test_no_face_in_nothing(built):
    assert built.detect(np.zeros((120, 160, 3), np.uint8)) == []
    assert built.detect(np.full((9, 7, 3), 200, np.uint8)) == []


def test_a_view_that_is_not_contiguous_will_do(built):
    wide = np.repeat(astronaut(), 2, axis=1)
    assert len(built.detect(wide[:, ::2])) == 1


def test_mediapipe_starts_each_clip_alike(detector, portrait):
    frame = np.full((240, 320, 3), 90, np.uint8)
    frame[20:220, 60:260] = portrait
    other = np.roll(frame, 40, axis=1)
    detector.reset()
    first = [detector.detect(f)[0].landmarks for f in (frame, other)]
    for _ in range(3):
        detector.detect(np.roll(frame, -50, axis=1))
    detector.reset()
    again = [detector.detect(f)[0].landmarks for f in (frame, other)]
    np.testing.assert_array_equal(first, again)


def test_mediapipe_is_silent(capfd):
    create_detector(FaceSettings()).close()
    detector = create_detector(FaceSettings())
    detector.detect(astronaut())
    detector.close()
    assert capfd.readouterr().err == ""


def test_mediapipe_points_without_a_mesh(monkeypatch, detector):
    monkeypatch.setattr(detector, "_mesh_points", lambda rgb, count: [])
    face = detector.detect(astronaut())[0]
    # FaceDetection's own points are coarser, and the corners derived from the mouth's centre do
    # not know of the smile: a quarter of the eyes' distance (43 pixels).
    assert np.abs(face.landmarks * 512 - ASTRONAUT).max() < 43 / 4


def test_a_mesh_elsewhere_is_not_taken(monkeypatch, detector):
    plain = detector.detect(astronaut())[0].landmarks
    away = plain.astype(np.float64) + 0.4
    monkeypatch.setattr(detector, "_mesh_points", lambda rgb, count: [away])
    assert np.abs(detector.detect(astronaut())[0].landmarks - plain).max() < 0.03


def test_points_in_a_box_by_hand():
    # A square box of 100 pixels in a frame of 400x200: eyes 40 apart, mean at its centre.
    box = (0.25, 0.25, 0.25, 0.5)
    points = points_in_box(box, 2.0, Proportions((0.5, 0.5), 0.4)) * (400, 200)
    assert points.mean(0) == pytest.approx([150, 100], abs=1e-3)
    assert points[1, 0] - points[0, 0] == pytest.approx(40, abs=1e-3)
    # Not squeezed by the frame's aspect: the template's own proportions.
    ratio = np.ptp(points[:, 1]) / np.ptp(points[:, 0])
    assert ratio == pytest.approx(np.ptp(TEMPLATE_112[:, 1]) / np.ptp(TEMPLATE_112[:, 0]), 1e-4)


def test_a_missing_package_is_named(monkeypatch):
    real = builtins.__import__

    def without_dlib(name, *args, **more):
        if name == "dlib":
            raise ModuleNotFoundError("No module named 'dlib'", name="dlib")
        return real(name, *args, **more)

    monkeypatch.delitem(sys.modules, "affectflow.faces.detectors.dlib_hog", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_dlib)
    with pytest.raises(InputError, match="needs the package 'dlib'"):
        create_detector(FaceSettings(detector="dlib_hog"))
