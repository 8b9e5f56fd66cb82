"""Boxes and labels on a picture, in sizes that follow the picture's."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from affectflow.predict.rows import PersonPrediction

Colour = tuple[int, int, int]

# Okabe and Ito's colours and one of Tol's, which people with any colour vision tell apart. Their
# sky blue and yellow are kept for the two labels, so that no colour means two things.
PERSON_COLOURS: tuple[Colour, ...] = (
    (0, 158, 115), (204, 121, 167), (213, 94, 0), (0, 114, 178), (230, 159, 0), (153, 153, 51),
)  # fmt: skip
LABEL_COLOURS: dict[str, Colour] = {"valence": (86, 180, 233), "arousal": (240, 228, 66)}
WHITE: Colour = (255, 255, 255)
_DARK: Colour = (16, 16, 16)
_WIDEST = "V −0.00"  # all digits of the font are equally wide


class Rect(NamedTuple):
    """Part of a picture, pixels; ``right`` and ``bottom`` are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)

    def shared(self, other: Rect) -> int:
        """Number of pixels that are in both."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0, width) * max(0, height)


def person_colour(number: int | None) -> Colour:
    """The person's colour, 8-bit RGB; after the sixth they come round again. None is white."""
    return WHITE if number is None else PERSON_COLOURS[(number - 1) % len(PERSON_COLOURS)]


def text_size(image: np.ndarray) -> int:
    """Size of the letters for a picture, pixels; below 10 they cannot be read."""
    return max(10, round(0.034 * min(image.shape[:2])))


def line_height(size: int) -> int:
    """Height of a line of text, pixels."""
    return sum(_font(size).getmetrics())


@lru_cache(maxsize=1024)
def text_width(words: str, size: int) -> int:
    """Width of some text, pixels."""
    return math.ceil(_font(size).getlength(words))


def draw_text(image: np.ndarray, words: str, x: int, y: int, colour: Colour, size: int) -> int:
    """Writes with the upper left corner at x, y, cut at the picture's edge; gives the width."""
    mask = _letters(words, size)
    height, width = image.shape[:2]
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + mask.shape[1], width), min(y + mask.shape[0], height)
    if right > left and bottom > top:
        share = mask[top - y : bottom - y, left - x : right - x, None]
        part = image[top:bottom, left:right]
        part[:] = np.rint(part * (1 - share) + np.array(colour, np.float32) * share)
    return text_width(words, size)


def shade(image: np.ndarray, rect: Rect, keep: float) -> None:
    """Darkens a part; ``keep`` of the picture shows through, 0 to 1."""
    part = image[max(rect.top, 0) : rect.bottom, max(rect.left, 0) : rect.right]
    if part.size:
        part[:] = cv2.addWeighted(part, keep, np.full_like(part, _DARK[0]), 1 - keep, 0)


def box_rect(one: PersonPrediction, image: np.ndarray) -> Rect | None:
    """A person's box within the picture; None where the person is not seen."""
    if one.box is None:
        return None
    height, width = image.shape[:2]
    x, y, w, h = one.box
    left, top = (int(np.clip(round(a), 0, b - 1)) for a, b in ((x * width, width),
                                                               (y * height, height)))  # fmt: skip
    right, bottom = round((x + w) * width), round((y + h) * height)
    return Rect(left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height))


def draw_boxes(image: np.ndarray, people: Sequence[PersonPrediction]) -> None:
    """A frame in the person's colour around each face, with a dark rim that any picture shows.

    Args:
        image: uint8 RGB [h, w, 3], drawn into.
    """
    side = min(image.shape[:2])
    thick = max(2, round(side / 180))
    rim = 2 if side >= 64 else 0
    for one in people:
        rect = box_rect(one, image)
        if rect is None:
            continue
        # A line is drawn around its middle: at the picture's edge it is moved inside.
        inset = thick // 2
        first = (max(rect.left, inset), max(rect.top, inset))
        last = (
            max(min(rect.right - 1, image.shape[1] - 1 - inset), first[0]),
            max(min(rect.bottom - 1, image.shape[0] - 1 - inset), first[1]),
        )
        if rim:
            cv2.rectangle(image, first, last, _DARK, thick + rim)
        cv2.rectangle(image, first, last, person_colour(one.person), thick)


def draw_labels(
    image: np.ndarray, people: Sequence[PersonPrediction], taken: Sequence[Rect], floor: int
) -> None:
    """Number, emotion and values of each person, beside the box, clear of what else is drawn.

    A label that would not fit, or would hide another one or a face, is reduced to the number.

    Args:
        image: uint8 RGB [h, w, 3], drawn into.
        taken: what labels keep clear of where they can.
        floor: labels end above this row.
    """
    taken = list(taken)
    labels: list[Rect] = []
    boxes = {id(one): rect for one in people if (rect := box_rect(one, image)) is not None}
    size = text_size(image)
    for one in people:
        box = boxes.get(id(one))
        if box is None:
            continue
        others = [rect for key, rect in boxes.items() if key != id(one)]
        lines = _label(one)
        for shown in (lines, [lines[0][:1]]):
            width, height = _label_size(shown, size)
            if width > image.shape[1] or height > floor:
                continue
            at = _place(box, width, height, image.shape[1], floor, taken, others)
            hides = any(at.shared(rect) for rect in labels)
            hides = hides or any(at.shared(rect) > 0.25 * rect.area for rect in others)
            hides = hides or at.shared(box) > 0.5 * box.area
            if hides and shown is lines:
                continue
            labels.append(at)
            taken.append(at)
            _draw_label(image, shown, at, person_colour(one.person), size)
            break


Words = list[tuple[str, Colour, str]]
"""Pieces of a line: what is written, its colour, and text as wide as the piece ever gets."""


def _label(one: PersonPrediction) -> list[Words]:
    number = "?" if one.person is None else str(one.person)
    first: Words = [(number, WHITE, number)]
    if one.emotion:
        first.append((one.emotion, WHITE, one.emotion))
    values: Words = [
        (f"{name[0].upper()} {signed(value)}", LABEL_COLOURS[name], _WIDEST)
        for name, value in (("valence", one.valence), ("arousal", one.arousal))
        if not math.isnan(value)
    ]
    return [first, values] if values else [first]


def signed(value: float) -> str:
    """Sign and two decimals, with a minus as wide as the plus; what rounds to zero is +0.00."""
    value = round(value, 2) + 0.0
    return f"{value:+.2f}".replace("-", "−")


def _label_size(lines: list[Words], size: int) -> tuple[int, int]:
    """Width and height of a label, pixels."""
    widths = [
        sum(max(text_width(words, size), text_width(room, size)) for words, _, room in line)
        + (len(line) - 1) * _space(size)
        for line in lines
    ]
    return max(widths) + _bar(size) + size, len(lines) * line_height(size) + size // 3


def _draw_label(image: np.ndarray, lines: list[Words], at: Rect, colour: Colour, size: int) -> None:
    shade(image, at, keep=0.2)
    image[at.top : at.bottom, at.left : at.left + _bar(size)] = colour
    y = at.top + size // 6
    for line in lines:
        x = at.left + _bar(size) + size // 2
        for words, ink, room in line:
            draw_text(image, words, x, y, ink, size)
            x += max(text_width(words, size), text_width(room, size)) + _space(size)
        y += line_height(size)


def _place(
    box: Rect, width: int, height: int, room: int, floor: int,
    taken: Sequence[Rect], others: Sequence[Rect],
) -> Rect:  # fmt: skip
    """Where a label covers least: above the box for choice, else below or beside it.

    Each place is moved inside the picture, so a label slides over its own box at the upper edge
    and does not jump about when the box trembles.
    """
    best, least = Rect(0, 0, width, height), math.inf
    corners = [
        (x, y) for y in (box.top - height, box.bottom) for x in (box.left, box.right - width)
    ]
    for x, y in [*corners, (box.right, box.top), (box.left - width, box.top)]:
        left = max(0, min(x, room - width))
        top = max(0, min(y, floor - height))
        at = Rect(left, top, left + width, top + height)
        # Another label or the plane under it cannot be read; a face is only covered in part. Above,
        # its own box costs nothing: that is what lets it slide.
        covered = sum(10 * at.shared(rect) for rect in taken)
        covered += sum(at.shared(rect) for rect in others)
        covered += at.shared(box) if y > box.top else 0
        if covered < least:
            best, least = at, covered
    return best


def _bar(size: int) -> int:
    return max(2, size // 4)


def _space(size: int) -> int:
    return round(0.6 * size)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    import matplotlib

    # The font that matplotlib brings along: at 10 pixels it is still read with ease, and it has a
    # true minus, neither of which holds of OpenCV's and Pillow's own.
    path = os.path.join(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(path, size)


@lru_cache(maxsize=1024)
def _letters(words: str, size: int) -> np.ndarray:
    """How much of each pixel a line of text covers: float32 [line height, width], 0 to 1."""
    mask = Image.new("L", (max(1, text_width(words, size)), line_height(size)))
    ImageDraw.Draw(mask).text((0, 0), words, 255, font=_font(size))
    return np.asarray(mask, np.float32) / 255
