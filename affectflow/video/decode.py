"""A video as a stream of frames: one decoder process, one frame in memory, item i is frame i."""

from __future__ import annotations

import math
import subprocess
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from affectflow.errors import RejectedClip
from affectflow.video.aspects import pixel_aspects
from affectflow.video.command import can_tone_map, decode_command
from affectflow.video.decoder_log import DecoderLog
from affectflow.video.ffmpeg import STDIN, find_ffmpeg
from affectflow.video.packets import lost_pictures
from affectflow.video.pipe import Pipe
from affectflow.video.probe import VideoInfo
from affectflow.video.reject import (
    TransientReject,
    bad_size,
    check_stdin,
    check_video,
    last_words,
    refusal,
)

ON_CORRUPT = ("reject", "keep")
HDR = ("map", "reject")


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
        lost: number of pictures that are in the file and could not be decoded, where nothing else
            said so; they count among the errors. Known at the end.
        remarks: number of messages that the decoder calls errors though no picture is damaged.
        remark: the last of them.
        unmapped_hdr: ``PQ`` or ``HLG`` where pictures of high dynamic range are given as they are,
            for want of a filter or because they come through a pipe; else "".
    """

    info: VideoInfo | None = None
    errors: int = 0
    error_frames: list[int] = field(default_factory=list)
    words: str = ""
    lost: int = 0
    remarks: int = 0
    remark: str = ""
    unmapped_hdr: str = ""


def stream_frames(
    path: Path | str,
    limits: DecodeLimits = DecodeLimits(),
    max_side: int = 1280,
    *,
    threads: int = 1,
    on_corrupt: str = "reject",
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
            counts it in ``report`` and goes on.
        hdr: ``map`` brings pictures of high dynamic range to BT.709 where ffmpeg can (else see
            ``DecodeReport.unmapped_hdr``); ``reject`` refuses them.
        report: filled while frames are read.
        stop: set from another thread, it ends the stream, also while a frame is waited for.

    Raises:
        RejectedClip: see ``RejectedClip.CAUSES``: unreadable, corrupt, no_video, bad_size,
            too_long, hdr; a ``TransientReject`` where another try may go better.
        InputError: no usable ffmpeg.
    """
    for name, value, known in (("on_corrupt", on_corrupt, ON_CORRUPT), ("hdr", hdr, HDR)):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; give one of {', '.join(known)}")
    if path == STDIN:
        check_stdin()
    else:
        check_video(path)
    report = report if report is not None else DecodeReport()
    wanted = _Wanted(path, limits, max_side, threads, on_corrupt, report, stop)
    decoder = _Decoder(wanted)
    try:
        if info := decoder.described():
            report.info = info
            _check_info(path, info, limits)
            if info.hdr and hdr == "reject":
                raise RejectedClip("hdr", f"{path}: its pictures are {info.hdr}")
            if special := _special(wanted, info):
                decoder.close()
                decoder = _Decoder(wanted, **special)
        yield from decoder.frames()
    finally:
        decoder.close()


@dataclass(frozen=True)
class _Wanted:
    """What ``stream_frames`` was asked for."""

    path: Path | str
    limits: DecodeLimits
    max_side: int
    threads: int
    on_corrupt: str
    report: DecodeReport
    stop: threading.Event | None


def _special(wanted: _Wanted, info: VideoInfo) -> dict[str, Any]:
    """What has to be asked for beside the usual, now that it is known what the file holds."""
    special: dict[str, Any] = {}
    # What came through a pipe cannot be asked for again.
    asked_again = wanted.path != STDIN
    if info.hdr:
        if asked_again and can_tone_map(find_ffmpeg()):
            special["tone_map"] = info
        else:
            wanted.report.unmapped_hdr = info.hdr
    if asked_again and (found := pixel_aspects(wanted.path, info, wanted.limits.stall_s)):
        special["aspects"] = found
    return special


class _Decoder:
    """A running decoder: its process, its log, and the frames that come of them."""

    def __init__(self, wanted: _Wanted, **special: Any):
        self._wanted = wanted
        # Its own session: a Ctrl-C at the terminal must not end the decoder early and make a whole
        # video look truncated.
        self._process = subprocess.Popen(
            decode_command(
                find_ffmpeg(), wanted.path, wanted.limits.frame_side, wanted.max_side,
                wanted.threads, **special,
            ),
            stdin=None if wanted.path == STDIN else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._pipe = Pipe(self._process.stdout.fileno(), wanted.limits.stall_s, wanted.stop)
        self._log = DecoderLog(self._process.stderr)

    def close(self) -> None:
        """Ends the process, if it still runs."""
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._log.join()

    def described(self) -> VideoInfo | None:
        """What the file says of itself; None where it says nothing."""
        try:
            return self._log.wait_described(self._wanted.limits.stall_s, self._wanted.stop)
        except TimeoutError:
            raise self._stalled(0) from None

    def frames(self) -> Generator[Frame, None, None]:
        """Every frame, and at the end a judgement of the whole."""
        wanted, limits, stall_s = self._wanted, self._wanted.limits, self._wanted.limits.stall_s
        index, first_s = 0, math.nan
        try:
            while (note := self._log.next_frame(stall_s, wanted.stop)) is not None:
                _check_side(wanted.path, note.stored, limits)
                width, height = note.sent
                rgb = np.empty((height, width, 3), np.uint8)
                if self._pipe.read_into(rgb.data.cast("B")) < rgb.nbytes:
                    break
                if index == 0:
                    first_s = note.second
                self._check_errors()
                _check_length(wanted.path, index, note.second - first_s, limits)
                yield Frame(index, note.second, rgb, note.stored)
                index += 1
            if wanted.stop is not None and wanted.stop.is_set():
                return
            self._process.wait(stall_s)
            self._log.join(stall_s)
            self._check_end(index, first_s)
        except (TimeoutError, subprocess.TimeoutExpired):
            raise self._stalled(index) from None

    def _check_end(self, frames: int, first_s: float) -> None:
        """What the process, its log and the number of frames say of the whole."""
        wanted, log = self._wanted, self._log
        code, words = self._process.returncode, last_words(log.tail)
        if code < 0 or log.was_signalled:
            raise TransientReject(
                "unreadable",
                f"{wanted.path}: the decoder was ended from outside, by a signal"
                + (f": {words}" if words else ""),
            )
        if frames == 0:
            raise refusal(wanted.path, log.tail)
        self._check_errors()
        if code:
            log.count_error(f"the decoder ended with code {code}: {words}", frames)
        elif log.info and log.packets > frames and not log.errors and wanted.path != STDIN:
            stall_s = wanted.limits.stall_s
            lost = lost_pictures(wanted.path, log.info, frames, first_s, stall_s)
            wanted.report.lost = lost
            if lost:
                log.count_error(f"{lost} of {frames + lost} pictures are missing", frames)
        self._check_errors()

    def _check_errors(self) -> None:
        """Brings the log's errors into the report, or ends on the first of them."""
        log, report = self._log, self._wanted.report
        report.remarks, report.remark = log.remarks, log.remark
        if not log.errors:
            return
        if size := bad_size(log.tail):
            raise RejectedClip("bad_size", f"{self._wanted.path}: {size}")
        report.errors = log.errors
        report.error_frames = list(log.error_frames)
        report.words = last_words(log.tail)
        if self._wanted.on_corrupt == "reject":
            raise RejectedClip(
                "corrupt",
                f"{self._wanted.path}: cannot be decoded near frame {log.error_frames[0]}: "
                f'{report.words}; frame numbers are not certain (on_corrupt="keep" takes it as it '
                "is)",
            )

    def _stalled(self, frames: int) -> TransientReject:
        return TransientReject(
            "unreadable",
            f"{self._wanted.path}: the decoder gave nothing for "
            f"{self._wanted.limits.stall_s:g} s after frame {frames - 1}",
        )


def _check_info(path: Path | str, info: VideoInfo, limits: DecodeLimits) -> None:
    """Refuses by what the file says of itself."""
    _check_side(path, (info.width, info.height), limits)
    if info.duration_s is not None and info.duration_s > limits.seconds:
        raise RejectedClip(
            "too_long", f"{path}: {info.duration_s:g} s; the limit is {limits.seconds:g} s"
        )


def _check_side(path: Path | str, size: tuple[int, int], limits: DecodeLimits) -> None:
    if max(size) > limits.frame_side:
        raise RejectedClip(
            "bad_size",
            f"{path}: frames of {size[0]}x{size[1]}; the limit is {limits.frame_side}",
        )


def _check_length(path: Path | str, index: int, seconds: float, limits: DecodeLimits) -> None:
    if index >= limits.frames:
        raise RejectedClip("too_long", f"{path}: more than {limits.frames} frames; raise the limit")
    if seconds > limits.seconds:
        raise RejectedClip("too_long", f"{path}: more than {limits.seconds:g} s; raise the limit")
