"""What decoding is asked for and gives: limits, frames, and a report of what was met."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from affectflow.video.probe import VideoInfo


@dataclass(frozen=True)
class DecodeLimits:
    """What a file may ask for before it is refused.

    Attributes:
        frame_side: longest side of the coded frame, pixels.
        seconds: length, by the container and by the frames' own timestamps.
        frames: number of frames.
        stall_s: seconds without a byte from the decoder, while one is waited for.
    """

    frame_side: int = 8192
    seconds: float = 6 * 3600.0
    frames: int = 2_000_000
    stall_s: float = 60.0

    def __post_init__(self) -> None:
        for name in ("frame_side", "seconds", "frames", "stall_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"DecodeLimits.{name} is {getattr(self, name)}; give a number > 0")


@dataclass(frozen=True)
class Frame:
    """One decoded frame.

    Attributes:
        index: 0-based, decode order: the row of the annotation.
        timestamp_s: presentation time in seconds from the start of the file; NaN if it has none.
        rgb: uint8 [height, width, 3], upright (rotation applied), square pixels; in some videos
            not of the last frame's size.
        size: width and height of the picture as it is stored, upright, pixels.
    """

    index: int
    timestamp_s: float
    rgb: np.ndarray
    size: tuple[int, int]


@dataclass
class DecodeReport:
    """What was seen on the way, for a caller that passes one to ``stream_frames``.

    Attributes:
        info: what the file says of itself; None until the first frame.
        errors: number of decode errors (more than 0 only with ``on_corrupt="keep"``).
        error_frames: number of the frame near which each error was, at most the first 100.
        words: the last of the errors.
        lost: number of pictures that the file has packets for, or lists in its index, and that were
            not decoded, as far as that can be told. Where nothing else is amiss they are a decode
            error of their own, or not, by ``on_lost``. Known at the end.
        remarks: number of messages that the decoder calls errors though no picture is damaged.
        remark: the last of them.
        unmapped_hdr: ``PQ`` or ``HLG`` where pictures of high dynamic range are given as they are,
            for want of a filter or because they come through a pipe; else "".
        fixed_aspect: whether all pictures were given the first one's shape of pixels, which may
            change on the way, because that could not be seen: they came through a pipe.
    """

    info: VideoInfo | None = None
    errors: int = 0
    error_frames: list[int] = field(default_factory=list)
    words: str = ""
    lost: int = 0
    remarks: int = 0
    remark: str = ""
    unmapped_hdr: str = ""
    fixed_aspect: bool = False
