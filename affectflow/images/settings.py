"""Settings of the image that a model sees."""

from __future__ import annotations

from dataclasses import dataclass, field

from affectflow.errors import InputError

EQUALISE = ("none", "histogram")


@dataclass(frozen=True)
class ImageSettings:
    """The model's image.

    Attributes:
        image_size: height and width in pixels (paper 0: 96).
        equalise: ``histogram`` spreads each image's grey levels over [0, 255] (paper 1);
            ``none`` leaves them (paper 0).
    """

    image_size: int = 96
    equalise: str = field(default="none", metadata={"choices": EQUALISE})

    def __post_init__(self) -> None:
        if not 8 <= self.image_size <= 1024:
            raise InputError(f"image_size is {self.image_size}; it must be in [8, 1024]")
        if self.equalise not in EQUALISE:
            raise InputError(f"equalise is {self.equalise!r}; it must be one of {EQUALISE}")
