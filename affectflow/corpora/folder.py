"""Any folder of videos, with or without a table of labels."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath

from affectflow.corpora.adapter import CorpusSettings, check_subjects
from affectflow.corpora.clip import Clip
from affectflow.corpora.files import (
    VIDEO_EXTENSIONS,
    as_id,
    as_key,
    is_video,
    require_folder,
    walk,
)
from affectflow.corpora.label_table import LabelTable, read_label_table
from affectflow.corpora.labels import Labels
from affectflow.corpora.splits import assign_splits, splits_itself
from affectflow.errors import InputError, RejectedClip

_log = logging.getLogger(__name__)

LABELS = "labels.csv"
SPLIT_NAMES = {
    "train": "train",
    "eval": "eval",
    "val": "eval",
    "valid": "eval",
    "validation": "eval",
    "test": "eval",
}


class VideoFolder:
    """All videos below the root, at any depth.

    * ``video_id`` is the path from the root without extension, with ``/`` between folders; with
      it where two videos would have the same id.
    * Labels: ``labels.csv`` in the root (or the file that the setting ``annotations`` names) with
      the columns ``video`` (path from the root, with or without extension), ``frame`` (0-based,
      decode order) or ``second``, ``valence``, ``arousal``, and if wanted ``subject`` and
      ``split``. Rows of a video that is not there are warned of; a video without rows has no
      labels.
    * Subject: as the table says; else, where videos are in sub-folders, the first folder below
      the one that holds all of them (``videos/anna/1.mp4`` and ``videos/ben/1.mp4``: anna and
      ben); else the video is its own subject.
    * Split: as the table says: ``train``; ``eval``, ``val``, ``valid`` and ``validation`` are
      all ``eval``, and so is ``test`` unless the table has a validation split too: there are two
      splits, the model is chosen on ``eval``, and test videos must not take part in that. Other
      videos go where their subject is, else by hash of the subject.
    """

    name = "folder"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        require_folder(root)
        if settings.split_by == "image":
            raise splits_itself(self.name)
        videos = _find_videos(root)
        table = _find_table(root, settings)
        subjects = _default_subjects(videos)
        splits: dict[str, str] = {}
        labelled: set[str] = set()
        if table is not None:
            matched = _match(table, videos)
            labelled.update(matched.values())
            subjects |= _by_video(table, "subject", table.said("subject"), matched)
            splits |= _by_video(table, "split", _split_names(table), matched)
        by_subject = {subjects[video_id]: split for video_id, split in splits.items()}
        by_hash = assign_splits(
            (subject for subject in subjects.values() if subject not in by_subject),
            settings.eval_fraction,
            settings.seed,
        )
        clips = [
            Clip(
                corpus=self.name,
                video_id=video_id,
                subject_id=subjects[video_id],
                split=splits.get(video_id) or (by_subject | by_hash)[subjects[video_id]],
                source=path,
                labels=table.path if table is not None and video_id in labelled else None,
            )
            for video_id, path in sorted(videos.items())
        ]
        check_subjects(clips)
        return clips

    def read_labels(self, clip: Clip) -> Labels | None:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        if clip.labels is None:
            return None
        try:
            return read_label_table(clip.labels).labels(_keys(clip.video_id, clip.source))
        except FileNotFoundError:
            raise RejectedClip("no_labels", f"labels {clip.labels} do not exist") from None


ADAPTER = VideoFolder


def _find_videos(root: Path) -> dict[str, Path]:
    paths = [folder / name for folder, _, files in walk(root) for name in files if is_video(name)]
    if not paths:
        raise InputError(
            f"{root} holds no video; files ending in {', '.join(VIDEO_EXTENSIONS)} are looked for"
        )
    full = {path: as_id(path.relative_to(root).as_posix()) for path in paths}
    short = {path: as_id(path.relative_to(root).with_suffix("").as_posix()) for path in paths}
    # A short id must be nobody else's, neither short nor full (x.mp4.mkv beside x.mp4).
    holders = Counter(map(as_key, short.values())) + Counter(map(as_key, full.values()))
    return {short[p] if holders[as_key(short[p])] == 1 else full[p]: p for p in paths}


def _find_table(root: Path, settings: CorpusSettings) -> LabelTable | None:
    path = root / (settings.annotations or LABELS)
    if path.is_file():
        return read_label_table(path)
    if settings.annotations:
        raise InputError(
            f"annotations is {settings.annotations!r}, but {path} is not a file; "
            "name a table of labels (CSV), by its path from the corpus's folder"
        )
    return None


def _default_subjects(videos: dict[str, Path]) -> dict[str, str]:
    folders = [PurePosixPath(video_id).parts[:-1] for video_id in videos]
    shared = 0
    while all(len(parts) > shared for parts in folders) and (
        len({parts[shared] for parts in folders}) == 1
    ):
        shared += 1
    return {
        video_id: parts[shared] if len(parts) > shared else video_id
        for video_id, parts in zip(videos, folders)
    }


def _keys(video_id: str, source: Path) -> list[str]:
    """The ways in which a table may write a video."""
    if _has_extension(video_id, source):
        return [as_key(video_id)]
    return [as_key(video_id), as_key(video_id + source.suffix)]


def _has_extension(video_id: str, source: Path) -> bool:
    return PurePosixPath(video_id).name == as_id(source.name)


def _match(table: LabelTable, videos: dict[str, Path]) -> dict[str, str]:
    """Video as the table writes it -> video_id."""
    ids: dict[str, str] = {}
    ambiguous: dict[str, list[str]] = defaultdict(list)
    for video_id, path in videos.items():
        for key in _keys(video_id, path):
            ids[key] = video_id
        if _has_extension(video_id, path):
            ambiguous[as_key(str(PurePosixPath(video_id).with_suffix("")))].append(video_id)
    matched: dict[str, str] = {}
    absent = []
    for key in table.videos:
        if key in ids:
            matched[key] = ids[key]
        elif len(ambiguous.get(key, ())) > 1:
            raise InputError(
                f"{table.path}: video {key!r} could be {' or '.join(sorted(ambiguous[key]))}; "
                "write it with its extension"
            )
        else:
            absent.append(key)
    if absent:
        _log.warning(
            "%s labels %d videos that are not there (%s%s)",
            table.path,
            len(absent),
            ", ".join(absent[:3]),
            ", …" if len(absent) > 3 else "",
        )
    return matched


def _split_names(table: LabelTable) -> dict[str, str]:
    """Video as the table writes it -> split, with the two names that splits have here."""
    written = table.said("split")
    named = {key: text.lower() for key, text in written.items()}
    for key, name in named.items():
        if name not in SPLIT_NAMES:
            raise InputError(
                f"{table.path}: split of video {key!r} is {written[key]!r}; "
                f"it must be one of {', '.join(SPLIT_NAMES)}"
            )
    held_out = set(named.values()) - {"train", "test"}
    if "test" in named.values() and held_out:
        raise InputError(
            f"{table.path} has the splits test and {', '.join(sorted(held_out))}; there are only "
            "train and eval here, and the model is chosen on eval: keep one of them in this corpus"
        )
    return {key: SPLIT_NAMES[name] for key, name in named.items()}


def _by_video(
    table: LabelTable, column: str, said: dict[str, str], matched: dict[str, str]
) -> dict[str, str]:
    """What a column says, by video_id; a table may write one video with and without extension."""
    found: dict[str, str] = {}
    for key, video_id in matched.items():
        if key in said and found.setdefault(video_id, said[key]) != said[key]:
            raise InputError(
                f"{table.path}: {column} of video {video_id!r} is {found[video_id]!r} and "
                f"{said[key]!r}; one would do"
            )
    return found
