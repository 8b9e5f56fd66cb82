"""Where a run's data lie: the folders that its rebuild's nodes gave."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.moved import local_path
from pipelines.node_names import (
    DENSITY_SAMPLER,
    EXAMPLE_VALIDATOR,
    FRAMES_SCHEMA,
    STATISTICS_GEN,
    VIDEO_EXAMPLE_GEN,
)
from pipelines.review.facts import ArtifactFacts, RunDetail


@dataclass(frozen=True)
class Places:
    """Folders of a rebuild, as paths; "" where none is known. Any of them may be gone.

    Attributes:
        frames: every face with its labels, by split, and the lists of clips.
        grids: the labels' grids before and after balancing.
        statistics: of the frames.
        anomalies: what the frames have that the schema forbids.
        schema: of the frames.
    """

    frames: str = ""
    grids: str = ""
    statistics: str = ""
    anomalies: str = ""
    schema: str = ""


def places_of(rebuild: RunDetail | None, run: RunDetail | None = None) -> Places:
    """Those of a rebuild; of one that is not known any more what a release of it was told.

    Args:
        rebuild: None = nothing is known of it.
        run: the release that trains on it.
    """
    if rebuild is None:
        told = run.data if run is not None else {}
        return Places(frames=local_path(str(told.get("frames") or "")))
    return Places(
        output_path(rebuild, VIDEO_EXAMPLE_GEN, "examples"),
        output_path(rebuild, DENSITY_SAMPLER, "grids"),
        output_path(rebuild, STATISTICS_GEN, "statistics"),
        output_path(rebuild, EXAMPLE_VALIDATOR, "anomalies"),
        output_path(rebuild, FRAMES_SCHEMA, "schema"),
    )


def output_of(run: RunDetail, node: str, key: str) -> ArtifactFacts | None:
    """What a node of a run gave under that name; None before it has."""
    outputs = (a for found in run.nodes if found.node == node for a in found.outputs)
    return next((artifact for artifact in outputs if artifact.key == key), None)


def output_path(run: RunDetail, node: str, key: str) -> str:
    """Where that is; "" before there is any."""
    found = output_of(run, node, key)
    return local_path(found.uri) if found else ""
