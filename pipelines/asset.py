"""What a finished rebuild says of the balanced frames, to whoever waits for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tfx.orchestration import metadata

from affectflow.records.counts import load_counts
from pipelines.metadata_store import metadata_connection
from pipelines.rebuild_data import describe_rebuild
from pipelines.runs import run_of
from pipelines.workspace import Workspace


def balanced_frames(workspace: Workspace, run_id: str) -> dict[str, Any]:
    """Identity and size of what a rebuild made, as plain JSON values.

    Returns:
        ``run_id``; ``digest``, SHA-256 of the balanced frames; ``corpus_digest``, of videos and
        annotations; ``subset`` and ``rule`` of the balancing; ``clips`` listed, used and rejected;
        ``frames``, every decoded frame of each split by what became of it.
    """
    with metadata.Metadata(metadata_connection(workspace)) as handle:
        run = run_of(handle, run_id)
    data = describe_rebuild(run)
    frames, clips = load_counts(data["counts"])
    return {
        "run_id": run_id,
        "digest": data["digest"],
        "corpus_digest": data["corpus_digest"],
        "subset": data["sampler"]["subset"],
        "rule": data["sampler"]["rule"],
        "clips": clips,
        "frames": {split: asdict(counts) for split, counts in frames.items()},
    }
