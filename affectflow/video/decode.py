"""A video as a stream of frames: item i is frame i, in its own size, upright."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any, Literal, get_args

from affectflow.errors import RejectedClip
from affectflow.video.aspects import may_change, pixel_aspects
from affectflow.video.command import can_tone_map
from affectflow.video.decoder import Decoder, Wanted, check_side, stalled
from affectflow.video.ffmpeg import STDIN, find_ffmpeg
from affectflow.video.frame import DecodeLimits, DecodeReport, Frame
from affectflow.video.probe import VideoInfo
from affectflow.video.reject import check_stdin, check_video

__all__ = [
    "HDR",
    "ON_CORRUPT",
    "DecodeLimits",
    "DecodeReport",
    "Frame",
    "Hdr",
    "OnCorrupt",
    "stream_frames",
]

OnCorrupt = Literal["reject", "keep"]
ON_CORRUPT: tuple[str, ...] = get_args(OnCorrupt)
ON_LOST = ("error", "count")
Hdr = Literal["map", "reject"]
HDR: tuple[str, ...] = get_args(Hdr)
_USUAL = DecodeLimits()


def stream_frames(
    path: Path | str,
    limits: DecodeLimits = _USUAL,
    max_side: int = 1280,
    *,
    threads: int = 1,
    on_corrupt: str = "reject",
    on_lost: str = "error",
    hdr: str = "map",
    report: DecodeReport | None = None,
    stop: threading.Event | None = None,
) -> Generator[Frame, None, None]:
    """Decodes ``path`` frame by frame; item i is frame i of the file at any frame rate.

    Memory stays at one frame however long the video is: the decoder waits while nobody reads.
    Closing the iterator (or dropping it) ends the decoder's process.

    Args:
        path: a video file from anywhere; it cannot make ffmpeg open another file or the network.
            ``STDIN`` reads this process's standard input, which must be a pipe or a file.
        limits: what is refused.
        max_side: frames with a longer side are scaled down to it, keeping their aspect.
        threads: threads of the decoder.
        on_corrupt: ``reject`` ends with cause "corrupt" at the first decode error, for then
            frame numbers are not certain, and at the end where pictures are missing; ``keep``
            counts it in ``report`` and goes on. A failure of the machine ends either, for a file
            that is well would be kept in part.
        on_lost: what becomes of pictures that are missing though nothing else is amiss, so that
            frame numbers after them are too low: ``error`` takes them for a decode error,
            ``count`` counts them in ``report`` alone.
        hdr: ``map`` brings pictures of high dynamic range to BT.709 where ffmpeg can (else see
            ``DecodeReport.unmapped_hdr``); ``reject`` refuses them.
        report: filled while frames are read.
        stop: set from another thread, it ends the stream, also while a frame is waited for.

    Raises:
        RejectedClip: see ``RejectedClip.CAUSES``: unreadable, corrupt, no_video, bad_size,
            too_long, hdr; a ``TransientReject`` where another try may go better.
        InputError: no usable ffmpeg.
    """
    for name, value, known in (
        ("on_corrupt", on_corrupt, ON_CORRUPT), ("on_lost", on_lost, ON_LOST), ("hdr", hdr, HDR)
    ):  # fmt: skip
        if value not in known:
            raise ValueError(f"{name} is {value!r}; give one of {', '.join(known)}")
    state = None
    if path == STDIN:
        check_stdin()
    else:
        state = check_video(path)
    report = report if report is not None else DecodeReport()
    wanted = Wanted(path, state, limits, max_side, threads, on_corrupt, on_lost, report, stop)
    decoder = Decoder(find_ffmpeg(), wanted)
    try:
        if info := decoder.described():
            report.info = info
            _check_info(path, info, limits)
            if info.hdr and hdr == "reject":
                raise RejectedClip("hdr", f"{path}: its pictures are {info.hdr}")
            if special := _special(wanted, info):
                decoder.close()
                decoder = Decoder(find_ffmpeg(), wanted, **special)
        yield from decoder.frames()
    finally:
        decoder.close()


def _special(wanted: Wanted, info: VideoInfo) -> dict[str, Any]:
    """What has to be asked for beside the usual, now that it is known what the file holds."""
    special: dict[str, Any] = {}
    # What came through a pipe cannot be asked for again.
    asked_again = wanted.path != STDIN
    if info.hdr:
        if asked_again and can_tone_map(find_ffmpeg()):
            special["tone_map"] = info
        else:
            wanted.report.unmapped_hdr = info.hdr
    try:
        aspects = pixel_aspects(wanted.path, info, wanted.limits) if asked_again else None
    except TimeoutError:
        raise stalled(wanted, 0) from None
    if aspects:
        special["aspects"] = aspects
    wanted.report.fixed_aspect = aspects is None and may_change(info)
    return special


def _check_info(path: Path | str, info: VideoInfo, limits: DecodeLimits) -> None:
    """Refuses by what the file says of itself."""
    check_side(path, (info.width, info.height), limits)
    if info.duration_s is not None and info.duration_s > limits.seconds:
        raise RejectedClip(
            "too_long", f"{path}: {info.duration_s:g} s; the limit is {limits.seconds:g} s"
        )
