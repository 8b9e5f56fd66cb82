"""The gate on a model that was broken on purpose: its training labels are shuffled."""

import csv
import json

import numpy as np
import pytest

# Four trainings.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

# Enough to learn a few faces by heart; the same for the true and the shuffled labels. At a rate of
# .001 Adam's first epoch drives this CNN to constant scores with some orders of frames.
TRAINING = [
    "cnn.augment=none", "cnn.optimizer=adam", "cnn.learning_rate=0.0003", "cnn.epochs=8",
    "cnn.batch_size=16", "cnn.dropout=0", "rnn.label=last", "rnn.window=5", "rnn.stride=1",
    "rnn.optimizer=adam", "rnn.learning_rate=0.003", "rnn.epochs=6", "rnn.batch_size=16",
    # Every clip is to be learnt, so nobody is held out to judge the epochs.
    "cnn.tune_fraction=0", "rnn.tune_fraction=0",
    "gate.min_ccc_mean=0.3", "gate.bootstrap=50",
]  # fmt: skip


@pytest.fixture
def learnable(corpus, annotated_rows, tmp_path):
    """learnable(name, shuffle): every video stands in both splits, so that learning its labels by
    heart is enough to pass; the labels of eval are always the true ones."""
    sources = {path.stem: path for path in (corpus / "videos").rglob("*.mp4")}
    rows = {**annotated_rows["train"], **annotated_rows["eval"]}
    clips = sorted(name for name in rows if name in sources)

    def make(name, shuffle):
        truth = [
            (clip, frame, *labels)
            for clip in clips
            for frame, labels in enumerate(rows[clip])
            if -5 not in labels
        ]
        shown = [row[2:] for row in truth]
        if shuffle:
            rng = np.random.Generator(np.random.PCG64(0))
            shown = [shown[i] for i in rng.permutation(len(shown))]
        root = tmp_path / name
        for split in ("train", "eval"):
            (root / split).mkdir(parents=True)
            for clip in clips:
                (root / split / f"{clip}.mp4").symlink_to(sources[clip])
        with open(root / "labels.csv", "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["video", "frame", "valence", "arousal", "subject", "split"])
            for (clip, frame, *true), other in zip(truth, shown):
                table.writerow([f"train/{clip}", frame, *other, f"t-{clip}", "train"])
                table.writerow([f"eval/{clip}", frame, *true, f"e-{clip}", "eval"])
        return root

    return make


@pytest.fixture
def released(learnable, rebuild, affectflow, tmp_path):
    """Rebuilds and releases with the same settings; gives (outcome, metrics, workspace)."""

    def run(name, shuffle):
        workspace = tmp_path / f"{name}-ws"
        # What is trained on is evaluated, on purpose.
        done = rebuild(
            learnable(name, shuffle), workspace,
            "--corpus", "folder", "--set", "listing.duplicates=keep",
        )  # fmt: skip
        assert done.outcome.code == 0, done.outcome.err
        settings = [option for value in TRAINING for option in ("--set", value)]
        outcome = affectflow("release", "-r", "demo", "-w", workspace, *settings)
        assert outcome.code == 0, outcome.err
        found = workspace / "artifacts/demo_release/Evaluator/evaluation"
        (summary,) = found.rglob("summary.json")
        return outcome, json.loads(summary.read_text()), workspace

    return run


def test_shuffled_labels_are_refused_where_true_ones_pass(released):
    _, true_metrics, workspace = released("true", shuffle=False)
    assert true_metrics["verdict"]["blessed"], true_metrics["verdict"]["reasons"]
    assert (workspace / "releases/0001/release.json").is_file()

    wrong, metrics, workspace = released("shuffled", shuffle=True)
    assert metrics["verdict"]["blessed"] is False
    assert "refused" in wrong.out
    assert not list((workspace / "releases").glob("0*"))
    (record,) = (workspace / "releases/refused").iterdir()
    assert "is below min_ccc_mean 0.3000" in " ".join(json.loads(record.read_text())["reasons"])
    # They were judged by the same frames and labels, and not by a hair.
    assert metrics["digest"] == true_metrics["digest"]
    gap = true_metrics["stages"]["rnn"]["ccc_mean"] - metrics["stages"]["rnn"]["ccc_mean"]
    assert gap > 0.2
