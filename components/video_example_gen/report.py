"""What came of one clip: passed between the stages of the ingest instead of frames."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from affectflow.records.counts import FrameCounts


@dataclass(frozen=True)
class ClipReport:
    """A clip after decoding.

    Attributes:
        position: of the clip in the manifest.
        video_id, split: the clip.
        decoded, faces, labelled: frames; 0 for a rejected clip.
        in_plane: of the faces, those with a valence and an arousal.
        cause, detail: why it was rejected; "" when it was not.
    """

    position: int
    video_id: str
    split: str
    decoded: int = 0
    faces: int = 0
    labelled: int = 0
    in_plane: int = 0
    cause: str = ""
    detail: str = ""

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
        return cls(**json.loads(line))
