"""What is kept equals a computation in NumPy; the accounts, the grids and the errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.types import standard_artifacts

from affectflow.balance.sampler import SamplerSettings, uniform
from affectflow.errors import AffectflowError
from affectflow.records.counts import FrameCounts, load_counts, save_counts
from affectflow.records.frames import parse_frame
from affectflow.records.shards import read_shard, shards
from affectflow.records.unseen import points_of, save_unseen
from affectflow.release.tree import tree_digest
from components.artifacts import DensityGrids
from components.artifacts import FrameCounts as CountsArtifact
from components.density_sampler.anomalies import AnomalousData
from components.density_sampler.executor import Executor, NothingLeft
from components.parameters import exec_properties
from tests.lost_elements import losses_unnoticed

NOBODY = np.zeros((0, 2), np.float32)


def dense_labels(seed: int, count: int) -> np.ndarray:
    """Half of the frames in one corner, the rest anywhere, some at (0, 0) and some without."""
    rng = np.random.Generator(np.random.PCG64(seed))
    labels = rng.uniform(-1, 1, (count, 2))
    labels[: count // 2] = rng.uniform(0.3, 0.4, (count // 2, 2))
    labels[::11] = 0
    labels[1::17] = np.nan
    return rng.permutation(labels).astype(np.float32)


@pytest.fixture(scope="module")
def clips(make_clip):
    return [
        make_clip("anna 1", "anna", "train", range(5, 125), labels=dense_labels(1, 120)),
        make_clip("ben 1", "ben", "train", range(0, 160, 2), labels=dense_labels(2, 80)),
        make_clip("cleo 1", "cleo", "eval", range(50), labels=dense_labels(3, 50)),
    ]


@pytest.fixture(scope="module")
def frames(clips, make_frames, tmp_path_factory):
    # 33 frames a shard: clips share shards and lie in several.
    return make_frames(tmp_path_factory.mktemp("frames") / "examples", clips, shard_frames=33)


def counts_of(clips) -> dict[str, FrameCounts]:
    """As VideoExampleGen accounts for them, with a frame without a face for each clip."""
    found = {"train": FrameCounts(), "eval": FrameCounts()}
    for clip in clips:
        faces = len(clip.labels)
        in_plane = int((~np.isnan(clip.labels).any(axis=1)).sum())
        labelled = faces if clip.classes else in_plane
        found[clip.split] += FrameCounts(faces + 1, 1, faces - labelled, 0, 0, labelled)
    return found


UNSEEN = np.concatenate(
    [
        np.zeros((9, 2)),
        np.full((25, 2), (0.35, 0.35)),
        np.random.Generator(np.random.PCG64(8)).uniform(-1, 1, (30, 2)),
    ]
).astype(np.float32)
"""Labels of annotated training frames without a face, in two clips."""


@pytest.fixture
def balance(execute, make_artifact, tmp_path):
    """balance(frames, clips, settings, anomalies=None, beam=(), unseen=none) -> outputs"""

    def run(examples, clips, settings, anomalies=None, beam=(), unseen=NOBODY):
        counts = make_artifact(CountsArtifact, tmp_path / "counts")
        save_counts(counts.uri, counts_of(clips), {"listed": len(clips)})
        save_unseen(counts.uri, [points_of(unseen[:20]), points_of(unseen[20:])])
        found = make_artifact(standard_artifacts.ExampleAnomalies, tmp_path / "anomalies")
        if anomalies is not None:
            folder = Path(found.uri, "Split-train")
            folder.mkdir()
            (folder / "SchemaDiff.pb").write_bytes(anomalies.SerializeToString())
        return execute(
            Executor,
            {"frames": examples, "counts": counts, "anomalies": found},
            {
                "balanced": standard_artifacts.Examples,
                "grids": DensityGrids,
                "balanced_counts": CountsArtifact,
            },
            {"code_version": "test", **exec_properties(settings)},
            beam=beam,
        )

    return run


def kept(examples, split: str) -> list[tuple[str, int]]:
    records = (r for path in shards(examples.uri, split) for r in read_shard(path))
    return [(frame.video_id, frame.frame_index) for frame in map(parse_frame, records)]


class Expected(NamedTuple):
    """The training frames that a rule keeps, those that it may keep, and the grid it looks at."""

    kept: list[tuple[str, int]]
    eligible: np.ndarray
    counted: np.ndarray


def by_numpy(clips, settings, unseen) -> Expected:
    train = [clip for clip in clips if clip.split == "train"]
    labels = np.concatenate([clip.labels for clip in train]).astype(float)
    videos = [clip.video_id for clip in train for _ in clip.frame_index]
    index = [frame for clip in train for frame in clip.frame_index]
    annotated = ~np.isnan(labels).any(axis=1)
    by_code = settings.rule == "paper"
    use = annotated.copy()
    if settings.drop_zero and not (by_code and settings.subset == "all"):
        use &= ~(labels == 0).all(axis=1)
    edges = np.linspace(-1, 1, settings.cells + 1)

    def on_grid(points):
        return np.histogram2d(*points.T.astype(float), bins=[edges, edges])[0].astype(int)

    eligible = on_grid(labels[use])
    grid = on_grid(labels[annotated]) + on_grid(unseen) if by_code else eligible
    m = {
        "max": grid.max(),
        "mean": grid.mean(),
        "max_mean": (grid.mean() + grid.max()) / 2,
    }.get(settings.subset)
    found = []
    for n in np.flatnonzero(use):
        row, column = (np.searchsorted(edges, x, side="right") - 1 for x in labels[n])
        k = grid[min(row, settings.cells - 1), min(column, settings.cells - 1)]
        p = 1.0
        if m is not None:
            p = min(1.0, m / k) if settings.rule == "cap" else max(0.0, 1 - k / m)
        if uniform(settings.seed, videos[n], index[n]) < p:
            found.append((videos[n], index[n]))
    return Expected(found, eligible, grid)


@pytest.mark.parametrize(
    "settings",
    [
        SamplerSettings(cells=10, seed=4),
        SamplerSettings(cells=10, seed=4, rule="paper_text"),
        SamplerSettings(cells=10, subset="mean", rule="cap"),
        SamplerSettings(cells=10, subset="max", drop_zero=False),
        SamplerSettings(cells=10, subset="max", rule="paper_text", drop_zero=False),
        SamplerSettings(cells=10, subset="all"),
        SamplerSettings(cells=10, subset="all", rule="paper_text"),
    ],
    ids=lambda s: f"{s.subset}-{s.rule}",
)
def test_the_kept_frames_are_numpy_s(frames, clips, balance, settings):
    outputs = balance(frames, clips, settings, unseen=UNSEEN)
    expected, eligible, counted = by_numpy(clips, settings, UNSEEN)
    assert kept(outputs["balanced"], "train") == expected
    assert len(expected) > 0

    # A metric on a thinned split would flatter: every labelled frame of it stays, zeros too.
    cleo = clips[2]
    known = ~np.isnan(cleo.labels).any(axis=1)
    assert kept(outputs["balanced"], "eval") == [
        ("cleo 1", frame) for frame, ok in zip(cleo.frame_index, known) if ok
    ]

    with np.load(Path(outputs["grids"].uri, "grids.npz")) as grids:
        np.testing.assert_array_equal(grids["before"], eligible)
        np.testing.assert_array_equal(grids["counted"], counted)
        assert grids["after"].sum() == len(expected)
        assert (grids["after"] <= grids["before"]).all()

    before = counts_of(clips)
    counts, listed = load_counts(outputs["balanced_counts"].uri)
    assert listed == {"listed": 3}
    assert counts["eval"] == before["eval"]
    train = counts["train"]
    train.check("train")
    assert (train.decoded, train.no_face, train.no_label) == (
        before["train"].decoded, before["train"].no_face, before["train"].no_label
    )  # fmt: skip
    assert train.kept == len(expected)
    zeros = sum(int((c.labels == 0).all(axis=1).sum()) for c in clips if c.split == "train")
    assert zeros > 0
    dropped = settings.drop_zero and not (settings.rule == "paper" and settings.subset == "all")
    assert train.removed_zero == (zeros if dropped else 0)
    # What may be kept is what is shown before balancing, and the accounts say the same of it.
    assert eligible.sum() == train.kept + train.removed_balancing
    assert train.removed_balancing == before["train"].kept - train.removed_zero - len(expected)
    sampled = json.loads(Path(outputs["grids"].uri, "sampled.json").read_text())
    assert sampled["train"]["kept"] == len(expected)


def test_frames_without_a_face_and_at_zero_thin_the_cells_that_they_are_in(
    make_clip, make_frames, balance, tmp_path
):
    # Two cells by two: 30 frames in one corner, 20 in the next, and 50 at (0, 0) in a third. The
    # paper's code counts 30 + 40 unseen = 70, 20 and 50, its text 30 and 20. M = max(H) = 70 or 30,
    # so the first corner is kept with p = 0, and the second with 1 - 20 / 70 or 1 - 20 / 30.
    labels = np.repeat(np.float32([[-0.5, -0.5], [-0.5, 0.5], [0, 0]]), [30, 20, 50], axis=0)
    clips = [
        make_clip("anna", "anna", "train", range(100), labels=labels),
        make_clip("ben", "ben", "eval", range(3)),
    ]
    examples = make_frames(tmp_path / "examples", clips)
    unseen = np.full((40, 2), -0.5, np.float32)
    draws = uniform(0, "anna", np.arange(30, 50))
    for rule, counted in (("paper", [[70, 20], [0, 50]]), ("paper_text", [[30, 20], [0, 0]])):
        settings = SamplerSettings(subset="max", rule=rule, cells=2)
        outputs = balance(examples, clips, settings, unseen=unseen)
        with np.load(Path(outputs["grids"].uri, "grids.npz")) as grids:
            assert grids["counted"].tolist() == counted
            assert grids["before"].tolist() == [[30, 20], [0, 0]]
        chosen = np.flatnonzero(draws < 1 - 20 / max(map(max, counted))) + 30
        assert kept(outputs["balanced"], "train") == [("anna", frame) for frame in chosen]
        assert 0 < len(chosen) < 20


def test_records_pass_unchanged_and_shards_keep_their_names(frames, clips, balance):
    outputs = balance(frames, clips, SamplerSettings(cells=10))
    for split in ("train", "eval"):
        before = {path.name: set(read_shard(path)) for path in shards(frames.uri, split)}
        after = {p.name: set(read_shard(p)) for p in shards(outputs["balanced"].uri, split)}
        assert set(after) == set(before)
        assert all(after[name] <= before[name] for name in after)


def test_workers_shards_and_order_change_nothing(frames, clips, balance, make_frames, tmp_path):
    settings = SamplerSettings(cells=10, seed=9)
    once = kept(balance(frames, clips, settings)["balanced"], "train")
    other = make_frames(tmp_path / "other", clips[::-1], shard_frames=11)
    again = balance(
        other,
        clips,
        settings,
        beam=["--direct_num_workers=2", "--direct_running_mode=multi_threading"],
    )
    assert sorted(kept(again["balanced"], "train")) == sorted(once)
    another_seed = kept(
        balance(frames, clips, SamplerSettings(cells=10, seed=10))["balanced"], "train"
    )
    assert another_seed != once


def test_an_anomaly_stops_the_run(frames, clips, balance):
    anomalies = anomalies_pb2.Anomalies()
    anomalies.anomaly_info["valence"].description = "values above 1"
    with pytest.raises(AnomalousData, match="train: valence: values above 1"):
        balance(frames, clips, SamplerSettings(), anomalies)


def test_nothing_kept_says_so_rather_than_leave_an_empty_set(
    make_clip, make_frames, balance, tmp_path
):
    # All in one cell: k = max(H) there, and the paper's rule keeps 1 - k / M = none.
    clips = [
        make_clip("anna", "anna", "train", range(6), labels=np.full((6, 2), 0.5)),
        make_clip("ben", "ben", "eval", range(3)),
    ]
    examples = make_frames(tmp_path / "examples", clips)
    with pytest.raises(NothingLeft, match=r"none of the 6 labelled training frames.*rule.*cap"):
        balance(examples, clips, SamplerSettings())
    assert issubclass(NothingLeft, AffectflowError)


def test_only_zeros_to_train_on(make_clip, make_frames, balance, tmp_path):
    clips = [
        make_clip("anna", "anna", "train", range(6), labels=np.zeros((6, 2))),
        make_clip("ben", "ben", "eval", range(3)),
    ]
    examples = make_frames(tmp_path / "examples", clips)
    with pytest.raises(NothingLeft, match=r"6 of them are labelled \(0, 0\).*drop_zero"):
        balance(examples, clips, SamplerSettings())


def test_no_label_to_train_on(make_clip, make_frames, balance, tmp_path):
    clips = [
        make_clip("anna", "anna", "train", range(6), unlabelled=range(6)),
        make_clip("ben", "ben", "eval", range(3)),
    ]
    examples = make_frames(tmp_path / "examples", clips)
    with pytest.raises(NothingLeft, match="no frame of the split train has a face and a label"):
        balance(examples, clips, SamplerSettings(subset="all"))


def test_no_label_to_evaluate_on_is_said_before_anything_is_trained(
    make_clip, make_frames, balance, tmp_path
):
    clips = [
        make_clip("anna", "anna", "train", range(6)),
        make_clip("ben", "ben", "eval", range(3), unlabelled=range(3)),
    ]
    examples = make_frames(tmp_path / "examples", clips)
    with pytest.raises(NothingLeft, match="no frame of the split eval has a face and a label"):
        balance(examples, clips, SamplerSettings(subset="all"))


def test_what_has_a_class_alone_is_kept_whatever_its_density(
    make_clip, make_frames, balance, tmp_path
):
    clips = [
        make_clip("seen", "anna", "train", range(6)),
        # No place in the plane: two of a class, and one of nothing.
        make_clip("joy", "carl", "train", range(3), range(3), classes={"expression": "joy"}),
        make_clip("nothing", "dora", "train", range(2), range(2)),
        make_clip("sad", "ben", "eval", range(2), range(2), classes={"expression": "sadness"}),
    ]
    frames = make_frames(tmp_path / "frames", clips)
    outputs = balance(frames, clips, SamplerSettings(subset="mean"))
    train, held_out = (
        [video for video, _ in kept(outputs["balanced"], split)] for split in ("train", "eval")
    )
    assert train.count("joy") == 3
    assert "nothing" not in train
    assert held_out == ["sad"] * 2
    counts, _ = load_counts(outputs["balanced_counts"].uri)
    assert counts["train"].no_label == 2
    assert counts["eval"].kept == 2


def test_nothing_to_evaluate_with_is_the_trainers_business(
    make_clip, make_frames, balance, tmp_path
):
    # A corpus of one subject can be rebuilt; it cannot be released.
    clips = [make_clip("anna", "anna", "train", range(6))]
    outputs = balance(make_frames(tmp_path / "e", clips), clips, SamplerSettings(subset="all"))
    assert kept(outputs["balanced"], "eval") == []
    # Its frame 0 is labelled (0, 0), which the whole set keeps.
    assert kept(outputs["balanced"], "train") == [("anna", frame) for frame in range(6)]


def test_no_element_is_lost_unnoticed(frames, clips, balance):
    def node():
        outputs = balance(frames, clips, SamplerSettings(cells=10))
        return {name: tree_digest(Path(found.uri)) for name, found in outputs.items()}

    assert losses_unnoticed(node) == []
