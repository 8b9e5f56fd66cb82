import numpy as np
import pytest

from affectflow.gate import GateSettings, VideoKey, VideoTally, summarise
from affectflow.release import Release
from components.baseline_predictor.need import (
    label_tally,
    measured_already,
    other_faces,
    predicts,
)

SETTINGS = GateSettings(bootstrap=5)


def tally(clip, settings=SETTINGS):
    return label_tally(stored(clip), clip.records(), settings)


def stored(clip):
    from affectflow.records.clips import StoredClip

    return StoredClip(clip.video_id, clip.subject_id, "made", clip.split, ())


def summary_of(clip, settings=SETTINGS):
    """What an evaluation of predictions of the clip would give, by the gate's own measuring."""
    columns = dict(zip(("valence", "arousal"), clip.labels.astype(np.float64).T))
    labels = {output: columns[output] for output in settings.output_names}
    predictions = {
        (stage, output): np.zeros(len(clip.labels))
        for stage in settings.stage_names
        for output in settings.output_names
    }
    key = VideoKey("made", clip.subject_id, clip.video_id)
    return summarise({key: VideoTally.of(key, clip.frame_index, labels, predictions)}, settings)


def release(metrics=None, recipe=None):
    from pathlib import Path

    return Release(Path("r"), 1, "", "run", "trained", {}, metrics or {}, {}, recipe or {})


@pytest.fixture
def clip(make_clip):
    return make_clip("v", "anna", "eval", range(6), unlabelled=[2])


@pytest.mark.parametrize("outputs", ["both", "valence", "arousal"])
def test_the_labels_of_the_frames_give_the_digest_of_the_evaluation(clip, outputs):
    settings = GateSettings(outputs=outputs, bootstrap=5)
    expected = summary_of(clip, settings)
    assert tally(clip, settings).hexdigest == expected.digest
    # Six frames, one of them without a label.
    assert tally(clip, settings).frames == expected.frames == 5


OF_CLASSES = GateSettings(
    stage="rnn", stages="rnn", tasks="expression", expressions="joy,fear", bootstrap=5
)


def evaluated(clip, settings):
    """The tally of an evaluation of the clip, from features to predictions as they are read."""
    from affectflow.records.predictions import serialize_run
    from components.evaluator.rows import RowReader
    from components.feature_extractor.executor import clip_features

    reader = RowReader(
        settings.stage_names, settings.output_names, settings.class_names, settings.countable_names
    )
    runs = clip_features(
        iter(clip.records()), lambda faces: np.zeros((len(faces), 2), np.float32), 4
    )
    records = [
        record
        for run in runs
        for record in serialize_run(run, {"rnn": run.features}, ["valence", "arousal"])
    ]
    rows = [row for _, row in map(reader.parse, records) if row is not None]
    key = ("made", clip.subject_id, clip.video_id)
    (batch,) = reader.batches((key, rows))
    return VideoTally.of(
        batch.key, batch.frame_indices, batch.labels, batch.predictions, batch.classes,
        batch.predicted, settings.countable_names,
    )  # fmt: skip


@pytest.mark.parametrize("expression", ["joy", "sadness", ""])
def test_the_classes_of_the_frames_are_in_the_digest_as_in_the_evaluation(make_clip, expression):
    classes = {"expression": expression, "age": "70+"} if expression else {}
    clip = make_clip("v", "anna", "eval", [0, 1, 2, 5, 6], [2, 6], classes=classes)
    found, expected = tally(clip, OF_CLASSES), evaluated(clip, OF_CLASSES)
    assert (found.hexdigest, found.frames) == (expected.hexdigest, expected.frames)
    assert found.frames == 3
    # The sadness is not measured: to the digest it is none.
    same = found.hexdigest == tally(clip).hexdigest
    assert same is (expression != "joy")
    counted = expected.confusions[("rnn", "expression")].total
    assert counted == (3 if expression == "joy" else 0)


def test_a_released_classifier_predicts_no_point():
    assert not predicts(release(recipe={"gate": {"outputs": "none"}}), SETTINGS)


def test_a_clip_without_frames_adds_nothing(make_clip):
    assert tally(make_clip("v", "anna", "eval", [])) == VideoTally()


def test_another_label_or_frame_is_other_data(make_clip, clip):
    moved = make_clip("v", "anna", "eval", range(6), [2], np.full((6, 2), 0.25))
    fewer = make_clip("v", "anna", "eval", range(5), [2])
    digests = {tally(one).hexdigest for one in (clip, moved, fewer)}
    assert len(digests) == 3
    # A frame without any label is not measured, so it may come and go.
    more = make_clip("v", "anna", "eval", range(7), [2, 6])
    assert tally(more).hexdigest == tally(clip).hexdigest


def test_metrics_of_the_same_data_and_question_are_enough(clip):
    released = release(summary_of(clip).as_json())
    digest = tally(clip).hexdigest
    assert measured_already(released, digest, SETTINGS)
    assert not measured_already(released, "0" * 64, SETTINGS)
    assert not measured_already(released, digest, GateSettings(outputs="valence"))
    one_stage = GateSettings(stage="cnn", stages="cnn", bootstrap=5)
    assert not measured_already(release(summary_of(clip, one_stage).as_json()), digest, SETTINGS)


def test_metrics_of_another_format_do_not_keep_the_model_from_being_scored(clip):
    metrics = {**summary_of(clip).as_json(), "format": 99}
    assert not measured_already(release(metrics), tally(clip).hexdigest, SETTINGS)


def test_face_settings_that_differ_are_named_with_both_values():
    recipe = {"faces": {"size": 96, "detector": "haar", "min_score": 0.5}}
    here = '{"size": 112, "detector": "mediapipe", "min_score": 0.5, "new": 1}'
    assert (
        other_faces(release(recipe=recipe), here)
        == "detector haar, here mediapipe; size 96, here 112"
    )
    assert other_faces(release(recipe=recipe), '{"size": 96}') == ""


@pytest.mark.parametrize("faces", ["", '{"size": 112}'])
def test_nothing_is_said_of_face_settings_that_are_not_known(faces):
    assert other_faces(release(), faces) == ""
    assert other_faces(release(recipe={"faces": {"size": 96}}), "") == ""
