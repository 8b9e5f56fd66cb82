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
        fault: of an exception that nobody foresaw (``affectflow.unforeseen``); "" = none.
        noted: what is counted of a clip that is used, by name (``affectflow.records.counts``).
        lost: pictures that are missing among the decoded frames, as far as was seen.
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
    fault: str = ""
    noted: Sequence[str] = ()
    lost: int = 0
    in_plane: int = 0
    unseen: Points = ()

    def __post_init__(self) -> None:
        # Beam's coders take UTF-8 alone, and a reason may name a file whose name is none.
        detail = self.detail.encode("utf-8", "backslashreplace").decode("utf-8")
        object.__setattr__(self, "detail", detail)

    @property
    def counts(self) -> FrameCounts:
        """Its frames; before balancing every labelled face is kept."""
        return FrameCounts(
            decoded=self.decoded,
            no_face=self.decoded - self.faces,
            no_label=self.faces - self.labelled,
            kept=self.labelled,
        )
