"""A video as a stream of frames: one decoder process, one frame in memory, item i is frame i."""

from __future__ import annotations

import math
import os
import select
import subprocess
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from affectflow.errors import RejectedClip
from affectflow.video.decoder_log import DecoderLog
from affectflow.video.ffmpeg import STDIN, find_ffmpeg, input_options, input_url
from affectflow.video.probe import VideoInfo
from affectflow.video.reject import TransientReject, check_file, check_stdin, last_words, refusal

ON_CORRUPT = ("reject", "keep")
_LOOK_EVERY_S = 0.2
_INPUT = "affectflow:input"


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
        rgb: uint8 [height, width, 3], upright (rotation applied), square pixels.
    """

    index: int
    timestamp_s: float
    rgb: np.ndarray


@dataclass
class DecodeReport:
    """What was seen on the way, for a caller that passes one to ``stream_frames``.

    Attributes:
        info: what the file says of itself; None until the first frame.
        errors: number of decode errors (more than 0 only with ``on_corrupt="keep"``).
        error_frames: number of the frame near which each error was, at most the first 100.
        words: the last of the errors.
    """

    info: VideoInfo | None = None
    errors: int = 0
    error_frames: list[int] = field(default_factory=list)
    words: str = ""


def decode_command(
    path: Path | str, limits: DecodeLimits, max_side: int, threads: int
) -> list[str]:
    """The decoder's argument list: RGB frames as PPM on stdout, timestamps and errors on stderr."""
    import ffmpeg

    # Anamorphic pixels are made square, then the longer side is brought down to max_side; a
    # frame that needs neither keeps its exact size, odd or not.
    shrink = f"min(1,{max_side}/max(iw*sar,ih))"
    source = ffmpeg.input(
        _INPUT, **input_options(), threads=threads,
        max_pixels=limits.frame_side * limits.frame_side,
    )["V:0"]  # fmt: skip
    frames = source.filter(
        "scale", w=f"max(1,round(iw*sar*{shrink}))", h=f"max(1,round(ih*{shrink}))"
    )
    frames = frames.filter("format", "rgb24").filter("showinfo", checksum=0)
    # passthrough: without it ffmpeg repeats and drops frames to even out a variable frame rate,
    # and frame i would no longer be row i. PPM frames carry their own size.
    out = ffmpeg.output(
        frames, "pipe:1", format="image2pipe", vcodec="ppm", fps_mode="passthrough", threads=1,
    )  # fmt: skip
    out = out.global_args("-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+info")
    out = out.global_args("-filter_threads", "1", "-filter_complex_threads", "1")
    # ffmpeg-python hashes its arguments as UTF-8, which not every file's name is.
    return [input_url(path) if word == _INPUT else word for word in out.compile(cmd=find_ffmpeg())]


class _Pipe:
    """Bytes from the decoder, none of them waited for longer than ``stall_s``.

    Once ``stop`` is set, what has to be waited for counts as the end of the stream.
    """

    def __init__(self, fd: int, stall_s: float, stop: threading.Event | None):
        self.fd, self.stall_s, self.stop = fd, stall_s, stop
        os.set_blocking(fd, False)
        self.poll = select.poll()
        self.poll.register(fd, select.POLLIN | select.POLLHUP | select.POLLERR)

    def read_into(self, view: memoryview) -> int:
        """Fills ``view``; returns how many bytes came before the end of the stream."""
        got = 0
        while got < len(view):
            try:
                count = os.readv(self.fd, [view[got:]])
            except BlockingIOError:
                if not self._wait():
                    break
                continue
            if not count:
                break
            got += count
        return got

    def _wait(self) -> bool:
        """Waits for bytes, or the end of the stream; False when told to stop."""
        deadline = time.monotonic() + self.stall_s
        while self.stop is None or not self.stop.is_set():
            left = deadline - time.monotonic()
            if self.poll.poll(1000 * max(0.0, min(left, _LOOK_EVERY_S))):
                return True
            if left <= 0:
                raise TimeoutError
        return False

    def read_header(self) -> tuple[int, int] | None:
        """Width and height of the next PPM frame; None at the end of the stream."""
        head, byte = bytearray(), bytearray(1)
        # The first 11 bytes are the least that a header takes ("P6\n1 1\n255\n").
        start = bytearray(11)
        count = self.read_into(memoryview(start))
        if count < len(start):
            return None
        head += start
        while head.count(b"\n") < 3 and len(head) < 40:
            if not self.read_into(memoryview(byte)):
                return None
            head += byte
        words = head.split()
        if len(words) != 4 or words[0] != b"P6" or words[3] != b"255":
            raise RuntimeError(f"the decoder sent {bytes(head)!r} where a PPM header belongs")
        return int(words[1]), int(words[2])


def stream_frames(
    path: Path | str,
    limits: DecodeLimits = DecodeLimits(),
    max_side: int = 1280,
    *,
    threads: int = 1,
    on_corrupt: str = "reject",
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
            frame numbers are not certain; ``keep`` counts it in ``report`` and goes on.
        report: filled while frames are read.
        stop: set from another thread, it ends the stream, also while a frame is waited for.

    Raises:
        RejectedClip: see ``RejectedClip.CAUSES``: unreadable, corrupt, no_video, bad_size,
            too_long; a ``TransientReject`` where another try may go better.
        InputError: no usable ffmpeg.
    """
    if on_corrupt not in ON_CORRUPT:
        raise ValueError(f"on_corrupt is {on_corrupt!r}; give one of {', '.join(ON_CORRUPT)}")
    if path == STDIN:
        check_stdin()
    else:
        check_file(path)
    report = report if report is not None else DecodeReport()
    # Its own session: a Ctrl-C at the terminal must not end the decoder early and make a whole
    # video look truncated.
    process = subprocess.Popen(
        decode_command(path, limits, max_side, threads),
        stdin=None if path == STDIN else subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    log = DecoderLog(process.stderr)
    try:
        yield from _frames(path, process, log, limits, on_corrupt, report, stop)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        log.join()


def _frames(
    path: Path | str,
    process: subprocess.Popen[bytes],
    log: DecoderLog,
    limits: DecodeLimits,
    on_corrupt: str,
    report: DecodeReport,
    stop: threading.Event | None,
) -> Generator[Frame, None, None]:
    assert process.stdout is not None
    pipe = _Pipe(process.stdout.fileno(), limits.stall_s, stop)
    index = 0
    first_s = math.nan
    try:
        while (size := pipe.read_header()) is not None:
            width, height = size
            rgb = np.empty((height, width, 3), np.uint8)
            if pipe.read_into(rgb.data.cast("B")) < rgb.nbytes:
                break
            timestamp_s = log.timestamp(limits.stall_s)
            if index == 0:
                report.info = log.info
                _check_info(path, log.info, limits)
                first_s = timestamp_s
            _check_errors(path, log, on_corrupt, report)
            if index >= limits.frames:
                raise RejectedClip(
                    "too_long", f"{path}: more than {limits.frames} frames; raise the limit"
                )
            if timestamp_s - first_s > limits.seconds:
                raise RejectedClip(
                    "too_long", f"{path}: more than {limits.seconds:g} s; raise the limit"
                )
            yield Frame(index, timestamp_s, rgb)
            index += 1
        if stop is not None and stop.is_set():
            return
        process.wait(limits.stall_s)
        log.join(limits.stall_s)
    except (TimeoutError, subprocess.TimeoutExpired):
        raise TransientReject(
            "unreadable",
            f"{path}: the decoder gave nothing for {limits.stall_s:g} s after frame {index - 1}",
        ) from None
    code, words = process.returncode, last_words(log.tail)
    if code < 0 or log.was_signalled:
        raise TransientReject("unreadable", f"{path}: the decoder was ended from outside: {words}")
    if index == 0:
        if log.info is not None:
            _check_info(path, log.info, limits)
        raise refusal(path, log.tail)
    _check_errors(path, log, on_corrupt, report)
    if code:
        log.count_error(f"the decoder ended with code {code}: {words}", index)
        _check_errors(path, log, on_corrupt, report)


def _check_info(path: Path | str, info: VideoInfo | None, limits: DecodeLimits) -> None:
    """Refuses by what the file says of itself."""
    if info is None:
        return
    if max(info.width, info.height) > limits.frame_side:
        raise RejectedClip(
            "bad_size",
            f"{path}: frames of {info.width}x{info.height}; the limit is {limits.frame_side}",
        )
    if info.duration_s is not None and info.duration_s > limits.seconds:
        raise RejectedClip(
            "too_long", f"{path}: {info.duration_s:g} s; the limit is {limits.seconds:g} s"
        )


def _check_errors(path: Path | str, log: DecoderLog, on_corrupt: str, report: DecodeReport) -> None:
    """Brings the log's decode errors into the report, or ends on the first of them."""
    if not log.errors:
        return
    report.errors = log.errors
    report.error_frames = list(log.error_frames)
    report.words = last_words(log.tail)
    if on_corrupt == "reject":
        raise RejectedClip(
            "corrupt",
            f"{path}: cannot be decoded near frame {log.error_frames[0]}: {report.words}; "
            'frame numbers are not certain (on_corrupt="keep" takes it as it is)',
        )
