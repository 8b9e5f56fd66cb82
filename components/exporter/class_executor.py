"""Writes the served classifier."""

from __future__ import annotations

from typing import Any

from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.files import load_stage


class Executor(base_executor.BaseExecutor):
    """Exports a classifier."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``model``."""
        from affectflow.models.class_serving import ServedClassifier
        from affectflow.models.serving import TransformedImages

        model, settings = load_stage(
            artifact_utils.get_single_uri(input_dict["classifier"]), ClassifierSettings
        )
        graph = artifact_utils.get_single_uri(input_dict["transform_graph"])
        images = TransformedImages(graph, channels=settings.channels)
        ServedClassifier(model, images, settings).export(
            path_utils.serving_model_dir(artifact_utils.get_single_uri(output_dict["model"]))
        )
