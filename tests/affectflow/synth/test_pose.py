from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from affectflow.synth.draw import generator
from affectflow.synth.pose import PIVOT, Pose, draw_motion
from affectflow.synth.signal import at

poses = st.builds(
    Pose, x=st.floats(50, 400), y=st.floats(50, 300), scale=st.floats(0.5, 2.5),
    angle=st.floats(-12, 12), turn=st.floats(-1, 1), mirrored=st.booleans(),
)  # fmt: skip


def apply(matrix: np.ndarray, point: tuple[float, float]) -> np.ndarray:
    return matrix[:, :2] @ np.array(point) + matrix[:, 2]


@given(poses, st.floats(0, 1))
def test_head_and_shoulders_meet_at_the_neck(pose: Pose, follow: float) -> None:
    head, other = apply(pose.matrix(), PIVOT), apply(pose.matrix(follow), PIVOT)
    assert np.allclose(head, other)


@given(poses)
def test_a_pose_is_never_flat_and_flips_only_when_mirrored(pose: Pose) -> None:
    determinant = np.linalg.det(pose.matrix()[:, :2]) / pose.scale**2
    assert (determinant < 0) == pose.mirrored
    assert 0.85 < abs(determinant) < 1.1


def test_an_upright_face_stands_where_the_pose_says() -> None:
    for mirrored in (False, True):
        assert np.allclose(
            apply(Pose(200, 150, 1.5, mirrored=mirrored).matrix(), (225, 118)), (200, 150)
        )


def test_heads_sway_within_bounds_and_leave_when_they_should() -> None:
    for number in range(20):
        motion = draw_motion(generator(0, "motion", number), 10.0, 0.66, 0.0042, away=((4.0, 6.0),))
        assert np.abs(motion.angle).max() <= 12
        assert np.abs(motion.turn).max() <= 1
        t = np.arange(0, 10, 0.05)
        x = at(motion.x, t)
        assert np.allclose(x[(t > 4.0) & (t < 6.0)], -0.8)
        assert (np.abs(x[(t < 3.5) | (t > 6.5)] - 0.66) < 0.12).all()
