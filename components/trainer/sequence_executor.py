"""Fits the sequence model."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from affectflow.models.settings import RnnSettings
from affectflow.records.features import parse_run
from affectflow.records.shards import read_shard
from components.parameters import settings_from
from components.trainer.stage import split_files, train_stage


class Executor(base_executor.BaseExecutor):
    """Trains the RNN on windows of features."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``model`` and ``model_run``."""
        from affectflow.models.rnn import build_rnn
        from affectflow.training.windows import WindowData

        settings = settings_from(RnnSettings, exec_properties)
        examples = artifact_utils.get_single_uri(input_dict["examples"])
        train = WindowData(_runs(examples, "train"), settings)
        validation = WindowData(_runs(examples, "eval"), settings, training=False)
        train_stage(
            input_dict,
            output_dict,
            exec_properties,
            settings,
            "rnn",
            lambda: build_rnn(
                settings,
                feature_dim=train.features.shape[1],
                feature_mean=train.features.mean(axis=0),
                feature_variance=train.features.var(axis=0),
            ),
            (train, validation),
        )


def _runs(examples_uri: str, split: str) -> list[tuple[np.ndarray, np.ndarray]]:
    runs = []
    for path in split_files(examples_uri, split):
        for record in read_shard(path):
            run = parse_run(record)
            runs.append((run.features, run.labels))
    return runs
