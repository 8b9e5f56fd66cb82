"""Settings of the ingest that are neither the corpus's nor the faces'."""

from __future__ import annotations

from dataclasses import dataclass

from affectflow.settings import check_fields, number


@dataclass(frozen=True)
class IngestSettings:
    """How the frames are written.

    Attributes:
        shard_frames: face crops in a shard; the last of a split may hold fewer.
        max_reject_share: largest share of rejected clips, in [0, 1], with which a build goes on.
    """

    shard_frames: int = number(4096, 1, 1_000_000)
    max_reject_share: float = number(0.1, 0.0, 1.0)

    def __post_init__(self) -> None:
        check_fields(self)
