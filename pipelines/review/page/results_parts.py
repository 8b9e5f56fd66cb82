"""What the sections of results have in common: figures that are explained, and their numbers."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence

from affectflow.figures import NothingToDraw, Svg
from affectflow.figures.words import count, counted, number
from pipelines.class_figures import STAGE_NAMES
from pipelines.review.page.parts import Number, figure, paragraph

NONE = "–"
"""Stands in a table where there is no value."""


def heading(text: str, level: int = 3) -> str:
    """A heading within a section, whose own is of level 2."""
    return f"<h{level}>{html.escape(text)}</h{level}>"


def explained(how: str, draw: Callable[[], Svg]) -> str:
    """A figure below a sentence that says how to read it; where there is none, why.

    Of several alike figures the first has the sentence: "" for the others.

    Values that a figure refuses come from damaged files: the page says so and goes on.
    """
    try:
        drawn = draw()
    except NothingToDraw as error:
        return paragraph(f"There is no figure here: {error}.")
    except ValueError as error:
        return paragraph(f"There is no figure here, as the values cannot be drawn: {error}.")
    return (paragraph(how) if how else "") + figure(lambda: drawn)


def stage_name(stage: str) -> str:
    """What people call a stage, such as ``CNN + RNN``."""
    return STAGE_NAMES.get(stage, stage)


def decimal(value: float, digits: int = 3) -> Number:
    """A cell with a number; NONE where it is none."""
    return Number(number(value, digits) if math.isfinite(value) else NONE)


def whole(value: int) -> Number:
    """A cell with a whole number."""
    return Number(count(value))


def with_interval(value: float, low: float, high: float) -> Number:
    """A cell such as ``0.310 (0.250 to 0.370)``; without an interval the number alone."""
    if not math.isfinite(value):
        return Number(NONE)
    if not (math.isfinite(low) and math.isfinite(high)):
        return Number(number(value, 3))
    # The interval in one line, so that it is seen as what it is.
    return Number(f"{number(value, 3)} ({number(low, 3)}\xa0to\xa0{number(high, 3)})")


def enumerated(names: Sequence[str], most: int = 8) -> str:
    """Names by comma; of more than ``most`` the first, and how many there are beside."""
    told = ", ".join(names[:most])
    left = len(names) - most
    return f"{told} and {counted(left, 'more').removesuffix('s')}" if left > 0 else told


def capital(text: str) -> str:
    """With a capital first; the rest, where names may stand, as it is."""
    return text[:1].upper() + text[1:]
