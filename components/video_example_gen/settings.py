"""Settings of the ingest that are neither the corpus's nor the faces'."""

from __future__ import annotations

from dataclasses import dataclass

from affectflow.errors import InputError


@dataclass(frozen=True)
class IngestSettings:
    """How the frames are written.

    Attributes:
        shard_frames: face crops in a shard; the last of a split may hold fewer.
        max_reject_share: largest share of rejected clips, in [0, 1], with which a build goes on.
    """

    shard_frames: int = 4096
    max_reject_share: float = 0.1

    def __post_init__(self) -> None:
        if self.shard_frames < 1:
            raise InputError(f"shard_frames is {self.shard_frames}; it must be at least 1")
        if not 0 <= self.max_reject_share <= 1:
            raise InputError(f"max_reject_share is {self.max_reject_share}; it must be in [0, 1]")
