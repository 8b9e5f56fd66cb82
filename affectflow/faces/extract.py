"""From a clip to its stored faces: decode, detect, follow, align, encode, keep."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

import cv2
import numpy as np

from affectflow.corpora.clip import Clip
from affectflow.errors import RejectedClip
from affectflow.faces.codec import encode_image
from affectflow.faces.cropped import store_cropped
from affectflow.faces.cropper import Cropper, create_cropper
from affectflow.faces.detectors import Detector, create_detector
from affectflow.faces.entry import StoredFaces
from affectflow.faces.follow import Follower
from affectflow.faces.settings import FaceSettings
from affectflow.faces.shots import find_faces
from affectflow.faces.still import is_still, read_still
from affectflow.faces.store import FaceStore
from affectflow.video.command import can_tone_map
from affectflow.video.decode import DecodeReport, Frame, stream_frames
from affectflow.video.ffmpeg import find_ffmpeg

OnFrame = Callable[[int], None]


class _Closes(Protocol):
    def close(self) -> None: ...


_Tool = TypeVar("_Tool", bound=_Closes)


def extract_faces(
    clip: Clip,
    settings: FaceSettings,
    store: FaceStore,
    content_digest: str,
    detector: Detector | None = None,
    on_frame: OnFrame | None = None,
    cropper: Cropper | None = None,
) -> StoredFaces:
    """The faces of ``clip``, from the store or made now.

    Those of a mirrored clip are found in frames that are flipped left to right before anything
    looks at them; boxes and landmarks are of the flipped frames.

    Args:
        clip: its ``source`` is a video, an image (``affectflow.faces.still``), or a folder of
            cropped and aligned images (``affectflow.faces.cropped``).
        settings: how faces are found and cropped.
        store: where they are kept.
        content_digest: what the source holds (``affectflow.video.digest``).
        detector: one built from ``settings`` and used by nobody else meanwhile; None builds one
            for this clip.
        on_frame: called with the number of frames decoded so far, after each frame.
        cropper: as the detector.

    Raises:
        RejectedClip: the clip cannot be used, now or as remembered by the store.
        InputError: no usable ffmpeg, detector or cropper.
        OSError: the store cannot be written (a full disk, for one); nothing is left behind.
    """
    key = store.key(content_digest, settings.digest(), clip.part)
    stored = store.get(key)
    if stored is not None and not _can_be_better(stored):
        return stored
    remembered = store.rejection(key)
    if remembered is not None:
        raise remembered
    try:
        with _lent_or_own(cropper, create_cropper, settings) as crops:
            if Path(clip.source).is_dir():
                store_cropped(clip, settings, store, key, crops, on_frame)
            else:
                with _lent_or_own(detector, create_detector, settings) as finds:
                    _store_video(clip, settings, store, key, finds, crops, on_frame)
    except RejectedClip as rejection:
        store.reject(key, rejection)
        raise
    stored = store.get(key)
    if stored is None:
        raise OSError(f"face store {store.root}: entry {key} was written and cannot be read back")
    return stored


def _can_be_better(stored: StoredFaces) -> bool:
    """Whether faces were stored for want of a filter that the ffmpeg at hand has."""
    return bool(stored.summary.get("unmapped_hdr")) and can_tone_map(find_ffmpeg())


@contextmanager
def _lent_or_own(
    lent: _Tool | None, build: Callable[[FaceSettings], _Tool], settings: FaceSettings
) -> Iterator[_Tool]:
    """What was lent, or one of our own, which is closed at the end."""
    if lent is not None:
        yield lent
        return
    own = build(settings)
    try:
        yield own
    finally:
        own.close()


def _store_video(
    clip: Clip,
    settings: FaceSettings,
    store: FaceStore,
    key: str,
    detector: Detector,
    cropper: Cropper,
    on_frame: OnFrame | None,
) -> None:
    follower = Follower(_side(clip), settings.max_gap_s)
    timestamps, cuts = array("d"), array("q")
    faces, width, height = 0, 0, 0
    report = DecodeReport()
    frames = _frames(clip, settings, report)
    try:
        detector.reset()
        with store.put(key, settings.extension) as entry:
            for found in find_faces(frames, detector, settings.cuts):
                frame = found.frame
                timestamps.append(frame.timestamp_s)
                if frame.index == 0:
                    height, width = frame.rgb.shape[:2]
                if found.shot > len(cuts):
                    cuts.append(frame.index)
                    follower.cut()
                face = follower.choose(found.faces, frame.timestamp_s)
                if face is not None:
                    crop = encode_image(cropper.crop(frame.rgb, face), settings)
                    entry.add(frame.index, crop, face)
                    faces += 1
                if on_frame is not None:
                    on_frame(frame.index + 1)
            if not faces:
                raise RejectedClip("no_face", _no_face(clip, len(timestamps)))
            entry.finish(np.array(timestamps), width, height, cuts, **_told(report))
    finally:
        frames.close()


def _told(report: DecodeReport) -> dict[str, int | str]:
    """What an entry's summary tells of the decoding; what did not happen is not mentioned."""
    timed = report.info is None or report.info.keeps_times
    further: dict[str, int | str] = {
        "lost_pictures": report.lost, "untimed": int(report.lost > 0 and not timed),
        "remarks": report.remarks, "remark": report.remark,
        "unmapped_hdr": report.unmapped_hdr, "fixed_aspect": report.fixed_aspect,
    }  # fmt: skip
    met = {name: value for name, value in further.items() if value}
    return {"decode_errors": report.errors, **met}


def _side(clip: Clip) -> str:
    """Where the clip's person is in the frames that are looked at."""
    if not clip.mirrored:
        return clip.person
    return {"left": "right", "right": "left"}.get(clip.person, "")


def _frames(
    clip: Clip, settings: FaceSettings, report: DecodeReport
) -> Generator[Frame, None, None]:
    """The clip's frames, those of a mirrored one flipped."""
    frames: Iterator[Frame]
    if is_still(clip):
        frames = iter([read_still(clip, settings)])
    else:
        # The decoder works ahead in its own process while this thread looks for faces.
        frames = stream_frames(
            clip.source, settings.limits, settings.max_side,
            on_corrupt=settings.on_corrupt, hdr=settings.hdr, report=report,
            # Whether they matter depends on the labels. Who keeps everything is told of an error.
            on_lost="error" if settings.on_corrupt == "keep" else "count",
        )  # fmt: skip
    for frame in frames:
        yield replace(frame, rgb=cv2.flip(frame.rgb, 1)) if clip.mirrored else frame


def _no_face(clip: Clip, frames: int) -> str:
    who = f" of the person on the {clip.person}" if clip.person else ""
    where = "the image" if is_still(clip) else f"{frames} frames"
    return f"{clip.source}: no face{who} in {where}; another detector or min_score may do"
