"""Runs the executors of a workspace's nodes once more, each alone, and says what code they loaded.

    python -m tests.replay WORKSPACE OUT EXECUTORS CHANGED

Each execution that ML Metadata knows is taken with its inputs and properties, its outputs go to
OUT. EXECUTORS is a JSON object: component's class → executor's class; CHANGED another: component's
class → properties that are others than they were. A line of JSON for each
execution: component, and the modules of the project that were loaded. A child process runs each, of
a parent that has loaded TensorFlow and TFX and nothing of the project.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

OURS = ("affectflow", "components", "pipelines", "schemas")


def main(workspace: Path, out: Path, executors: dict[str, str], changed: dict[str, dict]) -> None:
    from ml_metadata import MetadataStore
    from ml_metadata.proto import metadata_store_pb2

    _import_once()

    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(workspace / "metadata.sqlite")
    config.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READONLY
    store = MetadataStore(config)
    types = {kind.id: kind.name for kind in store.get_execution_types()}
    complete = metadata_store_pb2.Execution.COMPLETE
    for execution in store.get_executions():
        component = types[execution.type_id]
        if execution.last_known_state != complete or component not in executors:
            continue
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                _replay(store, execution, (component, executors[component]), changed, out)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            sys.stdout.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            raise SystemExit(f"{component}: the replay failed, see above")


def _import_once() -> None:
    """What costs seconds in every child."""
    import keras  # noqa: F401
    import tensorflow_model_analysis  # noqa: F401
    import tensorflow_transform  # noqa: F401
    import tfx.components.statistics_gen.executor
    import tfx.components.transform.executor  # noqa: F401


def _replay(
    store: Any, execution: Any, which: tuple[str, str], changed: dict[str, dict], out: Path
) -> None:
    from tfx.utils import import_utils

    component, executor = which
    assert not _loaded(), "something of the project was loaded before the executor"
    kind = import_utils.import_class_by_path(executor)
    inputs, outputs = _artifacts(store, execution, out / str(execution.id))
    properties = {
        name: getattr(value, value.WhichOneof("value"))
        for name, value in execution.custom_properties.items()
        if not name.startswith("__")
    } | changed.get(component, {})
    known: dict[str, Any] = {
        "tmp_dir": str(out / f"{execution.id}.tmp"), "unique_id": "1", "pipeline_run_id": "replay",
    }  # fmt: skip
    Path(known["tmp_dir"]).mkdir(parents=True)
    if hasattr(kind, "_make_beam_pipeline"):
        # Beam's own runner, for ours would be loaded from the project; one thread loses nothing.
        known["beam_pipeline_args"] = ["--runner=FnApiRunner", "--sdk_container_image=none"]
    sys.argv = sys.argv[:1]
    kind(kind.Context(**known)).Do(inputs, outputs, properties)
    print(json.dumps({"component": component, "modules": _loaded()}))


def _loaded() -> list[str]:
    return sorted(name for name in sys.modules if name.partition(".")[0] in OURS)


def _artifacts(store: Any, execution: Any, out: Path) -> tuple[dict, dict]:
    """Input artifacts as they are, and output artifacts of the same types below ``out``."""
    from ml_metadata.proto import metadata_store_pb2
    from tfx.types import artifact_utils

    inputs: dict[str, list] = {}
    outputs: dict[str, list] = {}
    for event in store.get_events_by_execution_ids([execution.id]):
        (raw,) = store.get_artifacts_by_id([event.artifact_id])
        (kind,) = store.get_artifact_types_by_id([raw.type_id])
        key = next(step.key for step in event.path.steps if step.HasField("key"))
        if event.type in (
            metadata_store_pb2.Event.OUTPUT,
            metadata_store_pb2.Event.DECLARED_OUTPUT,
        ):
            made = metadata_store_pb2.Artifact(uri=str(out / key))
            (out / key).mkdir(parents=True)
            outputs.setdefault(key, []).append(artifact_utils.deserialize_artifact(kind, made))
        else:
            inputs.setdefault(key, []).append(artifact_utils.deserialize_artifact(kind, raw))
    return inputs, outputs


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]), json.loads(sys.argv[4]))
