"""Names and numbers as a figure writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence


def shown(name: str, letters: int = 40) -> str:
    """A name whose letters all mean themselves, at most ``letters`` long.

    What has no shape of its own (line breaks, controls, marks that turn the reading direction,
    halves of letters, of which a name on disk may hold any, and which XML forbids) becomes "�"; of
    a name that is too long the middle goes, because what tells names apart is mostly at an end.
    """
    text = "".join(letter if letter.isprintable() else "�" for letter in name)
    if len(text) <= letters:
        return text
    end = (letters - 1) // 2
    return f"{text[: letters - 1 - end]}…{text[-end:] if end else ''}"


def number(value: float, digits: int = 2) -> str:
    """A value with a fixed number of digits after the point; "no value" for NaN."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "no value"


def count(value: int) -> str:
    """A whole number, its thousands apart: 12,345."""
    return f"{int(value):,}"


def counted(value: int, what: str) -> str:
    """A number of things: "1 video", "12,345 videos"."""
    return f"{count(value)} {what}" if value == 1 else f"{count(value)} {what}s"


def share(part: float, whole: float) -> str:
    """Of a whole, as a percentage without digits after the point; "" of nothing.

    Only a part that is none is 0 %, and only the whole is 100 %.
    """
    if not whole:
        return ""
    if 0 < part < 0.005 * whole:
        return "<1 %"
    if 0.995 * whole < part < whole:
        return ">99 %"
    return f"{100 * part / whole:.0f} %"


def listing(parts: Sequence[str]) -> str:
    """Parts as one enumeration: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
