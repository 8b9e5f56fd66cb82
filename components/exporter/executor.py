"""Writes the served models: a SavedModel and a TFLite file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from affectflow.images.settings import ImageSettings
from affectflow.models.files import load_stage
from affectflow.models.settings import CnnSettings, RnnSettings


class Executor(base_executor.BaseExecutor):
    """Exports both stages."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``model`` and ``tflite``."""
        from affectflow.models.sequence_serving import SequenceServing
        from affectflow.models.serving import FrameServing, Served, TransformedImages
        from affectflow.models.tflite import MODEL_FILE, export_tflite

        cnn, cnn_settings = load_stage(
            artifact_utils.get_single_uri(input_dict["cnn"]), CnnSettings
        )
        rnn, rnn_settings = load_stage(
            artifact_utils.get_single_uri(input_dict["rnn"]), RnnSettings
        )
        graph = artifact_utils.get_single_uri(input_dict["transform_graph"])
        served = Served(
            FrameServing(cnn, TransformedImages(graph)),
            SequenceServing(rnn, rnn_settings.label, exec_properties["state"]),
            cnn_settings.label_names,
        )
        served.export(
            path_utils.serving_model_dir(artifact_utils.get_single_uri(output_dict["model"]))
        )
        export_tflite(
            cnn,
            cnn_settings,
            rnn,
            rnn_settings,
            exec_properties["state"],
            ImageSettings(**json.loads(exec_properties["image"])),
            exec_properties["crop_size"],
            Path(artifact_utils.get_single_uri(output_dict["tflite"]), MODEL_FILE),
        )
