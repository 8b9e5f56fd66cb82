"""What is seen in a video is what training would have seen."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from affectflow.corpora.clip import Clip
from affectflow.errors import InputError, RejectedClip
from affectflow.faces.extract import extract_faces
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.predict import people as people_module
from affectflow.predict.people import seen_frames
from tests.containers import turn_clockwise
from tests.portraits import paste, turned_call, two_shots, write_exactly, write_video


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


@pytest.mark.parametrize("people", ["all", "one"])
def test_a_picture_that_is_turned_half_way_is_seen_as_each_half_alone(tmp_path, people):
    call, *halves = turned_call(tmp_path)
    found = list(seen_frames(call, FaceSettings(max_side=160), people=people))
    assert [frame.size for frame in found] == [(320, 240)] * 8 + [(180, 320)] * 8
    assert [frame.shot for frame in found] == [0] * 8 + [1] * 8
    after = 2 if people == "all" else 1
    numbers = [[one.number for one in frame.people] for frame in found]
    assert numbers == [[1]] * 8 + [[after]] * 8
    for part, half in zip((found[:8], found[8:]), halves):
        for frame, alone in zip(part, seen_frames(half, FaceSettings(max_side=160), people=people)):
            assert [one.crop for one in frame.people] == [one.crop for one in alone.people]
            assert [one.face.box for one in frame.people] == [o.face.box for o in alone.people]


def test_a_size_is_the_stored_pictures_upright(tmp_path):
    # 320x240 pixels that are 4/3 as wide as high, turned by a quarter.
    flat = write_video(tmp_path / "flat.mp4", [paste(60, 20)] * 2, "-vf", "setsar=4/3")
    turned = Path(shutil.copy(flat, tmp_path / "turned.mp4"))
    turn_clockwise(turned, 240)
    for video, size, shape in ((flat, (320, 240), (240, 427)), (turned, (240, 320), (320, 180))):
        frame = next(seen_frames(video, FaceSettings(), keep_rgb=True))
        assert frame.size == size
        assert frame.rgb.shape[:2] == shape


def test_high_dynamic_range_is_refused_where_the_settings_say_so(two_people, monkeypatch):
    asked = []

    def none(*_, hdr, **__):
        asked.append(hdr)
        yield from ()

    monkeypatch.setattr(people_module, "stream_frames", none)
    for hdr in ("map", "reject"):
        list(seen_frames(two_people, FaceSettings(hdr=hdr)))
    assert asked == ["map", "reject"]
