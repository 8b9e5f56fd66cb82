"""The kinds of video file that corpora are distributed in, as options of ffmpeg."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Container:
    """How a kind of file is written.

    Attributes:
        format: ffmpeg's muxer.
        video: options of the video's codec.
        sound: options of the sound's codec.
        clocked: the muxer takes a time scale, so that frames may lie unevenly in time.
    """

    format: str
    video: dict[str, str | int] = field(default_factory=dict)
    sound: dict[str, str | int] = field(default_factory=dict)
    clocked: bool = False


# One quantiser for all frames, near what these corpora look like.
_SHARP: dict[str, str | int] = {"q:v": 3}

CONTAINERS = {
    ".mp4": Container(
        "mp4",
        {"vcodec": "libx264", "preset": "veryfast", "crf": 20},
        {"acodec": "aac", "audio_bitrate": "64k"},
        clocked=True,
    ),
    # AFEW: MPEG-4 in AVI. MP3 begins before the picture, which AVI makes up for with empty frames.
    ".avi": Container(
        "avi",
        {"vcodec": "mpeg4", **_SHARP},
        {"acodec": "pcm_s16le"},
    ),
    # CREMA-D: Flash video. Of MP3's rates FLV knows 11025, 22050 and 44100 Hz.
    ".flv": Container(
        "flv",
        {"vcodec": "flv", **_SHARP},
        {"acodec": "libmp3lame", "audio_bitrate": "64k", "ar": 22050},
    ),
    # ADFES: MPEG-2.
    ".mpeg": Container(
        "vob",
        {"vcodec": "mpeg2video", **_SHARP},
        {"acodec": "mp2", "audio_bitrate": "64k"},
    ),
}
"""Ending of the file's name -> how it is written."""
