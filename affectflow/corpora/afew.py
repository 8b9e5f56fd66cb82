"""AFEW (Acted Facial Expressions in the Wild): cuts from films, in a folder an emotion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import EXPRESSION
from affectflow.corpora.clip import Clip
from affectflow.corpora.expression_words import expression_of
from affectflow.corpora.files import as_id, is_video
from affectflow.corpora.labels import Labels
from affectflow.corpora.named_files import Found, Survey

# "Train_AFEW", "Val", "Validation_AFEW", but not "training notes".
_SPLIT = re.compile(r"(train|val|valid|validation|test)(?![a-z])", re.IGNORECASE)
_LOOKED_FOR = (
    "videos Train_AFEW/Angry/000046280.avi in the folders Angry, Disgust, Fear, Happy, Neutral, "
    "Sad and Surprise of Train_AFEW and Val_AFEW"
)


class Afew:
    """Videos of actors in films.

    As distributed (EmotiW): ``Train_AFEW/Angry/000046280.avi``, with the folders ``Angry``,
    ``Disgust``, ``Fear``, ``Happy``, ``Neutral``, ``Sad`` and ``Surprise`` in ``Train_AFEW`` and in
    ``Val_AFEW``, and the videos of ``Test_AFEW`` without folders, their emotions unpublished. A
    video's own folder says its emotion; the nearest folder above that is called ``Train…``,
    ``Val…`` (also ``Valid``, ``Validation``) or ``Test…`` says its set. Folders of faces that the
    owners cut out (``AlignedFaces…``) are not walked into.

    ``Train`` is train, ``Val`` is eval, and all of ``Test`` is counted and left out. AFEW says that
    no actor is in two sets, but not who is in which video: each video is its own subject.
    ``video_id`` is ``train/anger/000046280``, because nothing promises that names differ between
    folders.
    """

    name = "afew"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        survey = Survey(root, self.name, _LOOKED_FOR)
        return survey.clips(_found(survey, root), settings, originals=(".avi",))

    def read_labels(self, clip: Clip) -> Labels | None:
        """None: AFEW labels whole clips."""
        return None


ADAPTERS = (Afew(),)


def _found(survey: Survey, root: Path) -> Iterator[Found]:
    # They hold a folder of images for each video.
    for path in survey.files(is_video, enter=lambda f: not f.name.startswith("AlignedFaces")):
        named = _set(path.relative_to(root))
        expression = expression_of(path.parent.name)
        if named == "test":
            survey.leave_out("videos of the test set", path)
        elif not named or not expression:
            survey.misfit(path)
        else:
            split = "train" if named == "train" else "eval"
            video_id = f"{split}/{expression}/{as_id(path.stem)}"
            yield Found(video_id, video_id, path, {EXPRESSION: expression}, split)


def _set(path: Path) -> str:
    """The set that the nearest folder names, in lower case; "" = none does."""
    for part in reversed(path.parts[:-1]):
        named = _SPLIT.match(part)
        if named:
            return named[1].lower()
    return ""
