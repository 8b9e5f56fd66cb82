from __future__ import annotations

import math

import numpy as np
import pytest

from affectflow.predict.annotated.boxes import LABEL_COLOURS, person_colour
from affectflow.predict.annotated.trace import WINDOW_S, Trace
from affectflow.predict.rows import PersonPrediction

FAR = (0.0, 0.5, 0.1, 0.1)  # a face that is not in an upper corner
RATE = 20.0


def person(number: int, valence: float, arousal: float, box=FAR) -> PersonPrediction:
    return PersonPrediction(number, box, 1.0, valence, arousal)


def drawn(trace: Trace, people=(), size=(640, 360)):
    """The picture, black before, and the parts that are covered."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    return image, trace.draw(image, people)


def filled(*people: PersonPrediction, seconds: float = WINDOW_S) -> Trace:
    """The same people for some seconds."""
    trace = Trace(RATE)
    for i in range(round(seconds * RATE) + 1):
        trace.add(i / RATE, people)
    return trace


def curve(image: np.ndarray, rect, label: str) -> np.ndarray:
    """bool [h, w] below the legend: where a label's colour is."""
    legend = (rect.bottom - rect.top) // 3
    part = image[rect.top + legend : rect.bottom, rect.left : rect.right].astype(int)
    return np.abs(part - LABEL_COLOURS[label]).max(axis=-1) < 60


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (640, 360), (160, 120), (120, 160)])
def test_curves_are_at_the_bottom_at_the_height_of_their_values(size):
    people = (person(1, 0.5, -0.5),)
    image, (strip, _) = drawn(filled(*people), people, size)
    assert (strip.left, strip.right, strip.bottom) == (0, *size)
    assert strip.bottom - strip.top < 0.45 * min(size)
    heights = {label: np.nonzero(curve(image, strip, label))[0] for label in LABEL_COLOURS}
    assert heights["valence"].max() < heights["arousal"].min()
    # They go through all the strip but for its ticks.
    columns = np.nonzero(curve(image, strip, "valence"))[1]
    assert columns.max() - columns.min() > 0.6 * size[0]


def test_a_curve_has_a_gap_where_the_person_is_not_seen():
    trace = Trace(RATE)
    for i in range(121):  # 0 to 6 s; not seen from 2 to 4 s, the middle third of the strip
        trace.add(i / RATE, () if 40 <= i < 80 else (person(1, 0.5, -0.5),))
    image, (strip, _) = drawn(trace)
    seen = curve(image, strip, "valence").any(axis=0)
    columns = np.nonzero(seen)[0]
    assert not seen[columns[0] : columns[-1]].all()
    gap = np.diff(columns).max() / (columns[-1] - columns[0])
    assert gap == pytest.approx(1 / 3, abs=0.03)


def test_a_cut_begins_an_empty_strip():
    people = (person(1, 0.5, -0.5),)
    trace = filled(*people)
    trace.add(WINDOW_S + 1 / RATE, people, shot=1)
    fresh = filled(*people, seconds=0)
    for found, wanted in zip(drawn(trace)[0], drawn(fresh)[0]):
        np.testing.assert_array_equal(found, wanted)


def test_two_people_have_two_styles():
    def columns(number: int, *people: PersonPrediction) -> float:
        image, (strip,) = drawn(filled(*people))
        there = curve(image, strip, "valence")
        half = there.shape[0] // 2
        return float((there[:half] if number == 1 else there[half:]).any(axis=0).mean())

    both = person(1, 0.5, math.nan), person(2, -0.5, math.nan)
    solid, dashed = columns(1, *both), columns(2, *both)
    # 0.30 of each 0.48 s are drawn.
    assert dashed / solid == pytest.approx(0.30 / 0.48, abs=0.08)
    assert columns(2, both[1]) == pytest.approx(solid, abs=0.02)  # alone, the first is solid


def test_at_most_three_people_have_curves():
    people = tuple(person(n, 0.2 * n, -0.2 * n) for n in range(1, 5))
    image, (strip, _) = drawn(filled(*people))
    less, _ = drawn(filled(*people[:3]))
    assert (image[strip.top :] == less[strip.top :]).all()


def test_points_of_the_plane():
    people = (person(1, 0.5, 0.5), person(2, -1.0, 0.0))
    image, (_, plane) = drawn(filled(*people), people)
    middle = (plane.left + plane.right) / 2, (plane.top + plane.bottom) / 2
    half = (plane.right - plane.left) / 2
    part = np.zeros_like(image)
    part[plane.top : plane.bottom, plane.left : plane.right] = image[
        plane.top : plane.bottom, plane.left : plane.right
    ]
    for one in people:
        rows, columns = np.nonzero((part == person_colour(one.person)).all(axis=-1))
        # An axis reaches nearly to the plane's edge; up is a smaller row.
        assert (columns.mean() - middle[0]) / half == pytest.approx(one.valence, abs=0.18)
        assert (middle[1] - rows.mean()) / half == pytest.approx(one.arousal, abs=0.18)


def test_the_plane_gives_way_to_a_face():
    trace = filled(person(1, 0.5, 0.5))
    right_face = (person(1, 0.5, 0.5, (0.8, 0.0, 0.2, 0.3)),)
    left_face = (person(1, 0.5, 0.5, (0.0, 0.0, 0.2, 0.3)),)
    everywhere = (*right_face, *left_face)
    sides = [drawn(trace, people)[1][1].left < 320
             for people in ((), right_face, (), everywhere, left_face)]  # fmt: skip
    # It stays where it is as long as that does, or as the other corner is no better.
    assert sides == [False, True, True, True, False]


def test_one_label_has_no_plane_and_no_second_curve():
    image, covered = drawn(filled(person(1, 0.5, math.nan)))
    assert len(covered) == 1
    strip = covered[0]
    part = image[strip.top : strip.bottom].astype(int)
    assert not (np.abs(part - LABEL_COLOURS["arousal"]).max(axis=-1) < 60).any()


def test_what_is_remembered_does_not_grow():
    trace = Trace(RATE)
    for i in range(5000):
        trace.add(i / RATE, (person(1, 0.1, 0.1),))
    assert len(trace._past) <= WINDOW_S * RATE + 1
    trace.add(10_000.0, ())
    assert len(trace._past) == 1


def test_a_small_picture_has_no_room():
    image, covered = drawn(filled(person(1, 0.5, 0.5)), size=(64, 90))
    assert covered == []
    assert not image.any()
