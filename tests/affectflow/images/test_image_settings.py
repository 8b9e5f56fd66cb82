from __future__ import annotations

import pytest

from affectflow.errors import InputError
from affectflow.images.settings import ImageSettings


@pytest.mark.parametrize("size", [7, 0, -1, 1025])
def test_a_size_that_cannot_be(size):
    with pytest.raises(InputError, match=rf"image_size is {size}; it must be in \[8, 1024\]"):
        ImageSettings(image_size=size)


@pytest.mark.parametrize("name", ["grey", "resize", "equalise"])
def test_a_way_that_there_is_not(name):
    with pytest.raises(InputError, match=rf"{name} is 'clahe'; it must be one of \("):
        ImageSettings(**{name: "clahe"})


def test_the_defaults_are_the_paper_s():
    # Paper 0: 96x96, no equalisation.
    assert ImageSettings() == ImageSettings(
        image_size=96, grey="luma", resize="antialias", equalise="none"
    )
