"""Which lines of ffmpeg's log mean that pictures are lost or damaged, and which are remarks."""

from __future__ import annotations

import re

from affectflow.video.reject import LogLine

# What the decoder marks, and the demuxer: pictures with concealed blocks, packets that are cut.
_MARKED = re.compile(
    r"corrupt (?:input packet|decoded frame)(?: in stream (\d+))?|^Packet corrupt \(stream = (\d+)"
)
# A demuxer has lost its place and passed over data. It may say so while the format is guessed: what
# it reads then is not read again.
_PASSED_OVER = re.compile(
    r"Packet mismatch -?\d|exceeds containing master element|packet_obj_size \d+ invalid"
)
# Errors of what stands beside the pictures: messages and metadata of H.264 and HEVC, application
# segments and comments of JPEG, user data, parts of the sequence header that pictures do not need.
# The decoder goes on with the picture, or says so in a line of its own. These are known; of what is
# not, the streams in which it can be told are looked into (``beside``).
_BESIDE = re.compile(
    r"\bSEI\b|recovery_frame_cnt|buffering period|active_parameter_set_id|num_sps_ids_minus1"
    r"|\bRPU\b|\bNLQ\b|VDR sequence info|\bVUI\b|[cn]b?pb_(?:count|cnt) \d|time_scale/num_units"
    r"|\bA(?:PP|pp)\d*\b|decode_app|\b(?i:exif|icc|adobe|thumbnail|xmp|iptc)\b|\bTIFF header\b"
    r"|\b(?:app|com): invalid len|[Uu]ser data|\bCOM\b|[Mm]etadata|closed caption|[Tt]imecode"
)
# An encoder's odd bookkeeping of references, said of intact streams too.
_BOOKKEEPING = re.compile(r"mmco: unref short failure|co located POCs unavailable")
# Of pictures that refer to others which are not in the file, as in one that begins within a group.
_UNREFERENCED = re.compile(
    r"Could not find ref with POC|Error constructing the frame RPS|decode_slice_header error"
    r"|[Rr]eference picture(?: missing|, default)|number of reference frames \(.* exceeds max"
)
# Of what we have ffmpeg write: the frame rate is too coarse for the times of frames.
_OURS = re.compile(r"non monotonically increasing dts to muxer")


def is_damage(line: LogLine, stream: int, decoding: bool = True) -> bool:
    """Whether a line says that a picture is damaged or missing.

    Args:
        line: of the log.
        stream: index of the video stream in the file.
        decoding: False for what is logged before the first frame is decoded, while the format is
            guessed (sound tracks included): only what a demuxer has passed over counts then.
    """
    if line.level not in ("warning", "error", "fatal", "panic"):
        return False
    if marked := _MARKED.search(line.text):
        of = marked[1] or marked[2]
        return of is None or int(of) == stream
    if not line.is_error:
        return False
    if not decoding:
        return _PASSED_OVER.search(line.text) is not None
    return not (is_remark(line) or _OURS.search(line.text))


def is_certain(line: LogLine) -> bool:
    """Whether a line that means damage is a mark of a picture or packet.

    Of others it can be asked whether they are about any picture (``beside``).
    """
    return not line.is_error


def is_remark(line: LogLine) -> bool:
    """Whether a line is called an error and is about nothing that a picture is made of.

    That all pictures are there has to be seen from their number.
    """
    if not line.is_error:
        return False
    return bool(_BESIDE.search(line.text) or _BOOKKEEPING.search(line.text))


def is_unreferenced(line: LogLine) -> bool:
    """Whether a line that means damage may be about nothing but a picture's references."""
    return line.is_error and _UNREFERENCED.search(line.text) is not None
