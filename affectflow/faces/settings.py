"""How faces are found and cropped: every setting that changes the crops, and their digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from affectflow.errors import InputError
from affectflow.video.decode import HDR, ON_CORRUPT, DecodeLimits

DETECTORS = ("mediapipe", "haar", "dlib_hog")
# What of a frame becomes the crop (affectflow.faces.cropper).
CROPS = ("aligned", "box", "whole", "level", "masked")
IMAGE_FORMATS = ("jpeg", "png")
CUTS = ("detect", "off")

# Raise when code changes what is stored for the same video and settings: every stored entry is
# then made anew.
FORMAT_VERSION = 2


@dataclass(frozen=True)
class FaceSettings:
    """Settings of one face extraction. Fields are int, float or str: they travel as TFX properties.

    Attributes:
        detector: ``mediapipe``, ``haar`` or ``dlib_hog``.
        crop: ``aligned`` brings five points to fixed places; ``box`` is the square of the
            detector's box (paper 0 on CK+, paper 1); ``whole`` is all of the frame, without looking
            for faces (images that were cropped before; paper 3); ``level`` is the same, turned so
            that the eyes are level (paper 2); ``masked`` is ``aligned`` with all but the face black
            (paper 4).
        min_score: faces below it are dropped, in [0, 1] (dlib: 0.5 is its own zero).
        size: side of the aligned crop, pixels.
        image_format: ``jpeg`` or ``png``.
        jpeg_quality: 1 to 100.
        max_side: frames with a longer side are scaled down to it before detection, pixels.
        max_gap_s: seconds for which the followed person may be unseen before the person is chosen
            anew, a thirtieth a frame where the source has no times.
        cuts: ``detect`` ends everybody's track, and the runs of the sequence model, where another
            shot begins (see ``affectflow.faces.shots``); ``off`` takes every clip for one shot, as
            folders of crops always are.
        on_corrupt: ``reject`` or ``keep`` a video with a decode error (see ``stream_frames``).
        hdr: what is done with a video of high dynamic range (PQ, HLG): ``map`` brings it to the
            colours and contrast of others (where the ffmpeg at hand cannot, it is taken as it is,
            and counted), ``reject`` refuses it.
        limit_side: longest side of a coded frame before the video is refused, pixels.
        limit_seconds: longest video before it is refused, seconds.
        limit_frames: most frames of a video before it is refused.

    Raises:
        InputError: a value that does not do; the message names the field and what would.
    """

    detector: str = "mediapipe"
    crop: str = "aligned"
    min_score: float = 0.5
    size: int = 112
    image_format: str = "jpeg"
    jpeg_quality: int = 95
    max_side: int = 1280
    max_gap_s: float = 1.0
    cuts: str = "detect"
    on_corrupt: str = "reject"
    hdr: str = "map"
    limit_side: int = 8192
    limit_seconds: float = 6 * 3600.0
    limit_frames: int = 2_000_000

    def __post_init__(self) -> None:
        _one_of("detector", self.detector, DETECTORS)
        _one_of("crop", self.crop, CROPS)
        _one_of("image_format", self.image_format, IMAGE_FORMATS)
        _one_of("on_corrupt", self.on_corrupt, ON_CORRUPT)
        _one_of("hdr", self.hdr, HDR)
        _between("min_score", self.min_score, 0, 1)
        _between("size", self.size, 16, 1024)
        _between("jpeg_quality", self.jpeg_quality, 1, 100)
        _between("max_side", self.max_side, 64, 8192)
        _between("max_gap_s", self.max_gap_s, 0, 1e6)
        _one_of("cuts", self.cuts, CUTS)
        _between("limit_side", self.limit_side, 16, 32768)
        _between("limit_seconds", self.limit_seconds, 0.001, 1e7)
        _between("limit_frames", self.limit_frames, 1, 1_000_000_000)

    @property
    def extension(self) -> str:
        """File name extension of the crops, without a dot."""
        return "jpg" if self.image_format == "jpeg" else "png"

    @property
    def limits(self) -> DecodeLimits:
        return DecodeLimits(self.limit_side, self.limit_seconds, self.limit_frames)

    def digest(self) -> str:
        """sha256, hex, over all fields and the format version."""
        fields = {name: _plain(value) for name, value in asdict(self).items()}
        text = json.dumps({"format": FORMAT_VERSION, **fields}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    # 1 and 1.0 are the same setting, whichever way the value came in.
    return float(value) if isinstance(value, (int, float)) else value


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"FaceSettings.{name} is {value!r}; give one of {', '.join(known)}")


def _between(name: str, value: float, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise InputError(f"FaceSettings.{name} is {value!r}; give a number from {low} to {high}")
