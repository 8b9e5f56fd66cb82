"""From a clip to its stored faces: decode, detect, follow, align, encode, keep."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np

from affectflow.corpora.clip import Clip
from affectflow.errors import RejectedClip
from affectflow.faces.codec import encode_image
from affectflow.faces.crop import crop_face
from affectflow.faces.cropped import store_cropped
from affectflow.faces.detectors import Detector, create_detector
from affectflow.faces.entry import StoredFaces
from affectflow.faces.follow import Follower
from affectflow.faces.settings import FaceSettings
from affectflow.faces.still import is_still, read_still
from affectflow.faces.store import FaceStore
from affectflow.video.decode import DecodeReport, Frame, stream_frames

OnFrame = Callable[[int], None]


def extract_faces(
    clip: Clip,
    settings: FaceSettings,
    store: FaceStore,
    content_digest: str,
    detector: Detector | None = None,
    on_frame: OnFrame | None = None,
) -> StoredFaces:
    """The faces of ``clip``, from the store or made now.

    Args:
        clip: its ``source`` is a video, an image (``affectflow.faces.still``), or a folder of
            cropped and aligned images (``affectflow.faces.cropped``).
        settings: how faces are found and cropped.
        store: where they are kept.
        content_digest: what the source holds (``affectflow.video.digest``).
        detector: one built from ``settings`` and used by nobody else meanwhile; None builds one
            for this clip.
        on_frame: called with the number of frames decoded so far, after each frame.

    Raises:
        RejectedClip: the clip cannot be used, now or as remembered by the store.
        InputError: no usable ffmpeg or detector.
        OSError: the store cannot be written (a full disk, for one); nothing is left behind.
    """
    key = store.key(content_digest, settings.digest(), clip.part)
    stored = store.get(key)
    if stored is not None:
        return stored
    remembered = store.rejection(key)
    if remembered is not None:
        raise remembered
    try:
        if Path(clip.source).is_dir():
            store_cropped(clip, settings, store, key, on_frame)
        else:
            _store_video(clip, settings, store, key, detector, on_frame)
    except RejectedClip as rejection:
        store.reject(key, rejection)
        raise
    stored = store.get(key)
    if stored is None:
        raise OSError(f"face store {store.root}: entry {key} was written and cannot be read back")
    return stored


def _store_video(
    clip: Clip,
    settings: FaceSettings,
    store: FaceStore,
    key: str,
    detector: Detector | None,
    on_frame: OnFrame | None,
) -> None:
    follower = Follower(clip.person, settings.max_gap)
    timestamps = array("d")
    faces, width, height = 0, 0, 0
    used = detector if detector is not None else create_detector(settings)
    report = DecodeReport()
    frames = _frames(clip, settings, report)
    try:
        used.reset()
        with store.put(key, settings.extension) as entry:
            for frame in frames:
                timestamps.append(frame.timestamp_s)
                height, width = frame.rgb.shape[:2]
                face = follower.choose(used.detect(frame.rgb))
                if face is not None:
                    crop = crop_face(frame.rgb, face, settings)
                    entry.add(frame.index, encode_image(crop, settings), face)
                    faces += 1
                if on_frame is not None:
                    on_frame(frame.index + 1)
            if not faces:
                raise RejectedClip("no_face", _no_face(clip, len(timestamps)))
            entry.finish(np.array(timestamps), width, height, decode_errors=report.errors)
    finally:
        frames.close()
        if detector is None:
            used.close()


def _frames(
    clip: Clip, settings: FaceSettings, report: DecodeReport
) -> Generator[Frame, None, None]:
    if is_still(clip):
        yield read_still(clip, settings)
        return
    # The decoder works ahead in its own process while this thread looks for faces.
    yield from stream_frames(
        clip.source, settings.limits, settings.max_side,
        on_corrupt=settings.on_corrupt, report=report,
    )  # fmt: skip


def _no_face(clip: Clip, frames: int) -> str:
    who = f" of the person on the {clip.person}" if clip.person else ""
    where = "the image" if is_still(clip) else f"{frames} frames"
    return f"{clip.source}: no face{who} in {where}; another detector or min_score may do"
