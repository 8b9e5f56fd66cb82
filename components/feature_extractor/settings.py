"""Settings of the feature extraction."""

from __future__ import annotations

from dataclasses import dataclass

from affectflow.errors import InputError


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

    feature_batch: int = 128
    interpolate_frames: int = 0

    def __post_init__(self) -> None:
        if self.feature_batch < 1:
            raise InputError(f"feature_batch is {self.feature_batch}; it must be at least 1")
        if self.interpolate_frames < 0:
            raise InputError(
                f"interpolate_frames is {self.interpolate_frames}; it must be 0 or more"
            )
