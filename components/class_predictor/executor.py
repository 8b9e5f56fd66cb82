"""Runs a classifier over the samples of the eval split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from affectflow import progress
from affectflow.metrics import crossentropy
from affectflow.models.class_losses import UNKNOWN
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.files import load_stage
from affectflow.records.clip_counts import (
    counted,
    load_clip_counts,
    of_split,
    reconcile,
    save_clip_counts,
)
from affectflow.records.predictions import loss_key, prediction_key, serialize_prediction
from affectflow.records.shards import shard_name, split_dir, write_shard
from components.trainer.inputs import clip_sound, split_files

SPLIT = "eval"
STAGE = "classifier"


class Executor(base_executor.BaseExecutor):
    """Predicts what the trainer's own reader gives, so that both see the same samples."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``predictions``, with each task's cross-entropy among its properties.

        Raises:
            LostRecords: a clip has not as many images as were transformed.
            InputError: the examples do not say how many that were.
        """
        from affectflow.training.class_data import ClassData
        from affectflow.training.samples import read_samples

        model, settings = load_stage(
            artifact_utils.get_single_uri(input_dict["model"]), ClassifierSettings
        )
        examples = artifact_utils.get_single_uri(input_dict["examples"])
        samples = read_samples(
            split_files(examples, SPLIT), settings, audio=clip_sound(input_dict, SPLIT)
        )
        reconcile(
            "images",
            of_split(load_clip_counts(examples), SPLIT),
            counted((SPLIT, *clip, count) for clip, count in samples.read.items()),
        )
        outputs: dict[str, list[np.ndarray]] = {task: [] for task in settings.classes}
        for x, _ in ClassData(samples, settings).in_order():
            found = model(x, training=False)
            for task, parts in outputs.items():
                parts.append(np.asarray(found[task]))
            progress.advance("samples classified", len(parts[-1]), len(samples))
        scores = {task: np.concatenate(parts) for task, parts in outputs.items()}

        predictions = artifact_utils.get_single_instance(output_dict["predictions"])
        path = split_dir(predictions.uri, SPLIT) / shard_name(0, 1)
        write_shard(path, _records(samples, scores, settings))
        save_clip_counts(
            predictions.uri,
            counted((SPLIT, key.corpus, key.video_id, 1) for key in samples.keys),
        )
        predictions.split_names = artifact_utils.encode_split_names([SPLIT])
        for task, found in scores.items():
            known = samples.labels[task] != UNKNOWN
            if known.any():
                loss = crossentropy(samples.labels[task][known], found[known])
                predictions.set_float_custom_property(loss_key(task), loss)


def _records(
    samples: Any, scores: Mapping[str, np.ndarray], settings: ClassifierSettings
) -> Iterator[bytes]:
    for row, key in enumerate(samples.keys):
        true = {task: int(found[row]) for task, found in samples.labels.items()}
        yield serialize_prediction(
            key.video_id,
            key.subject_id,
            key.corpus,
            key.frame_index,
            labels={},
            predictions={},
            classes={
                task: settings.classes[task][at] for task, at in true.items() if at != UNKNOWN
            },
            predicted={
                prediction_key(STAGE, task): settings.classes[task][int(found[row].argmax())]
                for task, found in scores.items()
            },
            scores={
                prediction_key(STAGE, task): found[row].tolist() for task, found in scores.items()
            },
        )
