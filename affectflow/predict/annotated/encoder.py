"""Pictures, and the sound of a file from anywhere, into an H.264 video at constant memory."""

from __future__ import annotations

import math
import os
import select
import subprocess
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np

from affectflow.errors import InputError
from affectflow.files import part_of, removed_at_exit
from affectflow.memory_file import memory_file
from affectflow.predict.results import MARK
from affectflow.video.ffmpeg import find_ffmpeg, input_arguments, input_url
from affectflow.video.reject import last_words, parse_line

_STALL_S = 300.0


class Encoder:
    """An ffmpeg process that writes beside ``target`` what ``finish`` puts into its place.

    Args:
        size, rate, sound, start: see ``encode_command``.

    Raises:
        InputError: (its methods too) no usable ffmpeg, or it cannot encode or write; its last
            words are in the message.
    """

    def __init__(
        self, target: Path, size: tuple[int, int], rate: Fraction, sound: Path | None, start: float
    ):
        self._target = target
        self._part = part_of(target)
        self._words = memory_file()  # closed with the encoder
        self._open = ExitStack()
        try:
            # Before ffmpeg runs, which may be ended before it is known here.
            self._open.enter_context(removed_at_exit(self._part, self._remove))
            self._process = subprocess.Popen(
                encode_command(self._part, size, rate, sound, start),
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._words, bufsize=0,
                # Ctrl-C at a terminal goes to its whole group, and this process may want to end
                # the video in its own time: it ends ffmpeg itself.
                start_new_session=True,
            )  # fmt: skip
        except BaseException:
            self._open.close()
            self._words.close()
            raise
        assert self._process.stdin is not None
        self._fd = self._process.stdin.fileno()
        os.set_blocking(self._fd, False)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLOUT | select.POLLERR)

    def write(self, image: np.ndarray) -> None:
        """Hands a picture over: uint8 [h, w, 3], C order, of the size that was announced."""
        left = image.data.cast("B")
        while len(left):
            try:
                left = left[os.write(self._fd, left) :]
            except BlockingIOError:
                if not self._poll.poll(_STALL_S * 1000):
                    raise InputError(f"{self._late()} took no frame") from None
            except BrokenPipeError:
                self._wait()
                raise self._failure() from None

    def finish(self) -> None:
        """Completes the file and puts it into its place."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        if self._wait():
            raise self._failure()
        os.replace(self._part, self._target)

    def close(self) -> None:
        """Ends the process, if it still runs, and removes what is not finished."""
        assert self._process.stdin is not None
        self._remove()
        self._process.stdin.close()
        self._words.close()
        self._open.close()

    def _remove(self) -> None:
        # It may be asked for when ffmpeg has not begun yet.
        if process := getattr(self, "_process", None):
            process.kill()
            process.wait()
        self._part.unlink(missing_ok=True)

    def _wait(self) -> int:
        try:
            return self._process.wait(_STALL_S)
        except subprocess.TimeoutExpired:
            raise InputError(f"{self._late()} did not end") from None

    def _late(self) -> str:
        return f"{self._target} could not be written: for {_STALL_S:g} s ffmpeg"

    def _failure(self) -> InputError:
        self._words.seek(0)
        lines = self._words.read().decode("utf-8", "replace").splitlines()
        said = last_words(map(parse_line, lines)) or f"it ended with {self._process.returncode}"
        return InputError(f"ffmpeg could not write {self._target}: {said}")


def encode_command(
    path: Path, size: tuple[int, int], rate: Fraction, sound: Path | None, start: float
) -> list[str]:
    """ffmpeg's argument list: RGB pictures on stdin to ``path``.

    Args:
        size: width and height of the pictures; an odd side gets a black row or column.
        rate: pictures a second.
        sound: a file of which the first sound track is taken; None = no sound.
        start: where in that file the first picture stands, seconds; NaN = at its start.
    """
    argv = [find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+error"]
    argv += ["-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{size[0]}x{size[1]}",
             "-framerate", str(rate), "-i", "pipe:0"]  # fmt: skip
    if sound is not None:
        argv += [
            *input_arguments(sound),
            "-map",
            "0:v",
            "-map",
            "1:a:0?",
            "-c:a",
            "aac",
            "-b:a",
            "128k",
        ]
        # Two channels and no gaps are what every AAC player takes. A packet that cannot be
        # decoded is silence, however many there are.
        start = start if math.isfinite(start) else 0.0
        argv += ["-ac", "2", "-max_error_rate", "1", "-af",
                 f"atrim=start={start:.6f},asetpts=PTS-{start:.6f}/TB,"
                 "aresample=async=1:first_pts=0"]  # fmt: skip
    argv += ["-vf", "scale=out_color_matrix=bt709:out_range=tv,pad=ceil(iw/2)*2:ceil(ih/2)*2,"
             "format=yuv420p", "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "veryfast",
             "-crf", "20"]  # fmt: skip
    argv += ["-colorspace", "bt709", "-color_range", "tv"]
    # Two threads: the networks want the others. The title and the place of a recording stay out.
    argv += ["-threads", "2", "-map_metadata", "-1", "-map_chapters", "-1"]
    argv += ["-metadata", f"comment={MARK}", "-f", "mp4"]
    return [*argv, input_url(path)]


def has_sound(video: Path) -> bool:
    """Whether the first sound of a file from anywhere can be decoded."""
    argv = [
        find_ffmpeg(),
        "-hide_banner",
        "-nostdin",
        "-loglevel",
        "error",
        *input_arguments(video),
    ]
    try:
        done = subprocess.run(
            [*argv, "-map", "0:a:0", "-t", "0.1", "-f", "null", "-"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=_STALL_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
