"""ADFES (Amsterdam Dynamic Facial Expression Set): videos with the emotion in their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import EXPRESSION, GENDER
from affectflow.corpora.clip import Clip
from affectflow.corpora.expression_words import expression_of
from affectflow.corpora.files import is_video
from affectflow.corpora.labels import Labels
from affectflow.corpora.named_files import Found, Survey

_MODEL = re.compile(r"([FM])([0-9]{2})", re.IGNORECASE)
# What may follow the emotion of a video that faces the camera: ADFES's view, BIV's intensity or
# the number of a repeated neutral video, or nothing.
_FORWARD = re.compile(r"(faceforward|low|med|high)?[0-9]*")
_GENDERS = {"F": "female", "M": "male"}
_NORTH_EUROPEAN, _MEDITERRANEAN = "north_european", "mediterranean"
_GROUPS = {
    "ne": _NORTH_EUROPEAN,
    "north": _NORTH_EUROPEAN,
    "northern": _NORTH_EUROPEAN,
    "european": _NORTH_EUROPEAN,
    "northeuropean": _NORTH_EUROPEAN,
    "mediterranean": _MEDITERRANEAN,
}
_LOOKED_FOR = (
    "videos F01-Anger-Face Forward.mpeg: model (F or M and a number), emotion (Anger, Contempt, "
    "Disgust, Embarrass, Fear, Joy, Neutral, Pride, Sadness, Surprise), view"
)


class Adfes:
    """Videos of 22 models, each of an emotion.

    The owners' page (aice.uva.nl, "stimulus set contents") says what the set holds: ten emotions by
    22 models, 12 North-European and 10 Mediterranean, in the views face-forward, turn-toward and
    turn-away, as MPEG-2. How the files are called is not written there; it was taken from published
    scripts that use them, which agree:

    * ``F01-Joy-Face Forward.mpeg`` (also ``.mpg``, and ``.mp4`` where somebody converted it): model
      (``F01``…, ``M01`` to ``M12``; 10 women and 12 men, so a number seems to be given once, not
      once a group), emotion, view. Embarrassment is ``Embarrass`` in the stills of the set and in
      ADFES-BIV; no script shows it in this form. Stills write ``Sad`` for ``Sadness``.
    * ADFES-BIV, the same videos cut to three intensities: ``F01-Anger-low.mp4``, ``-med`` and
      ``-high``, ``F01-Neutral-1.mp4`` to ``-3``, and ``F06-Anger.mp4`` for practice.

    No list of names with the other views was found, but for ``F01-Anger-Turn_Away`` in a comment:
    whatever has a word that begins with ``Turn``, in its name or its folders, is left out and
    counted. Words may stand apart by ``-``, ``_`` or spaces, in upper or lower case, and nouns and
    adjectives of the emotions are both read. Other recordings, such as
    ``F06-MouthOpening-Face Forward``, are counted and left out.

    A group (``North-European``, ``Mediterranean``) may be a folder or a word of the name, and is
    not needed: it enters the subject only if both groups have a model of that name. The subject is
    else the model, ``F01``. There is no split: models are split by hash of ``F01``.
    """

    name = "adfes"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        survey = Survey(root, self.name, _LOOKED_FOR)
        videos = list(_videos(survey, root))
        groups: dict[str, set[str]] = defaultdict(set)
        for video in videos:
            groups[video.model].add(video.group)
        found = (
            Found(
                video_id=video.path.stem,
                subject=f"{video.group}/{video.model}"
                if video.group and {_NORTH_EUROPEAN, _MEDITERRANEAN} <= groups[video.model]
                else video.model,
                source=video.path,
                classes={EXPRESSION: video.expression, GENDER: _GENDERS[video.model[0]]},
                # Where groups matter, a video without one may show either person.
                split_as=video.model,
            )
            for video in videos
        )
        return survey.clips(found, settings, originals=(".mpeg", ".mpg"))

    def read_labels(self, clip: Clip) -> Labels | None:
        """None: ADFES labels whole clips."""
        return None


ADAPTERS = (Adfes(),)


@dataclass(frozen=True)
class _Video:
    path: Path
    model: str
    group: str
    expression: str


def _videos(survey: Survey, root: Path) -> Iterator[_Video]:
    for path in survey.files(is_video):
        words = _words(path.stem)
        folders = [_words(part) for part in path.relative_to(root).parts[:-1]]
        group = _group(words) or next(filter(None, map(_group, reversed(folders))), "")
        told = [word for word in words if word not in _GROUPS]
        model = _MODEL.fullmatch(told[0]) if told else None
        expression = expression_of(told[1]) if len(told) > 1 else ""
        view = "".join(told[2:])
        if model is None or not expression:
            survey.misfit(path)
        elif _turns(told) or any(map(_turns, folders)):
            survey.leave_out("videos that turn toward or away", path)
        elif _FORWARD.fullmatch(view) is None:
            survey.misfit(path)
        else:
            yield _Video(path, told[0].upper(), group, expression)


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[-_\s]+", name.lower()) if word]


def _turns(words: list[str]) -> bool:
    return any(word.startswith("turn") for word in words)


def _group(words: list[str]) -> str:
    return next((_GROUPS[word] for word in words if word in _GROUPS), "")
