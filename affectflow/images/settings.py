"""Settings of the image that a model sees."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from affectflow.errors import InputError
from affectflow.settings import settings

Grey = Literal["luma", "mean", "none"]
GREY: tuple[str, ...] = get_args(Grey)
Resize = Literal["antialias", "nearest"]
RESIZE: tuple[str, ...] = get_args(Resize)
Equalise = Literal["none", "histogram"]
EQUALISE: tuple[str, ...] = get_args(Equalise)


@settings
class ImageSettings:
    """The model's image.

    Raises:
        InputError: a value that does not do; the message says what would.
    """

    image_size: int = Field(
        default=96, ge=8, le=1024, description="height and width in pixels (paper 0: 96)"
    )
    grey: Grey = Field(
        default="luma",
        description="luma weighs the colours as ITU-R 601 does; mean is their average (paper 1);"
        " none keeps the colours (papers 2 and 4)",
    )
    resize: Resize = Field(
        default="antialias",
        description="antialias is bilinear and averages where it shrinks; nearest takes single"
        " pixels, as paper 0's published code does (PIL's default in Keras 2.3)",
    )
    equalise: Equalise = Field(
        default="none",
        description="histogram spreads each grey image's levels over [0, 255] (paper 1); none"
        " leaves them (paper 0)",
    )

    def __post_init__(self) -> None:
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
