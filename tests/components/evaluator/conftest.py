"""Predictions made up at random, as the Predictor would write them."""

import json

import numpy as np
import pytest

from affectflow.gate import VideoKey, VideoTally
from affectflow.plane import LABELS as OUTPUTS
from affectflow.records.clip_counts import counted, save_clip_counts
from affectflow.records.predictions import prediction_key, serialize_prediction
from tests.beam import BEAM

STAGES = ("cnn", "rnn")


class Predictions:
    """Random labels of some videos, and predictions that follow them with noise.

    Attributes:
        rows: one dict a frame; a label of NaN is left out of the Example.
    """

    def __init__(self, seed=0, frames=60, noise=0.3, corpora=("aff", "synth")):
        rng = np.random.Generator(np.random.PCG64(seed))
        self.rows = []
        for corpus in corpora:
            for subject, video in (("anna", "clip 1"), ("anna", "clip 2"), ("zoë", 'odd "name"/')):
                for frame in range(frames):
                    row = {
                        "corpus": corpus,
                        "subject_id": f"{corpus}-{subject}",
                        "video_id": f"{corpus} {video}",
                        "frame_index": frame,
                    }
                    for output in OUTPUTS:
                        label = float(np.float32(rng.uniform(-1, 1)))
                        row[output] = label
                        for stage in STAGES:
                            guess = 0.7 * label + rng.normal(0, noise)
                            row[prediction_key(stage, output)] = float(np.float32(guess))
                    self.rows.append(row)

    def pairs(self, stage, output, **where):
        """Labels and predictions of one output, of the rows that have the values in ``where``."""
        rows = [row for row in self.rows if all(row[k] == v for k, v in where.items())]
        labels = np.array([row[output] for row in rows])
        known = ~np.isnan(labels)
        return labels[known], np.array([row[prediction_key(stage, output)] for row in rows])[known]

    def tallies(self):
        """What the executor should measure of each video, by NumPy alone."""
        tallies = {}
        for key in {VideoKey(*(row[name] for name in VideoKey._fields)) for row in self.rows}:
            rows = [row for row in self.rows if row["video_id"] == key.video_id]
            columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
            tallies[key] = VideoTally.of(
                key,
                columns["frame_index"],
                {output: columns[output] for output in OUTPUTS},
                {(s, o): columns[prediction_key(s, o)] for s in STAGES for o in OUTPUTS},
            )
        return tallies

    def write(self, folder, shards=2, without=()):
        """Writes a TFX Examples artifact, without some features, and returns it."""
        import tensorflow as tf
        from tfx.types import standard_artifacts

        split = folder / "Split-eval"
        split.mkdir(parents=True)
        for shard in range(shards):
            path = split / f"predictions-{shard:05d}-of-{shards:05d}.tfrecord"
            with tf.io.TFRecordWriter(str(path)) as writer:
                for row in self.rows[shard::shards]:
                    writer.write(self._serialized(row, without))
        save_clip_counts(
            folder, counted(("eval", row["corpus"], row["video_id"], 1) for row in self.rows)
        )
        artifact = standard_artifacts.Examples()
        artifact.uri = str(folder)
        artifact.split_names = '["eval"]'
        return artifact

    @staticmethod
    def _serialized(row, without):
        where = ("video_id", "subject_id", "corpus", "frame_index")
        keys = [prediction_key(stage, output) for stage in STAGES for output in OUTPUTS]
        return serialize_prediction(
            *(row[name] for name in where),
            {name: row[name] for name in OUTPUTS if name not in without},
            {name: row[name] for name in keys if name not in without},
        )


@pytest.fixture
def predictions():
    return Predictions


@pytest.fixture
def evaluate(tmp_path):
    """Runs the executor on Examples; gives (evaluation folder, blessing artifact, summary)."""

    def run(examples, settings, releases=None, baseline=None, name="run"):

        from tfx.types import standard_artifacts

        from components.evaluator.executor import Executor
        from components.parameters import exec_properties

        evaluation = standard_artifacts.ModelEvaluation()
        evaluation.uri = str(tmp_path / name / "evaluation")
        (tmp_path / name / "evaluation").mkdir(parents=True)
        blessing = standard_artifacts.ModelBlessing()
        blessing.uri = str(tmp_path / name / "blessing")
        context = Executor.Context(
            beam_pipeline_args=[*BEAM],
            tmp_dir=str(tmp_path / name),
            unique_id="1",
        )
        inputs = {"predictions": [examples]}
        if baseline is not None:
            inputs["baseline_predictions"] = [baseline]
        properties = {**exec_properties(settings), "releases": str(releases or tmp_path / "none")}
        Executor(context).Do(
            inputs, {"evaluation": [evaluation], "blessing": [blessing]}, properties
        )
        folder = tmp_path / name / "evaluation"
        return folder, blessing, json.loads((folder / "summary.json").read_text())

    return run


@pytest.fixture
def saved_model(tmp_path):
    """What stands for a SavedModel: the release reads no more than its files."""
    folder = tmp_path / "model" / "Format-Serving"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    return folder
