"""Which video, or folder of cropped faces, an annotation of Aff-Wild2 is of, and whom it shows."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from affectflow.corpora.files import as_id, as_key, is_video, media_by_ending, walk
from affectflow.corpora.remarks import examples, remark
from affectflow.errors import InputError

_log = logging.getLogger(__name__)

CROPPED = "cropped_aligned"
_SIDES = {"_left": "left", "_right": "right"}
_OTHER_SIDE = {"left": "right", "right": "left"}

Shown = tuple[Path, str]
"""A video or folder, and which person of it: ``left``, ``right``, or "" where there is one."""


class Sources:
    """The videos and folders of cropped faces below a root, at any depth.

    Args:
        root: the corpus's folder.
        prefer: ``videos`` or ``cropped``: which is taken where both are there.
    """

    def __init__(self, root: Path, prefer: str):
        self._root = root
        self._prefer = prefer
        self._videos: dict[str, list[Path]] = defaultdict(list)
        self._cropped: dict[str, Path] = {}
        self._folders: list[tuple[Path, list[str]]] = []
        others: list[str] = []
        # Cropped folders hold millions of images: name their sub-folders, never walk into those.
        for folder, folders, files in walk(root, enter=lambda path: not _has_images(path, root)):
            self._folders.append((folder, folders))
            if folder != root and folder.name.startswith(CROPPED):
                for name in folders:
                    self._cropped.setdefault(_folded(name), folder / name)
            for name in files:
                if is_video(name):
                    self._videos[_folded(os.path.splitext(name)[0])].append(folder / name)
                else:
                    others.append(name)
        if unread := media_by_ending(others, unread_alone=True):
            remark(f"{root}: passed over, as nothing here reads them: {unread}")

    def folders_with(self, name: str) -> list[Path]:
        """The folders that have a folder of that name."""
        return [folder for folder, folders in self._folders if name in folders]

    def of(self, names: Sequence[str]) -> list[Shown]:
        """What each annotation is of; a source that is not there has a path that does not exist.

        Two people of one video are ``<name>_left`` and ``<name>_right``, or one of these and the
        bare ``<name>``, who then is on the other side ("10-60-1280x720" and
        "10-60-1280x720_right"). A folder of cropped faces shows one person.

        Args:
            names: of all annotations, without an ending.

        Raises:
            InputError: a name fits several videos, or there is no source of any name.
        """
        shown = [self._one(name) for name in names]
        if not any(source.exists() for source, _ in shown):
            raise self._nothing(names)
        return [
            (source, person or self._left_over(name, source, names))
            for name, (source, person) in zip(names, shown, strict=True)
        ]

    def tell(self, names: Sequence[str], sources: Sequence[Path]) -> None:
        """Says what has no annotation, what is not there, and what stands in for something else."""
        videos = [path for paths in self._videos.values() for path in paths]
        spare = len(set(videos) - set(sources))
        if spare:
            _log.info("%d of %d videos have no annotation and are left out", spare, len(videos))
        missing = [path.stem for path in sources if not path.exists()]
        if missing:
            remark(f"{len(missing)} annotated videos are not there ({examples(sorted(missing))})")
        there = [(name, path) for name, path in zip(names, sources) if path.exists()]
        cropped = [name for name, path in there if path.is_dir()]
        films = [name for name, path in there if not path.is_dir()]
        if cropped and films:
            few, wanted = (films, CROPPED) if self._prefer == "cropped" else (cropped, "the videos")
            taken = "videos" if few is films else f"folders in {CROPPED}"
            remark(
                f"{len(few)} of {len(there)} clips are not in {wanted}; their {taken} are read "
                f"({examples(few)})"
            )

    def _one(self, name: str) -> Shown:
        stem, side = _split_side(name)
        cropped = self._cropped.get(_folded(name))
        if cropped is not None and self._prefer == "cropped":
            return cropped, ""
        for candidate, person in ((name, ""), (stem, side)):
            videos = self._videos.get(_folded(candidate), [])
            exact = [path for path in videos if as_key(path.stem) == as_key(candidate)]
            videos = exact or videos
            if len(videos) > 1:
                raise InputError(
                    f"annotation {as_id(name)!r} fits several videos: "
                    f"{', '.join(map(str, videos))}; keep one of them"
                )
            if videos:
                return videos[0], person
        # A cropped folder shows one person already: the name's side has been chosen.
        return cropped or self._root / f"{stem}.mp4", ""

    def _left_over(self, name: str, source: Path, names: Sequence[str]) -> str:
        """The side of the person who is named without one; "" = alone there, or not known.

        Who is named with one may be annotated, or have a folder of cropped faces, or both; who
        has a video of that name is not in this one.
        """
        if source.is_dir() or not source.exists() or _split_side(name)[1]:
            return ""
        known = ({_folded(other) for other in names} | self._cropped.keys()) - self._videos.keys()
        named = [side for end, side in _SIDES.items() if _folded(name + end) in known]
        if len(named) > 1:
            remark(
                f"{source.name} has annotations of the left, of the right and of a third person; "
                "whose the third one is is not known: the largest face is followed"
            )
        return _OTHER_SIDE[named[0]] if len(named) == 1 else ""

    def _nothing(self, names: Sequence[str]) -> InputError:
        videos = sorted(path.name for paths in self._videos.values() for path in paths)
        folders = sorted(path.name for path in self._cropped.values())
        found = [
            f"{len(held)} {what} ({examples([as_id(name) for name in held])})"
            for what, held in (("videos", videos), (f"folders in {CROPPED}", folders))
            if held
        ]
        return InputError(
            f"{self._root} has {len(names)} annotations ({examples([as_id(n) for n in names])}) "
            f"and the video of none of them; found {' and '.join(found) or 'no video'}; a video's "
            "name is that of its annotation, without _left or _right"
        )


def _split_side(name: str) -> tuple[str, str]:
    for suffix, side in _SIDES.items():
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)], side
    return name, ""


def _folded(name: str) -> str:
    return as_key(name).casefold()


def _has_images(path: Path, root: Path) -> bool:
    """Whether a folder is one of images; ``cropped_aligned/cropped_aligned`` (unzipped) is not."""
    inside = path.parent != root and path.parent.name.startswith(CROPPED)
    return inside and not path.name.startswith(CROPPED)
