"""Classes from records to the verdict: of a classifier, and of points of the plane."""

import math

import numpy as np
import pytest
import tensorflow_model_analysis as tfma
from tfx.types import standard_artifacts

from affectflow.corpora.classes import TASKS
from affectflow.gate import GateSettings, Summary
from affectflow.metrics import Confusion, majority, pn_accuracy
from affectflow.records.clip_counts import counted, save_clip_counts
from affectflow.records.peek import peek_features
from affectflow.records.predictions import serialize_prediction
from affectflow.records.shards import shard_name, split_dir, write_shard
from affectflow.release import publish

NAMES = ("joy", "fear", "neutral")
CLASSIFIER = GateSettings(
    stage="classifier", stages="classifier", outputs="none", measure="accuracy", tasks="all",
    expressions=",".join(NAMES), min_accuracy=0.5, bootstrap=20,
)  # fmt: skip
PLANE = GateSettings(
    measure="accuracy", tasks="expression", expressions=",".join(NAMES), vote=True, bootstrap=20
)


def artifact(folder, records):
    made = standard_artifacts.Examples()
    made.uri = str(folder)
    made.split_names = '["eval"]'
    write_shard(split_dir(folder, "eval") / shard_name(0, 1), records)
    clips = (peek_features(record) for record in records)
    save_clip_counts(
        folder,
        counted(("eval", *(clip[name][0].decode() for name in ("corpus", "video_id")), 1)
                for clip in clips),
    )  # fmt: skip
    return made


def stills(seed=0, n=60):
    """Images of two corpora with expression and gender, or one of them, and what they are taken
    for: right three times in four."""
    rng = np.random.Generator(np.random.PCG64(seed))
    rows = []
    for i in range(n):
        # One expression that is not measured, and some images without.
        truth = {"expression": str(rng.choice([*NAMES, "sadness", ""])), "age": "",
                 "gender": str(rng.choice([*TASKS["gender"], ""]))}  # fmt: skip
        guess = {
            task: truth[task] if rng.random() < 0.75 and truth[task] in names
            else str(rng.choice(names))
            for task, names in (("expression", NAMES), ("gender", TASKS["gender"]))
        }  # fmt: skip
        rows.append(("ab"[i % 2], f"image {i}", truth, guess))
    return rows


def written(folder, rows, tasks=("expression", "gender")):
    """The artifact, with the predictions of these tasks."""
    return artifact(
        folder,
        [
            serialize_prediction(
                video, f"of {video}", corpus, 0, {"valence": 0.5, "arousal": 0.5}, {},
                classes=truth,
                predicted={f"classifier_{task}": guess[task] for task in tasks},
            )
            for corpus, video, truth, guess in rows
        ],
    )  # fmt: skip


def matrix(rows, task, names):
    pairs = [(t[task], g[task]) for *_, t, g in rows if t[task] in names]
    return Confusion.of(names, [t for t, _ in pairs], [g for _, g in pairs])


def test_a_classifier(tmp_path, evaluate):
    rows = stills()
    folder, blessing, values = evaluate(written(tmp_path / "p", rows), CLASSIFIER)
    summary = Summary.from_json(values)
    found = dict(tfma.load_eval_result(str(folder)).slicing_metrics)
    for task, names in (("expression", NAMES), ("gender", TASKS["gender"])):
        for corpus in ("", "a", "b"):
            expected = matrix([row for row in rows if corpus in ("", row[0])], task, names)
            score = summary.scores_on("classifier", corpus).classes[task]
            by_tfma = found[(("corpus", corpus),) if corpus else ()][task][""]
            by_tfma = {name: value["doubleValue"] for name, value in by_tfma.items()}
            figures = {
                "accuracy": expected.accuracy,
                "macro_precision": expected.macro_precision,
                "macro_recall": expected.macro_recall,
            }
            if task == "expression":
                figures["pn_accuracy"] = pn_accuracy(expected)
            # An image without a prediction counts too, but here each has one.
            assert by_tfma == pytest.approx({**figures, "labelled_count": expected.total})
            assert {name: getattr(score, name) for name in figures} == pytest.approx(figures)
            assert score.confusion == expected
        assert math.isnan(score.pn_accuracy) is (task == "gender")
        score = summary.stages["classifier"].classes[task]
        assert score.low < score.accuracy < score.high
    # Labels of valence and arousal are no question here.
    assert summary.frames == sum(
        1 for *_, truth, _ in rows if truth["expression"] in NAMES or truth["gender"]
    )
    assert math.isnan(summary.stages["classifier"].ccc_mean)
    assert summary.stages["classifier"].classes["age"].count == 0
    assert values["verdict"]["reasons"][0].startswith("classifier expression accuracy 0.")
    assert blessing.get_int_custom_property("blessed") == 1


def test_images_that_are_not_named_leave_no_accuracy(tmp_path, evaluate):
    examples = written(tmp_path / "p", stills(n=6), tasks=["gender"])
    _, blessing, values = evaluate(examples, CLASSIFIER)
    assert values["stages"]["classifier"]["classes"]["expression"]["accuracy"] is None
    assert "predictions are missing" in values["verdict"]["failures"][0]
    assert blessing.get_int_custom_property("blessed") == 0


def test_votes_of_videos(tmp_path, evaluate, saved_model):
    rng = np.random.Generator(np.random.PCG64(0))
    records, votes, frames = [], {"cnn": [], "rnn": []}, {"cnn": [], "rnn": []}
    for i in range(8):
        truth = NAMES[i % 3]
        guesses = {stage: rng.choice([truth, "joy", "pride"], 7).tolist() for stage in votes}
        for stage, names in guesses.items():
            # Frames 0 and 1 have no label, and so no vote.
            votes[stage].append((truth, majority(names[2:], [*NAMES, "pride"])))
            frames[stage] += [(truth, name) for name in names[2:]]
        for step in range(7):
            value = float(np.float32(rng.uniform(-1, 1)))
            records.append(
                serialize_prediction(
                    f"v{i}", f"s{i}", "ck", step,
                    {"valence": value, "arousal": -value} if step >= 2 else {},
                    {f"{s}_{o}": 0.5 * value for s in votes for o in ("valence", "arousal")},
                    classes={"expression": truth if step >= 2 else ""},
                    predicted={f"{s}_expression": guesses[s][step] for s in votes},
                )
            )  # fmt: skip
    examples = artifact(tmp_path / "p", records)
    folder, _, values = evaluate(examples, PLANE)
    summary = Summary.from_json(values)
    for stage in votes:
        expected = Confusion.of([*NAMES, "pride"], *map(list, zip(*votes[stage])))
        score = summary.stages[stage].classes["expression"]
        assert (score.accuracy, score.count) == (expected.accuracy, 8)
        assert score.pn_accuracy == pn_accuracy(expected)
        # TFMA's figures are of frames.
        result = dict(tfma.load_eval_result(str(folder), model_name=stage).slicing_metrics)
        by_frame = Confusion.of([*NAMES, "pride"], *map(list, zip(*frames[stage])))
        found = result[()]["expression"][""]["accuracy"]["doubleValue"]
        assert found == pytest.approx(by_frame.accuracy)
        assert "ccc" in result[()]["valence"][""]
        assert summary.stages[stage].outputs["valence"].count == 40
    assert summary.frames == 40

    # The same model on the same data, once it is released.
    publish(tmp_path / "r", {"serving": saved_model}, values, {}, {}, "first")
    _, blessing, again = evaluate(examples, PLANE, tmp_path / "r", name="again")
    assert "reaches release 1's" in again["verdict"]["reasons"][-1]
    assert "as released, on the same data" in again["verdict"]["reasons"][-1]
    assert blessing.get_int_custom_property("blessed") == 1
