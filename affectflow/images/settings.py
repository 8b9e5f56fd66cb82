"""Settings of the image that a model sees."""

from __future__ import annotations

from dataclasses import dataclass

from affectflow.errors import InputError
from affectflow.settings import check_fields, number, one_of

GREY = ("luma", "mean", "none")
RESIZE = ("antialias", "nearest")
EQUALISE = ("none", "histogram")


@dataclass(frozen=True)
class ImageSettings:
    """The model's image.

    Attributes:
        image_size: height and width in pixels (paper 0: 96).
        grey: ``luma`` weighs the colours as ITU-R 601 does; ``mean`` is their average (paper 1);
            ``none`` keeps the colours (papers 2 and 4).
        resize: ``antialias`` is bilinear and averages where it shrinks; ``nearest`` takes single
            pixels, as paper 0's published code does (PIL's default in Keras 2.3).
        equalise: ``histogram`` spreads each grey image's levels over [0, 255] (paper 1);
            ``none`` leaves them (paper 0).

    Raises:
        InputError: a value that does not do; the message says what would.
    """

    image_size: int = number(96, 8, 1024)
    grey: str = one_of("luma", GREY)
    resize: str = one_of("antialias", RESIZE)
    equalise: str = one_of("none", EQUALISE)

    def __post_init__(self) -> None:
        check_fields(self)
        if self.grey == "none" and self.equalise != "none":
            raise InputError(
                f"equalise is {self.equalise!r} but grey is 'none'; only grey images are equalised:"
                " grey=luma or grey=mean, or equalise=none, would do"
            )

    @property
    def channels(self) -> int:
        """Of the image: 1 where it is grey, 3 (RGB) where it is not."""
        return 3 if self.grey == "none" else 1


def require_grey(channels: int, what: str) -> None:
    """Refuses images of colour where only grey ones can be taken.

    Args:
        channels: of the images.
        what: takes grey ones alone, in the singular, e.g. ``the frame model``.

    Raises:
        InputError: there are not one but several channels.
    """
    if channels != 1:
        raise InputError(
            f"{what} takes grey images, of 1 channel, but these have {channels};"
            " image.grey=luma or image.grey=mean would do"
        )
