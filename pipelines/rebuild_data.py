"""The rebuild that a release trains on: chosen once, then told to its nodes by URI."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from affectflow.balance.sampler import SamplerSettings
from affectflow.corpora.adapter import CorpusSettings
from affectflow.records.counts import load_counts
from components.artifacts import CONTENT_DIGEST, FACE_SETTINGS
from components.parameters import settings_from
from pipelines.run_record import Request
from pipelines.runs import Run, latest_run
from pipelines.workspace import Workspace

LAST_NODE = "Transform"


def choose_rebuild(workspace: Workspace, request: Request) -> dict[str, Any]:
    """The finished rebuild that a request asks for, as plain JSON values.

    Raises:
        InputError: there is none; the message says how to make one.
    """
    name = request.recipe.pipeline("rebuild")
    run = latest_run(workspace, name, LAST_NODE, request.rebuild_run, request.subset)
    return describe_rebuild(run)


def describe_rebuild(run: Run) -> dict[str, Any]:
    """What a release must know of a rebuild: where its data are, what they are, how they came."""
    frames = run.outputs["VideoExampleGen"]["examples"][0]
    balanced = run.outputs["DensitySampler"]["balanced"][0]
    sampler = settings_from(SamplerSettings, run.properties["DensitySampler"])
    ingested = run.properties["VideoExampleGen"]
    listed = [f.name for f in fields(CorpusSettings) if f.name in ingested]
    hears = "AudioExtractor" in run.outputs
    return {
        "run_id": run.run_id,
        "frames": frames.uri,
        "balanced": balanced.uri,
        "transformed": run.uri(LAST_NODE, "transformed_examples"),
        "graph": run.uri(LAST_NODE, "transform_graph"),
        "audio": run.uri("AudioExtractor", "audio") if hears else None,
        "counts": run.uri("DensitySampler", "balanced_counts"),
        "rejects": run.uri("VideoExampleGen", "rejects"),
        "duplicates": _duplicates(run.uri("DensitySampler", "balanced_counts")),
        "corpus_digest": frames.get_string_custom_property("manifest_digest"),
        "digest": balanced.get_string_custom_property(CONTENT_DIGEST),
        "listing": {name: ingested[name] for name in listed},
        "faces": json.loads(frames.get_string_custom_property(FACE_SETTINGS) or "{}"),
        "image": json.loads(run.properties[LAST_NODE]["custom_config"])["image"],
        "sampler": asdict(sampler),
    }


def _duplicates(counts: str) -> dict[str, Any] | None:
    """Equal clips, counted (see affectflow.corpora.duplicates); None where that is not known."""
    try:
        return load_counts(counts)[1].get("duplicates")
    except (OSError, ValueError, KeyError, TypeError):
        return None
