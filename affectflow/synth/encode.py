"""Frames and sound into an H.264/AAC MP4 file, the same bytes every time."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import ffmpeg

from affectflow.errors import InputError
from affectflow.synth.photograph import Array
from affectflow.video.ffmpeg import find_ffmpeg


def encode(path: Path, frames: Iterable[Array], width: int, height: int, fps: int,
           ticks: tuple[int, ...], sound: Path) -> None:  # fmt: skip
    """Writes ``path`` (.mp4); it is there whole or, on an error, not usable: name it temporary.

    Args:
        frames: uint8 RGB [height, width, 3], one for each of ``ticks``.
        ticks: when each frame is shown, in 1/fps s; a gap makes the frame rate variable.
        sound: a WAV file.

    Raises:
        InputError: ffmpeg cannot encode (no libx264) or write; its last words are in the message.
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
    stream = ffmpeg.output(
        video.filter("setpts", f"{_sum(['N', *late])}/({fps}*TB)"),
        ffmpeg.input(str(sound)).audio,
        str(path),
        format="mp4",
        vcodec="libx264",
        acodec="aac",
        audio_bitrate="64k",
        preset="veryfast",
        crf=20,
        pix_fmt="yuv420p",
        fps_mode="passthrough",
        video_track_timescale=fps * 1000,
        # One thread, no version strings and no creation time: equal input gives equal bytes.
        threads=1,
        map_metadata=-1,
        fflags="+bitexact",
        **{"flags:v": "+bitexact", "flags:a": "+bitexact"},
    ).global_args("-hide_banner", "-loglevel", "error", "-nostats", "-filter_threads", "1")
    command = stream.overwrite_output().compile(cmd=find_ffmpeg())
    with tempfile.TemporaryFile() as words:
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
