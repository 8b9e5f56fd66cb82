from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from affectflow.figures import palette


def _luminance(colour):
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one, other):
    """WCAG 2.2's contrast ratio."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_graphics_have_contrast_on_both_pages(page):
    colours = [*palette.COLOURS, palette.GREY]
    colours += [palette.TIME(part)[:3] for part in np.linspace(0, 1, 33)]

    assert min(contrast(colour, page) for colour in colours) >= 3


def test_a_cell_with_frames_is_told_from_one_without():
    shades = [palette.DENSITY(part)[:3] for part in np.linspace(0, 1, 33)]

    assert min(contrast(shade, palette.NO_FRAME) for shade in shades) > 2.4
    assert np.all(np.diff([_luminance(shade) for shade in shades]) > 0)


def test_neighbouring_splits_differ_without_colour():
    looks = [palette.bar_style(i) for i in range(3)]

    assert len({(str(look["facecolor"])[:1], look.get("hatch")) for look in looks}) == 3
