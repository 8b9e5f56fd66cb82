"""What a pass over predictions keeps of each video: its measurements, and a digest of labels."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from affectflow.metrics import ClassCounts, CoMoments

_DIGEST_MODULUS = 1 << 256
_NOTHING: Mapping = MappingProxyType({})


class VideoKey(NamedTuple):
    """One evaluated video; ``video_id`` is unique only within its corpus."""

    corpus: str
    subject_id: str
    video_id: str


@dataclass(frozen=True)
class VideoTally:
    """Mergeable measurements of some frames of one video.

    Attributes:
        frames: frames that carry at least one label or class.
        digest: sum of the frames' SHA-256 modulo 2^256 over (corpus, video, frame, labels, and
            classes where there are any). A sum does not depend on the order, so it merges on any
            runner, and unlike an exclusive-or it does not let a frame that occurs twice vanish
            (AdHash, Bellare & Micciancio 1997).
        moments: (stage, output) -> co-moments of label (x) and prediction (y).
        confusions: (stage, task) -> counts of true and predicted classes.
    """

    frames: int = 0
    digest: int = 0
    moments: Mapping[tuple[str, str], CoMoments] = field(default_factory=dict)
    confusions: Mapping[tuple[str, str], ClassCounts] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        key: VideoKey,
        frame_indices: Sequence[int] | np.ndarray,
        labels: Mapping[str, np.ndarray],
        predictions: Mapping[tuple[str, str], np.ndarray],
        classes: Mapping[str, Sequence[str] | np.ndarray] = _NOTHING,
        predicted: Mapping[tuple[str, str], Sequence[str] | np.ndarray] = _NOTHING,
        countable: Mapping[str, Sequence[str]] = _NOTHING,
    ) -> VideoTally:
        """Measures frames of one video.

        Args:
            key: the video.
            frame_indices: int [n].
            labels: output -> float [n] in [-1, 1]; NaN = not annotated, left out.
            predictions: (stage, output) -> float [n]; a NaN among them, where its output is
                annotated, makes the metrics NaN.
            classes: task -> names [n], the true classes; "" = none that is measured, left out.
            predicted: (stage, task) -> names [n]; a "" among them, where the class is known,
                makes the metrics NaN.
            countable: task -> what the names may be, for every task of ``predicted``.

        Raises:
            ValueError: a name that is not among the countable ones.
        """
        annotated = {output: ~np.isnan(values) for output, values in labels.items()}
        known = [np.array([name != "" for name in names], bool) for names in classes.values()]
        some = np.zeros(len(frame_indices), bool)
        for rows in (*annotated.values(), *known):
            some = some | rows
        digest = 0
        for row in np.flatnonzero(some):
            values = [float(labels[output][row]) for output in sorted(labels)]
            named = [(task, classes[task][row]) for task in sorted(classes) if classes[task][row]]
            digest += _frame_digest(key, int(frame_indices[row]), values, named)
        return cls(
            frames=int(some.sum()),
            digest=digest % _DIGEST_MODULUS,
            moments={
                (stage, output): CoMoments.of(
                    labels[output][annotated[output]], values[annotated[output]]
                )
                for (stage, output), values in predictions.items()
            },
            confusions={
                (stage, task): ClassCounts.of(countable[task], classes[task], names)
                for (stage, task), names in predicted.items()
            },
        )

    def __add__(self, other: VideoTally) -> VideoTally:
        """Measurements of both sets of frames together."""
        if not isinstance(other, VideoTally):
            return NotImplemented
        confusions = dict(self.confusions)
        for name, counts in other.confusions.items():
            confusions[name] = confusions[name] + counts if name in confusions else counts
        return VideoTally(
            frames=self.frames + other.frames,
            digest=(self.digest + other.digest) % _DIGEST_MODULUS,
            moments={
                name: self.moments.get(name, CoMoments()) + other.moments.get(name, CoMoments())
                for name in {**self.moments, **other.moments}
            },
            confusions=confusions,
        )

    def as_json(self, key: VideoKey) -> str:
        """One line of JSON that ``tally_from_json`` reads back without loss."""
        values = {
            **key._asdict(),
            "frames": self.frames,
            "digest": self.hexdigest,
            "moments": [[*name, asdict(one)] for name, one in sorted(self.moments.items())],
            "confusions": [
                [*name, self.confusions[name].as_json()] for name in sorted(self.confusions)
            ],
        }
        return json.dumps(values, sort_keys=True)

    @property
    def hexdigest(self) -> str:
        """The digest as 64 hexadecimal digits."""
        return f"{self.digest:064x}"


def tally_from_json(line: str) -> tuple[VideoKey, VideoTally]:
    """The inverse of ``VideoTally.as_json``."""
    values = json.loads(line)
    key = VideoKey(*(values[name] for name in VideoKey._fields))
    moments = {
        (stage, output): CoMoments(**numbers) for stage, output, numbers in values["moments"]
    }
    confusions = {
        (stage, task): ClassCounts.from_json(counts) for stage, task, counts in values["confusions"]
    }
    return key, VideoTally(values["frames"], int(values["digest"], 16), moments, confusions)


def _frame_digest(
    key: VideoKey,
    frame_index: int,
    labels: Sequence[float],
    classes: Sequence[tuple[str, str]],
) -> int:
    hasher = hashlib.sha256()
    for text in (key.corpus, key.video_id):
        hasher.update(_with_length(text))
    # float32 is the width of the records; one NaN stands for all of them.
    canonical = [np.nan if np.isnan(value) else value for value in labels]
    hasher.update(struct.pack(f"<q{len(canonical)}f", frame_index, *canonical))
    # Nothing where there is no class, so that digests of valence and arousal alone stay valid.
    for text in (text for pair in classes for text in pair):
        hasher.update(_with_length(text))
    return int.from_bytes(hasher.digest(), "big")


def _with_length(text: str) -> bytes:
    encoded = text.encode("utf-8")
    # With its length in front, no two pairs of names run together into one.
    return struct.pack("<q", len(encoded)) + encoded
