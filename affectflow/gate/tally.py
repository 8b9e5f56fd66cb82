"""What a pass over predictions keeps of each video: its co-moments and a digest of its labels."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

import numpy as np

from affectflow.metrics import CoMoments

_DIGEST_MODULUS = 1 << 256


class VideoKey(NamedTuple):
    """One evaluated video; ``video_id`` is unique only within its corpus."""

    corpus: str
    subject_id: str
    video_id: str


@dataclass(frozen=True)
class VideoTally:
    """Mergeable measurements of some frames of one video.

    Attributes:
        frames: frames that carry at least one label.
        digest: sum of the frames' SHA-256 modulo 2^256 over (corpus, video, frame, labels). A sum
            does not depend on the order, so it merges on any runner, and unlike an exclusive-or it
            does not let a frame that occurs twice vanish (AdHash, Bellare & Micciancio 1997).
        moments: (stage, output) -> co-moments of label (x) and prediction (y).
    """

    frames: int = 0
    digest: int = 0
    moments: Mapping[tuple[str, str], CoMoments] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        key: VideoKey,
        frame_indices: Sequence[int] | np.ndarray,
        labels: Mapping[str, np.ndarray],
        predictions: Mapping[tuple[str, str], np.ndarray],
    ) -> VideoTally:
        """Measures frames of one video.

        Args:
            key: the video.
            frame_indices: int [n].
            labels: output -> float [n] in [-1, 1]; NaN = not annotated, left out.
            predictions: (stage, output) -> float [n]; a NaN among them, where its output is
                annotated, makes the metrics NaN.
        """
        annotated = {output: ~np.isnan(values) for output, values in labels.items()}
        some = np.logical_or.reduce(list(annotated.values()))
        digest = 0
        for row in np.flatnonzero(some):
            values = [float(labels[output][row]) for output in sorted(labels)]
            digest += _frame_digest(key, int(frame_indices[row]), values)
        return cls(
            frames=int(some.sum()),
            digest=digest % _DIGEST_MODULUS,
            moments={
                (stage, output): CoMoments.of(
                    labels[output][annotated[output]], values[annotated[output]]
                )
                for (stage, output), values in predictions.items()
            },
        )

    def __add__(self, other: VideoTally) -> VideoTally:
        """Measurements of both sets of frames together."""
        if not isinstance(other, VideoTally):
            return NotImplemented
        return VideoTally(
            frames=self.frames + other.frames,
            digest=(self.digest + other.digest) % _DIGEST_MODULUS,
            moments={
                name: self.moments.get(name, CoMoments()) + other.moments.get(name, CoMoments())
                for name in {**self.moments, **other.moments}
            },
        )

    def as_json(self, key: VideoKey) -> str:
        """One line of JSON that ``tally_from_json`` reads back without loss."""
        moments = [[*name, asdict(one)] for name, one in sorted(self.moments.items())]
        return json.dumps(
            {**key._asdict(), "frames": self.frames, "digest": self.hexdigest, "moments": moments},
            sort_keys=True,
        )

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
    return key, VideoTally(values["frames"], int(values["digest"], 16), moments)


def _frame_digest(key: VideoKey, frame_index: int, labels: Sequence[float]) -> int:
    hasher = hashlib.sha256()
    for text in (key.corpus, key.video_id):
        encoded = text.encode("utf-8")
        # With its length in front, no two pairs of names run together into one.
        hasher.update(struct.pack("<q", len(encoded)) + encoded)
    # float32 is the width of the records; one NaN stands for all of them.
    canonical = [np.nan if np.isnan(value) else value for value in labels]
    hasher.update(struct.pack(f"<q{len(canonical)}f", frame_index, *canonical))
    return int.from_bytes(hasher.digest(), "big")
