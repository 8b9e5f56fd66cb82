"""The latest release's measurements, on the data at hand wherever that can be had."""

from __future__ import annotations

from dataclasses import replace

from tfx.types import artifact_utils
from tfx.types.artifact import Artifact

from affectflow.gate import Baseline, GateSettings, Summary, VideoKey, VideoTally, summarise
from affectflow.release import Release

RELEASE_PROPERTY = "release"
"""Of the baseline predictions: the number of the release that they are about; 0 = none yet."""

FACES_PROPERTY = "other_faces"
"""Of the baseline predictions: which face settings that release was trained with and the frames
at hand were not made with, in words; "" = all are equal."""


def predictions_of(release: Release | None, predictions: list[Artifact] | None) -> Artifact | None:
    """The baseline predictions, where they are about that very release."""
    if release is None or not predictions:
        return None
    artifact = artifact_utils.get_single_instance(predictions)
    about = artifact.get_int_custom_property(RELEASE_PROPERTY)
    return artifact if about == release.number else None


def rescoring_settings(settings: GateSettings) -> GateSettings:
    """What is measured of the released model's predictions: the judged stage alone."""
    return replace(settings, stages=settings.stage)


def baseline_of(
    release: Release | None,
    settings: GateSettings,
    rescored: dict[VideoKey, VideoTally] | None = None,
    other_faces: str = "",
) -> Baseline | None:
    """What the candidate is compared with.

    Args:
        release: the latest one, or None before the first.
        settings: the gate's.
        rescored: tallies of that release's own predictions on the data at hand; without them its
            metrics are taken as they were released, and count only where they were measured on
            the same data.
        other_faces: the value of FACES_PROPERTY.

    Raises:
        InputError: the release's metrics cannot be read.
    """
    if release is None:
        return None
    if rescored is not None:
        summary = summarise(rescored, rescoring_settings(settings))
        return Baseline(release.number, summary, rescored=True, other_faces=other_faces)
    return Baseline(release.number, Summary.from_json(release.metrics), other_faces=other_faces)
