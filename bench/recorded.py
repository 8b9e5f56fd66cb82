"""Workspaces full of runs that never ran: for the bench and for tests.

ML Metadata is told what TFX's launcher tells it, and the files that nodes leave are written, as
far as whoever reviews runs looks at them. Neither needs TFX, nor seconds a node.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ml_metadata import MetadataStore
from ml_metadata.proto import metadata_store_pb2

from affectflow.files import file_name
from pipelines.metadata_store import metadata_connection
from pipelines.run_record import RUN_FILE
from pipelines.workspace import Workspace

Execution: TypeAlias = metadata_store_pb2.Execution
Event: TypeAlias = metadata_store_pb2.Event
_INPUTS_OF = {
    "StatisticsGen": ("VideoExampleGen/examples", "FramesSchema/schema"),
    "ExampleValidator": ("StatisticsGen/statistics", "FramesSchema/schema"),
    "DensitySampler": ("VideoExampleGen/examples", "VideoExampleGen/counts"),
    "Transform": ("DensitySampler/balanced", "FramesSchema/schema"),
    "CnnTrainer": ("BalancedFrames/result",),
    "FeatureExtractor": ("Frames/result", "TransformGraph/result", "CnnTrainer/model"),
    "RnnTrainer": ("FeatureExtractor/features",),
    "Predictor": ("FeatureExtractor/features", "CnnTrainer/model", "RnnTrainer/model"),
    "Exporter": ("CnnTrainer/model", "RnnTrainer/model", "TransformGraph/result"),
    "BaselinePredictor": ("Frames/result",),
    "Evaluator": ("Predictor/predictions", "BaselinePredictor/predictions"),
    "Pusher": ("Exporter/model", "Evaluator/evaluation", "Evaluator/blessing"),
}
_OUTPUTS_OF = {
    "FramesSchema": {"schema": "Schema"},
    "VideoExampleGen": {
        "counts": "AffectflowFrameCounts",
        "examples": "Examples",
        "rejects": "AffectflowRejects",
    },
    "StatisticsGen": {"statistics": "ExampleStatistics"},
    "ExampleValidator": {"anomalies": "ExampleAnomalies"},
    "DensitySampler": {
        "balanced": "Examples",
        "balanced_counts": "AffectflowFrameCounts",
        "grids": "AffectflowDensityGrids",
    },
    "Transform": {"transformed_examples": "Examples", "transform_graph": "TransformGraph"},
    "BaselinePredictor": {"predictions": "InferenceResult"},
    "CnnTrainer": {"model": "Model", "model_run": "ModelRun"},
    "FeatureExtractor": {"features": "Examples"},
    "RnnTrainer": {"model": "Model", "model_run": "ModelRun"},
    "Predictor": {"predictions": "InferenceResult"},
    "Exporter": {"model": "Model", "tflite": "Model"},
    "Evaluator": {"blessing": "ModelBlessing", "evaluation": "ModelEvaluation"},
    "Pusher": {"pushed_model": "PushedModel"},
}
REBUILD = (
    "FramesSchema",
    "VideoExampleGen",
    "StatisticsGen",
    "ExampleValidator",
    "DensitySampler",
    "Transform",
)
RELEASE = (
    "BalancedFrames",
    "Frames",
    "TransformGraph",
    "BaselinePredictor",
    "CnnTrainer",
    "FeatureExtractor",
    "RnnTrainer",
    "Exporter",
    "Predictor",
    "Evaluator",
    "Pusher",
)
IMPORTERS = RELEASE[:3]
_TYPES = {"Transform": "tfx.components.transform.component.Transform"} | dict.fromkeys(
    IMPORTERS, "tfx.dsl.components.common.importer.Importer"
)


@dataclass
class Run:
    """A run as it was recorded: the artifacts by ``Node/key``, and where they are."""

    run_id: str
    pipeline: str
    context: metadata_store_pb2.Context
    artifacts: dict[str, metadata_store_pb2.Artifact] = field(default_factory=dict)

    def uri(self, output: str) -> str:
        """The URI of ``Node/key``."""
        return self.artifacts[output].uri


class Recorder:
    """Records runs in a workspace.

    Args:
        root: the workspace's folder, made if absent.
        connection: ML Metadata's store; None = the workspace's own.
    """

    def __init__(self, root: Path, connection: metadata_store_pb2.ConnectionConfig | None = None):
        root.mkdir(parents=True, exist_ok=True)
        self.workspace = Workspace(root)
        self.store = MetadataStore(connection or metadata_connection(self.workspace, {}))
        self._contexts = {
            name: self.store.put_context_type(metadata_store_pb2.ContextType(name=name))
            for name in ("pipeline", "pipeline_run", "node")
        }
        self._types: dict[tuple[str, str], int] = {}

    def begin(self, pipeline: str, run_id: str, record: Mapping[str, Any] | None) -> Run:
        """A run's context and ``run.json``; None writes no file."""
        if record is not None:
            write(self.workspace.run(run_id) / RUN_FILE, {"format": 1, **record})
        context = self._context("pipeline_run", run_id)
        context.id = self.store.put_contexts([context])[0]
        return Run(run_id, pipeline, context)

    def node(
        self,
        run: Run,
        node: str,
        state: int = Execution.COMPLETE,
        told: Mapping[str, Any] | None = None,
        outputs: Mapping[str, Mapping[str, Any]] | None = None,
        reuse: Run | None = None,
    ) -> int:
        """An execution with its artifacts and events; gives its number.

        Args:
            told: its properties.
            outputs: key -> the artifact's properties, beside what it always gives.
            reuse: the run whose outputs it took, as a cached node does.
        """
        execution = Execution(type_id=self._type("execution", _type_of(node)))
        execution.last_known_state = state
        _fill(execution.custom_properties, told or {})
        given: dict[str, metadata_store_pb2.Artifact] = {}
        if state in (Execution.COMPLETE, Execution.CACHED):
            for key, kind in _OUTPUTS_OF.get(node, {}).items():
                if reuse is not None:
                    given[key] = reuse.artifacts[f"{node}/{key}"]
                    continue
                folder = self.workspace.artifacts / run.pipeline / node / key / run.run_id
                folder.mkdir(parents=True, exist_ok=True)
                artifact = metadata_store_pb2.Artifact(
                    type_id=self._type("artifact", kind), uri=str(folder), state=2
                )
                _fill(artifact.custom_properties, (outputs or {}).get(key, {}))
                given[key] = artifact
        return self._put(run, node, execution, given)

    def imports(self, run: Run, node: str, artifact: metadata_store_pb2.Artifact) -> int:
        """An importer's execution, whose artifact is another pipeline's."""
        execution = Execution(type_id=self._type("execution", _type_of(node)))
        execution.last_known_state = Execution.CACHED
        return self._put(run, node, execution, {"result": artifact})

    def _put(
        self,
        run: Run,
        node: str,
        execution: Execution,
        outputs: Mapping[str, metadata_store_pb2.Artifact],
    ) -> int:
        names = [name for name in _INPUTS_OF.get(node, ()) if name in run.artifacts]
        taken = [(name.partition("/")[2], run.artifacts[name], Event.INPUT) for name in names]
        given = [(key, artifact, Event.OUTPUT) for key, artifact in outputs.items()]
        contexts = [
            self._context("pipeline", run.pipeline),
            run.context,
            self._context("node", f"{run.pipeline}.{node}"),
        ]
        pairs = [(artifact, _event(key, kind)) for key, artifact, kind in taken + given]
        number, ids, _ = self.store.put_execution(
            execution, pairs, contexts, reuse_context_if_already_exist=True
        )
        for (key, artifact, kind), found in zip(taken + given, ids):
            if kind == Event.OUTPUT:
                artifact.id = found
                run.artifacts[f"{node}/{key}"] = artifact
        return number

    def _context(self, kind: str, name: str) -> metadata_store_pb2.Context:
        return metadata_store_pb2.Context(type_id=self._contexts[kind], name=name)

    def _type(self, what: str, name: str) -> int:
        if (what, name) not in self._types:
            if what == "execution":
                kind = metadata_store_pb2.ExecutionType(name=name)
                self._types[what, name] = self.store.put_execution_type(kind)
            else:
                kind = metadata_store_pb2.ArtifactType(name=name)
                self._types[what, name] = self.store.put_artifact_type(kind)
        return self._types[what, name]


def write(path: Path, values: Any) -> None:
    """Writes JSON, and the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=1, sort_keys=True), encoding="utf-8")


def _type_of(node: str) -> str:
    return _TYPES.get(node, f"components.{file_name(node.lower())}.component.{node}")


def _fill(properties: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        kind = {int: "int_value", float: "double_value"}.get(type(value), "string_value")
        setattr(properties[name], kind, value)


def _event(key: str, kind: int) -> Event:
    event = Event(type=kind)
    event.path.steps.add().key = key
    event.path.steps.add().index = 0
    return event
