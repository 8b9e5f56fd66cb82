"""One prediction for every frame with a face, each from the frames before it in its run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from tensorflow.core.example.example_pb2 import Example
from tfx.types import standard_artifacts

from affectflow.errors import InputError
from affectflow.models.cnn import head_model
from affectflow.models.files import load_stage
from affectflow.models.rnn import carried_model
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.records.clip_counts import counted, save_clip_counts
from affectflow.records.features import FeatureRun
from affectflow.records.shards import read_shard, shard_name, shards, split_dir, write_shard
from components.parameters import exec_properties
from components.predictor.executor import Executor
from components.predictor.settings import PredictSettings
from tests.lost_elements import losses_unnoticed


@dataclass(frozen=True)
class Row:
    video_id: str
    frame_index: int
    values: dict[str, float]


@pytest.fixture(scope="module")
def runs():
    """Two clips, one of two runs; frame 21 of the first is without a label."""
    rng = np.random.Generator(np.random.PCG64(0))

    def run(video, first, length):
        labels = rng.uniform(-1, 1, (length, 2)).astype(np.float32)
        vectors = rng.normal(0, 1, (length, 300)).astype(np.float32)
        return FeatureRun(video, f"of {video}", "made", first, vectors, labels)

    found = [run("ben 1", 4, 9), run("ben 1", 20, 3), run("cleo 1", 0, 1)]
    found[1].labels[1] = np.nan
    return found


@pytest.fixture(scope="module")
def features(runs, make_artifact, tmp_path_factory):
    made = make_artifact(standard_artifacts.Examples, tmp_path_factory.mktemp("features"))
    made.split_names = '["train", "eval"]'
    for number, video in enumerate(("ben 1", "cleo 1")):
        path = split_dir(made.uri, "eval") / shard_name(number, 2)
        write_shard(path, [run.serialize() for run in runs if run.video_id == video])
    split_dir(made.uri, "train").mkdir()
    save_clip_counts(
        made.uri, counted(("eval", "made", run.video_id, len(run.features)) for run in runs)
    )
    return made


@pytest.fixture(scope="module")
def predict(execute, features, cnn, make_rnn):
    """predict(label="next", smooth_radius=0) -> rows in the order of the shards"""
    made = {}

    def run(label="next", smooth_radius=0, state="windowed") -> list[Row]:
        rnn = made.setdefault(label, make_rnn(label))
        outputs = execute(
            Executor,
            {"features": features, "cnn": cnn, "rnn": rnn},
            {"predictions": standard_artifacts.Examples},
            {"code_version": "test", **exec_properties(PredictSettings(smooth_radius, state))},
        )
        predictions = outputs["predictions"]
        assert predictions.split_names == '["eval"]'
        rows = []
        for path in shards(predictions.uri, "eval"):
            for record in read_shard(path):
                feature = Example.FromString(record).features.feature
                floats = {
                    n: f.float_list.value[0] for n, f in feature.items() if f.HasField("float_list")
                }
                rows.append(
                    Row(
                        feature["video_id"].bytes_list.value[0].decode(),
                        feature["frame_index"].int64_list.value[0],
                        floats,
                    )
                )
        run.rnn = rnn
        return rows

    return run


def columns(rows: list[Row], stage: str) -> np.ndarray:
    return np.array(
        [[row.values[f"{stage}_{name}"] for name in ("valence", "arousal")] for row in rows]
    )


def test_a_row_for_every_frame_with_a_face(predict, runs):
    rows = predict()
    expected = [(r.video_id, r.first_frame + t) for r in runs for t in range(len(r.features))]
    assert [(row.video_id, row.frame_index) for row in rows] == expected
    labels = np.concatenate([run.labels for run in runs])
    for row, label in zip(rows, labels):
        if np.isnan(label).any():
            assert not {"valence", "arousal"} & set(row.values)
        else:
            assert [row.values["valence"], row.values["arousal"]] == label.tolist()
        assert {"cnn_valence", "cnn_arousal", "rnn_valence", "rnn_arousal"} <= set(row.values)
    assert sum("valence" not in row.values for row in rows) == 1


def test_the_cnn_s_predictions_are_its_head_s(predict, runs, cnn):
    head = head_model(load_stage(cnn.uri, CnnSettings)[0])
    expected = np.concatenate([head(run.features, training=False).numpy() for run in runs])
    np.testing.assert_allclose(columns(predict(), "cnn"), expected, atol=1e-5)


@pytest.mark.parametrize("label", ["next", "last"])
def test_the_rnn_s_predictions_stand_at_the_frame_they_speak_of(predict, runs, label):
    rows = predict(label, state="carried")
    whole, settings = load_stage(predict.rnn.uri, RnnSettings)
    carried = carried_model(whole)
    state = np.zeros((1, carried.input[1].shape[1]), np.float32)
    found = iter(columns(rows, "rnn"))
    for run in runs:
        steps = carried([run.features[np.newaxis], state])[0].numpy()[0]
        mine = np.array([next(found) for _ in steps])
        if label == "last":
            np.testing.assert_allclose(mine, steps, atol=1e-5)
        else:
            # Step t says what frame t + 1 is; nothing says what the first is, so it has the
            # first step's.
            np.testing.assert_allclose(mine[1:], steps[:-1], atol=1e-5)
            np.testing.assert_allclose(mine[0], steps[0], atol=1e-5)
    # And so the window model, which was trained, says of the frame after its first window (next)
    # or of that window's last frame (last) what is written there.
    window = settings.window
    said = whole(runs[0].features[np.newaxis, :window], training=False).numpy()[0]
    at = window if label == "next" else window - 1
    np.testing.assert_allclose(columns(rows, "rnn")[at], said, atol=1e-5)


@pytest.mark.parametrize("label", ["next", "last"])
def test_windowed_each_frame_is_told_by_its_own_window(predict, runs, label):
    found = columns(predict(label), "rnn")
    whole, settings = load_stage(predict.rnn.uri, RnnSettings)
    window, start, looked_at = settings.window, 0, 0
    ahead = 1 if label == "next" else 0
    for run in runs:
        length = len(run.features)
        for first in range(length - window + 1 - ahead):
            said = whole(run.features[np.newaxis, first : first + window], training=False)
            at = start + first + window - 1 + ahead
            np.testing.assert_allclose(found[at], said.numpy()[0], atol=1e-5)
            looked_at += 1
        start += length
    assert looked_at > 2
    assert not np.allclose(found, columns(predict(label, state="carried"), "rnn"), atol=1e-3)


def test_smoothing_stays_within_a_run(predict, runs):
    raw, smoothed = predict(), predict(smooth_radius=2)
    start = 0
    for run in runs:
        part = slice(start, start + len(run.features))
        for stage in ("cnn", "rnn"):
            before = columns(raw[part], stage)
            expected = np.array(
                [before[max(0, t - 2) : t + 3].mean(axis=0) for t in range(len(before))]
            )
            np.testing.assert_allclose(columns(smoothed[part], stage), expected, atol=1e-6)
        start = part.stop
    assert not np.allclose(columns(raw, "rnn"), columns(smoothed, "rnn"))


def test_settings_that_cannot_be():
    with pytest.raises(
        InputError, match="smooth_radius is -1; a whole number from 0 to 10000 would do"
    ):
        PredictSettings(smooth_radius=-1)
    with pytest.raises(InputError, match="state is 'kept'; windowed or carried would do"):
        PredictSettings(state="kept")


def test_no_element_is_lost_unnoticed(predict):
    assert losses_unnoticed(predict) == []
