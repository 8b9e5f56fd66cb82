"""Any folder of videos, with or without a table of labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath

from affectflow.corpora.adapter import CorpusSettings, check_subjects
from affectflow.corpora.clip import Clip
from affectflow.corpora.files import (
    VIDEO_EXTENSIONS,
    as_id,
    as_key,
    is_video,
    media_by_ending,
    require_folder,
    walk,
)
from affectflow.corpora.label_table import LabelTable, looks_like_labels, read_label_table
from affectflow.corpora.labels import Labels
from affectflow.corpora.name_match import match_names
from affectflow.corpora.remarks import examples, remark
from affectflow.corpora.splits import assign_splits, splits_itself
from affectflow.errors import InputError, RejectedClip

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
      decode order; from 1 with the setting ``first_frame``) or ``second``, ``valence``,
      ``arousal``, and if wanted ``subject`` and ``split``. A video may be written otherwise than by
      its path, where that can mean no other (``affectflow.corpora.name_match``). Rows of videos
      that are not there are remarked; a table of which no row has its video is an error. A video
      without rows has no labels.
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
        names: dict[str, list[str]] = defaultdict(list)
        if table is not None:
            matched = _match(table, videos, root, settings)
            for name, video_id in matched.items():
                names[video_id].append(name)
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
                labels=table.path if table is not None and video_id in names else None,
                label_names=tuple(names.get(video_id, ())),
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
            return read_label_table(clip.labels).labels(clip.label_names)
        except FileNotFoundError:
            raise RejectedClip("no_labels", f"labels {clip.labels} do not exist") from None


ADAPTERS = (VideoFolder(),)


def _find_videos(root: Path) -> dict[str, Path]:
    files = [folder / name for folder, _, names in walk(root) for name in names]
    paths = [path for path in files if is_video(path.name)]
    others = [as_id(path.relative_to(root)) for path in files if not is_video(path.name)]
    if not paths:
        raise InputError(
            f"{root} holds no video; files ending in {', '.join(VIDEO_EXTENSIONS)} are looked for"
            + (f"; found {left}" if (left := media_by_ending(others)) else "")
        )
    if left := media_by_ending(others):
        remark(f"{root}: passed over, as they are no videos: {left}")
    full = {path: as_id(path.relative_to(root)) for path in paths}
    short = {path: as_id(path.relative_to(root).with_suffix("")) for path in paths}
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
    tables = sorted(path for path in root.iterdir() if path.suffix.lower() == ".csv")
    named = [path for path in tables if path.name.lower() == LABELS]
    if len(named) == 1:
        return read_label_table(named[0])
    if alike := [as_id(path.name) for path in tables if looks_like_labels(path)]:
        remark(
            f"{root} has no {LABELS}, but {examples(alike)} with the columns of one; "
            f"annotations={alike[0]} would read the labels from it"
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


def _match(
    table: LabelTable, videos: dict[str, Path], root: Path, settings: CorpusSettings
) -> dict[str, str]:
    """Video as the table writes it -> video_id."""
    if not table.videos:
        raise InputError(f"{table.path} has no row below its header; a row a frame would do")
    paths = {name: as_key(as_id(path.relative_to(root))) for name, path in videos.items()}
    matched = match_names(table.path, table.videos, paths, root)
    table.check_first_frame(settings.first_frame)
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
