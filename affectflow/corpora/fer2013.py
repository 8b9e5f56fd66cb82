"""FER2013: one table with an image a row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import EXPRESSION
from affectflow.corpora.clip import Clip
from affectflow.corpora.labels import Labels
from affectflow.corpora.named_files import Found, Survey
from affectflow.corpora.pixel_table import PIXELS, PixelTable, open_table
from affectflow.errors import InputError, RejectedClip, TransientReject

#: By the number in the column ``emotion``.
EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
SPLITS = {"Training": "train", "PublicTest": "eval", "PrivateTest": "eval"}

_EMOTION, _USAGE = "emotion", "Usage"
# The second is the same table under the name and with the order of columns of its competition.
_TABLES = ("fer2013.csv", "icml_face_data.csv")
_LOOKED_FOR = f"{_TABLES[0]} with the columns {_EMOTION}, {PIXELS} and {_USAGE}"


class Fer2013:
    """Images of 48×48, each a clip of its own.

    As distributed: ``fer2013.csv`` (also ``icml_face_data.csv``) with the columns ``emotion`` (0
    angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral), ``pixels`` (2304 grey levels)
    and ``Usage`` (``Training``, ``PublicTest``, ``PrivateTest``), in any order. It is found at any
    depth; the setting ``annotations`` names it when there are several.

    A clip is a row: ``source`` is the table, ``item`` the number of the row, from 0, and
    ``video_id`` the same with leading zeros. ``Training`` is train; both tests are eval. Nobody
    knows who is in an image: each is its own subject, and a person may well stand in both splits.
    Pixels are not looked at until an image is decoded.
    """

    name = "fer2013"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        survey = Survey(root, self.name, _LOOKED_FOR)
        path = survey.single(survey.files(lambda name: name in _TABLES), settings)
        try:
            table = open_table(path)
        except TransientReject:
            raise
        except RejectedClip as error:
            raise InputError(f"{error.detail}; looked for {_LOOKED_FOR}") from error
        missing = [name for name in (_EMOTION, _USAGE) if name not in table.columns]
        if missing:
            raise InputError(
                f"{path} has no column {' nor '.join(missing)} but {', '.join(table.columns)}; "
                f"looked for {_LOOKED_FOR}"
            )
        return survey.clips(_found(table, survey), settings)

    def read_labels(self, clip: Clip) -> Labels | None:
        """None: FER2013 labels whole clips."""
        return None


ADAPTERS = (Fer2013(),)


def _found(table: PixelTable, survey: Survey) -> Iterator[Found]:
    numbers = {str(number): name for number, name in enumerate(EMOTIONS)}
    for number in range(len(table)):
        try:
            row = table.row(number)
        except TransientReject:
            raise
        except RejectedClip as error:
            survey.misfit(error.detail)
            continue
        emotion, usage = row[_EMOTION], row[_USAGE]
        if emotion not in numbers or usage not in SPLITS:
            told = f"{_EMOTION} {emotion[:40]!r}, {_USAGE} {usage[:40]!r}"
            survey.misfit(f"{table.path}, line {number + 2}, row {number}: {told}")
            continue
        video_id = f"{number:05d}"
        yield Found(
            video_id=video_id,
            subject=video_id,
            source=table.path,
            classes={EXPRESSION: numbers[emotion]},
            split=SPLITS[usage],
            item=str(number),
        )
