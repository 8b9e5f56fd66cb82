"""CREMA-D (Crowd-sourced Emotional Multimodal Actors Dataset): labels in the videos' names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import AGE, EXPRESSION, GENDER, RACE, TASKS
from affectflow.corpora.clip import Clip
from affectflow.corpora.csv_rows import csv_rows
from affectflow.corpora.files import is_video, require_itself
from affectflow.corpora.labels import Labels
from affectflow.corpora.named_files import Found, Survey
from affectflow.corpora.remarks import examples
from affectflow.errors import InputError

EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "joy",
    "NEU": "neutral",
    "SAD": "sadness",
}
DEMOGRAPHICS = "VideoDemographics.csv"

# The level is LO, MD, HI or XX, and X in 1040_ITH_SAD_X, which is so called in the release.
_NAME = re.compile(rf"([0-9]{{4}})_[A-Z]{{3}}_({'|'.join(EMOTIONS)})_[A-Z]{{1,2}}", re.IGNORECASE)
_COLUMNS = ("ActorID", "Age", "Sex", "Race")
_LOOKED_FOR = (
    "videos VideoFlash/1001_DFA_ANG_XX.flv: actor, sentence, emotion (ANG DIS FEA HAP NEU SAD), "
    "level"
)


class CremaD:
    """Videos of 91 actors, each of a sentence said with an emotion.

    As distributed: ``VideoFlash/1001_DFA_ANG_XX.flv``: actor, sentence, emotion (``ANG`` anger,
    ``DIS`` disgust, ``FEA`` fear, ``HAP`` happy, ``NEU`` neutral, ``SAD`` sad) and level; beside it
    ``VideoDemographics.csv`` with the columns ``ActorID``, ``Age``, ``Sex``, ``Race``,
    ``Ethnicity``. Videos are found by name at any depth, converted ones (``.mp4``) too; the FLV is
    taken where there are both. The sound alone (``AudioWAV``, ``AudioMP3``) is left alone.

    Gender, age group and race come from the table where it has the actor; a race other than
    African American, Asian and Caucasian (``Unknown``) is left out. Ethnicity is another question
    and is not read. ``video_id`` is the file's name without extension, the subject the actor.
    There is no split: actors are split by hash.
    """

    name = "cremad"

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """See :class:`affectflow.corpora.adapter.CorpusAdapter`."""
        survey = Survey(root, self.name, _LOOKED_FOR)
        videos: list[Path] = []
        actors: dict[str, dict[str, str]] = {}
        for path in survey.files(lambda name: is_video(name) or name == DEMOGRAPHICS):
            if path.name == DEMOGRAPHICS:
                actors |= _read_actors(path)
            else:
                videos.append(path)
        return survey.clips(_found(videos, actors, survey), settings, originals=(".flv",))

    def read_labels(self, clip: Clip) -> Labels | None:
        """None: CREMA-D labels whole clips."""
        return None


ADAPTERS = (CremaD(),)


def _found(
    videos: list[Path], actors: Mapping[str, Mapping[str, str]], survey: Survey
) -> Iterator[Found]:
    named_actors = {m[1] for path in videos if (m := _NAME.fullmatch(path.stem))}
    if actors and named_actors and not actors.keys() & named_actors:
        raise InputError(
            f"{DEMOGRAPHICS} names the actors {examples(sorted(actors))}, none of whom the videos "
            f"show: {examples(sorted(named_actors))}; numbers as in the videos' names would do"
        )
    for actor in sorted(named_actors - actors.keys()) if actors else ():
        survey.note(f"actors of videos that {DEMOGRAPHICS} does not name", actor)
    for path in videos:
        named = _NAME.fullmatch(path.stem)
        if named is None:
            survey.misfit(path)
        else:
            classes = {EXPRESSION: EMOTIONS[named[2].upper()], **actors.get(named[1], {})}
            yield Found(path.stem, named[1], path, classes)


def _read_actors(path: Path) -> dict[str, dict[str, str]]:
    """Actor -> the classes that the table gives."""
    with csv_rows(path, errors="replace") as reader:
        columns: list[str] = next(reader, [])
        missing = [name for name in _COLUMNS if name not in columns]
        if missing:
            require_itself(path)
            raise InputError(
                f"{path} lacks {', '.join(missing)}; it has the columns "
                f"{', '.join(columns) or 'none'} and must have {', '.join(_COLUMNS)}"
            )
        rows = [dict(zip(columns, row)) for row in reader if row]
    return {
        row.get("ActorID", "").strip(): {
            GENDER: _class(GENDER, row.get("Sex")),
            RACE: _class(RACE, row.get("Race")),
            AGE: _age_group(row.get("Age")),
        }
        for row in rows
    }


def _class(task: str, text: str | None) -> str:
    name = (text or "").strip().lower().replace(" ", "_")
    return name if name in TASKS[task] else ""


def _age_group(text: str | None) -> str:
    years = (text or "").strip()
    if not re.fullmatch(r"[0-9]{1,3}", years):
        return ""
    for group in TASKS[AGE]:
        # "20-39", and "70+" without an upper bound.
        low, _, high = group.rstrip("+").partition("-")
        if int(low) <= int(years) <= int(high or 999):
            return group
    return ""
