from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from affectflow.predict.annotated.boxes import (
    LABEL_COLOURS,
    PERSON_COLOURS,
    WHITE,
    Rect,
    draw_boxes,
    draw_labels,
    line_height,
    person_colour,
    signed,
    text_size,
    text_width,
)
from affectflow.predict.rows import PersonPrediction

SIZES = [(1280, 720), (720, 1280), (640, 360), (160, 120), (97, 131), (40, 30), (16, 16)]


def person(number: int | None, box, valence: float = 0.52, arousal: float = -0.13):
    return PersonPrediction(number, box, 1.0, valence, arousal)


def white(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 255, np.uint8)


def changed(image: np.ndarray) -> Rect | None:
    """The smallest part that holds all that was drawn on white; None where nothing was."""
    rows, columns = np.nonzero((image != 255).any(axis=-1))
    if not len(rows):
        return None
    return Rect(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_values_have_a_sign_and_two_decimals():
    # Two decimals of -0.004 are a zero, which is not below zero.
    assert [signed(v) for v in (0.524, -0.126, 0.0, -0.004, 1.0)] == [
        "+0.52", "−0.13", "+0.00", "+0.00", "+1.00",
    ]  # fmt: skip


def test_no_colour_means_two_things():
    colours = [*PERSON_COLOURS, *LABEL_COLOURS.values(), WHITE]
    for one, other in combinations(colours, 2):
        assert math.dist(one, other) > 50, (one, other)
    assert person_colour(1) == person_colour(len(PERSON_COLOURS) + 1) != person_colour(2)
    assert person_colour(None) == WHITE


@pytest.mark.parametrize("size", SIZES)
def test_a_box_is_drawn_where_it_is(size):
    width, height = size
    image = white(*size)
    draw_boxes(image, [person(1, (0.25, 0.25, 0.5, 0.5))])
    ours = (image == person_colour(1)).all(axis=-1)
    rows, columns = np.nonzero(ours)
    line = max(2, min(size) / 180) + 1
    # A line is drawn around the border, so half of it is outside.
    assert columns.min() == pytest.approx(0.25 * width, abs=line)
    assert columns.max() == pytest.approx(0.75 * width, abs=line)
    assert rows.min() == pytest.approx(0.25 * height, abs=line)
    assert rows.max() == pytest.approx(0.75 * height, abs=line)
    assert (image[height // 2, width // 2] == 255).all()


@pytest.mark.parametrize("size", SIZES)
def test_a_face_beyond_the_edge_has_its_box_along_the_edge(size):
    image = white(*size)
    draw_boxes(image, [person(2, (-0.5, -0.2, 2.0, 3.0))])
    border = [image[0], image[-1], image[:, 0], image[:, -1]]
    # The middles: corners are round.
    assert all((line[len(line) // 2] == person_colour(2)).all() for line in border)


def test_the_line_grows_with_the_picture():
    thick = []
    for size in ((160, 120), (640, 360), (1280, 720)):
        image = white(*size)
        draw_boxes(image, [person(1, (0.2, 0.2, 0.6, 0.6))])
        row = (image[size[1] // 2] == person_colour(1)).all(axis=-1)
        thick.append(int(row.sum()) / 2)
    assert thick == sorted(thick)
    assert thick[0] >= 2
    assert thick[-1] >= 4


EDGES = [
    (0.0, 0.0, 0.3, 0.3), (0.7, 0.0, 0.3, 0.3), (0.0, 0.7, 0.3, 0.3), (0.7, 0.7, 0.3, 0.3),
    (-0.2, 0.4, 0.3, 0.3), (0.95, -0.2, 0.3, 0.5), (-0.1, -0.1, 1.2, 1.2), (0.4, 0.9, 0.2, 0.3),
]  # fmt: skip


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (640, 360), (320, 240)])
def test_labels_stay_whole_wherever_the_face_is(size):
    floor = size[1] * 3 // 4
    letters = text_size(white(*size))
    for box in [(0.4, 0.4, 0.3, 0.3), *EDGES]:
        image = white(*size)
        draw_labels(image, [person(1, box)], [], floor)
        at = changed(image)
        assert at is not None
        assert at.bottom <= floor
        # Two lines of text and as wide as the values: nothing is cut off.
        assert at.bottom - at.top >= 2 * line_height(letters)
        assert at.right - at.left >= text_width("V +0.52 A −0.13", letters)


def test_a_label_can_be_read_on_a_white_picture():
    image = white(640, 360)
    draw_labels(image, [person(1, (0.4, 0.4, 0.3, 0.3))], [], 360)
    at = changed(image)
    label = image[at.top : at.bottom, at.left : at.right]
    # Dark ground for most of it, and letters of white and of both labels' colours.
    assert np.median(label) < 70
    for colour in (WHITE, *LABEL_COLOURS.values()):
        assert (np.abs(label.astype(int) - colour).max(axis=-1) < 40).sum() > 10, colour


def test_labels_of_neighbours_do_not_cover_each_other():
    pair = [person(1, (0.30, 0.4, 0.1, 0.2)), person(2, (0.42, 0.4, 0.1, 0.2))]
    areas = []
    for people in (pair[:1], pair[1:], pair):
        image = white(640, 360)
        draw_labels(image, people, [], 360)
        areas.append(int((image != 255).any(axis=-1).sum()))
    assert areas[2] == areas[0] + areas[1]


def test_a_label_keeps_clear_of_what_is_taken():
    taken = Rect(200, 0, 640, 150)  # all that is above the face
    image = white(640, 360)
    draw_labels(image, [person(1, (0.4, 0.45, 0.2, 0.2))], [taken], 360)
    assert changed(image).shared(taken) == 0


@pytest.mark.parametrize("size", [(48, 48), (90, 30)])
def test_without_room_for_a_label_there_is_a_number_and_at_last_nothing(size):
    image = white(*size)
    draw_labels(image, [person(1, (0.2, 0.6, 0.6, 0.3))], [], size[1])
    at = changed(image)
    assert at is not None
    assert at.right - at.left < text_width("V +0.52", text_size(image))
    tiny = white(16, 8)
    draw_labels(tiny, [person(1, (0.2, 0.2, 0.6, 0.6))], [], 8)
    assert changed(tiny) is None


def test_whoever_is_not_seen_has_neither_box_nor_label():
    image = white(320, 240)
    filled = [person(1, None), PersonPrediction(None, None, math.nan, 0.1, 0.1)]
    draw_boxes(image, filled)
    draw_labels(image, filled, [], 240)
    assert changed(image) is None


def test_only_what_is_predicted_is_written():
    def colours(valence: float, arousal: float) -> list[bool]:
        image = white(640, 360)
        draw_labels(image, [person(1, (0.4, 0.4, 0.3, 0.3), valence, arousal)], [], 360)
        return [
            bool((np.abs(image.astype(int) - colour).max(axis=-1) < 30).any())
            for colour in LABEL_COLOURS.values()
        ]

    assert colours(0.5, 0.5) == [True, True]
    assert colours(0.5, math.nan) == [True, False]
    assert colours(math.nan, math.nan) == [False, False]
