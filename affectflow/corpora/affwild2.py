"""Aff-Wild2, as its owners ship it."""

from __future__ import annotations

import re
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings, check_subjects
from affectflow.corpora.affwild2_sources import Sources
from affectflow.corpora.annotation_text import read_annotation
from affectflow.corpora.clip import Clip
from affectflow.corpora.csv_rows import csv_rows
from affectflow.corpora.files import as_id, as_key, require_folder, require_itself
from affectflow.corpora.labels import Labels
from affectflow.corpora.name_match import match_names
from affectflow.corpora.remarks import remark
from affectflow.corpora.splits import assign_splits, splits_itself
from affectflow.errors import InputError

TRAIN, VALIDATION = "Train_Set", "Validation_Set"
SUBJECTS = "subjects.csv"
# "VA_Set", "VASet", "va estimation", but not "validation" nor "August".
_TASK = re.compile(r"(va|expr|au|mtl)(?=[^a-z]|set|$)")


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
      whole name; beside one of them the bare ``<name>`` is the other.
    * ``cropped_aligned*/<name>/00001.jpg``…, used where the video is absent, or instead of it with
      the setting ``prefer``. Image n is row n - 1.

    An annotation with neither is still listed, with a source that does not exist, so that it is
    rejected by name and not lost; where none has either, it is an error. Videos without an
    annotation (the test set) are only counted. Many annotations have a row more than their video
    has frames; the setting ``label_slack`` allows that.

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
        sources = Sources(root, settings.prefer)
        annotations = _annotation_folder(root, sources.folders_with(TRAIN), settings)
        files = _annotation_files(annotations)
        names = [as_id(path.stem) for path, _ in files]
        shown = sources.of([path.stem for path, _ in files])
        subject_of = dict(zip(names, names)) | _read_subjects(root / SUBJECTS, names, annotations)
        held_out = (annotations / VALIDATION).is_dir()
        by_hash = assign_splits(subject_of.values(), settings.eval_fraction, settings.seed)
        if not held_out:
            remark(f"{annotations} has no {VALIDATION}; splitting its subjects by hash")
        clips = []
        for (path, split), name, (source, person) in zip(files, names, shown):
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
        sources.tell(names, [source for source, _ in shown])
        return sorted(clips, key=lambda clip: clip.video_id)

    def read_labels(self, clip: Clip) -> Labels | None:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        return None if clip.labels is None else read_annotation(clip.labels)


ADAPTERS = (AffWild2(),)


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
        for path in sorted((folder / name).glob("*"))
        if path.suffix.lower() == ".txt" and not path.name.startswith(".")
    ]
    if not files:
        raise InputError(
            f"{folder} has no annotation: files {TRAIN}/<video>.txt would do, "
            "with the header valence,arousal"
        )
    return files


def _read_subjects(path: Path, names: list[str], annotations: Path) -> dict[str, str]:
    """Who is in the video of a name, of those that the table names."""
    if not path.exists():
        return {}
    subjects: dict[str, str] = {}
    with csv_rows(path) as reader:
        columns = [name.strip().lower() for name in next(reader, [])]
        if not {"video", "subject"} <= set(columns):
            require_itself(path)
            raise InputError(f"{path} has the columns {columns}; it must have video and subject")
        for row in filter(any, reader):
            cells = dict(zip(columns, map(str.strip, row)))
            video, subject = cells.get("video", ""), cells.get("subject", "")
            if not video or not subject:
                raise InputError(
                    f"{path}, line {reader.line_num}: video is {video!r} and subject {subject!r}; "
                    "neither may be empty"
                )
            key = as_key(video)
            if subjects.setdefault(key, subject) != subject:
                raise InputError(
                    f"{path}, line {reader.line_num}: video {video!r} has the subjects "
                    f"{subjects[key]!r} and {subject!r}; one would do"
                )
    found: dict[str, str] = {}
    held = {name: as_key(name) for name in names}
    for key, name in match_names(path, subjects, held, annotations).items():
        if found.setdefault(name, subjects[key]) != subjects[key]:
            raise InputError(
                f"{path}: video {name!r} has the subjects {found[name]!r} and {subjects[key]!r}; "
                "one would do"
            )
    return found


def _listed(paths: list[Path], root: Path) -> str:
    return ", ".join(repr(path.relative_to(root).as_posix()) for path in paths) or "none"
