"""A running decoder's log, read beside its frames: times and sizes, damage, last words."""

from __future__ import annotations

import math
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from fractions import Fraction
from typing import IO, NamedTuple

from affectflow.errors import TransientReject
from affectflow.video.damage import is_certain, is_damage, is_remark, is_unreferenced
from affectflow.video.machine import machine_words
from affectflow.video.pipe import LOOK_EVERY_S
from affectflow.video.probe import VideoInfo, parse_description
from affectflow.video.reject import LogLine, parse_line

_FRAME = re.compile(r"frame:\d+ +pts:(\S+)")
_CLOCK = re.compile(r"w:\d+ h:\d+ pixfmt:\S+ tb:(\d+)/(\d+)")
_SIZES = re.compile(r"w:(\d+) h:(\d+) fmt:.* -> w:(\d+) h:(\d+) ")
_COUNTED = re.compile(r"\s*Input stream #0:(\d+) \(video\): (\d+) packets read ")
_MAX_LINE = 4096


class FrameNote(NamedTuple):
    """What the log says of a frame.

    Attributes:
        second: presentation time from the start of the file; NaN where it has none.
        stored: width and height of the picture as it is stored, upright, pixels.
        sent: width and height of what the decoder sends of it.
    """

    second: float
    stored: tuple[int, int]
    sent: tuple[int, int]


class DecoderLog:
    """Reads ffmpeg's stderr in a thread until it ends.

    Each frame is printed by the last filter of ``decode_command``. What holds for it was said
    before: the clock by the graph's source, the sizes by the filter that scales, each whenever they
    change. These, and the number of packets at the end, are of the log's level ``verbose``.

    Args:
        stderr: of the process; closed at its end.
        begins_late: whether a file whose first picture has this time begins with others that are
            not shown (``packets.begins_late``): what is said of their references is no damage.

    Attributes:
        info: the file's description, None until it was logged.
        errors: number of lines so far that mean damage.
        error_frames: how many frames had been decoded at each, the first 100.
        unclear: lines that mean damage unless they are about no picture, and how many frames had
            been decoded at each; ``settle`` makes errors or remarks of them.
        remarks: number of lines that are called errors and are about no picture.
        remark: the last of them.
        packets: of the video stream, known at its end; 0 before.
        tail: the last warnings and errors.
        machine: the first warning or error that is about the machine and not the file; "" before.
        was_signalled: whether the process said that a signal ended it.
    """

    def __init__(self, stderr: IO[bytes], begins_late: Callable[[float], bool] = lambda _: False):
        self.info: VideoInfo | None = None
        self.errors = 0
        self.error_frames: list[int] = []
        self.unclear: deque[tuple[LogLine, int]] = deque()
        self.remarks = 0
        self.remark = ""
        self.packets = 0
        self.tail: deque[LogLine] = deque(maxlen=40)
        self.machine = ""
        self.was_signalled = False
        self._stderr = stderr
        self._described = threading.Event()
        self._description: list[str] = []
        self._early: list[LogLine] = []
        self._begins_late = begins_late
        self._counting = threading.Lock()
        self._unreferenced: list[LogLine] = []
        self._decoded = 0
        self._clock = Fraction(1)
        self._zero: Fraction | None = None
        self._stored = self._sent = (0, 0)
        # Never longer than the frames that fit into the pipes: ffmpeg waits beyond that.
        self._notes: queue.SimpleQueue[FrameNote | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, name="ffmpeg-log", daemon=True)
        self._thread.start()

    def wait_described(
        self, timeout_s: float, stop: threading.Event | None = None
    ) -> VideoInfo | None:
        """The description when it is there; None when the log ends without, or when told to stop.

        Raises:
            TimeoutError: it has not come within ``timeout_s``.
        """
        deadline = time.monotonic() + timeout_s
        while not self._described.wait(_slice(deadline)):
            if stop is not None and stop.is_set():
                return None
            if time.monotonic() >= deadline:
                raise TimeoutError
        return self.info

    def next_frame(self, timeout_s: float, stop: threading.Event | None = None) -> FrameNote | None:
        """The next frame's note; None at the end, or when told to stop while it is waited for.

        Raises:
            TimeoutError: nothing came within ``timeout_s``.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                note = self._notes.get(timeout=_slice(deadline))
            except queue.Empty:
                if stop is not None and stop.is_set():
                    return None
                if time.monotonic() >= deadline:
                    raise TimeoutError from None
                continue
            if note is None:
                self._notes.put(None)
            return note

    def count_error(self, text: str, frame: int) -> None:
        """Adds damage that was not in the log itself."""
        self.tail.append(LogLine("", "error", text))
        self._note_error(frame)

    def settle(self, beside: Collection[str]) -> int:
        """Judges what is unclear; returns how many lines of it are about no picture.

        Args:
            beside: the texts that are.
        """
        spared = 0
        while self.unclear:
            line, frame = self.unclear.popleft()
            if line.text in beside:
                spared += 1
                self._note_remark(line)
            else:
                self.tail.append(line)
                self._note_error(frame)
        return spared

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
        if not self._decoded:
            self.tail.extend(self._unreferenced)
        self._described.set()
        self._notes.put(None)

    def _take(self, text: str) -> None:
        line = parse_line(text)
        if line.level == "info":
            if line.context.startswith("[Parsed_metadata"):
                self._take_frame(line.text)
            elif not self._described.is_set():
                self._describe(line.text)
        self.was_signalled |= "received signal" in line.text
        if line.level == "verbose":
            self._take_facts(line)
        if line.level == "warning" or line.is_error:
            self.machine = self.machine or machine_words([line.text])
            self._judge(line)

    def _judge(self, line: LogLine) -> None:
        if self.info is None:
            # Until the description is whole nobody knows which stream the pictures are in.
            self._early.append(line)
        elif is_damage(line, self.info.stream):
            if not self._decoded and is_unreferenced(line):
                self._unreferenced.append(line)
                return
            self._note_damage(line)
            return
        elif is_remark(line):
            self._note_remark(line)
            return
        self.tail.append(line)

    def _judge_beginning(self, first_s: float) -> None:
        """Of what refers to pictures that are not there, now that it is seen which are shown."""
        late = False
        try:
            late = bool(self._unreferenced) and self._begins_late(first_s)
        except (TimeoutError, TransientReject) as broken:
            self.machine = self.machine or f"its beginning could not be read: {broken}"
        for line in self._unreferenced:
            if late:
                self._note_remark(line)
            else:
                self._note_error(0)
                self.tail.append(line)
        self._unreferenced.clear()

    def _take_frame(self, text: str) -> None:
        if found := _FRAME.match(text):
            second = self._second(found[1])
            if not self._decoded:
                self._judge_beginning(second)
            self._decoded += 1
            self._notes.put(FrameNote(second, self._stored, self._sent))

    def _take_facts(self, line: LogLine) -> None:
        if line.context.startswith("[Parsed_scale_0 "):
            if found := _SIZES.match(line.text):
                width, height, *sent = map(int, found.groups())
                self._stored, self._sent = (width, height), (sent[0], sent[1])
        elif line.context.startswith("[graph "):
            if found := _CLOCK.match(line.text):
                self._clock = Fraction(int(found[1]), int(found[2]) or 1)
        elif (found := _COUNTED.match(line.text)) and self.info is not None:
            self.packets = int(found[2]) if int(found[1]) == self.info.stream else self.packets

    def _second(self, pts: str) -> float:
        """Exact, where the seconds that ffmpeg prints have six digits in older releases."""
        if not pts.lstrip("-").isdigit():  # "NOPTS"
            return math.nan
        second = int(pts) * self._clock
        if self._zero is None:
            # Without times of its own a file begins with its first picture.
            timed = self.info is None or self.info.keeps_times
            self._zero = Fraction(0) if timed else second
        return float(second - self._zero)

    def _note_damage(self, line: LogLine) -> None:
        if is_certain(line):
            self.tail.append(line)
            self._note_error(self._decoded)
        else:
            self.unclear.append((line, self._decoded))

    def _note_error(self, frame: int) -> None:
        with self._counting:
            self.errors += 1
            if len(self.error_frames) < 100:
                self.error_frames.append(frame)

    def _note_remark(self, line: LogLine) -> None:
        with self._counting:
            self.remarks += 1
            self.remark = line.text.strip()

    def _describe(self, text: str) -> None:
        self._description.append(text)
        # The description is whole when the mapping of streams begins; what is logged before it
        # comes from guessing the format, not from decoding frames.
        if text.startswith("Stream mapping:"):
            self.info = parse_description(self._description)
            if self.info is not None:
                for line in self._early:
                    if is_damage(line, self.info.stream, decoding=False):
                        self._note_damage(line)
            self._description.clear()
            self._early.clear()
            self._described.set()


def _slice(deadline: float) -> float:
    return max(0.0, min(deadline - time.monotonic(), LOOK_EVERY_S))
