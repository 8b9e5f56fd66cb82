"""Settings of the feature extraction."""

from __future__ import annotations

from dataclasses import dataclass, field

from affectflow.errors import InputError


@dataclass(frozen=True)
class FeatureSettings:
    """How features are computed and which labels go with them.

    Attributes:
        feature_batch: images a call of the network.
        interpolate_labels: 1 fills labels that are missing between labelled neighbours of a run,
            linearly (paper 0, Sec. IV-B), in the training split alone: a metric is measured on
            what annotators said.
    """

    feature_batch: int = 128
    interpolate_labels: int = field(default=1, metadata={"choices": (0, 1)})

    def __post_init__(self) -> None:
        if self.feature_batch < 1:
            raise InputError(f"feature_batch is {self.feature_batch}; it must be at least 1")
        if self.interpolate_labels not in (0, 1):
            raise InputError(f"interpolate_labels is {self.interpolate_labels}; it must be 0 or 1")
