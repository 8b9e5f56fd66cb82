from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import RejectedClip, TransientReject
from affectflow.faces import entry as entry_module
from affectflow.faces import extract as module
from affectflow.faces.codec import decode_image
from affectflow.faces.extract import extract_faces
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.video import decode
from affectflow.video.decode import DecodeReport
from affectflow.video.ffmpeg import find_ffmpeg
from tests.portraits import joined_vp8, paste, turned_call, write_video
from tests.realdata import REALDATA

# As the fixture ``wandering`` is rendered.
FRAMES, BLANK = 24, range(10, 14)


@pytest.fixture
def store(tmp_path) -> FaceStore:
    return FaceStore(tmp_path / "store")


def test_every_frame_with_a_face_is_stored_at_its_own_index(wandering, clip, store, detector):
    seen = []
    stored = extract_faces(clip(wandering), FaceSettings(), store, "d", detector, seen.append)
    assert seen == list(range(1, FRAMES + 1))
    assert stored.frames_decoded == FRAMES
    assert (stored.width, stored.height) == (320, 240)
    index = stored.index
    assert index["frame_index"].tolist() == [i for i in range(FRAMES) if i not in BLANK]
    np.testing.assert_allclose(index["timestamp_s"], np.arange(FRAMES) / 25, atol=1e-3)
    # The face moves 4 of 320 pixels a frame.
    nose = index["landmarks"][:, 2, 0] - index["frame_index"] * 4 / 320
    assert np.ptp(nose) < 0.01
    crops = [decode_image(data) for data in stored.images()]
    assert {crop.shape for crop in crops} == {(112, 112, 3)}
    # Aligned, the same face looks the same wherever it was: far closer than faces differ.
    assert np.abs(crops[2].astype(int) - crops[-2]).mean() < 12


def test_a_second_time_comes_from_the_store(wandering, clip, store, detector, monkeypatch):
    first = extract_faces(clip(wandering), FaceSettings(), store, "d", detector)
    monkeypatch.setattr(module, "stream_frames", None)
    again = extract_faces(clip(wandering), FaceSettings(), store, "d", detector)
    assert again.path == first.path


def test_twice_the_same_bytes(wandering, clip, tmp_path, detector):
    digests = [
        hashlib.sha256(
            extract_faces(
                clip(wandering), FaceSettings(), FaceStore(tmp_path / name), "d", detector
            ).path.read_bytes()
        ).hexdigest()
        for name in ("a", "b")
    ]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("on_corrupt", ["reject", "keep"])
def test_a_night_on_which_reading_fails_is_not_remembered(
    wandering, clip, store, detector, monkeypatch, tmp_path, on_corrupt
):
    settings = FaceSettings(on_corrupt=on_corrupt)
    # All frames, and then what ffmpeg says where a read failed.
    broken = tmp_path / "broken"
    error = "[in#0/mov @ 0x1] [error] Error during demuxing: Input/output error"
    broken.write_text(f"#!/bin/sh\n{find_ffmpeg()} \"$@\"; echo '{error}' >&2\n")
    broken.chmod(0o755)
    with monkeypatch.context() as night:
        night.setattr(decode, "find_ffmpeg", lambda: str(broken))
        with pytest.raises(TransientReject, match="Input/output error"):
            extract_faces(clip(wandering), settings, store, "d", detector)
    assert not list(store.root.rglob("*.*")), "neither a verdict nor faces"
    again = extract_faces(clip(wandering), settings, store, "d", detector)
    assert again.frames_decoded == FRAMES


def test_other_settings_content_or_person_is_another_entry(wandering, clip, store, detector):
    paths = {
        extract_faces(clip(wandering, person), settings, store, content, detector).path
        for person, settings, content in [
            ("", FaceSettings(), "d"),
            ("", FaceSettings(), "e"),
            ("", FaceSettings(image_format="png", size=64), "d"),
            ("left", FaceSettings(), "d"),
        ]
    }
    assert len(paths) == 4


def test_left_and_right_of_a_pair(pair, clip, store, detector):
    left, right, largest = (
        extract_faces(clip(pair, person), FaceSettings(), store, "d", detector).index
        for person in ("left", "right", "")
    )
    assert (left["landmarks"][:, 2, 0] < 0.5).all()
    assert (right["landmarks"][:, 2, 0] > 0.5).all()
    # The left face is rendered larger.
    np.testing.assert_array_equal(largest["box"], left["box"])


@pytest.mark.parametrize("mirrored", [False, True])
def test_after_a_cut_all_is_as_if_the_video_began(spliced, clip, store, detector, mirrored):
    whole, second = (
        extract_faces(
            replace(clip(path), mirrored=mirrored), FaceSettings(), store, path.name, detector
        )
        for path in spliced
    )
    assert whole.index["cuts"].tolist() == [12]
    assert whole.shots.tolist() == [0] * 12 + [1] * 12
    assert second.index["cuts"].tolist() == []
    # Byte for byte: neither the follower nor the detector remembers anything.
    assert list(whole.images(12)) == list(second.images())
    np.testing.assert_array_equal(whole.index["box"][12:], second.index["box"])


def test_a_clip_is_one_shot_when_cuts_are_off(spliced, clip, store, detector):
    settings = FaceSettings(cuts="off")
    assert (
        extract_faces(clip(spliced[0]), settings, store, "d", detector).shots.tolist() == [0] * 24
    )


def test_a_mirrored_clip_is_the_flipped_video(wandering, clip, store, detector):
    settings = FaceSettings(image_format="png")
    plain = extract_faces(clip(wandering), settings, store, "d", detector)
    mirrored = extract_faces(
        replace(clip(wandering), mirrored=True), settings, store, "d", detector
    )
    assert mirrored.path != plain.path
    np.testing.assert_array_equal(mirrored.index["frame_index"], plain.index["frame_index"])
    # The face goes to the left; its right eye is the one on the left of the image, as it was.
    there = plain.index["landmarks"][:, [1, 0, 2, 4, 3]] * (-1, 1) + (1, 0)
    assert np.abs(mirrored.index["landmarks"] - there).max() * 320 < 6
    assert (mirrored.index["landmarks"][:, 0, 0] < mirrored.index["landmarks"][:, 1, 0]).all()
    assert np.diff(mirrored.index["box"][:, 0]).mean() * 320 < -3
    crop, flipped = (decode_image(next(one.images())) for one in (mirrored, plain))
    assert np.abs(crop.astype(int) - flipped[:, ::-1]).mean() < 12
    assert np.abs(crop.astype(int) - flipped).mean() > 20


def test_keys_of_clips_that_are_not_mirrored_are_as_they_were(store, clip):
    # As version 0.1.0 made them: sha256 of '["d", "s", "left"]'.
    assert store.key("d", "s", clip(None, "left").part) == (
        hashlib.sha256(b'["d", "s", "left"]').hexdigest()
    )


def test_left_and_right_of_a_mirrored_pair_are_the_same_people(pair, clip, store, detector):
    plain, mirrored = (
        extract_faces(
            replace(clip(pair, "left"), mirrored=mirrored), FaceSettings(), store, "d", detector
        ).index["box"]
        for mirrored in (False, True)
    )
    # In the file the left one is rendered larger, and is on the right of the flipped frames.
    assert (mirrored[:, 0] > 0.5).all()
    np.testing.assert_allclose(mirrored[:, 2], plain[:, 2], rtol=0.1)


def test_a_picture_that_is_turned_half_way_is_seen_as_each_half_alone(
    tmp_path, clip, store, detector
):
    call, *halves = turned_call(tmp_path)
    settings = FaceSettings(image_format="png")
    whole = extract_faces(clip(call), settings, store, "call", detector)
    assert whole.frames_decoded == 16
    assert (whole.width, whole.height) == (320, 240)
    np.testing.assert_array_equal(whole.index["frame_index"], np.arange(16))
    np.testing.assert_array_equal(whole.shots, [0] * 8 + [1] * 8)
    crops = list(whole.images())
    for start, half in zip((0, 8), halves):
        alone = extract_faces(clip(half), settings, store, str(start), detector)
        for name in ("box", "landmarks", "score"):
            there = whole.index[name][start : start + 8]
            # The very same pictures, looked at afresh: VP8's key frame is in both.
            np.testing.assert_array_equal(there, alone.index[name])
        assert crops[start : start + 8] == list(alone.images())


def test_another_person_may_be_found_at_once_in_a_picture_of_another_shape(
    tmp_path, clip, store, detector
):
    # The face is far from where it was, and small: nobody would take it for the next sighting.
    lying = write_video(tmp_path / "lying.mp4", [paste(0, 40, 190)] * 4)
    tall = np.full((320, 180, 3), 90, np.uint8)
    upright = write_video(tmp_path / "up.mp4", [paste(50, 185, 130, on=tall.copy())] * 4)
    both = joined_vp8(tmp_path / "both.ivf", lying, upright)
    stored = extract_faces(clip(both), FaceSettings(), store, "d", detector)
    assert stored.index["frame_index"].tolist() == list(range(8))


def test_the_summary_tells_what_decoding_met_and_nothing_else(
    wandering, clip, store, detector, monkeypatch
):
    plain = extract_faces(clip(wandering), FaceSettings(), store, "plain", detector)
    assert set(plain.summary) == {
        "format", "key",
        "frames_decoded", "faces", "width", "height", "extension", "decode_errors", "content",
    }  # fmt: skip
    decode = module.stream_frames

    def odd(*args, report, **more):
        report.remarks, report.remark, report.unmapped_hdr = 3, "SEI type 5", "PQ"
        report.fixed_aspect = True
        yield from decode(*args, report=DecodeReport(), **more)

    monkeypatch.setattr(module, "stream_frames", odd)
    told = extract_faces(clip(wandering), FaceSettings(), store, "odd", detector).summary
    assert (told["remarks"], told["remark"], told["unmapped_hdr"]) == (3, "SEI type 5", "PQ")
    assert told["fixed_aspect"] is True


def test_faces_that_were_taken_without_tone_mapping_are_made_anew_where_it_can_be(
    wandering, clip, store, detector, monkeypatch
):
    decode = module.stream_frames

    def unmapped(*args, report, **more):
        report.unmapped_hdr = "HLG"
        yield from decode(*args, report=DecodeReport(), **more)

    def again() -> dict:
        return extract_faces(clip(wandering), FaceSettings(), store, "d", detector).summary

    monkeypatch.setattr(module, "stream_frames", unmapped)
    assert again()["unmapped_hdr"] == "HLG"
    monkeypatch.setattr(module, "stream_frames", decode)
    monkeypatch.setattr(module, "can_tone_map", lambda exe: False)
    assert again()["unmapped_hdr"] == "HLG"
    monkeypatch.setattr(module, "can_tone_map", lambda exe: True)
    assert "unmapped_hdr" not in again()


def test_no_face_is_a_rejection_and_remembered(faceless, clip, store, detector, monkeypatch):
    for _ in range(2):
        with pytest.raises(RejectedClip) as caught:
            extract_faces(clip(faceless), FaceSettings(), store, "d", detector)
        assert caught.value.cause == "no_face"
        assert "8 frames" in caught.value.detail
        # The second time nothing is decoded.
        monkeypatch.setattr(module, "stream_frames", None)


def test_a_bad_file_is_remembered_and_a_missing_one_is_not(clip, store, detector, tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_text("words")
    for path, content, remembered in [(bad, "d", True), (tmp_path / "absent.mp4", "", False)]:
        with pytest.raises(RejectedClip) as caught:
            extract_faces(clip(path), FaceSettings(), store, content, detector)
        assert caught.value.cause == "unreadable"
        key = store.key(content, FaceSettings().digest(), "")
        assert (store.rejection(key) is not None) is remembered
        assert isinstance(caught.value, TransientReject) is not remembered


def test_a_full_disk_is_no_rejection(wandering, clip, store, detector, monkeypatch):
    def full(self, name, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(entry_module.zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space left"):
        extract_faces(clip(wandering), FaceSettings(), store, "d", detector)
    assert [p for p in store.root.rglob("*") if p.is_file()] == []
    monkeypatch.undo()
    assert len(extract_faces(clip(wandering), FaceSettings(), store, "d", detector)) == 20


def test_its_own_tools_are_closed_and_lent_ones_are_not(wandering, clip, store, monkeypatch):
    class Counting:
        resets = closes = 0

        def detect(self, rgb):
            return []

        def reset(self):
            self.resets += 1

        def close(self):
            self.closes += 1

    own, lent, crops, lent_crops = Counting(), Counting(), Counting(), Counting()
    monkeypatch.setattr(module, "create_detector", lambda settings: own)
    monkeypatch.setattr(module, "create_cropper", lambda settings: crops)
    for given, cropper in ((None, None), (lent, lent_crops)):
        with pytest.raises(RejectedClip):
            extract_faces(
                clip(wandering), FaceSettings(), store, str(given), given, cropper=cropper
            )
    assert (own.resets, own.closes, crops.closes) == (1, 1, 1)
    assert (lent.resets, lent.closes, lent_crops.closes) == (1, 0, 0)


def test_an_interrupted_extraction_leaves_nothing(wandering, clip, store, detector):
    def interrupt(count: int) -> None:
        if count == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_faces(clip(wandering), FaceSettings(), store, "d", detector, interrupt)
    assert [p for p in store.root.rglob("*") if p.is_file()] == []


def test_memory_does_not_grow_with_length(tmp_path, wandering):
    # The same 24 frames, played once and forty times over, each in a process of its own that
    # takes every frame for a face; frames are 230 kB, so one kept in ten would show.
    script = tmp_path / "measure.py"
    script.write_text(
        "import resource, sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from affectflow.corpora.clip import Clip\n"
        "from affectflow.faces.align import template\n"
        "from affectflow.faces.extract import extract_faces\n"
        "from affectflow.faces.face import Face\n"
        "from affectflow.faces.settings import FaceSettings\n"
        "from affectflow.faces.store import FaceStore\n"
        "class Everywhere:\n"
        "    def detect(self, rgb):\n"
        "        points = (template(112) / 112).astype(np.float32)\n"
        "        return [Face((0.2, 0.2, 0.5, 0.5), points, 1.0)]\n"
        "    def reset(self): pass\n"
        "    def close(self): pass\n"
        "clip = Clip('c', 'v', 's', 'train', Path(sys.argv[1]))\n"
        "got = extract_faces(clip, FaceSettings(), FaceStore(sys.argv[2]), sys.argv[1],"
        " Everywhere())\n"
        "print(len(got), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    from affectflow.video.ffmpeg import find_ffmpeg

    long = tmp_path / "long.mp4"
    argv = [find_ffmpeg(), "-v", "error", "-stream_loop", "39", "-i", str(wandering)]
    subprocess.run([*argv, "-c", "copy", str(long)], check=True, timeout=60)
    peaks = {}
    root = Path(module.__file__).resolve().parents[2]
    for path in (wandering, long):
        done = subprocess.run(
            [sys.executable, str(script), str(path), str(tmp_path / "s")],
            check=True, capture_output=True, text=True, timeout=120, cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )  # fmt: skip
        faces, peak = done.stdout.split()
        peaks[int(faces)] = int(peak)
    assert sorted(peaks) == [24, 24 * 40]
    assert peaks[24 * 40] < 1.1 * peaks[24]


@pytest.mark.parametrize(
    ("name", "frames", "least"),
    [("WolfgangLanger_Pexels.mp4", 472, 460), ("face_noface.mov", 169, 60)],
)
def test_real_clips(name, frames, least, clip, store, detector):
    if not (REALDATA / name).exists():
        pytest.skip(f"{REALDATA / name} is not there; set AFFECTFLOW_REALDATA")
    stored = extract_faces(clip(REALDATA / name), FaceSettings(), store, name, detector)
    assert stored.frames_decoded == frames
    assert least <= len(stored) <= frames
