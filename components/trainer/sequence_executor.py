"""Fits the sequence model."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from affectflow.models.settings import RnnSettings
from affectflow.records.features import FeatureRun, parse_run
from affectflow.records.shards import read_shard
from components.parameters import settings_from
from components.trainer.inputs import split_files
from components.trainer.people import plane_subjects, subjects_apart
from components.trainer.stage import train_stage


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
        from affectflow.training.run_judge import RunJudge
        from affectflow.training.windows import WindowData

        settings = settings_from(RnnSettings, exec_properties)
        examples = artifact_utils.get_single_uri(input_dict["examples"])
        runs = _runs(examples, "train")
        people = plane_subjects(artifact_utils.get_single_uri(input_dict["frames"]))
        parted = subjects_apart(people, settings, exec_properties["split_seed"], "rnn")
        train = WindowData(_pairs(runs, parted.fit), settings)
        judges = _pairs(runs, parted.tune) if parted.tune else _pairs(_runs(examples, "eval"))
        judge = RunJudge(judges, settings, exec_properties["state"])
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
            (train, judge),
            parted,
        )


def _runs(examples_uri: str, split: str) -> list[FeatureRun]:
    return [
        parse_run(record)
        for path in split_files(examples_uri, split)
        for record in read_shard(path)
    ]


def _pairs(
    runs: list[FeatureRun], subjects: Collection[str] | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Features and labels of the runs of some subjects; None = of everybody."""
    return [
        (run.features, run.labels) for run in runs if subjects is None or run.subject_id in subjects
    ]
