"""What is seen in a video is what training would have seen."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from affectflow.corpora.clip import Clip
from affectflow.errors import InputError, RejectedClip
from affectflow.faces.extract import extract_faces
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.predict.people import frame_size, seen_frames, upright_size
from affectflow.video.probe import VideoInfo
from tests.portraits import paste, two_shots, write_exactly, write_video


@pytest.fixture(scope="module")
def two_people(tmp_path_factory):
    """Eight frames: one face, from frame 2 on another, smaller one to its right; none in 5."""
    frames = []
    for n in range(8):
        frame = paste(0, 40, 170)
        frames.append(paste(175, 80, 140, on=frame) if n >= 2 else frame)
    frames[5] = np.full_like(frames[5], 90)
    return write_video(tmp_path_factory.mktemp("two") / "two.mp4", frames)


def test_every_frame_and_everybody_in_it(two_people):
    found = list(seen_frames(two_people, FaceSettings()))
    assert [frame.index for frame in found] == list(range(8))
    assert [frame.second for frame in found] == pytest.approx([n / 25 for n in range(8)])
    people = [[person.number for person in frame.people] for frame in found]
    assert people == [[1], [1], [1, 2], [1, 2], [1, 2], [], [1, 2], [1, 2]]
    left, right = (person.face.center[0] for person in found[3].people)
    # Centres of the two portraits: 85 and 245 of 320 pixels, and the face is near the centre.
    assert left == pytest.approx(85 / 320, abs=0.08)
    assert right == pytest.approx(245 / 320, abs=0.08)
    assert {frame.size for frame in found} == {(320, 240)}
    assert {frame.rgb for frame in found} == {None}


@pytest.mark.parametrize("people", ["all", "one"])
def test_after_a_cut_all_is_as_if_the_video_began(tmp_path, people):
    first, second = two_shots()
    spliced = seen_frames(
        write_exactly(tmp_path / "spliced.mp4", first + second), FaceSettings(), people=people
    )
    alone = list(
        seen_frames(write_exactly(tmp_path / "alone.mp4", second), FaceSettings(), people=people)
    )
    found = list(spliced)
    assert [frame.index for frame in found] == list(range(24))
    assert [frame.shot for frame in found] == [0] * 12 + [1] * 12
    # Whoever is seen after a cut has a new number, but the one who is followed.
    numbers = [person.number for frame in found for person in frame.people]
    assert numbers == [1] * 12 + [2 if people == "all" else 1] * 12
    crops = [[person.crop for person in frame.people] for frame in found[12:]]
    assert crops == [[person.crop for person in frame.people] for frame in alone]


def test_one_person_is_seen_exactly_as_training_sees(two_people, tmp_path):
    settings = FaceSettings()
    clip = Clip("test", "v", "s", "train", two_people)
    stored = extract_faces(clip, settings, FaceStore(tmp_path), "digest")
    found = list(seen_frames(two_people, settings, people="one"))
    crops = {frame.index: frame.people[0].crop for frame in found if frame.people}
    # Byte for byte: the same decoder, detector, alignment and JPEG.
    assert crops == dict(zip(stored.index["frame_index"].tolist(), stored.images()))
    assert {person.number for frame in found for person in frame.people} == {1}
    boxes = [frame.people[0].face.box for frame in found if frame.people]
    np.testing.assert_allclose(boxes, stored.index["box"], atol=1e-6)


def test_pictures_are_kept_when_asked(two_people):
    for frame in seen_frames(two_people, FaceSettings(), keep_rgb=True):
        assert frame.rgb is not None
        assert frame.rgb.shape == (240, 320, 3)


def test_it_ends_when_told(two_people):
    stop = threading.Event()
    seen = []
    for frame in seen_frames(two_people, FaceSettings(), stop=stop):
        seen.append(frame.index)
        if frame.index == 2:
            stop.set()
    assert seen == [0, 1, 2]


def test_length_is_no_reason_to_refuse(two_people):
    short = FaceSettings(limit_seconds=0.1, limit_frames=2)
    assert len(list(seen_frames(two_people, short))) == 8
    with pytest.raises(RejectedClip, match="bad_size"):
        list(seen_frames(two_people, FaceSettings(limit_side=64)))


def test_neither_all_nor_one(two_people):
    with pytest.raises(InputError, match="people is 'both'; one of all, one would do"):
        next(seen_frames(two_people, FaceSettings(), people="both"))


@pytest.mark.parametrize(
    ("rotation", "size"), [(0, (64, 48)), (90, (48, 64)), (180, (64, 48)), (270, (48, 64))]
)
def test_a_turned_video_has_its_sides_exchanged(rotation, size):
    info = VideoInfo(0, 64, 48, rotation, 25.0, 1.0, "h264", "yuv420p", False)
    assert upright_size(info) == size


def test_a_turn_that_only_the_stream_states_is_seen_in_the_picture():
    info = VideoInfo(0, 64, 48, 0, 25.0, 1.0, "h264", "yuv420p", False)
    assert frame_size(info, np.zeros((32, 24, 3), np.uint8)) == (48, 64)
    assert frame_size(info, np.zeros((24, 32, 3), np.uint8)) == (64, 48)
    assert frame_size(None, np.zeros((24, 32, 3), np.uint8)) == (32, 24)


def test_no_size_is_known():
    assert upright_size(None) is None
