"""Rebuilds and releases as they are recorded (see bench/recorded.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affectflow.files import file_name
from affectflow.models.files import HISTORY_FILE
from affectflow.release.folder import SUMMARY_FILE
from bench.recorded import IMPORTERS, REBUILD, RELEASE, Execution, Recorder, Run, write
from bench.recorded_files import CODE, leave, publish, summary_of
from pipelines.node_names import (
    BALANCED_FRAMES,
    BASELINE_PREDICTOR,
    EVALUATOR,
    FRAMES,
    PUSHER,
    TRANSFORM_GRAPH,
)

CORPUS = "c0" * 32
BALANCED = "ba" * 32
PACKAGES = {"python": "3.10.13", "tensorflow": "2.16.2", "tfx": "1.16.0"}
_IMPORTED = {
    BALANCED_FRAMES: "Transform/transformed_examples",
    FRAMES: "VideoExampleGen/examples",
    TRANSFORM_GRAPH: "Transform/transform_graph",
}


def rebuild(
    recorder: Recorder,
    run_id: str,
    *,
    nodes: Sequence[str] = REBUILD,
    videos: int = 3,
    labels: bool = True,
    digest: str = CORPUS,
    recipe: str = "demo",
    last_state: int = Execution.COMPLETE,
    settings: Mapping[str, Any] | None = None,
    reuse: Run | None = None,
) -> Run:
    """A rebuild that ran so many nodes.

    Args:
        last_state: of the last of them; the others are complete.
        labels: whether the corpus has any.
        settings: group -> values, beside the usual.
        reuse: the run whose outputs every node took.
    """
    request = _request(recipe, settings or {}, data="/data/corpus")
    run = recorder.begin(f"{recipe}_rebuild", run_id, _record(run_id, f"{recipe}_rebuild", request))
    for node in nodes:
        state = last_state if node == nodes[-1] else Execution.COMPLETE
        if reuse is not None:
            recorder.node(run, node, Execution.CACHED, reuse=reuse)
            continue
        recorder.node(
            run,
            node,
            state,
            {"code_version": "c" * 16},
            {"examples": {"manifest_digest": digest}, "balanced": {"content_digest": BALANCED}},
        )
        if state == Execution.COMPLETE:
            leave(run, node, videos, labels)
    return run


def release(
    recorder: Recorder,
    run_id: str,
    rebuilt: Run,
    *,
    nodes: Sequence[str] = RELEASE,
    ccc: float = 0.5,
    number: int | None = None,
    compared_with: int = 0,
    start: Mapping[str, Any] | None = None,
    recipe: str = "demo",
    last_state: int = Execution.COMPLETE,
    settings: Mapping[str, Any] | None = None,
    videos: int = 3,
) -> Run:
    """A release run that ran so many nodes.

    Args:
        number: of the release that it made; None = it was refused.
        compared_with: number of the release that the gate looked at; 0 = none.
        start: as in its ``run.json``.
        videos: rows of the evaluation's table.
    """
    pipeline = f"{recipe}_release"
    data = _data(rebuilt)
    record = _record(run_id, pipeline, _request(recipe, settings or {})) | {
        "data": data,
        "start": start,
    }
    run = recorder.begin(pipeline, run_id, record)
    releases = recorder.workspace.releases
    folder = releases / f"{number or 0:04d}"
    pushed: dict[str, Any] = {"pushed": 1, "pushed_destination": str(folder), "unchanged": 0}
    pushed["pushed_version"] = str(number)
    if number is None:
        refusal = releases / "refused" / f"{file_name(run_id)}.json"
        pushed = {"pushed": 0, "refusal": str(refusal), "skipped": "the gate refused the model"}
    for node in nodes:
        if node in IMPORTERS:
            recorder.imports(run, node, rebuilt.artifacts[_IMPORTED[node]])
            continue
        state = last_state if node == nodes[-1] else Execution.COMPLETE
        outputs: dict[str, Mapping[str, Any]] = {
            "blessing": {"blessed": int(number is not None)},
            "pushed_model": pushed,
        }
        if node == BASELINE_PREDICTOR:
            outputs["predictions"] = {"release": compared_with}
        recorder.node(run, node, state, {"code_version": "c" * 16}, outputs)
        if state != Execution.COMPLETE:
            continue
        if node.endswith("Trainer"):
            stage = node.removesuffix("Trainer").lower()
            history = {"stage": stage, "best_epoch": 0, "history": [{"loss": 0.5}]}
            write(Path(run.uri(f"{node}/model_run"), HISTORY_FILE), history)
        if node == EVALUATOR:
            summary = summary_of(ccc, number is not None, videos)
            write(Path(run.uri("Evaluator/evaluation"), SUMMARY_FILE), summary)
        if node == PUSHER:
            publish(run, data, folder, pushed, summary_of(ccc, number is not None, videos), start)
    return run


def _record(run_id: str, pipeline: str, request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "pipeline": pipeline,
        "code_version": CODE,
        "request": request,
        "data": None,
        "packages": PACKAGES,
        "start": None,
    }


def _request(recipe: str, settings: Mapping[str, Any], data: str = "") -> dict[str, Any]:
    groups: dict[str, dict[str, Any]] = {
        "cnn": {"epochs": 6, "image_size": 96},
        "rnn": {"cell": "gru3", "epochs": 20},
        "gate": {"min_ccc_mean": 0.4},
        "sampler": {"rule": "cap", "subset": "max_mean"},
        "faces": {"size": 112},
    }
    groups |= {name: {**groups.get(name, {}), **row} for name, row in settings.items()}
    return {
        "recipe": {"name": recipe, "corpus": "affwild2", **groups},
        "data": data,
        "rebuild_run": "",
        "subset": "",
        "start_from": "",
        "fail_on_refusal": False,
    }


def _data(rebuilt: Run) -> dict[str, Any]:
    """As pipelines.rebuild_data has it."""
    return {
        "run_id": rebuilt.run_id,
        "frames": rebuilt.uri("VideoExampleGen/examples"),
        "balanced": rebuilt.uri("DensitySampler/balanced"),
        "transformed": rebuilt.uri("Transform/transformed_examples"),
        "graph": rebuilt.uri("Transform/transform_graph"),
        "counts": rebuilt.uri("DensitySampler/balanced_counts"),
        "rejects": rebuilt.uri("VideoExampleGen/rejects"),
        "corpus_digest": CORPUS,
        "digest": BALANCED,
        "faces": {"size": 112},
        "image": {"image_size": 96},
        "sampler": {"rule": "cap", "subset": "max_mean"},
    }
