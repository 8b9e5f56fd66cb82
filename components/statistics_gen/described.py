"""Whether statistics are of every frame, and of everything that frames hold.

TensorFlow Data Validation sums each feature up by itself, so a runner can lose one feature's counts
and leave the number of frames as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from affectflow.plane import LABELS
from affectflow.records.clip_counts import LostRecords, counts_of
from affectflow.records.clips import StoredClip
from affectflow.records.peek import peek_features, peek_records
from affectflow.records.shards import shards

# What a histogram counts is a sum of fractions.
_ROUNDING = 0.5
# How many values TensorFlow Data Validation keeps in a histogram of ranks, by default.
_RANKS = 1000


def features_of(examples_uri: str, split: str, clips: Collection[StoredClip]) -> set[str]:
    """Names of what the frames of a split hold, from a frame of each clip.

    Classes stand at a clip's last frames, so its last frame has all that any has, but for valence
    and arousal, of which ``clips.json`` counts how many have them.
    """
    files = shards(examples_uri, split)
    last: dict[int, list[int]] = {}
    for clip in clips:
        if clip.parts:
            last.setdefault(clip.parts[-1].shard, []).append(clip.parts[-1].stop - 1)
    names = set(LABELS) if any(clip.in_plane for clip in clips) else set()
    for shard, numbers in last.items():
        for record in peek_records(files[shard], numbers).values():
            names |= {name for name, values in peek_features(record).items() if values}
    return names


def check_described(
    statistics: Any, split: str, clips: Collection[StoredClip], features: Iterable[str]
) -> None:
    """Holds the statistics of a split against its frames.

    Args:
        statistics: a ``DatasetFeatureStatisticsList``.
        split: which.
        clips: those of the split.
        features: names of what its frames hold.

    Raises:
        LostRecords: naming the feature, and both counts.
    """
    frames = counts_of(clips).total()
    for dataset in statistics.datasets:
        if dataset.num_examples != frames:
            raise _lost(f"split {split} are of {dataset.num_examples} of {frames} frames")
        found = {feature.path.step[0]: feature for feature in dataset.features}
        if missing := sorted(set(features) - found.keys()):
            raise _lost(f"split {split} lack {', '.join(missing)}")
        for name, feature in found.items():
            for what, counted, whole in _counts(feature, frames):
                if abs(counted - whole) > _ROUNDING:
                    raise _lost(f"split {split}: {name} has {what} of {counted:g} of {whole:g}")
            if name in LABELS:
                there = _common(feature).num_non_missing
                labelled = sum(clip.in_plane for clip in clips)
                if there != labelled:
                    raise _lost(f"split {split}: {name} is that of {there} of {labelled} frames")
    if not statistics.datasets:
        raise _lost(f"split {split} are of 0 of {frames} frames")


def _counts(feature: Any, frames: int) -> Iterator[tuple[str, float, float]]:
    """(what, how many are counted, how many there are) of one feature."""
    common = _common(feature)
    yield "frames", common.num_missing + common.num_non_missing, frames
    yield "lengths", _size(common.num_values_histogram), common.num_non_missing
    values = common.tot_num_values
    for histogram in feature.num_stats.histograms:
        yield "a histogram", _size(histogram) + histogram.num_nan, values
    if feature.HasField("string_stats") and values:
        different = feature.string_stats.unique
        ranks = feature.string_stats.rank_histogram.buckets
        yield "different values", different, max(different, len(ranks), 1)
        # Of more than the histogram takes only the most frequent ones are there.
        if len(ranks) < _RANKS:
            yield "ranks", sum(bucket.sample_count for bucket in ranks), values


def _common(feature: Any) -> Any:
    return getattr(feature, feature.WhichOneof("stats")).common_stats


def _size(histogram: Any) -> float:
    return sum(bucket.sample_count for bucket in histogram.buckets)


def _lost(what: str) -> LostRecords:
    return LostRecords(f"the statistics of {what}")
