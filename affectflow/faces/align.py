"""Alignment: the similarity transform that brings five landmarks to fixed places in the crop."""

from __future__ import annotations

import cv2
import numpy as np

from affectflow.faces.face import Face

# Many workers share a machine's cores; OpenCV's own pool in each would only make them wait for
# each other.
cv2.setNumThreads(1)

# Right eye, left eye, nose tip, right and left mouth corner in a 112x112 crop, pixels. The
# template of ArcFace (Deng et al., CVPR 2019), as published in insightface's face_align.py
# (``arcface_dst``).
TEMPLATE_112 = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]],
    np.float64,
)  # fmt: skip


def template(size: int) -> np.ndarray:
    """Where the five landmarks lie in a ``size`` x ``size`` crop: float64 [5, 2], pixels."""
    return TEMPLATE_112 * (size / 112)


def similarity(landmarks_px: np.ndarray, size: int) -> np.ndarray:
    """The similarity (rotation, uniform scale, shift) that maps landmarks onto the template.

    Least squares over the five points without reflection: Umeyama, "Least-squares estimation of
    transformation parameters between two point patterns", PAMI 1991, eq. 40-42. In the plane
    it has the closed form used here: with centred points as complex numbers z (landmarks) and w
    (template), sum |a z - w|^2 is least over complex a at a = sum(w conj(z)) / sum |z|^2, and
    multiplying by a never reflects.

    Args:
        landmarks_px: [5, 2], x and y in pixels of the frame.
        size: side of the crop, pixels.

    Returns:
        float64 [2, 3]: crop point = matrix @ (x, y, 1).

    Raises:
        ValueError: another shape, a value that is not finite, or all points in one place.
    """
    source = np.asarray(landmarks_px, np.float64)
    if source.shape != (5, 2) or not np.isfinite(source).all():
        raise ValueError(f"landmarks of shape {source.shape}; give 5 finite points, [5, 2]")
    target = template(size)
    source_mean, target_mean = source.mean(0), target.mean(0)
    z = (source - source_mean) @ (1, 1j)
    w = (target - target_mean) @ (1, 1j)
    spread = float((z * z.conj()).real.sum())
    if spread <= 1e-12 * max(1.0, float(np.abs(source).max()) ** 2):
        raise ValueError("all five landmarks lie in one place")
    a = (w * z.conj()).sum() / spread
    linear = np.array([[a.real, -a.imag], [a.imag, a.real]])
    return np.column_stack([linear, target_mean - linear @ source_mean])


def align_face(rgb: np.ndarray, face: Face, size: int) -> np.ndarray:
    """The face cut out of its frame, upright and at a fixed scale.

    Args:
        rgb: uint8 [height, width, 3].
        face: its landmarks decide; its box does not.
        size: side of the crop, pixels.

    Returns:
        uint8 [size, size, 3]; black where the crop reaches beyond the frame.
    """
    height, width = rgb.shape[:2]
    landmarks = np.asarray(face.landmarks, np.float64) * (width, height)
    return cut(rgb, similarity(landmarks, size), size)


def cut(rgb: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    """A square that a similarity takes out of a frame, without gaps between sampled pixels.

    Args:
        rgb: uint8 [height, width, 3].
        matrix: float64 [2, 3]: crop point = matrix @ (x, y, 1).
        size: side of the crop, pixels.

    Returns:
        uint8 [size, size, 3]; black where the crop reaches beyond the frame.
    """
    shrink = int(1 / np.hypot(*matrix[:, 0]))
    if shrink >= 2:
        rgb, matrix = _shrunk(rgb, matrix, size, shrink)
    return cv2.warpAffine(rgb, matrix, (size, size), flags=cv2.INTER_LINEAR)


def _shrunk(
    rgb: np.ndarray, matrix: np.ndarray, size: int, factor: int
) -> tuple[np.ndarray, np.ndarray]:
    """The part of the frame that the crop needs, averaged over ``factor`` x ``factor`` pixels.

    Bilinear sampling alone looks at 2x2 pixels; a face shown at several times the crop's scale
    would be sampled with gaps, and fine texture would alias.
    """
    inverse = cv2.invertAffineTransform(matrix)
    corners = np.array([[0, 0, 1], [size, 0, 1], [0, size, 1], [size, size, 1]]) @ inverse.T
    height, width = rgb.shape[:2]
    low = np.clip(np.floor(corners.min(0)).astype(int) - factor, 0, None)
    high = np.ceil(corners.max(0)).astype(int) + factor
    x0, y0 = low
    columns = (min(int(high[0]), width) - x0) // factor
    rows = (min(int(high[1]), height) - y0) // factor
    if columns < 1 or rows < 1:
        return rgb, matrix
    part = rgb[y0 : y0 + rows * factor, x0 : x0 + columns * factor]
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    # Pixel centres: small pixel (u, v) stands for frame point (factor*(u+1/2) - 1/2 + x0, ...).
    offset = (factor - 1) / 2 + low
    shift = matrix[:, :2] @ offset + matrix[:, 2]
    return small, np.column_stack([matrix[:, :2] * factor, shift])
