"""Artifact types that TFX does not have."""

from __future__ import annotations

from tfx.types.artifact import Artifact


class Rejects(Artifact):
    """Clips that could not be used: ``rejects.jsonl``, one clip a line with cause and detail."""

    TYPE_NAME = "AffectflowRejects"


class FrameCounts(Artifact):
    """Where every decoded frame went: ``counts.json`` (see affectflow.records.counts)."""

    TYPE_NAME = "AffectflowFrameCounts"


class DensityGrids(Artifact):
    """The valence-arousal grid before and after balancing: ``grids.npz`` and ``grids.json``."""

    TYPE_NAME = "AffectflowDensityGrids"
