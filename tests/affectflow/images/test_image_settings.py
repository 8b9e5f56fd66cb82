from __future__ import annotations

import pytest

from affectflow.errors import InputError
from affectflow.images.settings import ImageSettings, require_grey


@pytest.mark.parametrize("size", [7, 0, -1, 1025])
def test_a_size_that_cannot_be(size):
    with pytest.raises(InputError, match=f"image_size is {size}; a whole number from 8 to 1024 "):
        ImageSettings(image_size=size)


@pytest.mark.parametrize("name", ["grey", "resize", "equalise"])
def test_a_way_that_there_is_not(name):
    with pytest.raises(InputError, match=f"{name} is 'clahe'; .* would do"):
        ImageSettings(**{name: "clahe"})


@pytest.mark.parametrize(("grey", "channels"), [("luma", 1), ("mean", 1), ("none", 3)])
def test_channels(grey, channels):
    assert ImageSettings(grey=grey).channels == channels


def test_colours_are_not_equalised():
    with pytest.raises(InputError, match="equalise is 'histogram' but grey is 'none'; only grey"):
        ImageSettings(grey="none", equalise="histogram")


def test_who_takes_grey_images_alone_says_so():
    require_grey(1, "the frame model")
    with pytest.raises(InputError, match="the frame model takes grey images, of 1 channel, but "):
        require_grey(3, "the frame model")


def test_the_defaults_are_the_paper_s():
    # Paper 0: 96x96, no equalisation.
    assert ImageSettings() == ImageSettings(
        image_size=96, grey="luma", resize="antialias", equalise="none"
    )
