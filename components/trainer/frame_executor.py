"""Fits the frame model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from affectflow.models.settings import CnnSettings
from components.parameters import settings_from
from components.trainer.stage import split_files, train_stage


class Executor(base_executor.BaseExecutor):
    """Trains the CNN on transformed crops."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``model`` and ``model_run``."""
        from affectflow.models.cnn import build_cnn
        from affectflow.training.frame_data import FrameData

        settings = settings_from(CnnSettings, exec_properties)
        examples = artifact_utils.get_single_uri(input_dict["examples"])
        train_files = split_files(examples, "train")
        mean, variance = image_statistics(train_files)
        train_stage(
            input_dict,
            output_dict,
            exec_properties,
            settings,
            "cnn",
            lambda: build_cnn(settings, image_mean=mean, image_variance=variance),
            (FrameData(train_files, settings), FrameData(split_files(examples, "eval"), settings)),
        )


def image_statistics(files: list[Path]) -> tuple[float, float]:
    """Mean and variance of the training split's pixels in [0, 1], as Transform recorded them."""
    import tensorflow as tf

    from components.transform.preprocessing import IMAGE_MEAN, IMAGE_VARIANCE

    names = [str(path) for path in files]
    compression = "GZIP" if names[0].endswith(".gz") else ""
    for record in tf.data.TFRecordDataset(names, compression_type=compression).take(1):
        feature = tf.train.Example.FromString(record.numpy()).features.feature
        return (
            feature[IMAGE_MEAN].float_list.value[0],
            feature[IMAGE_VARIANCE].float_list.value[0],
        )
    raise ValueError(f"{names[0]} and its shards hold no frame")
