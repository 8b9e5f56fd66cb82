from __future__ import annotations

import numpy as np
from hypothesis import given, settings
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


# How a clip is sampled must not decide who is who: rates of cameras, of GIFs and of fast cameras.
RATES = st.sampled_from([8, 10, 12.5, 15, 23.976, 25, 29.97, 30, 50, 59.94, 60, 120])


@given(st.lists(st.lists(st.floats(0.1, 0.9), max_size=4), max_size=20), st.floats(0, 1e4))
def test_thirty_a_second_is_what_frames_without_times_are_taken_for(frames, start):
    timed, untimed = Tracker(0.2), Tracker(0.2)
    for n, xs in enumerate(frames):
        faces = [face(x) for x in xs]
        by_time = timed.update(faces, start + n / 30)
        found = {id(t.face): t.number for t in by_time}
        assert found == {id(t.face): t.number for t in untimed.update(faces)}


@settings(deadline=None, max_examples=40)
@given(RATES, st.floats(0.1, 0.4), st.floats(0.02, 0.06), st.floats(-1, 1))
def test_two_who_pass_each_other_keep_their_numbers_at_any_rate(fps, speed, apart, phase):
    # Frame widths a second, to the right and to the left, one above the other.
    tracker = Tracker()
    for n in range(int(0.6 / speed * fps)):
        t = (n + phase / 2) / fps
        left, right = face(0.2 + speed * t, 0.5 - apart), face(0.8 - speed * t, 0.5 + apart)
        found = {t.number: t.face for t in tracker.update([right, left], 5 + t)}
        assert set(found) == {1, 2}
        assert found[2] is left
        assert found[1] is right


@settings(deadline=None, max_examples=40)
@given(RATES, st.floats(0.2, 3), st.floats(0.1, 4))
def test_how_long_one_may_be_away_is_seconds_at_any_rate(fps, max_gap_s, away_s):
    tracker = Tracker(max_gap_s)
    tracker.update([face(0.4)], 0.0)
    missed = int(away_s * fps)
    for n in range(1, missed + 1):
        tracker.update([], n / fps)
    (back,) = tracker.update([face(0.4)], (missed + 1) / fps)
    # Given up in the first frame without the person that is later than max_gap_s.
    if abs(missed / fps - max_gap_s) > 0.003:
        assert back.number == (2 if missed / fps > max_gap_s else 1)


@settings(deadline=None, max_examples=40)
@given(RATES, st.integers(0, 2**32 - 1))
def test_a_head_that_sways_is_one_person_at_any_rate(fps, seed):
    rng = np.random.default_rng(seed)
    tracker, phase = Tracker(), rng.uniform(0, 6, 2)
    for n in range(int(4 * fps)):
        t = n / fps
        # At most 0.6 frame widths, three face widths, a second.
        x = 0.5 + 0.15 * np.sin(3 * t + phase[0]) + 0.05 * np.sin(3 * t + phase[1])
        (seen,) = tracker.update([face(x + rng.normal(0, 0.005))], t)
        assert seen.number == 1


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=2, max_size=12))
def test_clocks_that_stop_or_leap_do_not_lose_who_stays(seconds):
    tracker = Tracker()
    for second in seconds:
        (seen,) = tracker.update([face(0.5)], second)
        assert seen.number == 1
        assert np.isfinite(seen.velocity).all()


def test_after_a_cut_everybody_is_somebody_else():
    tracker = Tracker()
    assert numbers(tracker, face(0.4), face(0.7)) == {1: 0.4, 2: 0.7}
    tracker.cut()
    assert tracker.tracks == []
    assert numbers(tracker, face(0.4), face(0.7)) == {3: 0.4, 4: 0.7}
