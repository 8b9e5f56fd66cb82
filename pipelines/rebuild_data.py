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
from pipelines.node_names import AUDIO_EXTRACTOR, DENSITY_SAMPLER, TRANSFORM, VIDEO_EXAMPLE_GEN
from pipelines.run_record import Request
from pipelines.runs import Run, latest_run
from pipelines.workspace import Workspace


def choose_rebuild(workspace: Workspace, request: Request) -> dict[str, Any]:
    """The finished rebuild that a request asks for, as plain JSON values.

    Raises:
        InputError: there is none; the message says how to make one.
    """
    name = request.recipe.pipeline("rebuild")
    run = latest_run(workspace, name, TRANSFORM, request.rebuild_run, request.subset)
    return describe_rebuild(run)


def describe_rebuild(run: Run) -> dict[str, Any]:
    """What a release must know of a rebuild: where its data are, what they are, how they came."""
    frames = run.outputs[VIDEO_EXAMPLE_GEN]["examples"][0]
    balanced = run.outputs[DENSITY_SAMPLER]["balanced"][0]
    sampler = settings_from(SamplerSettings, run.properties[DENSITY_SAMPLER])
    ingested = run.properties[VIDEO_EXAMPLE_GEN]
    listed = [f.name for f in fields(CorpusSettings) if f.name in ingested]
    hears = AUDIO_EXTRACTOR in run.outputs
    return {
        "run_id": run.run_id,
        "frames": frames.uri,
        "balanced": balanced.uri,
        "transformed": run.uri(TRANSFORM, "transformed_examples"),
        "graph": run.uri(TRANSFORM, "transform_graph"),
        "audio": run.uri(AUDIO_EXTRACTOR, "audio") if hears else None,
        "counts": run.uri(DENSITY_SAMPLER, "balanced_counts"),
        "rejects": run.uri(VIDEO_EXAMPLE_GEN, "rejects"),
        "duplicates": _duplicates(run.uri(DENSITY_SAMPLER, "balanced_counts")),
        "corpus_digest": frames.get_string_custom_property("manifest_digest"),
        "digest": balanced.get_string_custom_property(CONTENT_DIGEST),
        "listing": {name: ingested[name] for name in listed},
        "faces": json.loads(frames.get_string_custom_property(FACE_SETTINGS) or "{}"),
        "image": json.loads(run.properties[TRANSFORM]["custom_config"])["image"],
        "sampler": asdict(sampler),
    }


def _duplicates(counts: str) -> dict[str, Any] | None:
    """Equal clips, counted (see affectflow.corpora.duplicates); None where that is not known."""
    try:
        return load_counts(counts)[1].get("duplicates")
    except (OSError, ValueError, KeyError, TypeError):
        return None
