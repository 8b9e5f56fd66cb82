"""Who is there to learn from, and who of them judges the epochs."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from affectflow.corpora.classes import EXPRESSION
from affectflow.errors import InputError
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.settings import FitSettings
from affectflow.records.clips import load_clips
from affectflow.records.shards import transformed_records
from affectflow.training.holdout import Holdout, hold_out

_log = logging.getLogger(__name__)

Subjects = Mapping[str, Collection[str]]


def subjects_apart(
    subjects: Subjects, settings: FitSettings, split_seed: int, stage: str
) -> Holdout:
    """Who is trained on and who judges the epochs; says what could not be parted.

    Args:
        subjects: of the training split, each with the classes that it shows.
        settings: ``tune_fraction``.
        split_seed: of the split, as the rebuild made it, and not the stage's own: so all stages
            hold out the same people.
        stage: for the log.
    """
    parted = hold_out(subjects, settings.tune_fraction, split_seed)
    if settings.tune_fraction and not parted.tune:
        _log.warning(
            "%s: a single training subject leaves nobody to judge epochs on but the eval split,"
            " which makes its metrics look better than they are",
            stage,
        )
    for name, people in parted.one_sided.items():
        _log.warning(
            "%s: %s is not both trained on and judged: %d of the training subjects show it",
            stage,
            name,
            people,
        )
    return parted


def plane_subjects(frames_uri: str) -> Subjects:
    """The training subjects of `frames` who have a valence and an arousal, with expressions.

    Asked by both stages of a model of the plane, whichever of these frames each of them sees.

    Raises:
        InputError: the frames do not say, or there is nobody.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for clip in load_clips(frames_uri):
        if clip.split == "train" and clip.in_plane:
            shown = clip.classes.get(EXPRESSION)
            found[clip.subject_id] |= {f"{EXPRESSION} {shown}"} if shown else set()
    if not found:
        raise InputError(
            f"{frames_uri} names no training clip with valence and arousal; frames of an earlier"
            " version do not say which have them: 'affectflow rebuild' makes them anew, and decodes"
            " nothing again"
        )
    return found


def class_subjects(files: Sequence[Path], settings: ClassifierSettings) -> Subjects:
    """The subjects of some transformed shards who show a class of a task, with these classes."""
    import tensorflow as tf

    spec = {
        "subject_id": tf.io.FixedLenFeature([], tf.string),
        **{task: tf.io.FixedLenFeature([], tf.string, "") for task in settings.classes},
    }
    records = transformed_records(files).batch(4096)
    found: dict[str, set[str]] = defaultdict(set)
    for batch in records.map(lambda r: tf.io.parse_example(r, spec)).as_numpy_iterator():
        subjects = [name.decode() for name in batch["subject_id"]]
        for task, known in settings.classes.items():
            for subject, label in zip(subjects, map(bytes.decode, batch[task])):
                if label in known:
                    found[subject].add(f"{task} {label}")
    return found
