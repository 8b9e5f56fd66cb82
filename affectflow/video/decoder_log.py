"""A running decoder's log, read beside its frames: timestamps, decode errors, last words."""

from __future__ import annotations

import math
import queue
import re
import threading
from collections import deque
from typing import IO

from affectflow.video.probe import VideoInfo, parse_description
from affectflow.video.reject import LogLine, parse_line

_TIME = re.compile(r"n: *\d+ pts: *\S+ pts_time: *(\S+)")
# No picture is lost by these: an encoder's odd bookkeeping of references, said of intact streams
# too, and timestamps that the frame rate is too coarse for (the image writer has no use for them).
_HARMLESS = re.compile(
    r"mmco: unref short failure|co located POCs unavailable|non monotonically increasing dts"
)
# The demuxers only warn when a packet is damaged or cut.
_DAMAGED = re.compile(r"corrupt input packet|corrupt decoded frame")
_MAX_LINE = 4096


class DecoderLog:
    """Reads ffmpeg's stderr in a thread until it ends.

    Attributes:
        info: the file's description, None until it was logged.
        errors: number of decode errors so far.
        error_frames: how many frames had been decoded at each error, the first 100.
        tail: the last lines that are not timestamps.
        was_signalled: whether the process said that a signal ended it.
    """

    def __init__(self, stderr: IO[bytes]):
        self.info: VideoInfo | None = None
        self.errors = 0
        self.error_frames: list[int] = []
        self.tail: deque[LogLine] = deque(maxlen=40)
        self.was_signalled = False
        self._stderr = stderr
        self._described = False
        self._description: list[str] = []
        self._decoded = 0
        # Never longer than the frames that fit into the pipes: ffmpeg waits beyond that.
        self._times: queue.SimpleQueue[float | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, name="ffmpeg-log", daemon=True)
        self._thread.start()

    def timestamp(self, timeout_s: float) -> float:
        """Seconds of the next frame, NaN where it has none. Call once a frame, in order.

        Raises:
            TimeoutError: nothing came within ``timeout_s``.
        """
        try:
            value = self._times.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError from None
        if value is None:
            self._times.put(None)
            return math.nan
        return value

    def count_error(self, text: str, frame: int) -> None:
        """Adds a decode error that was not in the log itself."""
        self.tail.append(LogLine("", "error", text))
        self._note(frame)

    def join(self, timeout_s: float | None = None) -> None:
        """Waits until the log has been read to its end.

        Raises:
            TimeoutError: it has not ended within ``timeout_s``.
        """
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise TimeoutError

    def _read(self) -> None:
        with self._stderr:
            while raw := self._stderr.readline(_MAX_LINE):
                self._take(raw.decode("utf-8", "replace").rstrip("\r\n"))
        self._times.put(None)

    def _take(self, text: str) -> None:
        line = parse_line(text)
        if line.level == "info":
            if line.context.startswith("[Parsed_showinfo"):
                if found := _TIME.match(line.text):
                    self._decoded += 1
                    self._times.put(_seconds(found[1]))
                return
            if not self._described:
                self._describe(line.text)
                return
        if _HARMLESS.search(line.text):
            return
        self.tail.append(line)
        self.was_signalled |= "received signal" in line.text
        if self._described and _is_damage(line):
            self._note(self._decoded)

    def _note(self, frame: int) -> None:
        self.errors += 1
        if len(self.error_frames) < 100:
            self.error_frames.append(frame)

    def _describe(self, text: str) -> None:
        self._description.append(text)
        # The description is whole when the mapping of streams begins; what is logged before it
        # comes from guessing the format (sound tracks included), not from decoding frames.
        if text.startswith("Stream mapping:"):
            self.info = parse_description(self._description)
            self._described = True
            self._description.clear()


def _is_damage(line: LogLine) -> bool:
    return line.is_error or (line.level == "warning" and bool(_DAMAGED.search(line.text)))


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # "NOPTS"
        return math.nan
