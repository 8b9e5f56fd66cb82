"""What came of one clip: passed between the stages of the ingest instead of frames."""

from __future__ import annotations

from collections.abc import Sequence
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
        content: digest of its crops (``StoredFaces.content``); "" for a rejected clip.
        labels: digest of what is annotated; "" = nothing is.
        cause, detail: why it was rejected; "" when it was not.
        transient: another try may not reject it.
        noted: what is counted of a clip that is used, by name (``affectflow.records.counts``).
        in_plane: of the faces, those with a valence and an arousal.
        unseen: valence and arousal of training frames without a face (affectflow.records.unseen).
    """

    position: int
    video_id: str
    split: str
    decoded: int = 0
    faces: int = 0
    labelled: int = 0
    content: str = ""
    labels: str = ""
    cause: str = ""
    detail: str = ""
    transient: bool = False
    noted: Sequence[str] = ()
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
