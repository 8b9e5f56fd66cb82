"""The data of a rebuild in numbers: people, videos, faces, labels and classes of each split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from affectflow.balance.grid import GRIDS_FILE
from affectflow.corpora.classes import TASKS
from affectflow.corpora.clip import SPLITS
from affectflow.corpora.manifest import MANIFEST_FILE
from affectflow.npz import load_npz
from affectflow.plane import LABELS
from affectflow.records.clips import CLIPS_FILE
from pipelines.review.documents import GONE, read_object, table
from pipelines.review.places import Places

if TYPE_CHECKING:
    from affectflow.records.clips import StoredClip

STATISTICS_FILE = "FeatureStats.pb"


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation of a label over so many frames."""

    mean: float
    deviation: float
    frames: int


@dataclass(frozen=True)
class SplitProfile:
    """One split.

    Attributes:
        videos, subjects: that have a face in it; None when not known.
        faces: frames with a face, labelled or not; None when not known.
        labels: by LABELS; one that no frame has is not there.
        classes: task -> class -> frames, the commonest first.
    """

    videos: int | None = None
    subjects: int | None = None
    faces: int | None = None
    labels: Mapping[str, Spread] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class DataProfile:
    """The whole.

    Attributes:
        splits: by name, in the order of SPLITS.
        before, after: training frames on the valence-arousal grid before and after balancing, int
            [cells, cells] each; None when not known.
        counted: those by which density was reckoned; None when not known.
        corpora: names of the corpora that the videos are of.
        problems: what cannot be read, and why.
    """

    splits: Mapping[str, SplitProfile]
    before: np.ndarray | None
    after: np.ndarray | None
    counted: np.ndarray | None
    corpora: tuple[str, ...]
    problems: tuple[str, ...]


def profile_of(places: Places) -> DataProfile:
    """Reads what is there of a rebuild's data; what is not is named."""
    problems: list[str] = []
    clips = read_clips(places.frames, problems)
    grids = read_grids(places.grids, problems)
    splits = {}
    for split in SPLITS:
        mine = [clip for clip in clips if clip.split == split]
        if clips and not mine:
            # Nobody made statistics of a split without a clip.
            splits[split] = SplitProfile(0, 0, 0)
            continue
        faces, labels, classes = _statistics(places.statistics, split, problems)
        splits[split] = SplitProfile(
            len(mine) if clips else None,
            len({(clip.corpus, clip.subject_id) for clip in mine}) if clips else None,
            faces,
            labels,
            classes,
        )
    corpora = sorted({clip.corpus for clip in clips}) or _listed_corpora(places.frames)
    return DataProfile(
        splits,
        grids.get("before"),
        grids.get("after"),
        grids.get("counted"),
        tuple(corpora),
        tuple(problems),
    )


def read_clips(frames: str, problems: list[str]) -> Sequence[StoredClip]:
    """The clips that have faces, where they stand; none where the list is gone or damaged."""
    from affectflow.records.clips import load_clips

    if not frames:
        return ()
    try:
        return load_clips(frames)
    except FileNotFoundError:
        problems.append(f"{Path(frames, CLIPS_FILE)} is gone: {GONE}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        problems.append(f"{Path(frames, CLIPS_FILE)} is damaged ({error!r})")
    return ()


def read_grids(folder: str, problems: list[str]) -> Mapping[str, np.ndarray]:
    """Training frames on the grid: ``before`` and ``after`` balancing, and those ``counted``.

    None of them where the file is gone or damaged; an earlier version did not say what it counted.
    """
    if not folder:
        return {}
    path = Path(folder, GRIDS_FILE)
    try:
        grids = load_npz(path)
        found = {"before": grids["before"], "after": grids["after"]}
        return found | {name: grids[name] for name in grids if name == "counted"}
    except FileNotFoundError:
        problems.append(f"{path} is gone: {GONE}")
    except Exception as error:  # zlib, zipfile and NumPy each have errors of their own
        problems.append(f"{path} is damaged ({error!r})")
    return {}


def jensen_shannon(a: np.ndarray, b: np.ndarray) -> float | None:
    """Distance of two distributions given as counts: 0 = alike, 1 = nothing in common.

    The root of the Jensen-Shannon divergence to base 2 (Endres & Schindelin 2003).

    Returns:
        None where one holds nothing, or they are of different shapes.
    """
    if a.shape != b.shape or not a.sum() or not b.sum():
        return None
    p, q = a.ravel() / a.sum(), b.ravel() / b.sum()
    middle = (p + q) / 2
    total = 0.0
    for part in (p, q):
        there = part > 0
        total += 0.5 * float(np.sum(part[there] * np.log2(part[there] / middle[there])))
    return float(np.sqrt(min(max(total, 0.0), 1.0)))


def _listed_corpora(frames: str) -> list[str]:
    values, _ = read_object(Path(frames, MANIFEST_FILE)) if frames else (None, "")
    clips = (values or {}).get("clips")
    rows = clips if isinstance(clips, list) else []
    return sorted({str(table(row).get("corpus")) for row in rows if table(row).get("corpus")})


def _statistics(
    folder: str, split: str, problems: list[str]
) -> tuple[int | None, dict[str, Spread], dict[str, dict[str, int]]]:
    """Faces, labels and classes of a split, as StatisticsGen counted them."""
    if not folder:
        return None, {}, {}
    path = Path(folder, f"Split-{split}", STATISTICS_FILE)
    from google.protobuf.message import DecodeError
    from tensorflow_metadata.proto.v0 import statistics_pb2

    try:
        found = statistics_pb2.DatasetFeatureStatisticsList.FromString(path.read_bytes())
        whole = found.datasets[0]
    except FileNotFoundError:
        problems.append(f"{path} is gone: {GONE}")
        return None, {}, {}
    except (OSError, DecodeError, IndexError) as error:
        problems.append(f"{path} is damaged ({error!r})")
        return None, {}, {}
    features = {_name(feature): feature for feature in whole.features}
    labels = {
        name: Spread(
            features[name].num_stats.mean,
            features[name].num_stats.std_dev,
            int(features[name].num_stats.common_stats.num_non_missing),
        )
        for name in LABELS
        if name in features and features[name].num_stats.common_stats.num_non_missing
    }
    classes = {}
    for task in TASKS:
        if task in features:
            buckets = features[task].string_stats.rank_histogram.buckets
            classes[task] = {bucket.label: int(bucket.sample_count) for bucket in buckets}
    return int(whole.num_examples), labels, {task: row for task, row in classes.items() if row}


def _name(feature: Any) -> str:
    return feature.path.step[0] if feature.path.step else feature.name
