from __future__ import annotations

import numpy as np
import pytest

from affectflow.faces.face import Face, overlap
from affectflow.faces.follow import Follower


def face(cx: float, cy: float = 0.5, size: float = 0.2) -> Face:
    box = (cx - size / 2, cy - size / 2, size, size)
    return Face(box, np.zeros((5, 2), np.float32), 0.9)


def test_overlap_by_hand():
    # Two unit squares that share a half: 0.5 / 1.5.
    assert overlap((0, 0, 1, 1), (0.5, 0, 1, 1)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 1, 1), (0, 0, 1, 1)) == 1
    assert overlap((0, 0, 1, 1), (1, 0, 1, 1)) == 0


def test_begins_with_the_largest_and_stays_when_another_grows_larger():
    follower = Follower()
    big, small = face(0.3, size=0.3), face(0.8, size=0.2)
    assert follower.choose([small, big]) is big
    for step in range(20):
        other = face(0.8, size=0.2 + 0.01 * step)
        assert follower.choose([other, big]) is big


@pytest.mark.parametrize(("person", "x"), [("left", 0.2), ("right", 0.8)])
def test_left_and_right_begin_at_their_sides(person, x):
    faces = [face(0.5, size=0.4), face(0.8), face(0.2)]
    chosen = Follower(person).choose(faces)
    assert chosen is not None
    assert chosen.center[0] == pytest.approx(x)


def test_a_single_face_on_the_other_half_is_not_taken():
    follower = Follower("left")
    assert follower.choose([face(0.7)]) is None
    assert follower.choose([face(0.72)]) is None
    # The left person enters; from then on that one is followed.
    left = face(0.3)
    assert follower.choose([face(0.72), left]) is left
    assert follower.choose([face(0.72)]) is None


def test_a_single_face_on_its_own_half_is_taken():
    assert Follower("left").choose([face(0.3)]) is not None
    assert Follower("right").choose([face(0.7)]) is not None
    assert Follower("right").choose([face(0.3)]) is None


def test_no_faces():
    follower = Follower()
    assert follower.choose([]) is None
    assert follower.choose([]) is None


def test_short_gap_keeps_the_person_and_a_long_one_chooses_anew():
    follower = Follower(max_gap_s=5 / 30)
    other = face(0.8, size=0.2)
    follower.choose([face(0.2, size=0.3), other])
    # Unseen for max_gap_s, the target may still come back; the other is not a substitute.
    for _ in range(5):
        assert follower.choose([other]) is None
    assert follower.choose([face(0.2, size=0.3), other]).center[0] == pytest.approx(0.2)
    for _ in range(5):
        assert follower.choose([other]) is None
    # One more frame is a long gap: the largest visible face is taken.
    assert follower.choose([other]) is other


@pytest.mark.parametrize("hidden", [0, 4, 8])
@pytest.mark.parametrize("person", ["left", "right"])
def test_two_that_cross_do_not_swap(person, hidden):
    # They walk towards each other and on, 1 % of the width a frame, a little apart in height;
    # around the meeting one of them (the target) is hidden behind the other.
    follower = Follower(person)
    meeting = 30
    for step in range(60):
        left, right = face(0.2 + 0.01 * step, 0.48), face(0.8 - 0.01 * step, 0.52)
        target = left if person == "left" else right
        rest = right if person == "left" else left
        covered = abs(step - meeting) < hidden / 2
        chosen = follower.choose([rest] if covered else [rest, target])
        assert chosen is (None if covered else target)


def test_shake_and_jitter_do_not_lose_the_person():
    rng = np.random.Generator(np.random.PCG64(3))
    follower = Follower()
    x = 0.5
    for _ in range(200):
        x = float(np.clip(x + rng.normal(0, 0.02), 0.2, 0.8))
        seen = face(x, 0.5 + rng.normal(0, 0.01), 0.2 * rng.uniform(0.9, 1.1))
        assert follower.choose([seen]) is seen


def test_a_false_detection_elsewhere_is_not_followed():
    follower = Follower()
    person, ghost = face(0.3, size=0.25), face(0.85, size=0.1)
    for step in range(12):
        chosen = follower.choose([ghost] if step == 6 else [person])
        assert chosen is (None if step == 6 else person)


def test_settings_that_do_not_do():
    with pytest.raises(ValueError, match="person is 'middle'"):
        Follower("middle")
    with pytest.raises(ValueError, match="max_gap_s is -1"):
        Follower(max_gap_s=-1)


@pytest.mark.parametrize(("person", "x"), [("", 0.8), ("left", 0.3), ("right", 0.8)])
def test_after_a_cut_the_rule_for_the_beginning_chooses_anew(person, x):
    follower = Follower(person)
    # Where somebody else's face is then, the followed one's was before.
    follower.choose([face(0.3 if person != "right" else 0.8)])
    follower.cut()
    faces = [face(0.3, size=0.2), face(0.8, size=0.3)]
    chosen = follower.choose(faces)
    assert chosen is not None
    assert chosen.center[0] == pytest.approx(x)


def test_a_gap_is_seconds():
    follower = Follower(max_gap_s=0.5)
    other = face(0.8, size=0.2)
    follower.choose([face(0.2, size=0.3), other], 0.0)
    assert follower.choose([other], 0.25) is None
    assert follower.choose([other], 0.5) is None
    assert follower.choose([other], 0.75) is other
