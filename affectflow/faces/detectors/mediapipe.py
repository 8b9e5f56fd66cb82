"""MediaPipe (0.10, "solutions"): FaceDetection finds faces, FaceMesh refines the five points."""

from __future__ import annotations

import numpy as np

from affectflow.faces.align import TEMPLATE_112
from affectflow.faces.face import Box, Face, overlap
from affectflow.faces.settings import FaceSettings
from affectflow.quiet import quiet_stderr

with quiet_stderr():
    from mediapipe.python.solutions import face_detection, face_mesh

MAX_MESHES = 4

# Vertices of the 468-point mesh: each eye's outer and inner corner and its two lids (their mean is
# the eye's centre, whether it is open or shut), the nose tip, the mouth corners.
_RIGHT_EYE = (33, 133, 159, 145)
_LEFT_EYE = (263, 362, 386, 374)
_NOSE, _RIGHT_MOUTH, _LEFT_MOUTH = 4, 61, 291
_VERTICES = (*_RIGHT_EYE, *_LEFT_EYE, _NOSE, _RIGHT_MOUTH, _LEFT_MOUTH)

_MOUTH_OVER_EYES = float(
    np.linalg.norm(TEMPLATE_112[4] - TEMPLATE_112[3])
    / np.linalg.norm(TEMPLATE_112[1] - TEMPLATE_112[0])
)


class MediaPipeDetector:
    """Boxes and scores by FaceDetection (short range); points by FaceMesh where it agrees.

    FaceMesh follows a face from frame to frame. With room for more faces than it follows it looks
    for new ones in every frame, which costs as much again, so one mesh serves frames with one face
    and another, built when it is first needed, those with several.
    """

    def __init__(self, min_score: float):
        self._min_score = min_score
        with quiet_stderr():
            self._detection = face_detection.FaceDetection(
                model_selection=0, min_detection_confidence=min_score
            )
            # MediaPipe speaks while it starts, which is at the first frame.
            self._detection.process(np.zeros((64, 64, 3), np.uint8))
        self._meshes: dict[int, face_mesh.FaceMesh] = {}
        self._used: set[int] = set()

    def detect(self, rgb: np.ndarray) -> list[Face]:
        rgb = np.ascontiguousarray(rgb)
        found = self._detection.process(rgb).detections or []
        if not found:
            return []
        aspect = rgb.shape[1] / rgb.shape[0]
        meshes = self._mesh_points(rgb, 1 if len(found) == 1 else MAX_MESHES)
        faces = []
        for detection in sorted(found, key=lambda d: -d.score[0]):
            data = detection.location_data
            relative = data.relative_bounding_box
            box = (relative.xmin, relative.ymin, relative.width, relative.height)
            points = _matching(box, meshes)
            if points is None:
                keys = np.array([(k.x, k.y) for k in data.relative_keypoints], np.float64)
                points = _points_from_keys(keys, aspect)
            if np.isfinite(points).all():
                faces.append(Face(box, points.astype(np.float32), float(detection.score[0])))
        return faces

    def reset(self) -> None:
        # FaceDetection looks at each frame alone; only the meshes remember.
        for count in self._used:
            self._meshes[count].reset()
        self._used.clear()

    def close(self) -> None:
        for solution in (self._detection, *self._meshes.values()):
            solution.close()
        self._meshes.clear()

    def _mesh_points(self, rgb: np.ndarray, count: int) -> list[np.ndarray]:
        """[5, 2] relative points of each mesh that is found."""
        if count not in self._meshes:
            with quiet_stderr():
                mesh = face_mesh.FaceMesh(
                    max_num_faces=count, min_detection_confidence=self._min_score
                )
                mesh.process(np.zeros((64, 64, 3), np.uint8))
            self._meshes[count] = mesh
        self._used.add(count)
        found = self._meshes[count].process(rgb).multi_face_landmarks or []
        points = []
        for mesh_face in found:
            marks = mesh_face.landmark
            xy = np.array([(marks[i].x, marks[i].y) for i in _VERTICES], np.float64)
            points.append(np.vstack([xy[:4].mean(0), xy[4:8].mean(0), xy[8:]]))
        return points


def _matching(box: Box, meshes: list[np.ndarray]) -> np.ndarray | None:
    """The mesh whose points fill the box as a face's do; None where none does."""
    best, best_overlap = None, 0.25
    for points in meshes:
        low, high = points.min(0), points.max(0)
        # The five points span about half the box each way; grown to the box's own measure.
        center, span = (low + high) / 2, (high - low) * 1.9
        grown = (*(center - span / 2), *span)
        shared = overlap(box, grown)
        if shared > best_overlap:
            best, best_overlap = points, shared
    return best


def _points_from_keys(keys: np.ndarray, aspect: float) -> np.ndarray:
    """Five points from FaceDetection's six (eyes, nose, mouth centre, ears); corners derived.

    The mouth is laid parallel to the line of the eyes, as wide against it as in the template.
    """
    square = keys * (aspect, 1.0)
    right, left, nose, mouth = square[:4]
    half = (left - right) * (_MOUTH_OVER_EYES / 2)
    return np.array([right, left, nose, mouth - half, mouth + half]) / (aspect, 1.0)


def build(settings: FaceSettings) -> MediaPipeDetector:
    """The detector that ``settings`` describe."""
    return MediaPipeDetector(settings.min_score)
