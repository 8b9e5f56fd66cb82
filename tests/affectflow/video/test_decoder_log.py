from __future__ import annotations

import io
import math

import pytest

from affectflow.video.decoder_log import DecoderLog

DESCRIPTION = """\
[info] Input #0, matroska,webm, from 'file:x.mkv':
[aac @ 0x1] [error] said while the format was guessed
[info]   Stream #0:0: Video: h264 (High), 1 reference frame, yuv420p, 64x48, 25 fps
[info]   Stream #0:1: Audio: aac (LC), 44100 Hz, mono, fltp
[info] Stream mapping:
"""
SOURCE = (
    "[graph 0 input from stream 0:0 @ 0x2] [verbose] w:64 h:48 pixfmt:yuv420p tb:{tb} fr:25/1\n"
)
SCALE = (
    "[Parsed_scale_0 @ 0x3] [verbose] w:max(1,iw) h:max(1,ih) flags:'' interl:0\n"
    "[Parsed_scale_0 @ 0x3] [verbose] w:{0} h:{1} fmt:yuv420p sar:1/1 -> w:{2} h:{3} fmt:rgb24"
    " sar:1/1 flags:0x0\n"
)
GRAPH = SOURCE.format(tb="1/25") + SCALE.format(64, 48, 32, 24)
FRAME = (
    "[Parsed_metadata_3 @ 0x5] [info] frame:{n}    pts:{pts}       pts_time:{t}\n"
    "[Parsed_metadata_3 @ 0x5] [info] frame=1\n"
)
END = "[in#0/matroska @ 0x1] [verbose]   Input stream #0:{} (video): {} packets read (9 bytes); \n"


def read(text: str, **more) -> DecoderLog:
    log = DecoderLog(io.BytesIO(text.encode()), **more)
    log.join(5)
    # Nothing is known to be beside the pictures.
    log.settle(())
    return log


def test_times_come_in_order_and_unknown_ones_are_nan():
    log = read(
        DESCRIPTION + GRAPH
        + FRAME.format(n=0, pts=1, t="0.04") + FRAME.format(n=1, pts="NOPTS", t="NOPTS")
    )  # fmt: skip
    note = log.next_frame(1)
    assert (note.second, note.stored, note.sent) == (0.04, (64, 48), (32, 24))
    assert math.isnan(log.next_frame(1).second)
    # Beyond the end there is nothing to wait for.
    assert log.next_frame(1) is None
    assert log.next_frame(1) is None


def test_beyond_a_thousand_seconds_times_are_exact():
    # Recorded from ffmpeg 5.1.9, whose seconds have six digits: 25 frames/s, 1/12800 s.
    log = read(
        DESCRIPTION
        + "[graph 0 input from stream 0:0 @ 0x55d0] [verbose] w:64 h:48 pixfmt:yuv420p tb:1/12800 "
        "fr:25/1 sar:1/1\n"
        + SCALE.format(64, 48, 64, 48)
        + "[Parsed_metadata_3 @ 0x55d1] [info] frame:30861 pts:15800832 pts_time:1234.44\n"
        "[Parsed_metadata_3 @ 0x55d1] [info] frame:30862 pts:15801344 pts_time:1234.48\n"
        "[Parsed_metadata_3 @ 0x55d1] [info] frame:271234 pts:138871808 pts_time:10849.4\n"
    )
    seconds = [log.next_frame(1).second for _ in range(3)]
    assert seconds == [30861 / 25, 30862 / 25, 271234 / 25]


def test_sizes_hold_until_others_are_said():
    log = read(
        DESCRIPTION + GRAPH + FRAME.format(n=0, pts=0, t=0) + SCALE.format(48, 64, 24, 32)
        + FRAME.format(n=1, pts=1, t=0.04) + FRAME.format(n=2, pts=2, t=0.08)
    )  # fmt: skip
    notes = [log.next_frame(1) for _ in range(3)]
    assert [note.stored for note in notes] == [(64, 48), (48, 64), (48, 64)]
    assert [note.sent for note in notes] == [(32, 24), (24, 32), (24, 32)]


def test_where_a_container_keeps_no_times_the_first_picture_is_the_beginning():
    # In AVI pictures have the time at which the decoder gives them, here two frames late.
    avi = DESCRIPTION.replace("matroska,webm", "avi")
    log = read(
        avi + GRAPH + FRAME.format(n=0, pts=2, t=0.08) + FRAME.format(n=1, pts=3, t=0.12)
    )  # fmt: skip
    assert [log.next_frame(1).second for _ in range(2)] == [0, 0.04]


def test_errors_count_from_the_first_frame_on_and_name_it():
    log = read(
        DESCRIPTION + GRAPH + FRAME.format(n=0, pts=0, t="0")
        + "[h264 @ 0x1] [error] error while decoding MB 1 1\n"
        + "[in#0/mov @ 0x1] [warning] corrupt input packet in stream 0\n"
        + "[swscaler @ 0x1] [warning] deprecated pixel format used\n"
    )  # fmt: skip
    assert log.errors == 2
    assert log.error_frames == [1, 1]
    assert not log.unclear
    assert log.info is not None
    assert (log.info.width, log.info.pix_fmt) == (64, "yuv420p")


def test_what_a_demuxer_passes_over_before_decoding_counts():
    # It will not read there again. The sound's error before is nobody's concern.
    log = read("[flv @ 0x1] [error] Packet mismatch -168 11 600\n" + DESCRIPTION)
    assert (log.errors, log.error_frames) == (1, [0])


def test_remarks_are_counted_apart():
    log = read(
        DESCRIPTION + GRAPH
        + "[h264 @ 0x1] [error] SEI type 5 size 4208 truncated at 160\n"
        + "[h264 @ 0x1] [error] mmco: unref short failure\n"
        + "[in#0/mov @ 0x1] [warning] corrupt input packet in stream 1\n"
        + "[rawvideo @ 0x1] [error] Application provided invalid, non monotonically increasing dts "
        "to muxer in stream 0: 73 >= 73\n"
    )  # fmt: skip
    assert (log.errors, log.remarks, log.remark) == (0, 2, "mmco: unref short failure")


def test_lines_are_spared_that_are_said_of_what_is_beside_the_pictures():
    line = "[hevc @ 0x1] [error] PPS id out of range: {}\n"
    text = line.format(100) + FRAME.format(n=0, pts=0, t="0") + line.format(100) + line.format(7)
    log = DecoderLog(io.BytesIO((DESCRIPTION + GRAPH + text).encode()))
    log.join(5)
    assert (log.errors, log.remarks, len(log.unclear)) == (0, 0, 3)
    assert log.settle({"PPS id out of range: 100"}) == 2
    assert (log.errors, log.error_frames, log.remarks) == (1, [1], 2)
    assert log.remark == "PPS id out of range: 100"


UNREFERENCED = "[hevc @ 0x1] [error] Could not find ref with POC 43\n"


@pytest.mark.parametrize("late", [True, False])
def test_what_is_said_of_references_before_the_first_picture(late):
    asked = []

    def begins_late(first_s: float) -> bool:
        asked.append(first_s)
        return late

    log = read(
        DESCRIPTION + GRAPH + UNREFERENCED + FRAME.format(n=0, pts=16, t="0.64")
        + FRAME.format(n=1, pts=17, t="0.68"), begins_late=begins_late,
    )  # fmt: skip
    assert asked == [0.64]
    assert (log.errors, log.remarks) == ((0, 1) if late else (1, 0))
    assert log.error_frames == ([] if late else [0])


def test_what_is_said_of_references_elsewhere_is_damage():
    log = read(
        DESCRIPTION + GRAPH + FRAME.format(n=0, pts=0, t="0") + UNREFERENCED,
        begins_late=lambda _: True,
    )
    assert (log.errors, log.error_frames) == (1, [1])
    # Without any picture it is the file's last word.
    assert "POC 43" in read(DESCRIPTION + UNREFERENCED).tail[-1].text


def test_packets_are_those_of_the_video_stream():
    assert read(DESCRIPTION + END.format(0, 75) + END.format(2, 9)).packets == 75


def test_a_title_cannot_pose_as_a_frame_or_an_error():
    title = "[info]     title : [Parsed_metadata_3 @ 0x5] [info] frame:0 pts:0 pts_time:9\n"
    log = read(title + DESCRIPTION)
    assert log.next_frame(1) is None
    assert log.errors == 0


def test_a_log_that_says_nothing_times_out():
    import os

    reader, writer = os.pipe()
    log = DecoderLog(os.fdopen(reader, "rb"))
    for waits in (log.next_frame, log.wait_described, log.join):
        with pytest.raises(TimeoutError):
            waits(0.05)
    os.close(writer)
    log.join(5)
    assert log.wait_described(1) is None
