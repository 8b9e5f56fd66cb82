"""Artifact types, and properties of artifacts, that TFX does not have."""

from __future__ import annotations

from tfx.types.artifact import Artifact

FACE_SETTINGS = "face_settings"
"""Custom property of `frames` Examples: the FaceSettings that made the crops, as JSON."""

CONTENT_DIGEST = "content_digest"
"""Custom property of balanced `frames`: SHA-256 over the records, shard by shard."""

SKIPPED = "skipped"
"""Custom property of an output: why its node, although it ran well, did nothing to go on from."""

MANIFEST_DIGEST = "manifest_digest"
"""Custom property of a PushedModel: SHA-256 of the release's ``release.json``."""


class Rejects(Artifact):
    """Clips that could not be used: ``rejects.jsonl``, one clip a line with cause and detail."""

    TYPE_NAME = "AffectflowRejects"


class FrameCounts(Artifact):
    """Where every decoded frame went: ``counts.json`` (see affectflow.records.counts).

    The ingest's also says how training frames without a face are labelled: ``unseen.npz`` (see
    affectflow.records.unseen).
    """

    TYPE_NAME = "AffectflowFrameCounts"


class DensityGrids(Artifact):
    """The valence-arousal plane of the training frames: ``grids.npz`` and ``sampled.json``.

    ``before`` and ``after`` are frames that may be kept and that are, ``counted`` those by which
    density was reckoned: int64 [cells, cells] each.
    """

    TYPE_NAME = "AffectflowDensityGrids"
