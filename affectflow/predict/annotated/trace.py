"""The last seconds of valence and arousal on a picture: curves along the bottom, and the plane."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np

from affectflow.predict.annotated.boxes import (
    LABEL_COLOURS,
    WHITE,
    Colour,
    Rect,
    box_rect,
    draw_text,
    line_height,
    person_colour,
    shade,
    text_size,
    text_width,
)
from affectflow.predict.rows import PersonPrediction

WINDOW_S = 6.0
CURVES = 3
"""People whose curves are drawn at most: those with the lowest numbers."""

_TRAIL_S = 1.5
_TRAIL_STEPS = 24
_LEAST_SIDE = 96  # pixels; on a smaller picture there is no room for either
_KEEP = 0.22  # of the picture under strip and plane: white becomes a grey that letters stand out on
_SOFT: Colour = (130, 130, 130)
# Seconds drawn and seconds from one dash to the next, by rank of the person; None is solid.
_DASHES: tuple[tuple[float, float] | None, ...] = (None, (0.30, 0.48), (0.08, 0.20))


class Trace:
    """What was drawn of the last seconds, and where.

    Args:
        rate: pictures a second; together with ``WINDOW_S`` it bounds what is remembered.
    """

    def __init__(self, rate: float):
        self._past: deque[tuple[float, dict[int, tuple[float, float]]]] = deque(
            maxlen=math.ceil(WINDOW_S * rate) + 1
        )
        self._shot = 0
        self._labels: set[str] = set()
        self._plane_left = False

    def add(self, time: float, people: Sequence[PersonPrediction], shot: int = 0) -> None:
        """Remembers who has which values at ``time``, seconds, not before the last one's.

        At a cut all is forgotten: what is drawn is of the shot that is seen.
        """
        if shot != self._shot:
            self._shot = shot
            self._past.clear()
        if self._past and self._past[-1][0] == time:
            self._past.pop()
        self._past.append(
            (time, {one.person: (one.valence, one.arousal) for one in people if one.person})
        )
        while self._past[0][0] < time - WINDOW_S:
            self._past.popleft()
        for one in people:
            if not math.isnan(one.valence):
                self._labels.add("valence")
            if not math.isnan(one.arousal):
                self._labels.add("arousal")

    def draw(self, image: np.ndarray, people: Sequence[PersonPrediction]) -> list[Rect]:
        """Draws strip and plane, and gives what they cover, the strip first.

        Nothing is drawn on a picture that has no room for them. The plane stands in an upper
        corner and changes to the other one when a face comes under it and the other is free. It
        is absent where the release predicts one label only.

        Args:
            image: uint8 RGB [h, w, 3], drawn into.
            people: those in the picture.
        """
        height, width = image.shape[:2]
        if not self._past or min(height, width) < _LEAST_SIDE:
            return []
        covered = [self._draw_strip(image)]
        if len(self._labels) != 1:
            boxes = [rect for one in people if (rect := box_rect(one, image)) is not None]
            covered.append(self._draw_plane(image, boxes))
        return covered

    def _draw_strip(self, image: np.ndarray) -> Rect:
        size = text_size(image)
        line = line_height(size)
        height, width = image.shape[:2]
        least = round(3.3 * line)
        strip = Rect(0, height - max(round(0.22 * min(height, width)), least), width, height)
        shade(image, strip, keep=_KEEP)
        left = text_width("+1", size) + size
        plot = Rect(
            left, strip.top + line + size // 3, width - size // 2, height - line // 2 - size // 6
        )
        middle, reach = (plot.top + plot.bottom) / 2, (plot.bottom - plot.top) / 2
        for value, words in ((1, "+1"), (0, "0"), (-1, "−1")):
            y = round(middle - value * reach)
            cv2.line(image, (plot.left, y), (plot.right, y), _SOFT, 1)
            if value or reach >= line:
                x = left - size // 3 - text_width(words, size)
                draw_text(image, words, x, y - line // 2, WHITE, size)
        now = self._past[-1][0]
        scale = (plot.right - plot.left) / WINDOW_S
        numbers = sorted({number for _, values in self._past for number in values})[:CURVES]
        # The first person's curves are drawn last, over the others'.
        for number, dash in reversed(list(zip(numbers, _DASHES))):
            for index, label in enumerate(LABEL_COLOURS):
                for times, values in self._runs(number, index):
                    for ts, vs in _dashed(times, values, dash):
                        _stroke(image, plot.right - (now - ts) * scale,
                                middle - np.clip(vs, -1.05, 1.05) * reach,
                                LABEL_COLOURS[label], size)  # fmt: skip
        self._draw_legend(image, strip, left, numbers)
        return strip

    def _draw_legend(
        self, image: np.ndarray, strip: Rect, left: int, numbers: Sequence[int]
    ) -> None:
        size = text_size(image)
        y, edge = strip.top + size // 6, strip.right - size // 2
        entries: list[tuple[str, Colour, Colour, tuple[float, float] | None]] = [
            (label, colour, colour, None)
            for label, colour in LABEL_COLOURS.items()
            if label in self._labels or not self._labels
        ]
        x, swatch, gap, space = left, 2 * size, size // 2, size
        wide = sum(text_width(entry[0], size) for entry in entries)
        if wide + len(entries) * (swatch + gap + space) > edge - left:
            swatch, gap, space = 0, 0, size // 2  # the words have the colours too
            if wide + space * (len(entries) - 1) > edge - left:
                entries = [(words[0].upper(), a, b, c) for words, a, b, c in entries]
        elif len(numbers) > 1:
            entries += [
                (str(number), WHITE, person_colour(number), dash)
                for number, dash in zip(numbers, _DASHES)
            ]
        for words, ink, colour, dash in entries:
            if x + swatch + gap + text_width(words, size) > edge:
                return
            ts = np.array([0.0, 0.78])
            for part, _ in _dashed(ts, ts, dash) if swatch else ():
                xs = x + part / ts[-1] * swatch
                _stroke(image, xs, np.full_like(xs, y + line_height(size) / 2), colour, size)
            x += swatch + gap
            x += draw_text(image, words, x, y, ink, size) + space
        words = f"last {WINDOW_S:g} s"
        if x + text_width(words, size) <= edge:
            draw_text(image, words, edge - text_width(words, size), y, WHITE, size)

    def _draw_plane(self, image: np.ndarray, boxes: Sequence[Rect]) -> Rect:
        size = text_size(image)
        height, width = image.shape[:2]
        side, margin = max(round(0.25 * min(height, width)), 4 * size), size // 2
        corners = [
            Rect(x, margin, x + side, margin + side) for x in (width - margin - side, margin)
        ]
        covers = [sum(corner.shared(box) for box in boxes) for corner in corners]
        if covers[self._plane_left] and not covers[not self._plane_left]:
            self._plane_left = not self._plane_left
        plane = corners[self._plane_left]
        shade(image, plane, keep=_KEEP)
        middle = (plane.left + plane.right) / 2, (plane.top + plane.bottom) / 2
        reach = side / 2 - size // 2
        for ends in (((-1, 0), (1, 0)), ((0, -1), (0, 1))):
            one, other = (_at(end, middle, reach) for end in ends)
            cv2.line(image, one, other, _SOFT, 1, cv2.LINE_AA, 3)
        at = _at((0, 0), middle, reach)
        cv2.circle(image, at, round(reach * 8), _SOFT, 1, cv2.LINE_AA, 3)
        now, values = self._past[-1]
        for number in sorted(values, reverse=True):
            self._draw_trail(image, number, now, middle, reach, size)
        if side >= 5 * size:
            x, y = round(middle[0] + reach) - text_width("V", size), round(middle[1]) + 1
            draw_text(image, "V", x, y, LABEL_COLOURS["valence"], size)
            x, y = round(middle[0]) + size // 3, round(middle[1] - reach) - size // 6
            draw_text(image, "A", x, y, LABEL_COLOURS["arousal"], size)
        for number in sorted(values, reverse=True):
            if not any(map(math.isnan, values[number])):
                at = _at(values[number], middle, reach)
                radius = max(3.0, 0.3 * size)
                cv2.circle(image, at, round(8 * radius + 8), WHITE, -1, cv2.LINE_AA, 3)
                cv2.circle(image, at, round(8 * radius), person_colour(number), -1, cv2.LINE_AA, 3)
        return plane

    def _draw_trail(
        self, image: np.ndarray, number: int, now: float, middle: tuple[float, float], reach: float,
        size: int,
    ) -> None:  # fmt: skip
        recent = [(t, values.get(number)) for t, values in self._past if t >= now - _TRAIL_S]
        recent = recent[:: -max(1, len(recent) // _TRAIL_STEPS)][::-1]
        for (_, before), (t, after) in pairwise(recent):
            if before is None or after is None or any(map(math.isnan, before + after)):
                continue
            # Fading towards the dark ground by colour spares a blend of the whole plane a step.
            share = 1 - (now - t) / _TRAIL_S
            colour = tuple(round(40 + (part - 40) * share) for part in person_colour(number))
            ends = _at(before, middle, reach), _at(after, middle, reach)
            cv2.line(image, *ends, colour, _thick(size), cv2.LINE_AA, 3)

    def _runs(self, number: int, index: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Times and values of one label in stretches in which the person has it: float64 [n]."""
        run: list[tuple[float, float]] = []
        for time, values in self._past:
            value = values.get(number, (math.nan, math.nan))[index]
            if not math.isnan(value):
                run.append((time, value))
            elif run:
                yield _columns(run)
                run = []
        if run:
            yield _columns(run)


def _columns(run: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    times, values = np.array(run).T
    return times, values


def _dashed(
    times: np.ndarray, values: np.ndarray, dash: tuple[float, float] | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A curve's dashes, at places that depend on the time alone, so that they move with it."""
    if dash is None or len(times) < 2:
        yield times, values
        return
    on, period = dash
    for step in range(math.floor(times[0] / period), math.ceil(times[-1] / period)):
        start, end = max(step * period, times[0]), min(step * period + on, times[-1])
        if end > start:
            inside = times[(times > start) & (times < end)]
            ts = np.concatenate([[start], inside, [end]])
            yield ts, np.interp(ts, times, values)


def _at(values: tuple[float, float], middle: tuple[float, float], reach: float) -> tuple[int, int]:
    """Where a pair of values is on the plane, in eighths of a pixel: OpenCV's shift 3."""
    valence, arousal = (max(-1.05, min(1.05, value)) for value in values)
    return round(8 * (middle[0] + reach * valence)), round(8 * (middle[1] - reach * arousal))


def _stroke(image: np.ndarray, xs: np.ndarray, ys: np.ndarray, colour: Colour, size: int) -> None:
    points = np.rint(8 * np.stack([xs, ys], axis=-1)).astype(np.int32)
    if len(points) == 1:  # a single value is a dot
        points = np.repeat(points, 2, axis=0)
    cv2.polylines(image, [points[:, None]], False, colour, _thick(size), cv2.LINE_AA, 3)


def _thick(size: int) -> int:
    return max(1, round(size / 9))
