from __future__ import annotations

import pytest

from affectflow.errors import InputError
from affectflow.images.settings import ImageSettings


@pytest.mark.parametrize("size", [7, 0, -1, 1025])
def test_a_size_that_cannot_be(size):
    with pytest.raises(InputError, match=rf"image_size is {size}; it must be in \[8, 1024\]"):
        ImageSettings(image_size=size)


def test_an_equalisation_that_there_is_not():
    with pytest.raises(InputError, match=r"equalise is 'clahe'.*none.*histogram"):
        ImageSettings(equalise="clahe")


def test_the_defaults_are_the_paper_s():
    # Paper 0: 96x96, no equalisation.
    assert ImageSettings() == ImageSettings(image_size=96, equalise="none")
