"""From a video's frames to the aligned crops of the people in them: the part before any network."""

from __future__ import annotations

import math
import threading
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from affectflow.errors import InputError
from affectflow.faces.codec import encode_image
from affectflow.faces.cropper import create_cropper
from affectflow.faces.detectors import create_detector
from affectflow.faces.face import Face
from affectflow.faces.follow import Follower
from affectflow.faces.settings import FaceSettings
from affectflow.faces.shots import find_faces
from affectflow.faces.track import Tracker
from affectflow.video.decode import DecodeLimits, DecodeReport, stream_frames
from affectflow.video.ffmpeg import STDIN

PEOPLE = ("all", "one")
_PATIENCE_S = 1e6


@dataclass(frozen=True)
class SeenPerson:
    """One person in a frame.

    Attributes:
        number: from 1, in the order of appearance.
        face: where.
        crop: the aligned face, encoded as the training's crops were.
    """

    number: int
    face: Face
    crop: bytes


@dataclass(frozen=True)
class SeenFrame:
    """One decoded frame and who is in it.

    Attributes:
        index: 0-based, decode order.
        second: presentation time; NaN where the file has none.
        size: width and height of the upright video frame as it is stored, pixels.
        shot: number of the shot, from 0.
        people: by number.
        rgb: uint8 [h, w, 3], at most ``FaceSettings.max_side`` long; None unless it was asked for.
    """

    index: int
    second: float
    size: tuple[int, int]
    shot: int
    people: tuple[SeenPerson, ...]
    rgb: np.ndarray | None


def seen_frames(
    source: Path | str,
    settings: FaceSettings,
    *,
    people: str = "all",
    keep_rgb: bool = False,
    report: DecodeReport | None = None,
    stop: threading.Event | None = None,
) -> Generator[SeenFrame, None, None]:
    """Every frame of a video, by the code that makes the training's crops.

    A frame that may begin another shot comes with the second one after it, all others at once.

    Args:
        source: a video file, or ``affectflow.video.ffmpeg.STDIN``.
        settings: how faces are found and cropped; the limits on length are not heeded.
        people: ``all`` tells people apart, and whoever is seen after a cut is somebody else;
            ``one`` follows one person as training does, who is number 1 whatever happens.
        keep_rgb: hand the pictures on.
        report: filled while frames are read.
        stop: set from elsewhere, it ends the video, also while a frame is waited for.

    Raises:
        RejectedClip: the video cannot be read (see ``stream_frames``).
        InputError: no usable ffmpeg or detector, or ``people`` is neither of the two.
    """
    if people not in PEOPLE:
        raise InputError(f"people is {people!r}; one of {', '.join(PEOPLE)} would do")
    report = report if report is not None else DecodeReport()
    follow = _Everybody(settings) if people == "all" else _OnePerson(settings)
    # Only what may hold the machine up is refused: a video of any length costs the same memory.
    limits = DecodeLimits(frame_side=settings.limit_side, seconds=math.inf, frames=2**62)
    if source == STDIN:
        # A camera may show nothing for as long as it likes.
        limits = replace(limits, stall_s=_PATIENCE_S)
    frames = stream_frames(
        source,
        limits,
        settings.max_side,
        on_corrupt=settings.on_corrupt,
        hdr=settings.hdr,
        report=report,
        stop=stop,
    )
    detector, cropper = create_detector(settings), create_cropper(settings)
    shot = 0
    try:
        for found in find_faces(frames, detector, settings.cuts):
            frame = found.frame
            if found.shot != shot:
                shot = found.shot
                follow.cut()
            seen = tuple(
                SeenPerson(n, face, encode_image(cropper.crop(frame.rgb, face), settings))
                for n, face in sorted(follow(found.faces, frame.timestamp_s).items())
            )
            rgb = frame.rgb if keep_rgb else None
            yield SeenFrame(frame.index, frame.timestamp_s, frame.size, shot, seen, rgb)
            if stop is not None and stop.is_set():
                return
    finally:
        frames.close()
        detector.close()
        cropper.close()


class _Everybody:
    """Numbers all who are seen."""

    def __init__(self, settings: FaceSettings):
        self._tracker = Tracker(settings.max_gap_s)
        self.cut = self._tracker.cut

    def __call__(self, faces: list[Face], second: float) -> dict[int, Face]:
        return {track.number: track.face for track in self._tracker.update(faces, second)}


class _OnePerson:
    """Gives number 1 to whom training would follow."""

    def __init__(self, settings: FaceSettings):
        self._follower = Follower("", settings.max_gap_s)
        self.cut = self._follower.cut

    def __call__(self, faces: list[Face], second: float) -> dict[int, Face]:
        face = self._follower.choose(faces, second)
        return {} if face is None else {1: face}
