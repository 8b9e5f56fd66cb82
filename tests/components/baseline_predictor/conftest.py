"""A release whose model is a real export of untrained stages, and predictions as they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from affectflow.gate import GateSettings, Summary, VideoKey, VideoTally, summarise
from affectflow.records.shards import read_shard, shards
from affectflow.release import publish


@pytest.fixture(scope="session")
def rnn(make_rnn: Callable[[str], Any]) -> Any:
    """An untrained sequence model of the next frame, whose outputs are moved on by one."""
    return make_rnn("next")


@pytest.fixture(scope="session")
def serving(
    tmp_path_factory: pytest.TempPathFactory, transformed: dict[str, Any], cnn: Any, rnn: Any
) -> Path:
    """The SavedModel that the Exporter makes of them."""
    from affectflow.models.files import load_stage
    from affectflow.models.sequence_serving import SequenceServing
    from affectflow.models.serving import FrameServing, Served, TransformedImages
    from affectflow.models.settings import CnnSettings, RnnSettings

    frame, settings = load_stage(cnn.uri, CnnSettings)
    sequence, rnn_settings = load_stage(rnn.uri, RnnSettings)
    folder = tmp_path_factory.mktemp("export") / "serving"
    Served(
        FrameServing(frame, TransformedImages(transformed["transform_graph"].uri)),
        SequenceServing(sequence, rnn_settings.label, "windowed"),
        settings.label_names,
    ).export(folder)
    return folder


@pytest.fixture
def publish_model(tmp_path: Path, serving: Path) -> Callable[..., Path]:
    """publish_model(metrics={}, recipe={}, model=…) -> the folder of the releases"""

    def make(
        metrics: dict | None = None, recipe: dict | None = None, model: Path = serving
    ) -> Path:
        releases = tmp_path / "releases"
        number = len(list(releases.glob("0*")))
        publish(releases, {"serving": model}, metrics or {}, {}, recipe or {}, f"run {number}")
        return releases

    return make


@pytest.fixture(scope="session")
def rows_of() -> Callable[[Any], dict]:
    """rows_of(Examples) -> (video, frame) -> all numbers of the record by name"""
    from tensorflow.core.example.example_pb2 import Example

    def read(examples: Any) -> dict:
        rows = {}
        for path in shards(examples.uri, "eval"):
            for record in read_shard(path):
                feature = Example.FromString(record).features.feature
                floats = {
                    name: value.float_list.value[0]
                    for name, value in feature.items()
                    if value.float_list.value
                }
                frame = feature["frame_index"].int64_list.value[0]
                rows[feature["video_id"].bytes_list.value[0].decode(), frame] = floats
        return rows

    return read


@pytest.fixture(scope="session")
def summary_of() -> Callable[[dict], Summary]:
    """summary_of(rows) -> what an evaluation of these rows of one subject, ben, gives"""

    def measure(rows: dict) -> Summary:
        tallies = {}
        for video in {video for video, _ in rows}:
            found = [(frame, row) for (name, frame), row in rows.items() if name == video]
            columns = {
                name: np.array([row.get(name, np.nan) for _, row in found])
                for name in ("valence", "arousal", "rnn_valence", "rnn_arousal")
            }
            key = VideoKey("made", "ben", video)
            tallies[key] = VideoTally.of(
                key,
                [frame for frame, _ in found],
                {output: columns[output] for output in ("valence", "arousal")},
                {("rnn", output): columns[f"rnn_{output}"] for output in ("valence", "arousal")},
            )
        return summarise(tallies, GateSettings(stages="rnn", bootstrap=5))

    return measure
