"""How faces are found and cropped: every setting that changes the crops, and their digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import ClassVar, Literal, get_args

from pydantic import Field

from affectflow.settings import settings
from affectflow.video.decode import DecodeLimits, Hdr, OnCorrupt

Detector = Literal["mediapipe", "haar", "dlib_hog"]
DETECTORS: tuple[str, ...] = get_args(Detector)
# What of a frame becomes the crop (affectflow.faces.cropper).
Crop = Literal["aligned", "box", "whole", "level", "masked"]
CROPS: tuple[str, ...] = get_args(Crop)

# Raise when code changes what is stored for the same video and settings: every stored entry is
# then made anew.
FORMAT_VERSION = 2


@settings
class FaceSettings:
    """Settings of one face extraction.

    Raises:
        InputError: a value that does not do; the message names the field and what would.
    """

    GROUP: ClassVar[str] = "faces"

    detector: Detector = Field(default="mediapipe", description="what finds faces")
    crop: Crop = Field(
        default="aligned",
        description="aligned: five points are brought to fixed places; box: the square of the"
        " detector's box (paper 0 on CK+, paper 1); whole: all of the frame, without looking for"
        " faces (images that were cropped before; paper 3); level: the same, turned so that the"
        " eyes are level (paper 2); masked: aligned, with all but the face black (paper 4)",
    )
    min_score: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        description="faces below it are dropped (dlib: 0.5 is its own zero)",
    )
    size: int = Field(default=112, ge=16, le=1024, description="side of the aligned crop, pixels")
    image_format: Literal["jpeg", "png"] = Field(default="jpeg", description="of the stored crops")
    jpeg_quality: int = Field(default=95, ge=1, le=100, description="of stored crops that are JPEG")
    max_side: int = Field(
        default=1280,
        ge=64,
        le=8192,
        description="frames with a longer side are scaled down to it before detection, pixels",
    )
    max_gap_s: float = Field(
        default=1.0,
        ge=0.0,
        le=1e6,
        description="seconds for which the followed person may be unseen before the person is"
        " chosen anew, a thirtieth a frame where the source has no times",
    )
    cuts: Literal["detect", "off"] = Field(
        default="detect",
        description="detect: tracks, and the runs of the sequence model, end where another shot"
        " begins; off: every clip is one shot, as folders of crops always are",
    )
    on_corrupt: OnCorrupt = Field(
        default="reject", description="what is done with a video that is damaged"
    )
    hdr: Hdr = Field(
        default="map",
        description="map: a video of high dynamic range (PQ, HLG) is brought to the colours and"
        " contrast of others (where the ffmpeg at hand cannot, it is taken as it is, and counted);"
        " reject: it is refused",
    )
    limit_side: int = Field(
        default=8192, ge=16, le=32768, description="longest side of a coded frame, pixels"
    )
    limit_seconds: float = Field(
        default=6 * 3600.0, ge=0.001, le=1e7, description="longest video, seconds"
    )
    limit_frames: int = Field(
        default=2_000_000, ge=1, le=1_000_000_000, description="frames of a video"
    )

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
