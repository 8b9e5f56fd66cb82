from __future__ import annotations

import numpy as np
import pytest

from affectflow.synth.expression import Action, express
from affectflow.synth.face import BOX, PHOTOGRAPHED_SMILE, Face
from affectflow.synth.photograph import CANVAS, TEXELS, Photograph, texel


@pytest.fixture(scope="module")
def face(photograph: Photograph) -> Face:
    return Face(photograph.rgb, photograph.rgb, photograph.landmarks)


def patch(texture: np.ndarray, centre: np.ndarray, half: int = 4) -> np.ndarray:
    column, row = np.round(texel(centre)).astype(int)
    return texture[row - half : row + half + 1, column - half : column + half + 1].astype(float)


def test_the_photograph_itself_comes_out_when_its_own_expression_goes_in(
    photograph: Photograph, face: Face
) -> None:
    own = Action(smile_right=PHOTOGRAPHED_SMILE, smile_left=PHOTOGRAPHED_SMILE, part=1.0)
    difference = np.abs(face.render(own).astype(float) - photograph.rgb)
    # Only creases and the shade of the lids are painted over it.
    assert np.mean(difference > 8) < 0.004


@pytest.mark.parametrize(
    "action", [express(-1, 1), Action(sneer=1, inner=1), Action(press=1, tip=1), Action(tip=-1)]
)
def test_nothing_moves_outside_the_box(photograph: Photograph, face: Face, action: Action) -> None:
    out = face.render(action)
    left, top = ((BOX[i] - CANVAS[i]) * TEXELS for i in (0, 1))
    inside = np.zeros(out.shape[:2], bool)
    inside[top : top + BOX[3] * TEXELS, left : left + BOX[2] * TEXELS] = True
    assert np.array_equal(out[~inside], photograph.rgb[~inside])
    # And where the box begins there is no step.
    step = np.abs(out[top + 40 : top + 300, left].astype(int) - out[top + 40 : top + 300, left - 1])
    usual = np.abs(
        photograph.rgb[top + 40 : top + 300, left].astype(int)
        - photograph.rgb[top + 40 : top + 300, left - 1]
    )
    assert step.mean() < usual.mean() + 2


def test_a_dropped_jaw_opens_a_dark_mouth_and_a_shut_one_shows_no_teeth(
    photograph: Photograph, face: Face
) -> None:
    middle = photograph.landmarks[[13, 14]].mean(0)
    open_mouth = patch(face.render(express(0, 1)), middle + (0, 8)).mean()
    shut = patch(face.render(express(-0.2, -0.5)), middle + (0, 8)).mean()
    assert open_mouth < 70 < shut
    lips = texel(photograph.landmarks[[13, 14]])
    rows = slice(int(lips[0, 1]) - 6, int(lips[1, 1]) + 6)
    columns = slice(int(lips[0, 0]) - 20, int(lips[0, 0]) + 20)

    def blueness(action: Action) -> float:
        # Teeth are the only thing there whose blue is as strong as its red.
        seen = face.render(action)[rows, columns].astype(float)
        return float((seen[..., 2] / seen[..., 0] > 0.85).mean())

    assert blueness(express(1, 0)) > 0.2
    # Glints on the lips are as grey as teeth, but few.
    assert blueness(express(-0.2, -0.5)) < 0.08


def test_lids_shut_over_the_eye(photograph: Photograph, face: Face) -> None:
    for upper, lower in ((159, 145), (386, 374)):
        centre = photograph.landmarks[[upper, lower]].mean(0)
        rest = patch(face.render(express(0, 0)), centre, 6)
        shut = patch(face.render(express(0, 0, blink=1)), centre, 6)
        # An iris is the darkest thing in an open eye.
        assert np.percentile(shut, 5) > np.percentile(rest, 5) + 10


def test_one_corner_can_move_alone(photograph: Photograph, face: Face) -> None:
    even = face.render(Action(smile_right=0, smile_left=0))
    skewed = face.render(Action(smile_right=0, smile_left=0.8))
    right, left = photograph.landmarks[61], photograph.landmarks[291]

    def change(corner: np.ndarray) -> float:
        return float(np.abs(patch(even, corner, 12) - patch(skewed, corner, 12)).mean())

    assert change(left) > 5 * change(right)


def test_a_head_that_tips_moves_its_features_and_the_eyes_with_them(
    photograph: Photograph, face: Face
) -> None:
    def pupil(action: Action) -> float:
        """Row of the darkest place round the right eye."""
        centre = photograph.landmarks[[159, 145]].mean(0)
        shade = patch(face.render(action), centre, 16).mean(-1)
        return float(np.average(np.arange(33), weights=(shade < np.percentile(shade, 8)).sum(1)))

    still = Action(lids=0.4)
    assert pupil(Action(lids=0.4, tip=1)) < pupil(still) - 4
    assert pupil(Action(lids=0.4, tip=-1)) > pupil(still) + 4


def test_a_sneer_lifts_the_upper_lip_off_the_teeth_and_leaves_the_lower_one(
    photograph: Photograph, face: Face
) -> None:
    rest, sneer = face.render(Action()), face.render(Action(sneer=1))
    chin = photograph.landmarks[152] + (0, -6)
    assert np.abs(patch(rest, chin) - patch(sneer, chin)).max() < 3
    lip = photograph.landmarks[0]
    assert np.abs(patch(rest, lip) - patch(sneer, lip)).mean() > 8
