"""CK+ (extended Cohn-Kanade): sequences of images from neutral to the peak of an emotion."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import EXPRESSION
from affectflow.corpora.clip import Clip
from affectflow.corpora.files import is_image, require_itself
from affectflow.corpora.labels import Labels
from affectflow.corpora.named_files import Found, Survey
from affectflow.errors import InputError

#: By the number that an emotion file holds.
EMOTIONS = ("neutral", "anger", "contempt", "disgust", "fear", "joy", "sadness", "surprise")

_PEAK_FRAMES = 3
_IMAGE = re.compile(r"((S[0-9]{3})_[0-9]{3})_([0-9]{8})")
_EMOTION = re.compile(r"(S[0-9]{3}_[0-9]{3})_[0-9]{8}_emotion")
_LOOKED_FOR = (
    "images cohn-kanade-images/S005/001/S005_001_00000001.png and "
    "emotions Emotion/S005/001/S005_001_00000011_emotion.txt"
)


class CkPlus:
    """Images of posed sequences, each a clip of its own.

    As distributed: ``cohn-kanade-images/S005/001/S005_001_00000001.png``…, a folder for each of
    593 sequences of 123 people, from a neutral face to the peak of the expression, and
    ``Emotion/S005/001/S005_001_00000011_emotion.txt`` (unzipped also ``Emotion_labels/Emotion/…``)
    for the 327 sequences that show an emotion. It holds one number, ``3.0000000e+00``: 0 neutral,
    1 anger, 2 contempt, 3 disgust, 4 fear, 5 happy, 6 sadness, 7 surprise. Both kinds are found by
    name, whatever the folder; landmarks and action units are left alone.

    Of every sequence with an emotion the first image is ``neutral`` and the last three are the
    emotion, as in paper 0; a sequence of less than four images gives fewer of the latter, and one
    of a single image none at all, because nothing says which of the two it shows. Sequences
    without an emotion are counted and passed over.

    ``video_id`` is the image's name, the subject its ``S005``. CK+ has no split of its own:
    subjects are split by hash.
    """

    name = "ckplus"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        survey = Survey(root, self.name, _LOOKED_FOR)
        images: dict[str, dict[str, Path]] = defaultdict(dict)
        emotions: dict[str, tuple[int, Path]] = {}
        for path in survey.files(lambda name: is_image(name) or name.endswith("_emotion.txt")):
            named = (_IMAGE if is_image(path.name) else _EMOTION).fullmatch(path.stem)
            if named is None:
                survey.misfit(path)
            elif is_image(path.name):
                _note_image(images[named[1]], path)
            else:
                _note_emotion(emotions, named[1], path)
        for sequence in sorted(emotions.keys() - images.keys()):
            survey.note("sequences with an emotion but no images left out", sequence)
        return survey.clips(_found(images, emotions, survey), settings)

    def read_labels(self, clip: Clip) -> Labels | None:
        """None: CK+ labels whole clips."""
        return None


ADAPTERS = (CkPlus(),)


def _note_image(sequence: dict[str, Path], path: Path) -> None:
    # A frame that counts twice would push another out of the last three.
    same = sequence.setdefault(path.stem, path)
    if same is not path:
        raise InputError(f"image {path.stem} is there twice, {same} and {path}; keep one of them")


def _note_emotion(emotions: dict[str, tuple[int, Path]], sequence: str, path: Path) -> None:
    number = _read_emotion(path)
    before, elsewhere = emotions.setdefault(sequence, (number, path))
    if before != number:
        raise InputError(
            f"the emotion of sequence {sequence} is {before} in {elsewhere} and {number} in "
            f"{path}; keep one of the files"
        )


def _read_emotion(path: Path) -> int:
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    try:
        number = float(text)
    except ValueError:
        number = -1
    if number not in range(len(EMOTIONS)):
        require_itself(path)
        raise InputError(
            f"{path} holds {text[:40]!r}; one number from 0 to {len(EMOTIONS) - 1} would do, "
            "such as 3.0000000e+00"
        )
    return int(number)


def _found(
    images: dict[str, dict[str, Path]], emotions: dict[str, tuple[int, Path]], survey: Survey
) -> Iterator[Found]:
    for sequence in sorted(images):
        # Frames are numbered with leading zeros, so names are in the order of time.
        frames = [path for _, path in sorted(images[sequence].items())]
        if sequence not in emotions:
            survey.leave_out("sequences without an emotion", sequence)
        elif len(frames) == 1:
            survey.leave_out("sequences of a single image", sequence)
        else:
            peak = frames[-min(_PEAK_FRAMES, len(frames) - 1) :]
            emotion = EMOTIONS[emotions[sequence][0]]
            yield _image(frames[0], "neutral")
            yield from (_image(path, emotion) for path in peak)


def _image(path: Path, expression: str) -> Found:
    return Found(path.stem, path.stem.split("_")[0], path, {EXPRESSION: expression})
