"""What a layout's plan is made of."""

from __future__ import annotations

from typing import Protocol


class Script(Protocol):
    """One thing to render, whole or not at all: a video, or the pictures of one person."""

    @property
    def name(self) -> str:
        """Unique in the corpus."""

    @property
    def frames(self) -> int:
        """How many frames or pictures it has."""

    @property
    def seconds(self) -> float:
        """The video's length; 0 for pictures."""
