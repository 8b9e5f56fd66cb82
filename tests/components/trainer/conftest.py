from __future__ import annotations

from pathlib import Path

import pytest
from tfx.types import standard_artifacts

from affectflow.models.settings import CnnSettings
from affectflow.release.tree import tree_digest
from components.parameters import exec_properties
from components.trainer import frame_executor, sequence_executor


@pytest.fixture
def train(execute, transformed, features, tmp_path):
    """train(settings, start="", **properties) -> outputs of the stage that the settings are of

    A module has a fixture ``features`` of its own, the sequence model's examples; ``start`` is the
    folder of a stage.
    """

    def run(settings, start="", **properties):
        is_cnn = isinstance(settings, CnnSettings)
        return execute(
            frame_executor.Executor if is_cnn else sequence_executor.Executor,
            {"examples": transformed["transformed_examples"] if is_cnn else features},
            {"model": standard_artifacts.Model, "model_run": standard_artifacts.ModelRun},
            {
                "training_root": str(tmp_path / "training"),
                "code_version": "test",
                "start_from": str(start),
                "start_digest": tree_digest(Path(start)) if start else "",
                **exec_properties(settings),
                **properties,
            },
        )

    return run
