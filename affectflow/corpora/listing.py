"""The clips of a corpus as the settings ask for them: what everything that lists one calls."""

from __future__ import annotations

from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings, check_subjects, get_adapter
from affectflow.corpora.clip import Clip
from affectflow.corpora.mirrored import with_mirrored


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
