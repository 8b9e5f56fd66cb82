from __future__ import annotations

from dataclasses import astuple, replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.corpora.classes import EXPRESSION, TASKS
from affectflow.synth.draw import generator
from affectflow.synth.expression import Action
from affectflow.synth.face import Face
from affectflow.synth.photograph import Photograph, texel
from affectflow.synth.posed import POSES, draw_posed
from affectflow.synth.subject import draw_subject

PLAIN = replace(draw_subject(0, 0), rest=(0.0, 0.0), skew=0.0, expressive=(1.0, 1.0))


def test_there_is_a_pose_for_every_expression_that_a_corpus_may_name() -> None:
    assert set(POSES) == set(TASKS[EXPRESSION])
    assert POSES["neutral"] == Action()


def test_no_two_expressions_look_alike(photograph: Photograph) -> None:
    face = Face(photograph.rgb, photograph.rgb, photograph.landmarks)
    left, top = texel(photograph.landmarks.min(0)).astype(int)
    right, bottom = texel(photograph.landmarks.max(0)).astype(int)
    seen = {
        name: face.render(pose)[top:bottom, left:right].astype(float).mean(-1)
        for name, pose in POSES.items()
    }
    for one, two in combinations(seen, 2):
        # A blink and a turn of the eyes change about 1 level of 255 on average.
        assert np.abs(seen[one] - seen[two]).mean() > 1.8, (one, two)


@pytest.mark.parametrize("expression", sorted(set(POSES) - {"neutral"}))
def test_the_face_comes_up_from_rest_and_stays(expression: str) -> None:
    posed = draw_posed(generator(0, "x"), expression, 4.0, 1.0, onset=(0.5, 1.5))
    still = replace(posed, unrest=0 * posed.unrest, blink=0 * posed.blink)
    assert astuple(still.action(0.3, PLAIN)) == pytest.approx(astuple(Action()))
    parts = np.array([astuple(still.action(t, PLAIN)) for t in (0.8, 1.0, 1.5, 3.0)])
    size = np.abs(parts).sum(1)
    assert size[0] < size[1] < size[2]
    assert size[3] == pytest.approx(size[2], rel=0.25)
    # Each part is the pose's, more or less.
    pose = np.sort(np.abs(astuple(POSES[expression])))
    assert np.sort(np.abs(parts[3])) == pytest.approx(pose, rel=0.8, abs=0.02)


def test_a_still_is_at_its_apex_at_once() -> None:
    posed = draw_posed(generator(0, "x"), "surprise", 0.0)
    assert posed.action(0.0, PLAIN).jaw > 0.5
    weak = draw_posed(generator(0, "x"), "surprise", 0.0, intensity=0.3)
    assert weak.action(0.0, PLAIN).jaw < 0.45


@given(st.sampled_from(sorted(POSES)), st.integers(0, 10_000), st.floats(0.0, 1.5))
def test_what_has_a_range_stays_in_it(expression: str, number: int, intensity: float) -> None:
    posed = draw_posed(generator(number, "range"), expression, 1.0, intensity, speaks=(0.1, 0.9))
    for t in (0.0, 0.4, 0.9):
        action = posed.action(t, draw_subject(0, number))
        assert -1 <= action.lids <= 1
        assert 0 <= action.jaw <= 1
        assert 0 <= action.part <= 1.1
        assert np.isfinite(astuple(action)).all()


def test_a_blink_shuts_the_lids_and_speech_opens_the_jaw() -> None:
    posed = draw_posed(generator(0, "x"), "fear", 2.0, speaks=(0.5, 1.5))
    shut = replace(posed, blink=np.ones_like(posed.blink))
    assert shut.action(1.0, PLAIN).lids == pytest.approx(-1.0)
    assert not posed.speech[:40].any()
    assert posed.speech[60:140].max() > 0.9
    assert not posed.speech[160:].any()


def test_contempt_is_on_one_side_and_either_may_be_the_one() -> None:
    sides = set()
    for number in range(12):
        action = draw_posed(generator(number, "side"), "contempt", 0.0).action(0.0, PLAIN)
        assert abs(action.smile_left - action.smile_right) > 0.7
        sides.add(action.smile_left > action.smile_right)
    assert sides == {True, False}


def test_the_same_draw_gives_the_same_face() -> None:
    one, two = (draw_posed(generator(3, "x"), "joy", 1.0) for _ in range(2))
    assert one.action(0.5, PLAIN) == two.action(0.5, PLAIN)
    assert one.action(0.5, PLAIN) != draw_posed(generator(4, "x"), "joy", 1.0).action(0.5, PLAIN)
