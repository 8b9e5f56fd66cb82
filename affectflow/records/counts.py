"""Where every decoded frame went: the accounts of a rebuild, which must add up."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affectflow.errors import AffectflowError

COUNTS_FILE = "counts.json"

NOTED = {
    "decode_errors": "have stretches that cannot be decoded, and were kept",
    "lost_pictures": "lack pictures that their files have lost, and were kept",
    "remarks": "made the decoder complain of what is beside or before their pictures; none "
    "is damaged",
    "unmapped_hdr": "are of high dynamic range and were taken without tone mapping, which the "
    "ffmpeg at hand cannot do",
    "fixed_aspect": "may change the shape of their pixels on the way, and were taken as they begin",
}
"""What is counted of clips that were used: the name of the count, and what those clips do."""


@dataclass(frozen=True)
class FrameCounts:
    """Frames of one split.

    Attributes:
        decoded: frames that left the decoder, of clips that were not rejected.
        no_face: without a face of the target person.
        no_label: with a face, without valence and arousal.
        removed_zero: labelled exactly (0, 0) and so dropped (paper 0, Sec. IV-B2).
        removed_balancing: not chosen by the density sampler.
        kept: what the frame model is trained, or evaluated, on.
    """

    decoded: int = 0
    no_face: int = 0
    no_label: int = 0
    removed_zero: int = 0
    removed_balancing: int = 0
    kept: int = 0

    def __add__(self, other: FrameCounts) -> FrameCounts:
        return FrameCounts(
            *(a + b for a, b in zip(dataclasses.astuple(self), dataclasses.astuple(other)))
        )

    @property
    def faces(self) -> int:
        """Frames with a face, labelled or not."""
        return self.decoded - self.no_face

    def check(self, what: str) -> None:
        """Raises AffectflowError unless every decoded frame is in exactly one class."""
        gone = self.no_face + self.no_label + self.removed_zero + self.removed_balancing
        if self.decoded != gone + self.kept:
            raise AffectflowError(
                f"{what}: the frame counts do not add up: {self.decoded} decoded, but {self}"
            )


def notes(clips: Mapping[str, Any]) -> Iterator[str]:
    """What is to be said of clips that were used, a sentence each, from ``counts.json``."""
    noted = clips.get("noted")
    for name, number in noted.items() if isinstance(noted, Mapping) else ():
        if name in NOTED:
            all_in_all = f": {clips[name]} in all" if clips.get(name) else ""
            yield f"{number} of the clips used {NOTED[name]}{all_in_all}"


def save_counts(folder: str | Path, by_split: dict[str, FrameCounts], clips: dict) -> None:
    """Writes ``counts.json``: frames by split, and clips.

    Of these: listed, used, rejected by cause, and ``noted``, by ``NOTED``, where there are any, and
    how many ``lost_pictures`` they lack.
    """
    for split, counts in by_split.items():
        counts.check(f"split {split}")
    frames = {split: dataclasses.asdict(counts) for split, counts in by_split.items()}
    text = json.dumps({"frames": frames, "clips": clips}, indent=1, sort_keys=True)
    Path(folder, COUNTS_FILE).write_text(text + "\n", encoding="utf-8")


def load_counts(folder: str | Path) -> tuple[dict[str, FrameCounts], dict]:
    """The inverse of :func:`save_counts`."""
    found = json.loads(Path(folder, COUNTS_FILE).read_text(encoding="utf-8"))
    return {split: FrameCounts(**row) for split, row in found["frames"].items()}, found["clips"]
