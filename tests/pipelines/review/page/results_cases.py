"""Runs by hand whose scores can be worked out on paper, with the files of their predictions.

Their ``summary.json`` is what the gate itself makes of the frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from affectflow.emotions import EMOTIONS, nearest_emotion
from affectflow.gate import GateSettings, VideoKey, VideoTally, summarise
from affectflow.records.predictions import prediction_key, serialize_prediction
from affectflow.records.shards import shard_name, split_dir, write_shard
from pipelines.review.facts import ArtifactFacts, NodeFacts, RunDetail, RunFacts

SCRIPT = "<script>alert(1)</script>.mp4"
"""A video's name that a page must not run."""

RAMP = np.linspace(-0.8, 0.8, 9, dtype=np.float32)
"""Valence and arousal of every frame of the run of valence and arousal; mean 0, variance 4/15."""

EXPRESSIONS = "anger,joy,sadness"
CK_EXPRESSIONS = "anger,fear,joy"


@dataclass(frozen=True)
class Video:
    """n frames: points are float [n, 2], valence and arousal; classes are names by task."""

    name: str
    subject: str
    corpus: str = "affwild2"
    truth: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    points: Mapping[str, np.ndarray] = field(default_factory=dict)
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    named: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)

    @property
    def length(self) -> int:
        return max(len(self.truth), *(len(names) for names in self.classes.values()), 0)


def valence_arousal(folder: Path) -> RunDetail:
    """Three videos of 9 frames, of whom the RNN says the truth, 0 always, and the opposite.

    Their CCCs are 1, 0 and −1; over all frames it is 0 and the RMSE is √(5/3 · 4/15) = 2/3. The
    CNN is off by .1 everywhere.
    """
    truth = np.stack([RAMP, -RAMP], axis=1)
    videos = [
        Video(name, f"S{at}", truth=truth, points={"cnn": truth + 0.1, "rnn": factor * truth})
        for at, (name, factor) in enumerate((("a", 1), ("b", 0), (SCRIPT, -1)))
    ]
    return run(
        folder, videos, GateSettings(bootstrap=50), {"cnn": history("cnn"), "rnn": history("rnn")}
    )


def with_emotions(folder: Path) -> RunDetail:
    """Four videos of 6 frames, the last 4 labelled: joy taken for joy and for anger, two others
    right. So 3 of 4 votes are right: accuracy .75, and PN accuracy .75."""
    told = [("j1", "joy", "joy"), ("j2", "joy", "anger"), ("a1", "anger", "anger"),
            ("s1", "sadness", "sadness")]  # fmt: skip
    videos = []
    for name, true, said in told:
        truth = np.tile(np.float32(EMOTIONS[true]), (6, 1))
        truth[:2] = np.nan
        points = np.linspace((0.0, 0.0), EMOTIONS[said], 6).astype(np.float32)
        points[2:4] = EMOTIONS[said]
        nearest = [nearest_emotion(*map(float, point)) for point in points]
        videos.append(
            Video(
                name, f"P{name[0]}", "adfes", truth, {"cnn": 0 * points, "rnn": points},
                {"expression": ["", "", *[true] * 4]},
                {("rnn", "expression"): nearest, ("cnn", "expression"): ["neutral"] * 6},
            )
        )  # fmt: skip
    gate = GateSettings(
        bootstrap=50, measure="accuracy", tasks="expression", expressions=EXPRESSIONS, vote=True
    )
    return run(folder, videos, gate, {"cnn": history("cnn"), "rnn": history("rnn")})


def classifier(folder: Path) -> RunDetail:
    """Images of CK+, 4 of joy of which 1 is taken for fear; of JAFFE 2 of joy, taken for anger,
    and 2 of fear. Accuracy .75 and .5, together 5/8."""
    told = {
        "ckplus": [("joy", "joy")] * 3 + [("joy", "fear")],
        "jaffe": [("joy", "anger")] * 2 + [("fear", "fear")] * 2,
    }
    videos = [
        Video(
            f"{corpus}{at}", f"P{at % 2}", corpus, classes={"expression": [true]},
            named={("classifier", "expression"): [said]},
        )
        for corpus, pairs in told.items()
        for at, (true, said) in enumerate(pairs)
    ]  # fmt: skip
    gate = GateSettings(
        stage="classifier", stages="classifier", outputs="none", bootstrap=50, measure="accuracy",
        tasks="expression", expressions=CK_EXPRESSIONS,
    )  # fmt: skip
    return run(folder, videos, gate, {"classifier": history("classifier")})


def history(stage: str) -> dict[str, Any]:
    """Three epochs, the second the best."""
    losses = (0.9, 0.5, 0.7)
    return {
        "stage": stage,
        "started_from": "",
        "tuned_on": ["S7", "S8"],
        "history": [
            {"loss": loss, "val_loss": loss + 0.05, "validation_loss": loss + 0.1}
            for loss in losses
        ],
        "best_epoch": 1,
        "best_loss": 0.6,
        "stopped_early": False,
    }


def run(
    folder: Path,
    videos: Sequence[Video],
    gate: GateSettings,
    histories: Mapping[str, Mapping[str, Any]],
) -> RunDetail:
    """A release run that was evaluated on some videos; its predictions are two files."""
    summary = summarise({_key(video): _tally(video, gate) for video in videos}, gate).as_json()
    summary["verdict"] = {"blessed": True, "stage": gate.stage, "reasons": [], "failures": []}
    uri = folder / "predictions"
    for at, part in enumerate((videos[::2], videos[1::2])):
        records = [record for video in part for record in _records(video)]
        write_shard(split_dir(uri, "eval") / shard_name(at, 2), records)
    node = "ClassPredictor" if gate.outputs == "none" else "Predictor"
    made = ArtifactFacts(1, "predictions", "InferenceResult", str(uri), True, {})
    return RunDetail(
        facts=RunFacts("demo_release.r1", "demo_release", "demo", "release", "complete"),
        nodes=(NodeFacts(node, "run", outputs=(made,)), NodeFacts("Evaluator", "run")),
        data={},
        settings={
            "gate.bootstrap": gate.bootstrap, "gate.measure": gate.measure,
            "gate.vote": gate.vote, "gate.expressions": gate.expressions,
            "rnn.loss": "ccc", "cnn.loss": "ccc", "classifier.judge": "accuracy",
        },
        packages={},
        clips={},
        rejects=(),
        summary=summary,
        histories=histories,
    )  # fmt: skip


def _key(video: Video) -> VideoKey:
    return VideoKey(video.corpus, video.subject, video.name)


def _tally(video: Video, gate: GateSettings) -> VideoTally:
    outputs = gate.output_names
    return VideoTally.of(
        _key(video),
        range(video.length),
        {output: video.truth[:, at] for at, output in enumerate(outputs)},
        {
            (stage, output): video.points[stage][:, at]
            for stage in gate.stage_names
            for at, output in enumerate(outputs)
        },
        {task: video.classes[task] for task in gate.class_names},
        {(stage, task): video.named[stage, task]
         for stage in gate.stage_names for task in gate.class_names},
        gate.countable_names,
    )  # fmt: skip


def _records(video: Video) -> list[bytes]:
    """Frames 10, 11, …, backwards: readers must not count on an order."""
    outputs = ("valence", "arousal") if len(video.truth) else ()
    return [
        serialize_prediction(
            video.name,
            video.subject,
            video.corpus,
            10 + at,
            {output: float(video.truth[at, column]) for column, output in enumerate(outputs)},
            {
                prediction_key(stage, output): float(points[at, column])
                for stage, points in video.points.items()
                for column, output in enumerate(outputs)
            },
            {task: names[at] for task, names in video.classes.items()},
            {prediction_key(*name): names[at] for name, names in video.named.items()},
        )
        for at in reversed(range(video.length))
    ]
