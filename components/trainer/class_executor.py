"""Fits a classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from affectflow.models.classifier_settings import ClassifierSettings
from components.parameters import settings_from
from components.trainer.inputs import clip_sound, split_files
from components.trainer.people import class_subjects, subjects_apart
from components.trainer.stage import train_stage


class Executor(base_executor.BaseExecutor):
    """Trains a classifier on transformed crops."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``model`` and ``model_run``."""
        from affectflow.models.classifier import build_classifier
        from affectflow.training.class_data import ClassData, pixel_statistics
        from affectflow.training.samples import read_samples

        settings = settings_from(ClassifierSettings, exec_properties)
        examples = artifact_utils.get_single_uri(input_dict["examples"])
        files = split_files(examples, "train")
        sound = clip_sound(input_dict, "train")
        parted = subjects_apart(
            class_subjects(files, settings), settings, exec_properties["split_seed"], "classifier"
        )
        train = read_samples(files, settings, parted.fit, sound)
        if parted.tune:
            judges = read_samples(files, settings, parted.tune, sound)
        else:
            judges = read_samples(
                split_files(examples, "eval"), settings, audio=clip_sound(input_dict, "eval")
            )
        mean, variance = pixel_statistics(train)
        train_stage(
            input_dict,
            output_dict,
            exec_properties,
            settings,
            "classifier",
            lambda: build_classifier(
                settings,
                image_mean=mean,
                image_variance=variance,
                audio=None if train.audio is None else _projection(train, settings),
            ),
            (ClassData(train, settings), ClassData(judges, settings).in_order()),
            parted,
        )


def _projection(train: Any, settings: ClassifierSettings) -> Any:
    from affectflow.audio.lda import fit_projection
    from affectflow.corpora.classes import EXPRESSION
    from affectflow.models.audio_projection import AudioProjection
    from affectflow.models.class_losses import UNKNOWN

    # Where there are other tasks, a sample may have a class of theirs and no expression.
    known = train.labels[EXPRESSION] != UNKNOWN
    names = np.array(settings.classes[EXPRESSION])[train.labels[EXPRESSION][known]]
    found = fit_projection(train.audio[known], names)
    # LDA's directions have the variance 1 within classes, and so 20 or more over all: a network
    # wants inputs of about 1.
    spread = found.project(train.audio).std(axis=0)
    return AudioProjection(found.mean, found.scale, found.matrix / np.maximum(spread, 1e-6))
