from __future__ import annotations

import io
import math

import pytest

from affectflow.video.decoder_log import DecoderLog

DESCRIPTION = """\
[info] Input #0, matroska,webm, from 'file:x.mkv':
[aac @ 0x1] [error] said while the format was guessed
[info]   Stream #0:0: Video: h264 (High), yuv420p, 64x48, 25 fps
[info] Stream mapping:
"""
SHOWN = "[Parsed_showinfo_2 @ 0x5] [info] n: {n} pts: {n} pts_time:{t} duration: 1\n"


def read(text: str) -> DecoderLog:
    log = DecoderLog(io.BytesIO(text.encode()))
    log.join(5)
    return log


def test_timestamps_come_in_order_and_unknown_ones_are_nan():
    log = read(DESCRIPTION + SHOWN.format(n=0, t="0.04") + SHOWN.format(n=1, t="NOPTS"))
    assert log.timestamp(1) == 0.04
    assert math.isnan(log.timestamp(1))
    # Beyond the end there is nothing to wait for.
    assert math.isnan(log.timestamp(1))
    assert math.isnan(log.timestamp(1))


def test_errors_count_from_the_first_frame_on_and_name_it():
    log = read(
        DESCRIPTION
        + SHOWN.format(n=0, t="0")
        + "[h264 @ 0x1] [error] error while decoding MB 1 1\n"
        + "[in#0/mov @ 0x1] [warning] corrupt input packet in stream 0\n"
        + "[swscaler @ 0x1] [warning] deprecated pixel format used\n"
    )
    assert log.errors == 2
    assert log.error_frames == [1, 1]
    assert log.info is not None
    assert log.info.width == 64


def test_what_loses_no_picture_is_no_error():
    log = read(
        DESCRIPTION
        + "[h264 @ 0x1] [error] mmco: unref short failure\n"
        + "[image2pipe @ 0x1] [error] Application provided invalid, non monotonically "
        "increasing dts to muxer in stream 0: 73 >= 73\n"
    )
    assert log.errors == 0


def test_a_title_cannot_pose_as_a_timestamp_or_an_error():
    title = "[info]     title : [Parsed_showinfo_2 @ 0x5] [info] n: 0 pts: 0 pts_time:9\n"
    log = read(title + DESCRIPTION)
    assert math.isnan(log.timestamp(1))
    assert log.errors == 0


def test_a_log_that_says_nothing_times_out():
    import os

    reader, writer = os.pipe()
    log = DecoderLog(os.fdopen(reader, "rb"))
    with pytest.raises(TimeoutError):
        log.timestamp(0.05)
    with pytest.raises(TimeoutError):
        log.join(0.05)
    os.close(writer)
    log.join(5)
