from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from affectflow.faces.face import Face
from affectflow.faces.track import Tracker


def face(cx: float, cy: float = 0.5, size: float = 0.2) -> Face:
    box = (cx - size / 2, cy - size / 2, size, size)
    return Face(box, np.zeros((5, 2), np.float32), 0.9)


def numbers(tracker: Tracker, *faces: Face) -> dict[int, float]:
    """Number -> where the face is, after the next frame."""
    return {t.number: round(t.face.center[0], 6) for t in tracker.update(list(faces))}


def test_people_are_numbered_as_they_appear():
    tracker = Tracker()
    assert numbers(tracker, face(0.2)) == {1: 0.2}
    assert numbers(tracker, face(0.8), face(0.21)) == {1: 0.21, 2: 0.8}
    assert numbers(tracker, face(0.5), face(0.22), face(0.81)) == {1: 0.22, 2: 0.81, 3: 0.5}


def test_two_who_cross_keep_their_numbers():
    tracker = Tracker()
    for step in range(31):
        left, right = 0.2 + 0.02 * step, 0.8 - 0.02 * step
        seen = [face(left, 0.45), face(right, 0.55)]
        found = {t.number: round(t.face.center[0], 6) for t in tracker.update(seen)}
        # Taken apart by height and direction of motion, though they meet in the middle.
        assert found == {1: round(left, 6), 2: round(right, 6)}


def test_who_is_away_for_too_long_comes_back_as_another():
    tracker = Tracker(max_gap_s=3 / 30)
    assert numbers(tracker, face(0.4)) == {1: 0.4}
    for _ in range(3):
        assert numbers(tracker) == {}
    assert numbers(tracker, face(0.41)) == {1: 0.41}
    for _ in range(4):
        numbers(tracker)
    assert tracker.tracks == []
    assert numbers(tracker, face(0.41)) == {2: 0.41}


@given(st.lists(st.lists(st.floats(0.1, 0.9), max_size=4), max_size=12))
def test_every_face_belongs_to_one_person(frames):
    tracker = Tracker(max_gap_s=2 / 30)
    seen_so_far: set[int] = set()
    for xs in frames:
        found = tracker.update([face(x) for x in xs])
        assert sorted(t.face.center[0] for t in found) == sorted(face(x).center[0] for x in xs)
        now = [t.number for t in found]
        assert len(set(now)) == len(now)
        new = set(now) - seen_so_far
        # Numbers are given without gaps.
        assert new == set(range(len(seen_so_far) + 1, len(seen_so_far) + 1 + len(new)))
        seen_so_far |= new
