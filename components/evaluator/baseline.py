"""The latest release's measurements, on the data at hand wherever that can be had."""

from __future__ import annotations

from dataclasses import replace

from affectflow.gate import Baseline, GateSettings, Summary, VideoKey, VideoTally, summarise
from affectflow.release import Release


def rescoring_settings(settings: GateSettings) -> GateSettings:
    """What is measured of the released model's predictions: the judged stage alone."""
    return replace(settings, stages=settings.stage)


def baseline_of(
    release: Release | None,
    settings: GateSettings,
    rescored: dict[VideoKey, VideoTally] | None = None,
) -> Baseline | None:
    """What the candidate is compared with.

    Args:
        release: the latest one, or None before the first.
        settings: the gate's.
        rescored: tallies of that release's own predictions on the data at hand; without them its
            metrics are taken as they were released, and count only where they were measured on
            the same data.

    Raises:
        InputError: the release's metrics cannot be read.
    """
    if release is None:
        return None
    if rescored is not None:
        summary = summarise(rescored, rescoring_settings(settings))
        return Baseline(release.number, summary, rescored=True)
    return Baseline(release.number, Summary.from_json(release.metrics))
