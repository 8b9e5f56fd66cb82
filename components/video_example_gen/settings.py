"""Settings of the ingest that are neither the corpus's nor the faces'."""

from __future__ import annotations

from pydantic import Field

from affectflow.settings import settings


@settings
class IngestSettings:
    """How the frames are written."""

    shard_frames: int = Field(
        default=4096,
        ge=1,
        le=1_000_000,
        description="face crops in a shard; the last of a split may hold fewer",
    )
    max_reject_share: float = Field(
        default=0.1,
        ge=0.0,
        le=1.0,
        description="largest share of rejected clips with which a build goes on",
    )
