"""A content-addressed store of face crops: one zip file for a video, settings and person.

What lies in it says whose it is, so files that were exchanged or renamed are made anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from affectflow.archive import UNUSABLE
from affectflow.errors import InputError, RejectedClip, TransientReject
from affectflow.faces.entry import FORMAT, EntryWriter, StoredFaces, check_owner
from affectflow.faces.judge import judge

logger = logging.getLogger(__name__)

_STALE_AFTER_S = 24 * 3600.0


class FaceStore:
    """Faces under ``root``, found again by what they were made from.

    An entry is written beside the store and renamed into it whole: a killed process leaves at most
    a temporary file, which goes when the entry is made again, or a day later, and of two that write
    the same entry one wins with the same content.

    Args:
        root: the store's folder; made when absent.

    Raises:
        InputError: ``root`` cannot be made or is not a folder.
    """

    def __init__(self, root: Path | str):
        self.root = Path(root)
        self._temporary = self.root / "tmp"
        try:
            self._temporary.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"face store {self.root}: {error.strerror}; give a folder that can be written"
            ) from error
        self._sweep()

    @staticmethod
    def key(content_digest: str, settings_digest: str, part: str) -> str:
        """sha256, hex, of the three things that decide an entry."""
        text = json.dumps([content_digest, settings_digest, part])
        return hashlib.sha256(text.encode()).hexdigest()

    def get(self, key: str) -> StoredFaces | None:
        """The entry, or None. One that is damaged or another's counts as absent and is removed."""
        path = self._path(key, "zip")
        try:
            return StoredFaces.open(path, key)
        except FileNotFoundError:
            return None
        except UNUSABLE as error:
            logger.warning("face entry %s is made anew: %s", path, error)
            path.unlink(missing_ok=True)
            return None

    @contextmanager
    def put(self, key: str, extension: str) -> Iterator[EntryWriter]:
        """A context manager that writes the entry ``key`` with crops named ``.extension``.

        The entry appears when the block ends after ``finish``; when it raises, nothing is left.
        """
        path = self._path(key, "zip")
        with EntryWriter(self._temporary_path(key), path, key, extension) as entry:
            yield entry
        if path.exists():
            self._remove_left(key)

    def rejection(self, key: str) -> RejectedClip | None:
        """The remembered rejection of ``key``, or None; one by another judge is not heeded."""
        path = self._path(key, "reject.json")
        try:
            saved = json.loads(path.read_text("utf-8"))
            check_owner(saved, key)
            rejection = RejectedClip(saved["cause"], saved["detail"])
            return rejection if saved.get("judge") == judge() else None
        except FileNotFoundError:
            return None
        except UNUSABLE as error:
            logger.warning("rejection %s is forgotten: %s", path, error)
            path.unlink(missing_ok=True)
            return None

    def reject(self, key: str, rejection: RejectedClip) -> None:
        """Remembers that the video cannot be used, and by whose judgement.

        One that may pass another time is not kept.
        """
        if isinstance(rejection, TransientReject):
            return
        path, temporary = self._path(key, "reject.json"), self._temporary_path(key)
        saved = {
            "format": FORMAT, "key": key, "cause": rejection.cause, "detail": rejection.detail,
            "judge": judge(),
        }  # fmt: skip
        text = json.dumps(saved)
        try:
            temporary.write_text(text, "utf-8")
            path.parent.mkdir(exist_ok=True)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        self._remove_left(key)

    def forget_rejection(self, key: str) -> None:
        """Has the video of ``key`` tried again, whatever was said of it."""
        self._path(key, "reject.json").unlink(missing_ok=True)

    def _path(self, key: str, extension: str) -> Path:
        return self.root / key[:2] / f"{key}.{extension}"

    def _temporary_path(self, key: str) -> Path:
        return self._temporary / f"{key}.{os.getpid()}.{uuid.uuid4().hex}"

    def _remove_left(self, key: str) -> None:
        """Nobody needs what is begun of an entry that is there: another one writes the same."""
        for path in self._temporary.glob(f"{key}.*"):
            path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        oldest = time.time() - _STALE_AFTER_S
        for path in self._temporary.iterdir():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)
            except OSError:  # another process sweeps too
                continue
