"""RAVDESS (Ryerson Audio-Visual Database of Emotional Speech and Song): labels in the names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import EXPRESSION, GENDER
from affectflow.corpora.clip import Clip
from affectflow.corpora.files import is_video
from affectflow.corpora.labels import Labels
from affectflow.corpora.named_files import Found, Survey

EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "joy",
    "04": "sadness",
    "05": "anger",
    "06": "fear",
    "07": "disgust",
    "08": "surprise",
}

_FULL, _VIDEO_ONLY, _AUDIO_ONLY = "01", "02", "03"
_SPEECH = "01"
# modality, channel, emotion, intensity, statement, repetition, actor
_NAME = re.compile(
    r"(?P<modality>0[123])-(?P<take>(?P<channel>0[12])-(?P<emotion>0[1-8])"
    r"-0[12]-0[12]-0[12]-(?P<actor>[0-9]{2}))"
)
_LOOKED_FOR = (
    "videos Actor_01/01-01-03-01-01-01-01.mp4: modality, channel, emotion, intensity, statement, "
    "repetition, actor"
)


class Ravdess:
    """Videos of 24 actors, each of a sentence said with an emotion.

    As distributed: ``Actor_01/01-01-03-01-01-01-01.mp4``, seven numbers: modality (01 picture and
    sound, 02 picture alone, 03 sound alone), channel (01 speech, 02 song), emotion (01 neutral, 02
    calm, 03 happy, 04 sad, 05 angry, 06 fearful, 07 disgust, 08 surprised), intensity, statement,
    repetition and actor; actors with an odd number are men. Each archive
    (``Video_Speech_Actor_01.zip``) holds a folder ``Actor_01``; files are found by name at any
    depth.

    Speech is used. Left out and counted: song, sound alone, and the picture alone of a take that is
    there with sound too, since both show the same frames. ``video_id`` is the file's name without
    extension, the subject the actor. There is no split: actors are split by hash.
    """

    name = "ravdess"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        survey = Survey(root, self.name, _LOOKED_FOR)
        speech = list(_speech(survey))
        with_sound = {named["take"] for _, named in speech if named["modality"] == _FULL}
        found = []
        for path, named in speech:
            if named["modality"] == _VIDEO_ONLY and named["take"] in with_sound:
                survey.leave_out("videos without sound of takes that are there with sound", path)
            else:
                found.append(_found(path, named))
        return survey.clips(found, settings, originals=(".mp4",))

    def read_labels(self, clip: Clip) -> Labels | None:
        """None: RAVDESS labels whole clips."""
        return None


ADAPTERS = (Ravdess(),)


def _speech(survey: Survey) -> Iterator[tuple[Path, re.Match[str]]]:
    # Sound is listed to be counted: who unpacked its archives alone is told what they are.
    for path in survey.files(lambda name: is_video(name) or name.lower().endswith(".wav")):
        named = _NAME.fullmatch(path.stem)
        if named is None:
            survey.misfit(path)
        elif named["modality"] == _AUDIO_ONLY or not is_video(path.name):
            survey.leave_out("files of sound alone", path)
        elif named["channel"] != _SPEECH:
            survey.leave_out("videos of song", path)
        else:
            yield path, named


def _found(path: Path, named: re.Match[str]) -> Found:
    actor = named["actor"]
    gender = "male" if int(actor) % 2 else "female"
    return Found(path.stem, actor, path, {EXPRESSION: EMOTIONS[named["emotion"]], GENDER: gender})
