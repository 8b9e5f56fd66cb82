"""How faces are found and cropped: every setting that changes the crops, and their digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from affectflow.settings import check_fields, number, one_of
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

    detector: str = one_of("mediapipe", DETECTORS)
    crop: str = one_of("aligned", CROPS)
    min_score: float = number(0.5, 0.0, 1.0)
    size: int = number(112, 16, 1024)
    image_format: str = one_of("jpeg", IMAGE_FORMATS)
    jpeg_quality: int = number(95, 1, 100)
    max_side: int = number(1280, 64, 8192)
    max_gap_s: float = number(1.0, 0.0, 1e6)
    cuts: str = one_of("detect", CUTS)
    on_corrupt: str = one_of("reject", ON_CORRUPT)
    hdr: str = one_of("map", HDR)
    limit_side: int = number(8192, 16, 32768)
    limit_seconds: float = number(6 * 3600.0, 0.001, 1e7)
    limit_frames: int = number(2_000_000, 1, 1_000_000_000)

    def __post_init__(self) -> None:
        check_fields(self, "faces")

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
