"""Fits the frame model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from affectflow.models.settings import CnnSettings
from affectflow.records.shards import transformed_records
from components.parameters import settings_from
from components.trainer.inputs import split_files
from components.trainer.judges import write_judges
from components.trainer.people import plane_subjects, subjects_apart
from components.trainer.stage import state_folder, train_stage


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
        frames = artifact_utils.get_single_uri(input_dict["frames"])
        people = plane_subjects(frames)
        parted = subjects_apart(people, settings, exec_properties["split_seed"], "cnn")
        # Not among the execution's temporary files: TFX removes these, and on NFS that fails while
        # one of them is mapped.
        scratch = state_folder(input_dict, exec_properties)
        train = FrameData(train_files, settings, parted.fit, scratch)
        # Labelled frames as they come, either way: the eval split is not balanced.
        if parted.tune:
            out = Path(self._get_tmp_dir(), "judges")
            graph = artifact_utils.get_single_uri(input_dict["transform_graph"])
            judges = write_judges(frames, graph, parted.tune, out)
        else:
            judges = split_files(examples, "eval")
        validation = FrameData(judges, settings, scratch=scratch)
        train_stage(
            input_dict,
            output_dict,
            exec_properties,
            settings,
            "cnn",
            lambda: build_cnn(settings, image_mean=mean, image_variance=variance),
            (train, validation.in_order()),
            parted,
        )


def image_statistics(files: list[Path]) -> tuple[float, float]:
    """Mean and variance of the training split's pixels in [0, 1], as Transform recorded them."""
    import tensorflow as tf

    from components.transform.preprocessing import IMAGE_MEAN, IMAGE_VARIANCE

    for record in transformed_records(files).take(1):
        feature = tf.train.Example.FromString(record.numpy()).features.feature
        return (
            feature[IMAGE_MEAN].float_list.value[0],
            feature[IMAGE_VARIANCE].float_list.value[0],
        )
    raise ValueError(f"{files[0]} and its shards hold no frame")
