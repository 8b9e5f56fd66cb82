"""The sound of a video file as samples."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

from affectflow.errors import AffectflowError, TransientReject
from affectflow.video.ffmpeg import find_ffmpeg, input_arguments
from affectflow.video.machine import machine_words, unsteady
from affectflow.video.reject import check_exit, check_video, last_words, parse_line, refusal

RATE = 22_050
"""Samples a second: voices have little above its half."""

LONGEST_S = 120.0
"""Of a longer clip the beginning is heard: a vector describes a clip, not a film, and memory is
bounded. Clips of AFEW last 0.3 … 6 s."""


class NoSound(AffectflowError):
    """The file can be read, but nothing can be heard: no sound stream, or none that decodes."""


def read_audio(
    path: Path | str,
    rate: int = RATE,
    *,
    longest_s: float = LONGEST_S,
    timeout_s: float = 120.0,
) -> np.ndarray:
    """Decodes the first sound stream of ``path``, mixed into one channel.

    Where a stretch of the sound is damaged, what can be decoded of it is given.

    Args:
        path: a video file from anywhere; it cannot make ffmpeg open another file or the network.
        rate: samples a second of the result, Hz.
        longest_s: seconds from the start after which no more is read.
        timeout_s: seconds that the decoder may take.

    Returns:
        float32 [N] in [-1, 1), N > 0, one channel.

    Raises:
        NoSound: the file can be read and has no sound.
        RejectedClip: ``unreadable``; a ``TransientReject`` where another try may go better, also
            when reading failed after a part.
        InputError: no usable ffmpeg.
    """
    state = check_video(path)
    # 16 bits, as what comes from a file of floats could be infinite or no number.
    argv = [
        find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+info",
        *input_arguments(path), "-map", "0:a:0", "-t", f"{longest_s:g}", "-ac", "1",
        "-ar", str(rate), "-map_metadata", "-1", "-f", "s16le", "-threads", "1", "pipe:1",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        late = f"{path}: its sound was not decoded within {timeout_s:g} s"
        raise TransientReject("unreadable", late) from None
    check_exit(path, done.returncode)
    lines = [parse_line(line) for line in done.stderr.decode("utf-8", "replace").split("\n")]
    if not any(line.text.startswith("Input #0") for line in lines):
        raise refusal(path, lines, state)
    if any("matches no streams" in line.text for line in lines):
        raise NoSound(f"{path}: the file has no sound stream")
    samples = np.frombuffer(done.stdout[: len(done.stdout) // 2 * 2], "<i2")
    troubled = not len(samples) or any(line.is_error for line in lines)
    # A damaged file gives what it holds, the same each time; a failing disk gives what it may.
    machine = machine_words(line.text for line in lines)
    if passing := machine or (troubled and unsteady(path, state)):
        raise TransientReject("unreadable", f"{path}: {passing}")
    if not len(samples):
        raise NoSound(f"{path}: the sound stream cannot be decoded: {last_words(lines)}")
    return samples.astype(np.float32) / 32768
