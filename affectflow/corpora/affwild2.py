"""Aff-Wild2, as its owners ship it."""

from __future__ import annotations

import csv
import logging
import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings, check_subjects
from affectflow.corpora.annotation_text import read_annotation
from affectflow.corpora.clip import Clip
from affectflow.corpora.files import as_id, as_key, is_video, require_folder, walk
from affectflow.corpora.labels import Labels
from affectflow.corpora.splits import assign_splits, splits_itself
from affectflow.errors import InputError

_log = logging.getLogger(__name__)

TRAIN, VALIDATION = "Train_Set", "Validation_Set"
CROPPED = "cropped_aligned"
SUBJECTS = "subjects.csv"
# "VA_Set", "VASet", "va estimation", but not "validation" nor "August".
_TASK = re.compile(r"(va|expr|au|mtl)(?=[^a-z]|set|$)")
_SUFFIXES = {"_left": "left", "_right": "right"}


class AffWild2:
    """Videos or cropped faces, with an annotation file a person.

    What is looked for below the root, at any depth:

    * annotations: ``<VA…>/Train_Set/<name>.txt`` and ``<VA…>/Validation_Set/<name>.txt``, where
      ``VA…`` is ``VA_Set`` or ``VA_Estimation_Challenge``, in ``annotations`` or ``Third ABAW
      Annotations`` or wherever; those of other tasks (``EXPR_…``, ``AU_…``) are left
      alone. Without a ``VA…`` folder, a single ``Train_Set`` will do. The setting ``annotations``
      names the folder that holds ``Train_Set`` when there are several.
    * videos: by name, whatever the folder (``batch1``, ``batch2``, ``new_vids``). ``<name>_left``
      and ``<name>_right`` are the two people of the video ``<name>``, unless a video has the
      whole name.
    * ``cropped_aligned*/<name>/00001.jpg``…, used where the video is absent. Image n is row n - 1.

    An annotation with neither is still listed, with a source that does not exist, so that it is
    rejected by name and not lost. Videos without an annotation (the test set) are only counted.

    Aff-Wild2 ships the split, which its owners made by subject, but no list of who is in which
    video. So each name is its own subject unless ``subjects.csv`` (video, subject) beside the
    root's folders says more. Without ``Validation_Set`` the subjects are split by hash.
    """

    name = "affwild2"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        require_folder(root)
        if settings.split_by == "image":
            raise splits_itself(self.name)
        found = _scan(root)
        annotations = _annotation_folder(root, found.sets, settings)
        files = _annotation_files(annotations)
        subjects = _read_subjects(root / SUBJECTS)
        held_out = (annotations / VALIDATION).is_dir()
        names = [as_id(path.stem) for path, _ in files]
        subject_of = {name: subjects.get(as_key(name), name) for name in names}
        by_hash = assign_splits(subject_of.values(), settings.eval_fraction, settings.seed)
        if not held_out:
            _log.warning("%s has no %s; splitting its subjects by hash", annotations, VALIDATION)
        clips = []
        used: set[Path] = set()
        for (path, split), name in zip(files, names):
            source, person = found.source(path.stem, root)
            used.add(source)
            subject = subject_of[name]
            clips.append(
                Clip(
                    corpus=self.name,
                    video_id=name,
                    subject_id=subject,
                    split=split if held_out else by_hash[subject],
                    source=source,
                    labels=path,
                    person=person,
                )
            )
        check_subjects(clips)
        found.report(used)
        return sorted(clips, key=lambda clip: clip.video_id)

    def read_labels(self, clip: Clip) -> Labels | None:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        return None if clip.labels is None else read_annotation(clip.labels)


ADAPTER = AffWild2


@dataclass
class _Found:
    """What a walk over the root came by."""

    sets: list[Path] = field(default_factory=list)
    videos: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    cropped: dict[str, Path] = field(default_factory=dict)

    def source(self, name: str, root: Path) -> tuple[Path, str]:
        """The video or folder of an annotation, and which person of it."""
        stem, person = _split_person(name)
        for candidate, who in ((name, ""), (stem, person)):
            videos = self.videos.get(as_key(candidate), [])
            if len(videos) > 1:
                raise InputError(
                    f"annotation {as_id(name)!r} fits several videos: "
                    f"{', '.join(map(str, videos))}; keep one of them"
                )
            if videos:
                return videos[0], who
        # A cropped folder shows one person already: the name's side has been chosen.
        return self.cropped.get(as_key(name), root / f"{stem}.mp4"), ""

    def report(self, used: set[Path]) -> None:
        """Logs what was found but has no annotation, and what is missing."""
        videos = [path for paths in self.videos.values() for path in paths]
        spare = sum(path not in used for path in videos)
        if spare:
            _log.info("%d of %d videos have no annotation and are left out", spare, len(videos))
        missing = sorted(path.stem for path in used if not path.exists())
        if missing:
            _log.warning(
                "%d annotated videos are not there (%s%s)",
                len(missing),
                ", ".join(missing[:3]),
                ", …" if len(missing) > 3 else "",
            )


def _scan(root: Path) -> _Found:
    # Cropped folders hold millions of images: name their sub-folders, never walk into those.
    found = _Found()
    for folder, folders, files in walk(root, enter=lambda path: not _below_cropped(path, root)):
        if folder != root and folder.name.startswith(CROPPED):
            for name in folders:
                found.cropped.setdefault(as_key(name), folder / name)
        if TRAIN in folders:
            found.sets.append(folder)
        for name in files:
            if is_video(name):
                found.videos[as_key(os.path.splitext(name)[0])].append(folder / name)
    return found


def _below_cropped(path: Path, root: Path) -> bool:
    """Whether a folder is one of images; ``cropped_aligned/cropped_aligned`` (unzipped) is not."""
    inside = path.parent != root and path.parent.name.startswith(CROPPED)
    return inside and not path.name.startswith(CROPPED)


def _annotation_folder(root: Path, sets: list[Path], settings: CorpusSettings) -> Path:
    if settings.annotations:
        chosen = root / settings.annotations
        if not (chosen / TRAIN).is_dir():
            raise InputError(
                f"annotations is {settings.annotations!r}, but {chosen} has no folder {TRAIN}; "
                f"folders that have one: {_listed(sets, root)}"
            )
        return chosen
    tasks = {path: _task(path, root) for path in sets}
    candidates = [path for path in sets if tasks[path] == "va"] or [
        path for path in sets if not tasks[path]
    ]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise InputError(
            f"{root} has no annotations of Aff-Wild2: a folder VA_Set or VA_Estimation_Challenge "
            f"with {TRAIN} and {VALIDATION} in it, at any depth, would do"
        )
    raise InputError(
        f"{root} has several folders with {TRAIN}: {_listed(candidates, root)}; "
        "set annotations to one of them"
    )


def _task(path: Path, root: Path) -> str:
    """The task of Aff-Wild2 that the nearest folder which names one is for, else ""."""
    for part in reversed(path.relative_to(root).parts):
        named = _TASK.match(part.lower())
        if named:
            return named[1]
    return ""


def _annotation_files(folder: Path) -> list[tuple[Path, str]]:
    files = [
        (path, split)
        for name, split in ((TRAIN, "train"), (VALIDATION, "eval"))
        for path in sorted((folder / name).glob("*.txt"))
        if not path.name.startswith(".")
    ]
    if not files:
        raise InputError(
            f"{folder} has no annotation: files {TRAIN}/<video>.txt would do, "
            "with the header valence,arousal"
        )
    return files


def _read_subjects(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    subjects: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, skipinitialspace=True)
        columns = [name.strip().lower() for name in reader.fieldnames or ()]
        if not {"video", "subject"} <= set(columns):
            raise InputError(f"{path} has the columns {columns}; it must have video and subject")
        reader.fieldnames = columns
        for row in reader:
            video, subject = (str(row[column] or "").strip() for column in ("video", "subject"))
            if not video or not subject:
                raise InputError(
                    f"{path}, line {reader.line_num}: video is {video!r} and subject {subject!r}; "
                    "neither may be empty"
                )
            key = as_key(os.path.splitext(video)[0] if is_video(video) else video)
            if subjects.setdefault(key, subject) != subject:
                raise InputError(
                    f"{path}, line {reader.line_num}: video {video!r} has the subjects "
                    f"{subjects[key]!r} and {subject!r}; one would do"
                )
    return subjects


def _split_person(name: str) -> tuple[str, str]:
    for suffix, person in _SUFFIXES.items():
        if name.endswith(suffix) and name != suffix:
            return name[: -len(suffix)], person
    return name, ""


def _listed(paths: list[Path], root: Path) -> str:
    return ", ".join(repr(path.relative_to(root).as_posix()) for path in paths) or "none"
