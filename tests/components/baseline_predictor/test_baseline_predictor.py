"""The executor on noise, with a served model that the Exporter's own code wrote."""

import json
from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import InputError
from affectflow.metrics.smoothing import smooth
from affectflow.records.shards import shards
from affectflow.release.tree import tree_digest
from components.artifacts import FACE_SETTINGS
from tests.lost_elements import losses_unnoticed


@pytest.fixture
def predict(execute, frames):
    """predict(releases, frames=…, **properties) -> the predictions artifact"""
    from tfx.types import standard_artifacts

    from components.baseline_predictor.executor import Executor

    def run(releases, examples=frames, **properties):
        return execute(
            Executor,
            {"frames": examples},
            {"predictions": standard_artifacts.Examples},
            {
                "releases": str(releases),
                "stage": "rnn",
                "outputs": "both",
                "measure": "ccc",
                "tasks": "none",
                "expressions": "",
                "compare": "latest",
                "feature_batch": 4,
                "code_version": "",
                **properties,
            },
        )["predictions"]

    return run


@pytest.fixture(scope="module")
def expected(execute, frames, transformed, cnn, rnn, rows_of):
    """What the same stages predict when FeatureExtractor and Predictor run them themselves."""
    from tfx.types import standard_artifacts

    from components.feature_extractor import executor as features
    from components.predictor import executor as predictor

    extracted = execute(
        features.Executor,
        {"frames": frames, "model": cnn, "transform_graph": transformed["transform_graph"]},
        {"features": standard_artifacts.Examples},
        {"feature_batch": 128, "interpolate_frames": 0},
    )
    predicted = execute(
        predictor.Executor,
        {"features": extracted["features"], "cnn": cnn, "rnn": rnn},
        {"predictions": standard_artifacts.Examples},
        {"smooth_radius": 0, "state": "windowed"},
    )
    return rows_of(predicted["predictions"])


def properties_of(predictions):
    return {
        "release": predictions.get_int_custom_property("release"),
        "other_faces": predictions.get_string_custom_property("other_faces"),
        "files": len(shards(predictions.uri, "eval")),
        "splits": predictions.split_names,
    }


NONE = {"other_faces": "", "files": 0, "splits": '["eval"]'}


def test_before_the_first_release_there_is_nothing_to_score(predict, tmp_path):
    assert properties_of(predict(tmp_path / "none")) == {**NONE, "release": 0}


def test_where_nothing_is_compared_no_release_is_looked_at(predict, publish_model):
    found = predict(publish_model(), compare="none")
    assert properties_of(found) == {**NONE, "release": 0}


@pytest.mark.parametrize("stage", ["rnn", "cnn"])
def test_the_released_model_predicts_as_its_stages_did(
    predict, publish_model, rows_of, expected, stage
):
    predictions = predict(publish_model(), stage=stage)
    assert properties_of(predictions) == {**NONE, "release": 1, "files": 1}
    found = rows_of(predictions)
    # Frame 4 has no face; frame 2 has no label, and is predicted all the same.
    assert sorted(found) == [("ben 1", frame) for frame in (0, 1, 2, 3, 5, 6, 7, 8, 9)]
    assert found.keys() == expected.keys()
    judged = {f"{stage}_valence", f"{stage}_arousal"}
    for frame, row in found.items():
        labels = {"valence", "arousal"} & expected[frame].keys()
        assert row.keys() == labels | judged
        for name in row:
            assert row[name] == pytest.approx(expected[frame][name], abs=1e-5)
    assert not {"valence", "arousal"} & found["ben 1", 2].keys()
    # The model says different things of different frames, so frames cannot have changed places.
    assert np.std([row[f"{stage}_valence"] for row in found.values()]) > 1e-3


def test_predictions_are_smoothed_as_the_release_says(predict, publish_model, rows_of, expected):
    found = rows_of(predict(publish_model(recipe={"predict": {"smooth_radius": 1}})))
    for run in ((0, 1, 2, 3), (5, 6, 7, 8, 9)):
        raw = np.array([expected["ben 1", frame]["rnn_arousal"] for frame in run])
        smoothed = [found["ben 1", frame]["rnn_arousal"] for frame in run]
        np.testing.assert_allclose(smoothed, smooth(raw, 1), atol=1e-5)


def test_a_release_that_was_measured_on_these_frames_is_not_scored_again(
    predict, publish_model, expected, summary_of
):
    releases = publish_model(summary_of(expected).as_json())
    assert properties_of(predict(releases)) == {**NONE, "release": 1}
    # Its metrics hold the judged stage alone: of the other one nothing is known.
    assert properties_of(predict(releases, stage="cnn"))["files"] == 1


@pytest.mark.parametrize(
    "asked", [{}, {"stage": "classifier", "outputs": "none"}], ids=["plane", "classifier"]
)
def test_where_classes_are_judged_nothing_is_scored_anew(predict, publish_model, asked):
    of_classes = {"measure": "accuracy", "tasks": "expression", "expressions": "joy,fear"}
    assert properties_of(predict(publish_model(), **of_classes, **asked)) == {**NONE, "release": 1}


def test_one_more_video_is_other_data(
    predict, publish_model, expected, summary_of, make_frames, make_clip, clips, rows_of, tmp_path
):
    releases = publish_model(summary_of(expected).as_json())
    more = [*clips, make_clip("ben 2", "ben", "eval", range(3, 8))]
    predictions = predict(releases, make_frames(tmp_path / "more", more))
    assert properties_of(predictions) == {**NONE, "release": 1, "files": 2}
    found = rows_of(predictions)
    assert sorted(found.keys() - expected.keys()) == [("ben 2", frame) for frame in range(3, 8)]
    for frame, row in expected.items():
        assert found[frame]["rnn_valence"] == pytest.approx(row["rnn_valence"], abs=1e-5)


def test_only_the_latest_release_counts(predict, publish_model, expected, summary_of):
    publish_model(summary_of(expected).as_json())
    assert properties_of(predict(publish_model()))["release"] == 2


def test_faces_of_other_settings_are_told_scored_or_not(
    predict, publish_model, make_frames, clips, expected, summary_of, tmp_path
):
    examples = make_frames(tmp_path / "frames", clips)
    examples.set_string_custom_property(FACE_SETTINGS, json.dumps({"size": 48, "max_gap_s": 1.0}))
    recipe = {"faces": {"size": 112, "max_gap_s": 1.0}}
    # The crops here are of 48x48: the served model takes what it is given.
    scored = properties_of(predict(publish_model(recipe=recipe), examples))
    assert scored == {**NONE, "release": 1, "files": 1, "other_faces": "size 112, here 48"}
    known = publish_model(summary_of(expected).as_json(), recipe)
    found = properties_of(predict(known, examples))
    assert found == {**NONE, "release": 2, "other_faces": "size 112, here 48"}


def signature_model(folder, labels):
    """A SavedModel with the signatures of a served one, that predicts these labels."""
    import tensorflow as tf

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="face")])
        def features(self, face):
            sizes = tf.cast(tf.strings.length(face), tf.float32)
            return {"features": sizes[:, tf.newaxis], **dict.fromkeys(labels, sizes)}

        @tf.function(input_signature=[tf.TensorSpec([None, None, None], tf.float32, "features")])
        def sequence(self, features):
            # The number of frames that the run has had so far.
            return dict.fromkeys(labels, tf.cumsum(tf.ones_like(features[..., 0]), axis=1))

    model = Model()
    signatures = {"features": model.features, "sequence": model.sequence}
    if not labels:
        signatures = {}
    tf.saved_model.save(model, str(folder), signatures=signatures)
    return folder


def test_a_model_of_one_output_is_scored_for_that_one_alone(
    predict, publish_model, rows_of, tmp_path
):
    releases = publish_model(model=signature_model(tmp_path / "model", ["valence"]))
    assert properties_of(predict(releases)) == {**NONE, "release": 1}
    assert properties_of(predict(releases, outputs="arousal")) == {**NONE, "release": 1}
    found = rows_of(predict(releases, outputs="valence"))
    # Each gap-free run begins anew.
    values = {frame: row["rnn_valence"] for (_, frame), row in found.items()}
    assert values == {0: 1, 1: 2, 2: 3, 3: 4, 5: 1, 6: 2, 7: 3, 8: 4, 9: 5}
    assert not any("rnn_arousal" in row for row in found.values())


def test_a_model_that_is_none_of_this_system_is_named(predict, publish_model, tmp_path):
    releases = publish_model(model=signature_model(tmp_path / "model", []))
    with pytest.raises(InputError, match="no signature features and sequence"):
        predict(releases)


def test_the_cache_sees_the_latest_release_and_of_the_gate_only_what_is_predicted():
    from tfx.types import channel, standard_artifacts

    from affectflow.gate import GateSettings
    from components.baseline_predictor.component import BaselinePredictor
    from components.latest_release import LatestReleaseDriver

    def made(**gate):
        frames = channel.Channel(type=standard_artifacts.Examples)
        return BaselinePredictor(frames, "r", GateSettings(**gate), 128)

    assert made().driver_class is LatestReleaseDriver
    assert made(min_ccc_mean=0.9).exec_properties == made().exec_properties
    assert made(stage="cnn").exec_properties != made().exec_properties
    classes = {"tasks": "expression", "expressions": "joy,fear"}
    assert made(**classes).exec_properties != made().exec_properties
    assert made(**classes, vote=True).exec_properties == made(**classes).exec_properties


def test_no_element_is_lost_unnoticed(predict, publish_model, summary_of, expected):
    # Measured on other data, so labels are compared first and then all clips are predicted.
    other = summary_of({key: row for key, row in expected.items() if key[1] > 1})
    releases = publish_model(other.as_json())
    assert losses_unnoticed(lambda: tree_digest(Path(predict(releases).uri))) == []
