"""Fills the slots of a compiled pipeline for one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfx.dsl.compiler import constants
from tfx.orchestration.portable import runtime_parameter_utils
from tfx.proto.orchestration import pipeline_pb2
from tfx.utils import json_utils

from affectflow.faces.settings import FaceSettings
from affectflow.release.tree import FileEntry
from pipelines import slots
from pipelines.code_version import ROOT
from pipelines.compiled import Compiled
from pipelines.node_code import ENVIRONMENT, compiled_libraries
from pipelines.run_record import Request, RunRecord
from pipelines.transform_config import transform_config
from pipelines.versions import versions_of
from pipelines.workspace import Workspace
from schemas import schema_path


def bind(
    compiled: Compiled, request: Request, record: RunRecord, workspace: Workspace
) -> pipeline_pb2.Pipeline:
    """The pipeline as this run works on it; the compiled one is left as it is."""
    recipe = request.recipe
    values: dict[str, Any] = {
        **slots.setting_values(recipe),
        constants.PIPELINE_RUN_ID_PARAMETER_NAME: record.run_id,
        constants.PIPELINE_ROOT_PARAMETER_NAME: str(workspace.artifacts / compiled.pipeline),
        slots.CORPUS: recipe.corpus,
        slots.CORPUS_ROOT: request.data,
        slots.FACES: str(workspace.faces),
        slots.FRAMES_SCHEMA: str(schema_path("frames")),
        slots.TRANSFORM_CONFIG: json_utils.dumps(transform_config(recipe)),
        slots.TRAINING: str(workspace.training),
        slots.RELEASES: str(workspace.releases),
        slots.FAIL_ON_REFUSAL: int(request.fail_on_refusal),
        slots.RETRY_REJECTS: int(request.retry_rejects),
        **_start_values(record.start),
    }
    if record.data is not None:
        data = record.data
        values |= {
            f"{recipe.stages[0]}.image_size": data["image"]["image_size"],
            slots.AUDIO_URI: data.get("audio") or "",
            slots.FRAMES_URI: data["frames"],
            slots.BALANCED_URI: data["transformed"],
            slots.GRAPH_URI: data["graph"],
            # Frames of earlier versions do not say how they were cropped.
            slots.CROP_SIZE: data["faces"].get("size", FaceSettings().size),
            slots.SPLIT_SEED: int(data["listing"]["seed"]),
            slots.IMAGE: json.dumps(data["image"], sort_keys=True),
            slots.RECIPE: json.dumps(_as_released(request, data), sort_keys=True),
            slots.LINEAGE: json.dumps(_lineage(record, data), sort_keys=True),
        }
    bound = pipeline_pb2.Pipeline()
    bound.CopyFrom(compiled.ir)
    filled = runtime_parameter_utils.substitute_runtime_parameter(bound, values)
    if missing := sorted(name for name, value in filled.items() if value is None):
        raise ValueError(f"{compiled.pipeline} has slots that nothing fills: {', '.join(missing)}")
    _bind_environments(bound)
    return bound


def _bind_environments(ir: pipeline_pb2.Pipeline) -> None:
    """Puts the versions of what the nodes use here in the place of its names.

    A file of the project that a node is given by path, as the schema is, counts by its content.
    """
    here = versions_of(compiled_libraries(ir))
    for node in ir.nodes:
        properties = node.pipeline_node.parameters.parameters
        if ENVIRONMENT not in properties:
            continue
        names = properties[ENVIRONMENT].field_value.string_value.split()
        used = {name: here[name] for name in names if name in here}
        for value in properties.values():
            text = value.field_value.string_value
            if text.startswith(str(ROOT)) and (path := Path(text)).is_file():
                used[path.relative_to(ROOT).as_posix()] = FileEntry.of(path).sha256[:16]
        told = "; ".join(f"{name} {version}" for name, version in used.items())
        properties[ENVIRONMENT].field_value.string_value = told


def _as_released(request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """The recipe with the settings of the data as the rebuild had them, ``--set`` included."""
    recipe = request.recipe.as_json()
    groups = ("listing", "faces", "image", "sampler")
    recipe |= {group: data[group] for group in groups if data[group]}
    recipe[request.recipe.stages[0]]["image_size"] = data["image"]["image_size"]
    return recipe


def _start_values(start: dict[str, Any] | None) -> dict[str, str]:
    """The slots of what each stage starts from; "" = new weights."""
    slots_of = {
        "cnn": (slots.START_CNN, slots.START_CNN_DIGEST),
        "rnn": (slots.START_RNN, slots.START_RNN_DIGEST),
        "classifier": (slots.START_CLASSIFIER, slots.START_CLASSIFIER_DIGEST),
    }
    values: dict[str, str] = {}
    for stage, (folder, digest) in slots_of.items():
        found = (start or {}).get(stage, {"folder": "", "digest": ""})
        values |= {folder: found["folder"], digest: found["digest"]}
    return values


def _started_from(start: dict[str, Any] | None) -> dict[str, Any] | None:
    """The release whose weights training started from; None where they were new."""
    return start and {name: start[name] for name in ("release", "number", "origin", "digest")}


def _lineage(record: RunRecord, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "rebuild_run": data["run_id"],
        "manifest_digest": data["corpus_digest"],
        "frames": data["frames"],
        "balanced": data["balanced"],
        "counts": data["counts"],
        "rejects": data["rejects"],
        "duplicates": data.get("duplicates"),
        "started_from": _started_from(record.start),
        "code_version": record.code_version,
        "packages": record.packages,
    }
