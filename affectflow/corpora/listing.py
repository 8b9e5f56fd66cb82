"""The clips of a corpus as the settings ask for them: what everything that lists one calls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings, check_subjects, get_adapter
from affectflow.corpora.clip import SPLITS, Clip
from affectflow.corpora.mirrored import with_mirrored
from affectflow.corpora.remarks import examples
from affectflow.errors import InputError


def list_clips(name: str, root: Path, settings: CorpusSettings) -> list[Clip]:
    """The clips below ``root``, sorted by video_id, mirrored copies included where asked for.

    Args:
        name: of the corpus adapter.

    Raises:
        InputError: there is no such adapter, the folder does not hold such a corpus, an id stands
            for two clips, or a subject is in two splits.
    """
    clips = get_adapter(name).list_clips(root, settings)
    if settings.mirrored == "copies":
        clips = with_mirrored(clips)
    check_subjects(clips)
    return clips


def check_both_splits(clips: Sequence[Clip], where: object) -> None:
    """Makes sure that a labelled corpus has clips to train on and others to evaluate on.

    Args:
        where: the corpus, for the message.

    Raises:
        InputError: one of the two splits is empty; says who is in the other.
    """
    if not any(clip.labels is not None or clip.classes for clip in clips):
        return
    for split, purpose in zip(SPLITS, ("train", "evaluate")):
        if not any(clip.split == split for clip in clips):
            subjects = sorted({clip.subject_id for clip in clips})
            raise InputError(
                f"{where} has no clip to {purpose} on: its {len(clips)} clips are all in split "
                f"{clips[0].split}, of {len(subjects)} subjects ({examples(subjects)}); clips of "
                "two subjects or more, or the corpus's own validation set, would do"
            )
