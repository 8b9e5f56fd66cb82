"""The PNG files that a figure holds instead of thousands of marks."""

from __future__ import annotations

import base64
import io

from PIL import Image

_COLOURS = 64
_SMALL = 8_000
"""Bytes. What is no larger keeps its colours, as a scale of colours must."""
_PREFIX = "data:image/png;base64,"


def smaller_png(url: str) -> str:
    """A data URL of a PNG with at most 64 colours, which is what flat marks and their edges need.

    Args:
        url: of a PNG, as Matplotlib writes it.

    Returns:
        The URL of the same picture; one line, and nothing else, where that is no smaller.
    """
    data = base64.b64decode(url.removeprefix(_PREFIX))
    if len(data) <= _SMALL:
        return _PREFIX + base64.b64encode(data).decode()
    with Image.open(io.BytesIO(data)) as image:
        few = image.convert("RGBA").quantize(_COLOURS, method=Image.Quantize.FASTOCTREE)
    file = io.BytesIO()
    few.save(file, format="PNG", optimize=True)
    if len(file.getvalue()) >= len(data):
        return _PREFIX + base64.b64encode(data).decode()
    return _PREFIX + base64.b64encode(file.getvalue()).decode()
