"""Publishes, or records why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from affectflow.errors import InputError
from affectflow.release import RefusedRelease, latest_whole, load, publish, record_refusal
from affectflow.release.folder import MANIFEST, SUMMARY_FILE
from affectflow.release.tree import FileEntry, tree_digest
from components.artifacts import MANIFEST_DIGEST, SKIPPED

MODELS = ("serving", "cnn", "rnn", "classifier", "tflite")


class Executor(base_executor.BaseExecutor):
    """Executor of the Pusher; see component.py for what goes in and out."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Publishes a blessed model and records a refused one.

        Raises:
            RefusedRelease: the model is not blessed and ``fail_on_refusal`` is 1.
            InputError: a document is not a JSON object, or the release cannot be written.
        """
        run_id = self._run_id()
        releases = Path(exec_properties["releases"])
        recipe = _json_object("recipe", exec_properties["recipe"])
        lineage = _json_object("lineage", exec_properties["lineage"])
        evaluation = artifact_utils.get_single_instance(input_dict["evaluation"])
        blessing = artifact_utils.get_single_instance(input_dict["blessing"])
        pushed = artifact_utils.get_single_instance(output_dict["pushed_model"])
        summary = Path(evaluation.uri) / SUMMARY_FILE
        metrics = _json_object(str(summary), summary.read_text(encoding="utf-8"))

        if blessing.get_int_custom_property("blessed") != 1:
            failures = metrics["verdict"]["failures"]
            record = record_refusal(releases, run_id, failures, metrics)
            if exec_properties["fail_on_refusal"]:
                raise RefusedRelease(failures, record)
            pushed.set_int_custom_property("pushed", 0)
            pushed.set_string_custom_property("refusal", str(record))
            pushed.set_string_custom_property(
                SKIPPED, f"the gate refused the model: {'; '.join(failures)}"
            )
            return

        models = {
            name: _serving_path(artifact_utils.get_single_instance(input_dict[name]))
            for name in MODELS
            if input_dict.get(name)
        }
        newest = latest_whole(releases)
        unchanged = (
            newest is not None
            and newest.run_id != run_id
            and newest.recipe == recipe
            and {name: tree_digest(path) for name, path in newest.models.items()}
            == {name: tree_digest(path) for name, path in models.items()}
        )
        if newest is not None and unchanged:
            release = newest
        else:
            lineage |= {"pipeline_run": run_id, "artifacts": _artifacts(input_dict)}
            release = load(publish(releases, models, metrics, lineage, recipe, run_id))
        # These names are TFX's own.
        pushed.set_int_custom_property("pushed", 1)
        pushed.set_string_custom_property("pushed_destination", str(release.path))
        pushed.set_string_custom_property("pushed_version", str(release.number))
        pushed.set_int_custom_property("unchanged", int(unchanged))
        manifest = FileEntry.of(release.path / MANIFEST)
        pushed.set_string_custom_property(MANIFEST_DIGEST, manifest.sha256)

    def _run_id(self) -> str:
        if self._context is None or not self._context.pipeline_run_id:
            raise InputError("the Pusher needs the id of the pipeline run; run it in a pipeline")
        return self._context.pipeline_run_id


def _serving_path(model: types.Artifact) -> Path:
    """The model inside a Model artifact: where TFX puts a SavedModel, or the artifact itself."""
    inside = Path(path_utils.serving_model_dir(model.uri))
    return inside if inside.is_dir() else Path(model.uri)


def _artifacts(input_dict: dict[str, list[types.Artifact]]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [
            {
                "uri": artifact.uri,
                "id": artifact.id,
                "type": artifact.type_name,
                "digest": tree_digest(Path(artifact.uri)),
            }
            for artifact in artifacts
        ]
        for name, artifacts in sorted(input_dict.items())
    }


def _json_object(name: str, text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise InputError(f"{name} is not JSON: {error}; a JSON object would do") from error
    if not isinstance(values, dict):
        raise InputError(f"{name} is {type(values).__name__} in JSON; a JSON object would do")
    return values
