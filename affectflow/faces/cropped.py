"""Folders of faces that were cropped and aligned elsewhere, as Aff-Wild2 ships them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from affectflow.corpora.clip import Clip
from affectflow.errors import RejectedClip, TransientReject
from affectflow.faces.codec import check_image_side, decode_image, encode_image, image_size
from affectflow.faces.crop import whole_face
from affectflow.faces.cropper import Cropper
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.video.reject import check_file

_FORMATS = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png"}


def numbered_images(folder: Path) -> dict[int, Path]:
    """Image files named by a number, by that number, rising: ``00001.jpg`` is 1.

    Raises:
        RejectedClip: two files have the same number, or there is number 0.
    """
    images: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _FORMATS or not path.stem.isdecimal():
            continue
        number = int(path.stem)
        if number in images or number < 1:
            raise RejectedClip(
                "unreadable", f"{path}: images are numbered from 1, each number once"
            )
        images[number] = path
    return dict(sorted(images.items()))


def store_cropped(
    clip: Clip,
    settings: FaceSettings,
    store: FaceStore,
    key: str,
    cropper: Cropper,
    on_frame: Callable[[int], None] | None = None,
) -> None:
    """Stores a folder of ``%05d.jpg`` images: image n is frame n - 1, a missing one has no face.

    Images of the settings' size and format are kept byte for byte, others are resized (whatever
    their aspect) and encoded anew, as are those of a mirrored clip, which are flipped, and those
    that the cropper changes. All are one shot: aligning jumps too much for crops alone to show a
    cut. Their boxes are the whole image, their landmarks the alignment
    template's, their scores 1, their timestamps NaN; frames_decoded is the highest number.

    Raises:
        RejectedClip: no images, numbers that clash or are beyond the limit of frames, an image
            beyond that of sides, or one that cannot be read ("corrupt", or "unreadable" where
            something stands in its place; with ``on_corrupt="keep"`` it counts as a frame without a
            face, unless all do). A ``TransientReject`` where the folder or a file of it cannot be
            read now.
    """
    try:
        images = numbered_images(Path(clip.source))
    except OSError as error:
        raise TransientReject("unreadable", f"{clip.source}: {error.strerror}") from error
    if not images:
        raise RejectedClip("no_face", f"{clip.source}: no images named by number, as 00001.jpg")
    face = whole_face(settings.size)
    last = max(images)
    if last > settings.limit_frames:
        raise RejectedClip(
            "too_long",
            f"{images[last]}: stands for frame {last - 1}; the limit is {settings.limit_frames}"
            " frames, so an image named by a date or an id would want another name",
        )
    faces = damaged = 0
    with store.put(key, settings.extension) as entry:
        for number, path in images.items():
            try:
                data = path.read_bytes()
            except OSError as error:
                raise TransientReject("unreadable", f"{path}: {error.strerror}") from error
            rgb = _decoded(data, path, settings)
            if rgb is None:
                if settings.on_corrupt == "reject":
                    check_file(path)  # says what stands in its place
                    raise RejectedClip("corrupt", f"{path}: the image cannot be read")
                damaged += 1
                continue
            if clip.mirrored:
                rgb = cv2.flip(rgb, 1)
            as_it_is = _fits(rgb, path, settings) and not (clip.mirrored or cropper.changes)
            image = data if as_it_is else encode_image(cropper.fit(rgb), settings)
            entry.add(number - 1, image, face)
            faces += 1
            if on_frame is not None:
                on_frame(number)
        if not faces:
            check_file(path)
            raise RejectedClip("no_face", f"{clip.source}: none of its images can be read")
        timestamps = np.full(last, np.nan)
        entry.finish(timestamps, settings.size, settings.size, decode_errors=damaged)


def _decoded(data: bytes, path: Path, settings: FaceSettings) -> np.ndarray | None:
    try:
        size = image_size(data)
    except RejectedClip as error:
        raise RejectedClip(error.cause, f"{path}: {error.detail}") from error
    if size is None:
        return None
    check_image_side(path, size, settings)
    return decode_image(data)


def _fits(rgb: np.ndarray, path: Path, settings: FaceSettings) -> bool:
    side = settings.size
    known = _FORMATS[path.suffix.lower()]
    return rgb.shape[:2] == (side, side) and known == settings.image_format
