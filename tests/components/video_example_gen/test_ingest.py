"""Frame i of a file is row i of its annotation, whatever its frame rate; shards are as asked."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from affectflow.faces import extract
from affectflow.faces.settings import FaceSettings
from affectflow.records.clips import load_clips
from affectflow.records.counts import NOTED, FrameCounts, notes
from affectflow.records.unseen import load_unseen
from affectflow.video.digest import content_digest
from tests.lost_elements import losses_unnoticed


def levels(record) -> tuple[int, int]:
    """What the middle of the crop says: the frame's number and the video's code."""
    crop = cv2.imdecode(np.frombuffer(record.face, np.uint8), cv2.IMREAD_COLOR)
    _, green, red = crop[16, 16].tolist()
    assert red % 8 == 0
    return red // 8, green


@pytest.fixture
def ingested(ingest, labelled_corpus, detector):
    return ingest(labelled_corpus, shard_frames=10)


def test_frames_rows_times_splits_and_counts(ingested, labelled_corpus):
    # The corpus's own rule, see its fixture: 30, 20 and 12 frames.
    nobody, unlabelled = {0, 10, 11, 12}, {5, 29}
    for video, code, frames, seconds in (
        ("steady", 0, [i for i in range(30) if i not in nobody], lambda i: i / 10),
        ("uneven", 40, list(range(20)), lambda i: i * (i + 1) / 50),
        ("held out", 80, list(range(12)), lambda i: i / 10),
    ):
        records = ingested.of(video)
        assert [record.frame_index for record in records] == frames
        # What the picture itself says, through decoding, alignment and PNG.
        assert [levels(record) for record in records] == [(i, code) for i in frames]
        for record in records:
            i = record.frame_index
            assert record.timestamp_s == pytest.approx(seconds(i), abs=2e-3)
            if video == "steady" and i in unlabelled:
                assert not record.in_plane
            else:
                assert (record.valence, record.arousal) == pytest.approx((i / 100, -i / 100))
            assert record.video_id == video
            assert record.corpus == "folder"
            assert record.source_digest == content_digest(labelled_corpus / f"{video}.mkv")
            assert record.score == pytest.approx(0.9)

    subjects = {s: {r.subject_id for r in ingested.records(s)} for s in ("train", "eval")}
    assert subjects == {"train": {"anna"}, "eval": {"ben"}}

    # 26 faces of "steady" and 20 of "uneven" fill four shards of 10 and one of 6.
    assert [len(shard) for shard in ingested.shards("train")] == [10, 10, 10, 10, 6]
    assert [len(shard) for shard in ingested.shards("eval")] == [10, 2]
    assert ingested.examples.split_names == '["train", "eval"]'

    assert ingested.counts == {
        "train": FrameCounts(decoded=50, no_face=4, no_label=2, kept=44),
        "eval": FrameCounts(decoded=12, kept=12),
    }
    clips = ingested.clip_counts
    assert (clips["listed"], clips["used"], clips["rejected"]) == (3, 3, {})
    # Of the 26 faces of "steady" frames 5 and 29 have no label.
    placed = {clip.video_id: clip.in_plane for clip in load_clips(ingested.uri)}
    assert placed == {"steady": 24, "uneven": 20, "held out": 12}
    # Where nobody is seen the annotation still says something: of "steady", frames 0, 10, 11, 12.
    values, frames = load_unseen(ingested.counts_uri)
    expected = np.float32([(i / 100, -i / 100) for i in sorted(nobody - unlabelled)])
    np.testing.assert_allclose(values, expected, atol=1e-7)
    assert frames.tolist() == [1] * 4
    assert ingested.rejects == []


def test_what_decoding_met_is_counted_by_clip(ingest, labelled_corpus, detector, monkeypatch):
    decode = extract.stream_frames

    def odd(source, *args, report, **more):
        yield from decode(source, *args, report=report, **more)
        report.remarks, report.unmapped_hdr = 2, "" if "steady" in str(source) else "PQ"

    monkeypatch.setattr(extract, "stream_frames", odd)
    ingested = ingest(labelled_corpus)
    assert ingested.clip_counts["noted"] == {"remarks": 3, "unmapped_hdr": 2}
    assert list(notes(ingested.clip_counts)) == [
        f"3 of the clips used {NOTED['remarks']}",
        f"2 of the clips used {NOTED['unmapped_hdr']}",
    ]


def test_two_people_of_one_video_are_two_clips(ingest, tmp_path, detector, render_clip):
    root = tmp_path / "affwild2"
    render_clip(root / "videos" / "both.mkv", 0, 6)
    render_clip(root / "videos" / "other.mkv", 0, 3)
    sets = root / "annotations" / "VA_Set"
    for split, name, sign, frames in (
        ("Train_Set", "both_left", 1, 6),
        ("Train_Set", "both_right", -1, 6),
        ("Validation_Set", "other", 1, 3),
    ):
        (sets / split).mkdir(parents=True, exist_ok=True)
        rows = "".join(f"{sign * i / 10},0.5\n" for i in range(frames))
        (sets / split / f"{name}.txt").write_text(f"valence,arousal\n{rows}")
    ingested = ingest(root, corpus="affwild2")
    for name, sign, left in (("both_left", 1, 0.05), ("both_right", -1, 0.55)):
        records = ingested.of(name)
        assert [r.frame_index for r in records] == list(range(6))
        assert [r.valence for r in records] == pytest.approx([sign * i / 10 for i in range(6)])
        assert [r.box[0] for r in records] == pytest.approx([left] * 6)
    assert ingested.counts["train"] == FrameCounts(decoded=12, kept=12)
    # A video is decoded once a person: the crops of two people are two entries of the store.
    assert detector.begun == 3


def test_frames_without_a_crop_count_as_unseen_at_the_end_too(ingest, tmp_path, detector):
    # Of ten annotated frames the owners' detector found a face in seven: not in 3, 8 and 9, so the
    # last image is that of frame 7. Row 8 is not annotated.
    root = tmp_path / "affwild2"
    for name in ("a", "b"):
        folder = root / "cropped_aligned" / name
        folder.mkdir(parents=True)
        for frame in (0, 1, 2, 4, 5, 6, 7):
            image = np.full((112, 112, 3), 20 * frame, np.uint8)
            cv2.imwrite(str(folder / f"{frame + 1:05d}.jpg"), image)
    for split, name in (("Train_Set", "a"), ("Validation_Set", "b")):
        annotations = root / "annotations/VA_Set" / split
        annotations.mkdir(parents=True)
        rows = [f"{i / 10},0.5" if i != 8 else "-5,-5" for i in range(10)]
        (annotations / f"{name}.txt").write_text("\n".join(["valence,arousal", *rows]))
    ingested = ingest(root, corpus="affwild2")
    assert [record.frame_index for record in ingested.of("a")] == [0, 1, 2, 4, 5, 6, 7]
    values, frames = load_unseen(ingested.counts_uri)
    np.testing.assert_allclose(values, np.float32([(0.3, 0.5), (0.9, 0.5)]))
    assert frames.tolist() == [1, 1]


def test_names_of_any_kind(ingest, tmp_path, detector, render_clip):
    # A blank, quotes, other scripts, and U+2028, which ends a line for Unicode and not for a shell.
    names = ["two words", 'it\'s "so"', "日本 ü", "line\u2028end", "%d [x] #1;&"]
    for code, name in enumerate(names):
        render_clip(tmp_path / "corpus" / f"{name}.mkv", 40 * code, 2)
    render_clip(tmp_path / "corpus" / "no\u2028body.mkv", 0, 2, nobody=range(2))
    ingested = ingest(tmp_path / "corpus", max_reject_share=1)
    for code, name in enumerate(names):
        assert [levels(record) for record in ingested.of(name)] == [(0, 40 * code), (1, 40 * code)]
    assert [(row["video_id"], row["cause"]) for row in ingested.rejects] == [
        ("no\u2028body", "no_face")
    ]


def test_the_real_detector_finds_a_real_face(ingest, tmp_path):
    import subprocess

    from affectflow.video.ffmpeg import find_ffmpeg

    # The astronaut's head moves 6 pixels a frame; MediaPipe's box has to follow it.
    portrait = cv2.resize(astronaut()[20:280, 90:350], (200, 200))
    for name in ("one", "two"):
        frames = np.full((8, 240, 320, 3), 90, np.uint8)
        for i, frame in enumerate(frames):
            frame[20:220, 6 * i : 6 * i + 200] = portrait
        argv = [
            find_ffmpeg(), "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "320x240",
            "-r", "25", "-i", "pipe:0", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-qp", "12",
            str(tmp_path / f"{name}.mp4"),
        ]  # fmt: skip
        (tmp_path / "videos").mkdir(exist_ok=True)
        argv[-1] = str(tmp_path / "videos" / f"{name}.mp4")
        subprocess.run(argv, input=frames.tobytes(), check=True, timeout=60)
    ingested = ingest(tmp_path / "videos", faces=FaceSettings())
    for name in ("one", "two"):
        records = ingested.of(name)
        assert [r.frame_index for r in records] == list(range(8))
        left = np.array([r.box[0] for r in records]) * 320
        assert np.polyfit(range(8), left, 1)[0] == pytest.approx(6, abs=1)
        assert all(not r.in_plane for r in records)
        shape = cv2.imdecode(np.frombuffer(records[0].face, np.uint8), cv2.IMREAD_COLOR).shape
        assert shape == (112, 112, 3)
    # Without labels every face is without one, and both videos are subjects of their own.
    assert sum((c for c in ingested.counts.values()), FrameCounts()) == FrameCounts(
        decoded=16, no_label=16
    )
    assert len(ingested.records("train")) == len(ingested.records("eval")) == 8


def test_no_element_is_lost_unnoticed(ingest, labelled_corpus, detector, tmp_path):
    rounds = itertools.count()

    def node():
        found = ingest(labelled_corpus, store=f"store {next(rounds)}", shard_frames=16)
        return found.contents()

    assert losses_unnoticed(node) == []
