"""What came of one clip: passed between the stages of the ingest instead of frames."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from affectflow.records.counts import FrameCounts
from affectflow.records.unseen import Points


@dataclass(frozen=True)
class ClipReport:
    """A clip after decoding.

    Attributes:
        position: of the clip in the manifest.
        video_id, split: the clip.
        decoded, faces, labelled: frames; 0 for a rejected clip.
        cause, detail: why it was rejected; "" when it was not.
        in_plane: of the faces, those with a valence and an arousal.
        unseen: valence and arousal of training frames without a face (affectflow.records.unseen).
    """

    position: int
    video_id: str
    split: str
    decoded: int = 0
    faces: int = 0
    labelled: int = 0
    cause: str = ""
    detail: str = ""
    in_plane: int = 0
    unseen: Points = ()

    @property
    def counts(self) -> FrameCounts:
        """Its frames; before balancing every labelled face is kept."""
        return FrameCounts(
            decoded=self.decoded,
            no_face=self.decoded - self.faces,
            no_label=self.faces - self.labelled,
            kept=self.labelled,
        )

    def to_json(self) -> str:
        """One line of JSON."""
        # Only ASCII: a name may hold U+2028 or U+0085, at which a reader would break the line.
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, line: str) -> ClipReport:
        """The inverse of :meth:`to_json`."""
        row = json.loads(line)
        return cls(**{**row, "unseen": tuple(map(tuple, row["unseen"]))})
