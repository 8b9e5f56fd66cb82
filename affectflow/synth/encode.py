"""Frames and sound into a video file, the same bytes every time."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import ffmpeg

from affectflow.errors import InputError
from affectflow.memory_file import memory_file
from affectflow.synth.containers import CONTAINERS
from affectflow.synth.photograph import Array
from affectflow.video.ffmpeg import find_ffmpeg


def encode(path: Path, frames: Iterable[Array], width: int, height: int, fps: int,
           ticks: tuple[int, ...], sound: Path | None) -> None:  # fmt: skip
    """Writes ``path``; it is there whole or, on an error, not usable: name it temporary.

    The kind of file follows from the path's ending, one of ``CONTAINERS``.

    Args:
        frames: uint8 RGB [height, width, 3], one for each of ``ticks``.
        ticks: when each frame is shown, in 1/fps s; a gap makes the frame rate variable (MP4).
        sound: a WAV file, or None for a silent video.

    Raises:
        InputError: ffmpeg cannot encode (no such codec) or write; the message has its last words.
    """
    video = ffmpeg.input(
        "pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{width}x{height}", framerate=fps
    )
    # Each gap moves all frames from its end on; without gaps the expression is the frame number.
    late = [
        f"{now - before - 1}*gte(N,{index})"
        for index, (before, now) in enumerate(pairwise(ticks), start=1)
        if now - before > 1
    ]
    container = CONTAINERS[path.suffix]
    clock = {"video_track_timescale": fps * 1000} if container.clocked else {}
    stream = ffmpeg.output(
        video.filter("setpts", f"{_sum(['N', *late])}/({fps}*TB)"),
        *([] if sound is None else [ffmpeg.input(str(sound)).audio]),
        str(path),
        format=container.format,
        **container.video,
        **({} if sound is None else container.sound),
        **clock,
        pix_fmt="yuv420p",
        fps_mode="passthrough",
        # One thread, no version strings and no creation time: equal input gives equal bytes.
        threads=1,
        map_metadata=-1,
        fflags="+bitexact",
        **{"flags:v": "+bitexact", "flags:a": "+bitexact"},
    ).global_args("-hide_banner", "-loglevel", "error", "-nostats", "-filter_threads", "1")
    command = stream.overwrite_output().compile(cmd=find_ffmpeg())
    with memory_file() as words:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=words
        )
        assert process.stdin is not None
        try:
            for frame in frames:
                process.stdin.write(frame.tobytes())
            process.stdin.close()
        except BrokenPipeError:
            pass  # ffmpeg ended early; what it said follows
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.wait():
            words.seek(0)
            said = words.read().decode("utf-8", "replace").strip()[-500:]
            raise InputError(f"ffmpeg could not write {path}: {said or 'it gave no reason'}")


def _sum(terms: list[str]) -> str:
    """Terms added in pairs of pairs: ffmpeg refuses expressions nested deeper than 100."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return f"({_sum(terms[:half])}+{_sum(terms[half:])})"
