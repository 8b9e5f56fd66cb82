"""Sound is read as it was written, and its absence is told from a file that is none."""

from __future__ import annotations

import errno
import os
import subprocess

import numpy as np
import pytest

from affectflow.audio import read
from affectflow.audio.functionals import functional_names, functionals
from affectflow.audio.read import RATE, NoSound, read_audio
from affectflow.errors import RejectedClip, TransientReject
from affectflow.synth.encode import encode
from affectflow.synth.sound import SAMPLE_RATE, write_wav
from affectflow.video import machine
from affectflow.video.ffmpeg import find_ffmpeg

SECONDS = 0.8
ENDINGS = [".avi", ".mp4", ".flv", ".mpeg"]


def film(path, *voices, seconds=SECONDS):
    """A grey video with these voices, or silent without any."""
    ticks = tuple(range(round(seconds * 25)))
    wav = path.with_suffix(".wav")
    if voices:
        write_wav(wav, *voices)
    frames = (np.full((48, 64, 3), 128, np.uint8) for _ in ticks)
    encode(path, frames, 64, 48, 25, ticks, wav if voices else None)
    return path


def sine(hz, amplitude=0.4, seconds=SECONDS):
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return amplitude * np.sin(2 * np.pi * hz * t)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_tone_is_heard_in_every_container(tmp_path, ending):
    samples = read_audio(film(tmp_path / f"tone{ending}", sine(300)))
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    # Codecs of blocks add up to a tenth of a second.
    assert len(samples) / RATE == pytest.approx(SECONDS, abs=0.12)
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    assert np.sqrt((middle**2).mean()) == pytest.approx(0.4 / np.sqrt(2), rel=0.1)
    found = dict(zip(functional_names(), functionals(samples, RATE)))
    assert found["f0_median"] == pytest.approx(300, rel=0.01)


def test_rate_and_length_are_as_asked(tmp_path):
    path = film(tmp_path / "tone.avi", sine(300))
    assert len(read_audio(path, 16_000)) == pytest.approx(SECONDS * 16_000, abs=160)
    assert len(read_audio(path, longest_s=0.25)) == pytest.approx(0.25 * RATE, abs=2)
    np.testing.assert_array_equal(read_audio(path), read_audio(path))


def test_channels_are_mixed(tmp_path):
    silent, wav, path = film(tmp_path / "a.avi"), tmp_path / "stereo.wav", tmp_path / "stereo.avi"
    write_wav(wav, sine(300))
    subprocess.run(
        [find_ffmpeg(), "-v", "error", "-i", silent, "-i", wav, "-af", "pan=stereo|c0=c0|c1=0*c0",
         "-c:v", "copy", "-c:a", "pcm_s16le", path], check=True, timeout=60,
    )  # fmt: skip
    assert np.abs(read_audio(path)).max() == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_video_without_sound(tmp_path, ending):
    with pytest.raises(NoSound, match="the file has no sound stream"):
        read_audio(film(tmp_path / f"silent{ending}"))


def test_sound_that_cannot_be_decoded(tmp_path):
    path = film(tmp_path / "tone.avi", sine(300))
    # 0x5A5A is no codec: the format tag is the first word of the sound's own header.
    data = path.read_bytes()
    at = data.index(b"strf", data.index(b"auds")) + 8
    path.write_bytes(data[:at] + b"\x5a\x5a" + data[at + 2 :])
    with pytest.raises(NoSound, match=r"the sound stream cannot be decoded: .+"):
        read_audio(path)


def test_a_damaged_stretch_leaves_the_rest(tmp_path):
    path = film(tmp_path / "tone.mp4", sine(300, seconds=3.0), seconds=3.0)
    data = bytearray(path.read_bytes())
    at = len(data) // 2
    data[at : at + 400] = bytes(400)
    path.write_bytes(data)
    assert len(read_audio(path)) > RATE


@pytest.mark.parametrize("share", [1.0, 0.0])
@pytest.mark.parametrize("words", ["Input/output error", "Resource temporarily unavailable"])
def test_sound_that_the_machine_lost_is_not_taken_for_what_there_is(
    tmp_path, monkeypatch, share, words
):
    # The first samples, or none, and then what ffmpeg says where reading or a thread fails.
    path = film(tmp_path / "tone.avi", sine(300))
    broken = tmp_path / "broken"
    broken.write_text(
        f'#!/bin/sh\n{find_ffmpeg()} "$@" | head -c {round(share * 8000)}\n'
        f"echo '[in#0/avi @ 0x1] [error] Error during demuxing: {words}' >&2\n"
    )
    broken.chmod(0o755)
    with monkeypatch.context() as night:
        night.setattr(read, "find_ffmpeg", lambda: str(broken))
        with pytest.raises(TransientReject, match=words):
            read_audio(path)
    assert len(read_audio(path)) / RATE == pytest.approx(SECONDS, abs=0.12)


def test_a_damaged_stretch_of_a_file_that_cannot_be_read_whole(tmp_path, monkeypatch):
    path = film(tmp_path / "tone.avi", sine(300))
    data = path.read_bytes()
    at = data.index(b"strf", data.index(b"auds")) + 8
    path.write_bytes(data[:at] + b"\x5a\x5a" + data[at + 2 :])  # as above: no codec

    def failing(*_, **__):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(machine, "open", failing, raising=False)
    with pytest.raises(TransientReject, match="Input/output error"):
        read_audio(path)


def test_a_killed_decoder_is_no_silence(tmp_path, monkeypatch):
    path = film(tmp_path / "tone.avi", sine(300))
    killed = tmp_path / "killed"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr(read, "find_ffmpeg", lambda: str(killed))
    with pytest.raises(TransientReject, match="ended from outside"):
        read_audio(path)


def test_files_that_are_none(tmp_path):
    with pytest.raises(TransientReject, match="No such file"):
        read_audio(tmp_path / "gone.avi")
    (tmp_path / "text.avi").write_text("no video at all\n" * 100)
    with pytest.raises(RejectedClip, match="unreadable"):
        read_audio(tmp_path / "text.avi")
    playlist = tmp_path / "list.avi"
    playlist.write_text("ffconcat version 1.0\nfile other.avi\n")
    with pytest.raises(RejectedClip, match="unreadable"):
        read_audio(playlist)


def test_a_decoder_that_takes_too_long(tmp_path):
    path = film(tmp_path / "tone.avi", sine(300))
    with pytest.raises(TransientReject, match=r"was not decoded within 1e-06 s"):
        read_audio(path, timeout_s=1e-6)
