"""A classifier from examples to predictions and a served model, a node after another."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tfx.types import standard_artifacts

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.files import load_stage
from affectflow.records.shards import read_shard, shards
from components.class_predictor import executor as class_predictor
from components.parameters import exec_properties
from components.trainer import class_executor
from components.trainer.class_executor import clip_sound
from tests.class_examples import SIZE, write_examples, write_sounds

SHARED = {
    "expressions": "joy,fear", "image_size": SIZE, "batch_size": 4, "decay": 0.0,
    "optimizer": "adam", "learning_rate": 0.01, "norm_momentum": 0.5, "tune_fraction": 0.3,
    "width": 0.25, "seed": 1,
}  # fmt: skip
STILLS = ClassifierSettings(network="deep_cnn", tasks="all", epochs=6, weight_gender=1.0, **SHARED)
CLIPS = ClassifierSettings(
    network="conv3d_lstm", layers=5, clip_frames=4, channels=3, epochs=2, **SHARED
)
HEARD = ClassifierSettings(network="audio_video", clip_frames=2, channels=3, epochs=1, **SHARED)


@pytest.fixture
def stage(execute, make_artifact, tmp_path):
    """stage(settings, frames, silent) -> outputs of the trainer and of the predictor"""

    def run(settings, frames=1, silent=None):
        examples = make_artifact(standard_artifacts.Examples, tmp_path / "examples")
        write_examples(examples.uri, settings.channels, frames)
        inputs = {"examples": examples}
        if settings.network == "audio_video":
            inputs["audio"] = make_artifact(standard_artifacts.Examples, tmp_path / "audio")
            write_sounds(inputs["audio"].uri, silent or "")
        trained = execute(
            class_executor.Executor,
            inputs,
            {"model": standard_artifacts.Model, "model_run": standard_artifacts.ModelRun},
            {
                "training_root": str(tmp_path / "training"), "code_version": "test",
                "start_from": "", "start_digest": "", "split_seed": 0, **exec_properties(settings),
            },
        )  # fmt: skip
        predicted = execute(
            class_predictor.Executor,
            {**inputs, "model": trained["model"]},
            {"predictions": standard_artifacts.Examples},
            {"code_version": "test"},
        )
        return trained, predicted

    return run


def records(predicted) -> list[dict]:
    from tensorflow.core.example.example_pb2 import Example

    found = []
    for path in shards(predicted["predictions"].uri, "eval"):
        for serialized in read_shard(path):
            feature = Example.FromString(serialized).features.feature
            row = {}
            for name, value in feature.items():
                kind = value.WhichOneof("kind")
                values = list(getattr(value, kind).value)
                row[name] = [v.decode() if isinstance(v, bytes) else v for v in values]
            found.append(row)
    return found


def test_stills_of_two_tasks(stage):
    trained, predicted = stage(STILLS)
    _, saved = load_stage(trained["model"].uri, ClassifierSettings)
    assert saved == STILLS
    told = json.loads(Path(trained["model_run"].uri, "history.json").read_text())
    assert told["stage"] == "classifier"
    # Some of a to e judge the epochs; x and y, who are evaluated, do not.
    assert set(told["tuned_on"]) < set("abcde")
    # Everybody shows both expressions; of the three of gender male and the two female, one each.
    assert {"a", "b"} & set(told["tuned_on"])
    assert {"c", "d", "e"} & set(told["tuned_on"])
    assert told["one_sided"] == {}
    assert {"val_expression_accuracy", "val_gender_loss", "validation_loss"} <= set(
        told["history"][0]
    )
    rows = records(predicted)
    assert [row["video_id"][0] for row in rows] == ["x_fear", "x_joy", "y_fear", "y_joy"]
    for row in rows:
        assert row["expression"][0] == row["video_id"][0].partition("_")[2]
        assert row["classifier_expression"][0] in ("joy", "fear")
        # One probability a class, and the class of the largest.
        scores = row["classifier_expression_scores"]
        assert sum(scores) == pytest.approx(1.0, abs=1e-5)
        assert row["classifier_expression"][0] == ("joy", "fear")[int(np.argmax(scores))]
        assert row["classifier_gender"][0] in ("female", "male", "unsure")
        assert "race" not in row
    # Cross-entropy by its definition: the mean of -ln p of the true class; nobody has a race.
    predictions = predicted["predictions"]
    for task, names in (("expression", ("joy", "fear")), ("gender", ("female", "male", "unsure"))):
        given = [row[f"classifier_{task}_scores"][names.index(row[task][0])] for row in rows]
        found = predictions.get_float_custom_property(f"{task}_crossentropy")
        assert found == pytest.approx(-np.log(given).mean(), rel=1e-5)
    assert not predictions.has_custom_property("race_crossentropy")


def test_clips_give_a_record_a_segment(stage):
    _, predicted = stage(CLIPS, frames=9)
    rows = records(predicted)
    # Nine frames are two segments of four.
    assert [(row["video_id"][0], row["frame_index"][0]) for row in rows][:3] == [
        ("x_fear", 0), ("x_fear", 4), ("x_joy", 0),
    ]  # fmt: skip
    assert len(rows) == 8


def test_a_clip_without_sound_is_left_out(stage):
    _, predicted = stage(HEARD, frames=2, silent="x_joy")
    assert [row["video_id"][0] for row in records(predicted)] == ["x_fear", "y_fear", "y_joy"]


def test_a_recipe_that_does_not_hear_has_no_sound():
    assert clip_sound({"examples": []}, "train") is None
