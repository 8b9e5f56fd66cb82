"""Text that fits a width, for figures that are written by hand."""

from __future__ import annotations

import functools
import unicodedata

from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

from affectflow.figures.words import shown

_BREAK_AFTER = " _-/.,:"


def text_width(text: str, size: float) -> float:
    """Pixels that a text takes at most: in DejaVu Sans, which is wider than what systems have."""
    return sum(_advance(letter) for letter in text) * size


def two_lines(text: str, width: float, size: float) -> list[str]:
    """One or two lines, none wider than ``width`` pixels; of what does not fit the middle goes.

    A line is broken after a space or a mark, where one is in its second half.
    """
    text = shown(text, 200)
    if text_width(text, size) <= width:
        return [text]
    fits = next(n for n in range(len(text), 0, -1) if n == 1 or text_width(text[:n], size) <= width)
    breaks = [n for n in range(fits // 2, fits + 1) if n and text[n - 1] in _BREAK_AFTER]
    cut = breaks[-1] if breaks else fits
    rest, letters = text[cut:].strip(), len(text) - cut
    while text_width(rest, size) > width and letters > 1:
        letters -= 1
        rest = shown(text[cut:].strip(), letters)
    return [text[:cut].rstrip(), rest]


@functools.lru_cache(maxsize=4096)
def _advance(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return float(_font().load_char(ord(letter)).linearHoriAdvance / 65536 / 100)


@functools.lru_cache(maxsize=1)
def _font() -> FT2Font:
    # Its own: whoever draws with the one that Matplotlib keeps gives that another size.
    font = FT2Font(findfont("DejaVu Sans"))
    font.set_size(100, 72)
    return font
