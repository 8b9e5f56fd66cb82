"""Settings of the feature extraction."""

from __future__ import annotations

from pydantic import Field

from affectflow.models.settings import LARGEST_BATCH
from affectflow.settings import settings


@settings
class FeatureSettings:
    """How features are computed and which labels go with them.

    Paper 0 fills missing predictions (Sec. IV-B), not labels; evaluation is measured on what
    annotators said in any case.
    """

    feature_batch: int = Field(
        default=128, ge=1, le=LARGEST_BATCH, description="images a call of the network"
    )
    interpolate_frames: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="in the training split, labels that are missing for so many frames or fewer"
        " between labelled neighbours of a run are filled linearly; 0 = what nobody annotated has"
        " no label",
    )
