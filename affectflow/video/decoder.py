"""A running decoder: one process, one frame in memory, and a judgement of the whole."""

from __future__ import annotations

import math
import subprocess
import threading
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from affectflow.errors import RejectedClip, TransientReject
from affectflow.video.avi_index import undemuxed
from affectflow.video.beside import said_after_all, said_beside
from affectflow.video.command import decode_command
from affectflow.video.decoder_log import DecoderLog
from affectflow.video.ffmpeg import STDIN
from affectflow.video.frame import DecodeLimits, DecodeReport, Frame
from affectflow.video.machine import FileState
from affectflow.video.packets import begins_late, lost_pictures
from affectflow.video.pipe import Pipe
from affectflow.video.probe import VideoInfo
from affectflow.video.reject import beyond_limit, last_words, refusal, rejected

# More frames than ffmpeg holds between reading a packet and sending its picture: up to 8 packets
# and 8 frames between its threads, and what is shown after later ones.
_HELD = 64


@dataclass(frozen=True)
class Wanted:
    """What ``stream_frames`` was asked for; ``state`` is the file's before, None of a pipe."""

    path: Path | str
    state: FileState | None
    limits: DecodeLimits
    max_side: int
    threads: int
    on_corrupt: str
    on_lost: str
    report: DecodeReport
    stop: threading.Event | None


class Decoder:
    """A running decoder: its process, its log, and the frames that come of them.

    Args:
        exe: ffmpeg.
        wanted: what it is asked for.
        special: further arguments of ``decode_command``.
    """

    def __init__(self, exe: str, wanted: Wanted, **special: Any):
        self._wanted = wanted
        # Its own session: a Ctrl-C at the terminal must not end the decoder early and make a whole
        # video look truncated.
        self._process = subprocess.Popen(
            decode_command(
                exe, wanted.path, wanted.limits.frame_side, wanted.max_side,
                wanted.threads, **special,
            ),
            stdin=None if wanted.path == STDIN else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._pipe = Pipe(self._process.stdout.fileno(), wanted.limits.stall_s, wanted.stop)
        self._log = DecoderLog(self._process.stderr, self._begins_late)
        self._beside: frozenset[str] | None = None
        self._spared = 0

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
            raise stalled(self._wanted, 0) from None

    def frames(self) -> Generator[Frame, None, None]:
        """Every frame, and at the end a judgement of the whole."""
        wanted, limits, stall_s = self._wanted, self._wanted.limits, self._wanted.limits.stall_s
        index, first_s = 0, math.nan
        try:
            while (note := self._log.next_frame(stall_s, wanted.stop)) is not None:
                check_side(wanted.path, note.stored, limits)
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
            raise stalled(wanted, index) from None

    def _begins_late(self, first_s: float) -> bool:
        """Whether the file has pictures before the first that is shown; asked by the log."""
        if self._wanted.path == STDIN:
            return False  # it cannot be asked for again
        return begins_late(self._wanted.path, first_s, self._wanted.limits.stall_s)

    def _check_end(self, frames: int, first_s: float) -> None:
        """What the process, its log and the number of frames say of the whole."""
        wanted, log = self._wanted, self._log
        self._settle()
        code, words = self._process.returncode, last_words(log.tail)
        if code < 0 or log.was_signalled:
            raise TransientReject(
                "unreadable",
                f"{wanted.path}: the decoder was ended from outside, by a signal"
                + (f": {words}" if words else ""),
            )
        if frames == 0:
            raise refusal(wanted.path, log.tail, wanted.state, log.machine)
        self._check_errors()
        if code:
            log.count_error(f"the decoder ended with code {code}: {words}", frames)
        elif log.info and wanted.path != STDIN:
            self._count_lost(log.info, frames, first_s)
        self._check_errors()
        if log.errors and isinstance(rejection := self._corrupt(), TransientReject):
            raise rejection

    def _count_lost(self, info: VideoInfo, frames: int, first_s: float) -> None:
        """Counts the pictures that the file says it holds, or has packets for, and did not give."""
        wanted, log = self._wanted, self._log
        lost: int | None = 0
        if log.packets > frames:
            lost = lost_pictures(wanted.path, info, frames, first_s, wanted.limits.stall_s)
        if info.format == "avi":
            try:
                lost = (lost or 0) + undemuxed(wanted.path, info.stream, log.packets) or lost
            except OSError as error:
                raise TransientReject("unreadable", f"{wanted.path}: {error.strerror}") from None
        wanted.report.lost = lost or 0
        if log.errors:
            return
        if lost and wanted.on_lost != "count":
            log.count_error(f"{lost} of {frames + lost} pictures are missing", frames)
        elif lost is None and self._spared:
            # What was said may be of a picture that something has made into what it is not.
            text = f"{log.packets} packets gave {frames} pictures, and there were errors"
            log.count_error(f"{text}: {log.remark}", frames)

    def _settle(self) -> None:
        """Judges what the log is unclear of, by another look at the file."""
        log, wanted = self._log, self._wanted
        if not log.unclear:
            return
        if self._beside is None:
            self._beside = frozenset()
            # What came through a pipe cannot be asked for again.
            if log.info and wanted.path != STDIN:
                for ask in (said_beside, said_after_all):
                    self._beside |= ask(wanted.path, log.info, wanted.limits.stall_s)
        self._spared += log.settle(self._beside)

    def _check_errors(self) -> None:
        """Brings the log's errors into the report, or ends on the first of them."""
        self._settle()
        log, report = self._log, self._wanted.report
        report.remarks, report.remark = log.remarks, log.remark
        if not log.errors:
            return
        report.errors = log.errors
        report.error_frames = list(log.error_frames)
        report.words = last_words(log.tail)
        if self._wanted.on_corrupt == "reject":
            if too_large := beyond_limit(log.tail):
                raise RejectedClip("bad_size", f"{self._wanted.path}: {too_large}")
            self._await_cause()
            raise self._corrupt()

    def _await_cause(self) -> None:
        """Lets the decoder go on a little: where reading failed it ends, and says so at its end."""
        for _ in range(_HELD):
            note = self._log.next_frame(self._wanted.limits.stall_s, self._wanted.stop)
            if note is None:
                return
            width, height = note.sent
            self._pipe.read_into(memoryview(bytearray(width * height * 3)))

    def _corrupt(self) -> RejectedClip:
        """The rejection for the errors so far."""
        wanted, log = self._wanted, self._log
        detail = (
            f"cannot be decoded near frame {log.error_frames[0]}: {wanted.report.words}; frame "
            'numbers are not certain (on_corrupt="keep" takes it as it is)'
        )
        return rejected("corrupt", wanted.path, detail, log.machine, wanted.state)


def stalled(wanted: Wanted, frames: int) -> TransientReject:
    """The rejection of a file on which a decoder stands still after so many frames."""
    return TransientReject(
        "unreadable",
        f"{wanted.path}: the decoder gave nothing for {wanted.limits.stall_s:g} s after frame "
        f"{frames - 1}",
    )


def check_side(path: Path | str, size: tuple[int, int], limits: DecodeLimits) -> None:
    """Refuses a picture that is larger than the limit."""
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
