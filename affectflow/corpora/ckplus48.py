"""CK+48: crops of the peaks of CK+, sorted into a folder an emotion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import EXPRESSION
from affectflow.corpora.clip import Clip
from affectflow.corpora.expression_words import expression_of
from affectflow.corpora.files import is_image
from affectflow.corpora.labels import Labels
from affectflow.corpora.named_files import Found, Survey

_IMAGE = re.compile(r"(S[0-9]{3})_[0-9]{3}_[0-9]{8}")
_LOOKED_FOR = (
    "images anger/S010_004_00000017.png in the folders anger, contempt, disgust, fear, happy, "
    "sadness, surprise and, where there is one, neutral"
)


class CkPlus48:
    """Images of 48×48, each a clip of its own.

    As distributed (Kaggle, "CK+48"): ``anger/S010_004_00000017.png`` and so on, in the folders
    ``anger``, ``contempt``, ``disgust``, ``fear``, ``happy``, ``sadness`` and ``surprise``: the
    last three images of each of CK+'s 327 labelled sequences, cropped to the face. Some copies add
    a folder ``neutral``. An image's own folder says its emotion, at any depth.

    ``video_id`` is the image's name, the subject its ``S010``; there is no split, so subjects are
    split by hash of the name, so that by the same settings a person is in the same split here and
    in ``ckplus``.
    """

    name = "ckplus48"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        survey = Survey(root, self.name, _LOOKED_FOR)
        return survey.clips(_found(survey), settings)

    def read_labels(self, clip: Clip) -> Labels | None:
        """None: CK+48 labels whole clips."""
        return None


ADAPTERS = (CkPlus48(),)


def _found(survey: Survey) -> Iterator[Found]:
    for path in survey.files(is_image):
        named = _IMAGE.fullmatch(path.stem)
        expression = expression_of(path.parent.name)
        if named is None or not expression:
            survey.misfit(path)
        else:
            yield Found(path.stem, named[1], path, {EXPRESSION: expression})
