"""Whether each packet of a video gave a picture, looked into where fewer pictures came out.

A packet without a picture is not always a loss. These are none: what an edit list leaves out, what
comes before the first picture that can be decoded (a recording that begins within a group of
pictures, or with frames that refer to what was cut off), hidden reference frames of VP8 and VP9,
fields, of which two make a picture, and the placeholders of MPEG-4 and its kin.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from affectflow.memory_file import memory_file
from affectflow.video.ffmpeg import find_ffmpeg, input_arguments
from affectflow.video.pipe import Pipe
from affectflow.video.probe import VideoInfo
from affectflow.video.reject import check_exit

# Their decoders give no picture, and no error, for hidden frames alone.
_WITH_HIDDEN = ("vp8", "vp9", "av1")
# Codecs in which a picture may be coded as two packets, one a field.
_IN_FIELDS = ("h264", "hevc", "mpeg1video", "mpeg2video", "vc1", "wmv3", "mjpeg")
# "Show the last picture again" takes up to this many bytes in them.
_WITH_PLACEHOLDERS = ("mpeg4", "msmpeg4v2", "msmpeg4v3", "wmv1", "wmv2", "wmv3", "vc1", "theora")
_PLACEHOLDER_BYTES = 20

_DISCARD, _KEY = 4, 1  # AV_PKT_FLAG_DISCARD, AV_PKT_FLAG_KEY
_NONE = -(2**63)
_TICK_S = 1e-4


class Packet(NamedTuple):
    """A packet of the video stream.

    Attributes:
        second: presentation time, None where the container keeps none.
        size: bytes.
        key: whether decoding can begin with it.
        discarded: whether an edit list leaves its picture out.
    """

    second: float | None
    size: int
    key: bool
    discarded: bool


def lost_pictures(
    path: Path | str, info: VideoInfo, pictures: int, first_s: float, stall_s: float
) -> int | None:
    """How many pictures a file has packets for that were not decoded and should have been.

    None where that cannot be told from its packets.

    Args:
        path: the file, which is read again, without decoding.
        info: what it says of itself.
        pictures: how many were decoded.
        first_s: time of the first of them, seconds.
        stall_s: seconds without a packet after which it is given up.

    Raises:
        TimeoutError: the file could not be read on.
        TransientReject: the process that read it was killed, or could not read on.
    """
    if info.codec in _WITH_HIDDEN or (info.interlaced and info.codec in _IN_FIELDS):
        return None
    if info.codec in ("h264", "hevc") and not info.keeps_times:
        return None  # what refers to frames before the beginning cannot be told from the rest
    packets = read_packets(path, stall_s)
    shown = sum(_shows(packets, info, first_s))
    return max(0, shown - pictures)


def begins_late(path: Path | str, first_s: float, stall_s: float) -> bool:
    """Whether a file begins within a group of pictures, of which none is shown.

    What decoders say of those is about what was never recorded, and no picture that is shown lacks
    anything.

    Args:
        path: the file, which is read up to its first key frame, without decoding.
        first_s: time of the first picture that was decoded, seconds.
        stall_s: seconds without a packet after which it is given up.

    Raises:
        TimeoutError: the file could not be read on.
        TransientReject: the process that read it was killed, or could not read on.
    """
    with closing(read_packets(path, stall_s)) as packets:
        before = [packet.second for packet in takewhile(lambda packet: not packet.key, packets)]
    shown = any(second is not None and abs(second - first_s) < _TICK_S for second in before)
    return bool(before) and not shown


def _shows(packets: Iterator[Packet], info: VideoInfo, first_s: float) -> Iterator[bool]:
    """Of each packet, in decode order: whether a picture has to come of it."""
    least = _PLACEHOLDER_BYTES if info.codec in _WITH_PLACEHOLDERS else 0
    timed = info.keeps_times
    begun = led = False
    for packet in packets:
        known = packet.second is not None
        if timed and packet.second is not None:
            shown = packet.second >= first_s - _TICK_S
            begun |= shown
        else:
            shown = begun = begun or packet.key
        # Right after the first key frame come those that are shown before it, which refer to what
        # was cut off. Where times are kept they have none, or an early one; where not, frames
        # between others are the ones that have a time.
        if begun and not led and not packet.key:
            led = known if timed else not known
            shown &= led
        yield shown and not packet.discarded and packet.size > least


def read_packets(path: Path | str, stall_s: float) -> Generator[Packet, None, None]:
    """The packets of the first video stream, in decode order.

    Raises:
        TimeoutError: nothing came for ``stall_s``.
        TransientReject: the process was killed, or could not read on.
    """
    with copied(path, "framecrc", stall_s) as (pipe, ended):
        yield from parse_packets(pipe.lines())
        # Else a file would be taken to hold no more than was read of it.
        ended()


@contextmanager
def copied(
    path: Path | str, form: str, stall_s: float
) -> Iterator[tuple[Pipe, Callable[[], None]]]:
    """The packets of the first video stream as ffmpeg writes them in a format, undecoded.

    Yields:
        what it writes, and what to call once that has ended: it raises a TransientReject where
        the process was killed, or could not read on.
    """
    argv = [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error"]
    argv += [*input_arguments(path), "-map", "0:V:0", "-c", "copy", "-copyinkf"]
    with memory_file() as log:
        process = subprocess.Popen(
            [*argv, "-f", form, "pipe:1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=log, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None

        def ended() -> None:
            code = process.wait()
            log.seek(0)
            check_exit(path, code, log.read().decode("utf-8", "replace").splitlines())

        try:
            yield Pipe(process.stdout.fileno(), stall_s), ended
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def parse_packets(lines: Iterator[str]) -> Iterator[Packet]:
    """Packets from what ffmpeg's ``framecrc`` prints."""
    clock = 1.0
    for line in lines:
        if line.startswith("#tb 0:"):
            over, under = line.split(":")[1].split("/")
            clock = int(over) / int(under)
        if not line or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(",")]
        pts, size = int(fields[2]), int(fields[4])
        # Flags are printed where they are not simply "key".
        flags = next((int(field[2:], 16) for field in fields[6:] if field[:2] == "F="), _KEY)
        yield Packet(
            pts * clock if pts != _NONE else None, size, bool(flags & _KEY), bool(flags & _DISCARD)
        )
