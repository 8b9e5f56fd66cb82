"""One entry of the face store: a zip of crops in frame order with their index, written and read.

It carries the key that it was made for, so that a file under another's name is not taken for that.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import zipfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from affectflow.archive import UNUSABLE, damage_told
from affectflow.errors import AffectflowError
from affectflow.faces.face import Face
from affectflow.files import sync_file, sync_folder
from affectflow.npz import load_npz

FORMAT = 2
"""Of entries and rejections: since 2 they say whose they are; earlier ones are made anew."""

_INDEX, _SUMMARY = "index.npz", "summary.json"
_SHAPES = {"frame_index": (), "box": (4,), "landmarks": (5, 2), "score": ()}


class DamagedEntry(AffectflowError):
    """A crop in the store cannot be read back; the entry was removed and can be made anew."""


def check_owner(told: dict[str, Any], key: str) -> None:
    """Holds what an entry or a rejection says of itself against the key that it was found by.

    Raises:
        ValueError: it is another's, or of an earlier format, which said nothing.
        AttributeError, KeyError: it says nothing that can be understood.
    """
    if told.get("format", 1) != FORMAT:
        raise ValueError(f"it is of format {told.get('format', 1)!r}, not {FORMAT}")
    if told["key"] != key:
        raise ValueError(f"it was made for {str(told['key'])[:64]!r}")


class StoredFaces:
    """The faces of one person in one video, read lazily; small to pickle.

    Attributes:
        path: the entry's file.
        frames_decoded: number of frames of the video, with and without a face (N below).
        width, height: size of the first frame, pixels. Boxes are relative to each frame's own.
    """

    def __init__(self, path: Path, summary: dict[str, object]):
        self.path = path
        self.summary = summary
        self.frames_decoded = int(str(summary["frames_decoded"]))
        self.width, self.height = int(str(summary["width"])), int(str(summary["height"]))

    @classmethod
    def open(cls, path: Path, key: str) -> StoredFaces:
        """Opens the entry of ``key`` and checks that it is that, and that its parts fit together.

        Raises:
            FileNotFoundError: it is not there.
            UNUSABLE: it is damaged, or another's.
        """
        with _opened(path) as archive:
            summary = json.loads(archive.read(_SUMMARY))
            check_owner(summary, key)
            entry = cls(path, summary)
            index = _read_index(archive)
            names = archive.namelist()
        entry.__dict__["index"] = index
        count = len(index["frame_index"])
        if len(names) != count + 2 or len(entry) != count:
            raise ValueError(f"{len(names) - 2} crops for {count} rows of the index")
        times = len(index["timestamp_s"])
        if times != entry.frames_decoded:
            raise ValueError(f"{times} timestamps for {entry.frames_decoded} frames")
        return entry

    def __len__(self) -> int:
        """Number of faces, F."""
        return int(str(self.summary["faces"]))

    @property
    def lost_pictures(self) -> int:
        """Pictures that are missing among the frames, as far as was seen; 0 = none.

        The frames after them have numbers that are too low.
        """
        return int(str(self.summary.get("lost_pictures", 0)))

    @property
    def times_certain(self) -> bool:
        """Whether frames have their own times whatever is missing before them."""
        return not self.summary.get("untimed")

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "index"}

    @cached_property
    def index(self) -> dict[str, np.ndarray]:
        """Arrays: ``frame_index`` int64 [F] (0-based, rising), ``box`` float32 [F, 4] and
        ``landmarks`` float32 [F, 5, 2] (relative), ``score`` float32 [F], ``timestamp_s`` float64
        [N] of every decoded frame (seconds, NaN where unknown), ``cuts`` int64 [C] (the frames with
        which another shot than the first begins, rising).

        Raises:
            DamagedEntry: see :meth:`images`.
        """
        with self._archive() as archive:
            return _read_index(archive)

    @property
    def content(self) -> str:
        """sha256, hex, of what the model may see: the crops, and which of how many frames they
        are."""
        return str(self.summary["content"])

    @property
    def shots(self) -> np.ndarray:
        """int64 [F]: the number of each face's shot, from 0."""
        return np.searchsorted(self.index["cuts"], self.index["frame_index"], side="right")

    def images(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Crops number ``start`` to ``stop`` (exclusive) of the F faces, encoded, in order.

        Raises:
            DamagedEntry: a crop's checksum fails, or another entry stands there by now; it is
                removed.
        """
        frames = self.index["frame_index"][start:stop].tolist()
        with self._archive() as archive:
            for frame in frames:
                yield archive.read(f"{frame:06d}.{self.summary['extension']}")

    @contextmanager
    def _archive(self) -> Iterator[zipfile.ZipFile]:
        """The file, opened once more: since it was opened first it may be another."""
        try:
            with _opened(self.path) as archive:
                check_owner(json.loads(archive.read(_SUMMARY)), str(self.summary["key"]))
                yield archive
        except UNUSABLE as error:
            self.path.unlink(missing_ok=True)
            raise DamagedEntry(
                f"face entry {self.path} was damaged ({error}) and is removed; run again to make "
                "it anew"
            ) from error


class EntryWriter:
    """Writes an entry crop by crop; memory holds only the index (about 100 bytes a face)."""

    def __init__(self, temporary: Path, target: Path, key: str, extension: str):
        self._temporary, self._target = temporary, target
        self._key, self._extension = key, extension
        self._frame_index, self._score = array("q"), array("f")
        self._box, self._landmarks = array("f"), array("f")
        self._finished = False

    def __enter__(self) -> EntryWriter:
        self._archive = zipfile.ZipFile(self._temporary, "w", zipfile.ZIP_STORED)
        self._content = _Content()
        return self

    def add(self, frame_index: int, image: bytes, face: Face) -> None:
        """Adds one face; frames come in rising order.

        Raises:
            ValueError: the frame is not after the last one.
        """
        if self._frame_index and frame_index <= self._frame_index[-1]:
            raise ValueError(f"frame {frame_index} after frame {self._frame_index[-1]}")
        self._write(f"{frame_index:06d}.{self._extension}", image)
        self._content.add(frame_index, image)
        self._frame_index.append(frame_index)
        self._box.extend(face.box)
        self._landmarks.extend(np.asarray(face.landmarks, np.float32).ravel().tolist())
        self._score.append(face.score)

    def finish(
        self,
        timestamps_s: np.ndarray,
        width: int,
        height: int,
        cuts: Iterable[int] = (),
        **more: int | str,
    ) -> None:
        """Completes the entry.

        Args:
            timestamps_s: float64 [N], one for each decoded frame.
            width, height: size of the first frame, pixels.
            cuts: the frames with which another shot begins, rising.
            more: further facts for the summary.
        """
        count = len(self._frame_index)
        arrays: dict[str, Any] = {
            "frame_index": np.array(self._frame_index, np.int64),
            "box": np.array(self._box, np.float32).reshape(count, 4),
            "landmarks": np.array(self._landmarks, np.float32).reshape(count, 5, 2),
            "score": np.array(self._score, np.float32),
            "timestamp_s": np.asarray(timestamps_s, np.float64),
            "cuts": np.fromiter(cuts, np.int64),
            "width": np.int64(width),
            "height": np.int64(height),
        }
        packed = io.BytesIO()
        np.savez(packed, **arrays)
        self._write(_INDEX, packed.getvalue())
        summary = {
            "format": FORMAT, "key": self._key, "frames_decoded": len(timestamps_s),
            "faces": count, "width": width, "height": height, "extension": self._extension,
            "content": self._content.digest(len(timestamps_s)), **more,
        }  # fmt: skip
        self._write(_SUMMARY, json.dumps(summary, sort_keys=True).encode())
        self._finished = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            try:
                self._archive.close()
            except Exception:
                # The first error is the one to report; a full disk makes closing fail as well.
                if error is None:
                    raise
            if error is None and self._finished:
                self._target.parent.mkdir(exist_ok=True)
                try:
                    # Renamed before it is written, it could be empty after a power loss.
                    sync_file(self._temporary)
                    os.replace(self._temporary, self._target)
                except FileNotFoundError:
                    # Whoever has put the same faces has taken this for left by a killed process.
                    if not self._target.exists():
                        raise
                sync_folder(self._target.parent)
        finally:
            self._temporary.unlink(missing_ok=True)

    def _write(self, name: str, data: bytes) -> None:
        # A fixed date: the same faces give the same bytes.
        self._archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)


class _Content:
    """The digest of an entry's crops, as they come."""

    def __init__(self) -> None:
        self._total = hashlib.sha256()

    def add(self, frame_index: int, image: bytes) -> None:
        self._total.update(struct.pack("<qq", frame_index, len(image)))
        self._total.update(image)

    def digest(self, frames_decoded: int) -> str:
        self._total.update(struct.pack("<q", frames_decoded))
        return self._total.hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with damage_told(), zipfile.ZipFile(path) as archive:
        yield archive


def _read_index(archive: zipfile.ZipFile) -> dict[str, np.ndarray]:
    packed = load_npz(io.BytesIO(archive.read(_INDEX)))
    index = {name: packed[name] for name in (*_SHAPES, "timestamp_s", "cuts")}
    count = len(index["frame_index"])
    for name, tail in _SHAPES.items():
        if index[name].shape != (count, *tail):
            raise ValueError(f"{name} has shape {index[name].shape}")
    return index
