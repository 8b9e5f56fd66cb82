from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from affectflow.synth.complexion import colour
from affectflow.synth.photograph import Photograph
from affectflow.synth.shape import reshape
from affectflow.synth.subject import SHAPES, draw_subject


def test_a_subject_is_the_same_every_time_and_another_for_another_seed_or_number() -> None:
    assert draw_subject(3, 5) == draw_subject(3, 5)
    assert len({draw_subject(3, number) for number in range(50)}) == 50
    assert draw_subject(3, 5) != draw_subject(4, 5)


def test_skin_tones_spread_from_light_to_dark() -> None:
    lightness = [draw_subject(0, number).skin[0] for number in range(200)]
    assert min(lightness) < 42
    assert max(lightness) > 80


def test_without_a_shape_of_its_own_a_face_stays_where_it_was(photograph: Photograph) -> None:
    plain = replace(draw_subject(0, 0), shape=(0.0,) * len(SHAPES))
    landmarks, (texture,) = reshape(plain, photograph.landmarks, photograph.rgb)
    assert np.array_equal(landmarks, photograph.landmarks)
    assert np.array_equal(texture, photograph.rgb)


@settings(max_examples=15, deadline=None)
@given(number=st.integers(0, 10_000))
def test_the_mouths_corners_differ_less_between_people_than_between_moods(
    photograph: Photograph, number: int
) -> None:
    subject = draw_subject(0, number)
    landmarks, _ = reshape(subject, photograph.landmarks)

    # What says valence is how high the corners lie over the middle of the lips; from -1 to 1 that
    # changes by 19 units (face.py), of which another skull may make up a small part.
    def lift(points: np.ndarray) -> float:
        return float(points[[13, 14], 1].mean() - points[[61, 291], 1].mean())

    assert abs(lift(landmarks) - lift(photograph.landmarks)) < 2.0


def test_colours_reach_what_they_name(photograph: Photograph) -> None:
    base = replace(draw_subject(0, 0), glasses=0.0, beard=0.0, freckles=0.0, lips=0.0)
    light, _ = colour(photograph, replace(base, skin=(84.0, 8.0, 14.0), hair=(20.0, 2.0, 4.0)), 0)
    dark, _ = colour(photograph, replace(base, skin=(40.0, 12.0, 17.0), hair=(70.0, 1.0, 10.0)), 0)
    skin, hair, cloth = (
        mask > 250 for mask in (photograph.skin, photograph.hair, photograph.cloth)
    )
    assert light[skin].mean() > 1.7 * dark[skin].mean()
    assert dark[hair].mean() > 1.7 * light[hair].mean()
    # A mask above 250 of 255 may let 2 % of another material through.
    assert np.abs(light[cloth].astype(int) - dark[cloth]).max() <= 5
