"""Executors run on artifacts made by hand: frames of noise, a transform graph, untrained models."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from affectflow.records.clip_counts import counts_of, save_clip_counts
from affectflow.records.clips import StoredClip, clip_parts, plan_shards, save_clips
from affectflow.records.frames import FrameRecord
from affectflow.records.shards import shard_name, split_dir, write_shard
from tests.beam import BEAM

IMAGE_SIZE = 32
NAN = float("nan")

Execute = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class MadeClip:
    """A clip of noise.

    Attributes:
        frame_index: of its frames that have a face.
        labels: float [F, 2], valence and arousal; NaN = none.
        classes: task -> class, of all of it.
    """

    video_id: str
    subject_id: str
    split: str
    frame_index: tuple[int, ...]
    labels: np.ndarray
    classes: dict[str, str] = field(default_factory=dict)

    def records(self) -> list[FrameRecord]:
        """Its frames; a crop's noise is decided by video and frame."""
        return [
            FrameRecord(
                self.video_id, self.subject_id, "made", frame, frame / 10, self._face(frame),
                np.array([0.25, 0.25, 0.5, 0.5], np.float32), np.full((5, 2), 0.5, np.float32),
                0.75, float(valence), float(arousal), f"digest of {self.video_id}", self.classes,
            )
            for frame, (valence, arousal) in zip(self.frame_index, self.labels)
        ]  # fmt: skip

    def _face(self, frame: int) -> bytes:
        rng = np.random.Generator(np.random.PCG64([frame, *self.video_id.encode()]))
        # Noise of few, large cells, so that shrinking does not make all crops one grey.
        cells = rng.integers(0, 256, (5, 5, 3), np.uint8)
        crop = cv2.resize(cells, (48, 48), interpolation=cv2.INTER_NEAREST)
        return cv2.imencode(".png", crop)[1].tobytes()


def clip_of(
    video_id: str,
    subject_id: str,
    split: str,
    frames: Iterable[int],
    unlabelled: Iterable[int] = (),
    labels: np.ndarray | None = None,
    classes: dict[str, str] | None = None,
) -> MadeClip:
    """A clip whose frame i has the valence i / 50 and the arousal -i / 100 unless told."""
    index = tuple(frames)
    if labels is None:
        labels = np.array([(i / 50, -i / 100) for i in index], np.float32)
    labels = np.where(np.isin(index, list(unlabelled))[:, np.newaxis], np.float32(NAN), labels)
    return MadeClip(video_id, subject_id, split, index, labels.astype(np.float32), classes or {})


def artifact(kind: type, folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    made = kind()
    made.uri = str(folder)
    return made


def write_frames(folder: Path, clips: list[MadeClip], shard_frames: int = 7) -> Any:
    """An Examples artifact of `frames`, as VideoExampleGen leaves it."""
    from tfx.types import standard_artifacts

    examples = artifact(standard_artifacts.Examples, folder)
    examples.split_names = '["train", "eval"]'
    records = [clip.records() for clip in clips]
    stored = []
    for split in ("train", "eval"):
        split_dir(folder, split).mkdir()
        sizes = [(n, len(records[n])) for n, clip in enumerate(clips) if clip.split == split]
        plans = plan_shards(split, sizes, shard_frames)
        for plan in plans:
            write_shard(
                split_dir(folder, split) / shard_name(plan.number, plan.total),
                (
                    record.serialize()
                    for piece in plan.pieces
                    for record in records[piece.position][piece.start : piece.stop]
                ),
            )
        for position, parts in sorted(clip_parts(plans).items()):
            clip = clips[position]
            in_plane = int((~np.isnan(clip.labels).any(axis=1)).sum())
            stored.append(
                StoredClip(
                    clip.video_id, clip.subject_id, "made", split, parts, in_plane, clip.classes
                )
            )
    save_clips(folder, stored)
    save_clip_counts(folder, counts_of(stored))
    return examples


@pytest.fixture(autouse=True, scope="session")
def bare_command_line() -> Iterator[None]:
    """TFX's Beam executors read flags from sys.argv, and pytest's -v is one of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", sys.argv[:1])
        yield


@pytest.fixture(scope="session")
def make_clip() -> Callable[..., MadeClip]:
    """make_clip(video_id, subject_id, split, frames, unlabelled=(), labels=None, classes=None)"""
    return clip_of


@pytest.fixture(scope="session")
def make_artifact() -> Callable[[type, Path], Any]:
    """make_artifact(type, folder) -> artifact whose folder exists"""
    return artifact


@pytest.fixture(scope="session")
def make_frames() -> Callable[..., Any]:
    """make_frames(folder, clips, shard_frames=7) -> Examples artifact of `frames`"""
    return write_frames


@pytest.fixture(scope="session")
def execute(tmp_path_factory: pytest.TempPathFactory) -> Execute:
    """execute(Executor, inputs, outputs, properties, beam=(), folder=…) -> artifacts by name

    Inputs are single artifacts by name, outputs types by name; ``beam`` are further Beam options;
    outputs lie below ``folder``.
    """

    def run(
        executor: type,
        inputs: dict[str, Any],
        outputs: dict[str, type],
        properties: dict[str, Any],
        beam: Iterable[str] = (),
        folder: Path | None = None,
    ) -> dict[str, Any]:
        folder = folder or tmp_path_factory.mktemp("execution")
        made = {name: artifact(kind, folder / name) for name, kind in outputs.items()}
        plain = {"tmp_dir": str(folder / "tmp"), "unique_id": "1"}
        if hasattr(executor, "_make_beam_pipeline"):
            plain["beam_pipeline_args"] = [*BEAM, *beam]
        executor(executor.Context(**plain)).Do(
            {name: [value] for name, value in inputs.items()},
            {name: [value] for name, value in made.items()},
            dict(properties),
        )
        return made

    return run


@pytest.fixture(scope="session")
def clips() -> list[MadeClip]:
    """Three clips with gaps: two of anna to train on, one of ben to evaluate.

    Frame 3 of the first and frame 2 of the last have a face and no label; the first clip's frame 0
    is without one too, so nothing stands before it to interpolate from. The second one's expression
    and age are known.
    """
    return [
        clip_of("anna 1", "anna", "train", [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11], [0, 3]),
        clip_of("anna 2", "anna", "train", range(9), classes={"expression": "joy", "age": "20-39"}),
        clip_of("ben 1", "ben", "eval", [0, 1, 2, 3, 5, 6, 7, 8, 9], [2]),
    ]


@pytest.fixture(scope="session")
def frames(tmp_path_factory: pytest.TempPathFactory, clips: list[MadeClip]) -> Any:
    """All frames of ``clips``, labelled or not, seven a shard."""
    return write_frames(tmp_path_factory.mktemp("frames") / "examples", clips)


@pytest.fixture(scope="session")
def transformed(
    tmp_path_factory: pytest.TempPathFactory, clips: list[MadeClip], execute: Execute
) -> dict[str, Any]:
    """``transform_graph`` and ``transformed_examples`` of TFX's Transform, of labelled frames."""
    import json
    import shutil

    from tfx.types import standard_artifacts

    from components.transform import preprocessing
    from components.transform.executor import Executor
    from schemas import schema_path

    folder = tmp_path_factory.mktemp("labelled")
    labelled = [
        MadeClip(c.video_id, c.subject_id, c.split, tuple(np.array(c.frame_index)[known]),
                 c.labels[known], c.classes)
        for c in clips
        for known in (~np.isnan(c.labels).any(axis=1),)
    ]  # fmt: skip
    schema = artifact(standard_artifacts.Schema, folder / "schema")
    shutil.copy(schema_path("frames"), Path(schema.uri, "schema.pbtxt"))
    return execute(
        Executor,
        {"examples": write_frames(folder / "examples", labelled), "schema": schema},
        {
            "transform_graph": standard_artifacts.TransformGraph,
            "transformed_examples": standard_artifacts.Examples,
        },
        {
            "preprocessing_fn": f"{preprocessing.__name__}.preprocessing_fn",
            "custom_config": json.dumps(
                {"image": {"image_size": IMAGE_SIZE, "equalise": "none"}, "code_version": "test"}
            ),
            "disable_statistics": 1,
        },
    )


@pytest.fixture(scope="session")
def cnn(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A Model artifact: an untrained frame model for images of 32x32."""
    from tfx.types import standard_artifacts

    from affectflow.models.cnn import build_cnn
    from affectflow.models.files import save_stage
    from affectflow.models.settings import CnnSettings

    settings = CnnSettings(image_size=IMAGE_SIZE, seed=3)
    model = artifact(standard_artifacts.Model, tmp_path_factory.mktemp("cnn"))
    save_stage(model.uri, build_cnn(settings, image_mean=0.5, image_variance=0.1), settings)
    return model


@pytest.fixture(scope="session")
def make_rnn(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """make_rnn(label) -> Model artifact: an untrained sequence model of windows of 4."""
    from tfx.types import standard_artifacts

    from affectflow.models.files import save_stage
    from affectflow.models.rnn import build_rnn
    from affectflow.models.settings import RnnSettings

    def make(label: str) -> Any:
        settings = RnnSettings(cell="gru1", window=4, label=label, seed=5)
        model = artifact(standard_artifacts.Model, tmp_path_factory.mktemp(f"rnn-{label}"))
        save_stage(model.uri, build_rnn(settings), settings)
        return model

    return make
