"""Settings of the feature extraction."""

from __future__ import annotations

from dataclasses import dataclass

from affectflow.models.settings import LARGEST_BATCH
from affectflow.settings import check_fields, number


@dataclass(frozen=True)
class FeatureSettings:
    """How features are computed and which labels go with them.

    Attributes:
        feature_batch: images a call of the network.
        interpolate_frames: in the training split, labels that are missing for so many frames or
            fewer between labelled neighbours of a run are filled linearly; 0 = what nobody
            annotated has no label. Paper 0 fills missing predictions so (Sec. IV-B), not labels;
            evaluation is measured on what annotators said in any case.
    """

    feature_batch: int = number(128, 1, LARGEST_BATCH)
    interpolate_frames: int = number(0, 0, 100_000)

    def __post_init__(self) -> None:
        check_fields(self)
