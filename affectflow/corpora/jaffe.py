"""JAFFE (Japanese Female Facial Expression): images with the expression in their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import EXPRESSION
from affectflow.corpora.clip import Clip
from affectflow.corpora.files import is_image
from affectflow.corpora.labels import Labels
from affectflow.corpora.named_files import Found, Survey

EMOTIONS = {
    "AN": "anger",
    "DI": "disgust",
    "FE": "fear",
    "HA": "joy",
    "NE": "neutral",
    "SA": "sadness",
    "SU": "surprise",
}

_NAME = re.compile(rf"([A-Z]{{2}})\.({'|'.join(EMOTIONS)})[0-9]+\.[0-9]+", re.IGNORECASE)
_LOOKED_FOR = (
    "images KA.AN1.39.tiff: person, emotion (AN DI FE HA NE SA SU) with a number, running number"
)


class Jaffe:
    """Images, each a clip of its own.

    As distributed: 213 images ``KA.AN1.39.tiff`` in one folder, of ten women: the person (KA), the
    emotion that she was asked for (AN anger, DI disgust, FE fear, HA happy, NE neutral, SA sad, SU
    surprise) with the number of the pose, and a running number. They are found at any depth, by
    name, in upper or lower case, and in other formats of images too (``KA.AN1.39.png``); the TIFF
    is taken where there are both.

    ``video_id`` is the file's name without extension. There is no split: subjects are split by
    hash.
    """

    name = "jaffe"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        survey = Survey(root, self.name, _LOOKED_FOR)
        return survey.clips(_found(survey), settings, originals=(".tiff", ".tif", ".png"))

    def read_labels(self, clip: Clip) -> Labels | None:
        """None: JAFFE labels whole clips."""
        return None


ADAPTERS = (Jaffe(),)


def _found(survey: Survey) -> Iterator[Found]:
    for path in survey.files(is_image):
        named = _NAME.fullmatch(path.stem)
        if named is None:
            survey.misfit(path)
        else:
            classes = {EXPRESSION: EMOTIONS[named[2].upper()]}
            yield Found(path.stem, named[1].upper(), path, classes)
