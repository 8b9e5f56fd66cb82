"""The DoFn that describes the sound of one source."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import numpy as np

from affectflow import progress
from affectflow.audio.functionals import functionals
from affectflow.audio.read import RATE, NoSound, read_audio
from affectflow.corpora.files import is_video
from affectflow.errors import InputError, RejectedClip, TransientReject
from affectflow.records.audio import AudioRecord
from affectflow.unforeseen import Unforeseen, clips_own
from affectflow.video.digest import content_digest
from components.audio_extractor.sources import Source

logger = logging.getLogger(__name__)


UNFORESEEN = "unforeseen"
"""The output of ``ListenToSource`` that says on which sources something unforeseen came up."""


class ListenToSource(beam.DoFn):
    """source → (split, place in it, serialized AudioRecord) for each of its clips.

    Where the sound of a source cannot be described its clips are as those without sound, which is
    logged; what a source has that nobody foresaw goes to ``UNFORESEEN`` as (digest, fault, detail).
    """

    def __init__(self, total_clips: int):
        self._total = total_clips

    def process(
        self, source: Source
    ) -> Iterator[tuple[str, int, bytes] | beam.pvalue.TaggedOutput]:
        check_unchanged(source)
        vector = None
        try:
            with clips_own(source.clips[0].video_id, source.path):
                vector = hear(source.path)
        except TransientReject:
            raise
        except Unforeseen as reject:
            told = (source.digest, reject.fault, reject.detail)
            yield beam.pvalue.TaggedOutput(UNFORESEEN, told)
        except RejectedClip as reject:
            logger.warning("%s is taken as without sound: %s", source.clips[0].video_id, reject)
        for clip in source.clips:
            record = AudioRecord(clip.video_id, clip.subject_id, clip.corpus, vector)
            yield clip.split, clip.place, record.serialize()
        progress.advance("sound of clips", len(source.clips), self._total)


def hear(path: Path) -> np.ndarray | None:
    """float32 [FEATURES], or None where there is nothing to hear: pictures have no sound.

    Raises:
        RejectedClip: the video cannot be read.
    """
    if path.is_dir() or not is_video(path.name):
        return None
    try:
        samples = read_audio(path)
    except NoSound as nothing:
        logger.info("%s", nothing)
        return None
    return functionals(samples, RATE)


def check_unchanged(source: Source) -> None:
    """Makes sure that the sound is of the video whose frames were taken.

    The whole file is read for it, which the decoder would do anyway: sound lies between pictures.

    Raises:
        InputError: the source is gone, cannot be read or holds something else.
    """
    try:
        digest = content_digest(source.path)
    except OSError as error:
        raise InputError(
            f"{source.path}: {error.strerror}, but the frames of clip "
            f"{source.clips[0].video_id!r} were decoded from it; bring it back, or build the "
            "frames again"
        ) from None
    if digest != source.digest:
        raise InputError(
            f"{source.path} has sha256 {digest[:12]}…, but had {source.digest[:12]}… when the "
            f"frames of clip {source.clips[0].video_id!r} were decoded from it; build the frames "
            "again"
        )
