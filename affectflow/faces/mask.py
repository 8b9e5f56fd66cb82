"""Masking: an aligned crop in which what lies outside of the face's outline is black.

Paper 4, Sec. III: "The Faces in the videos were masked using Open Face software which gets the
attention on the Face ignoring the background", 112x112. OpenFace masks by the hull of its own 68
landmarks; here it is the hull of the oval of MediaPipe's face mesh, which takes in the forehead.
"""

from __future__ import annotations

import cv2
import numpy as np

from affectflow.quiet import quiet_stderr

with quiet_stderr():
    from mediapipe.python.solutions import face_mesh

OVAL = sorted({vertex for edge in face_mesh.FACEMESH_FACE_OVAL for vertex in edge})
"""Vertices of the mesh on the face's outline."""

# Where no mesh is found: the ellipse through the median outline of 16 faces (the astronaut and
# four real clips), aligned to the template of 112x112; middle and half axes, pixels.
_MIDDLE, _HALF_AXES = (56.0, 67.5), (40.0, 50.0)

_SHIFT = 4  # bits of the fraction in OpenCV's drawing functions


class FaceMask:
    """Masks aligned crops, each looked at alone: the same crop is masked alike whenever it comes.

    A crop in which the mesh sees nothing, such as one of a face in profile, is masked by an ellipse
    that lies where the template has the face.
    """

    def __init__(self) -> None:
        with quiet_stderr():
            # Static: nothing is carried from one crop to the next.
            self._mesh = face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1)
            # MediaPipe speaks while it starts, which is at the first frame.
            self._mesh.process(np.zeros((64, 64, 3), np.uint8))

    def __call__(self, crop: np.ndarray) -> np.ndarray:
        """The crop, uint8 [size, size, 3], black outside of the face."""
        outline = self.outline(crop)
        size = crop.shape[0]
        inside = ellipse(size) if outline is None else hull(outline, size)
        return np.where(inside[..., np.newaxis], crop, np.uint8(0))

    def outline(self, crop: np.ndarray) -> np.ndarray | None:
        """float64 [36, 2], x and y in pixels of points round the face; None where none is seen."""
        found = self._mesh.process(np.ascontiguousarray(crop)).multi_face_landmarks
        if not found:
            return None
        marks = found[0].landmark
        height, width = crop.shape[:2]
        return np.array([(marks[i].x * width, marks[i].y * height) for i in OVAL], np.float64)

    def close(self) -> None:
        self._mesh.close()


def hull(points: np.ndarray, size: int) -> np.ndarray:
    """Which pixels lie within the convex hull of points [N, 2] in pixels: bool [size, size]."""
    # A landmark at x is in the pixel from floor(x) on, whose middle OpenCV calls floor(x).
    fixed = np.round((points - 0.5) * 2**_SHIFT).astype(np.int32)
    inside = np.zeros((size, size), np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(fixed), 1, shift=_SHIFT)
    return inside.astype(bool)


def ellipse(size: int) -> np.ndarray:
    """Which pixels of an aligned crop a face covers as a rule: bool [size, size]."""
    scale = size / 112
    y, x = np.mgrid[:size, :size] + 0.5
    away = [(at / scale - middle) / half
            for at, middle, half in zip((x, y), _MIDDLE, _HALF_AXES)]  # fmt: skip
    return away[0] ** 2 + away[1] ** 2 <= 1
