"""Whether the latest release must be scored anew, and what to know of it when comparing.

"The same data" is decided by the digest that an evaluation puts into its summary, made here from
the labels of the frames, before there is any evaluation: every frame that has a face is predicted
and carries its own label, so both digests are over the same rows. The digest of the corpus's
manifest would not do. It changes with every training video and every moved file, and stays when
another face detector finds other frames.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from affectflow.errors import InputError
from affectflow.gate import GateSettings, Summary, VideoKey, VideoTally
from affectflow.models.released import served_labels
from affectflow.plane import LABELS
from affectflow.records.clips import StoredClip
from affectflow.records.frames import FrameRecord, clip_classes
from affectflow.records.predictions import in_plane
from affectflow.release import Release


def label_tally(
    clip: StoredClip, records: Iterable[FrameRecord], settings: GateSettings
) -> VideoTally:
    """Frames and digest of a clip, as an evaluation with these settings will tally them."""
    kept = [replace(record, face=b"") for record in records]
    labels = np.array([(r.valence, r.arousal) for r in kept], np.float64).reshape(-1, len(LABELS))
    columns = dict(zip(LABELS, labels.T))
    known = clip_classes(kept)
    # As serialize_run writes them: the clip's class, at the frames that have labels.
    true = {task: known.get(task, "") for task in settings.class_names}
    return VideoTally.of(
        VideoKey(clip.corpus, clip.subject_id, clip.video_id),
        [record.frame_index for record in kept],
        {output: columns[output] for output in settings.output_names},
        predictions={},
        classes={
            task: [true[task] if at and true[task] in names else "" for at in in_plane(labels)]
            for task, names in settings.class_names.items()
        },
    )


def measured_already(release: Release, digest: str, settings: GateSettings) -> bool:
    """Whether the release's metrics are of the judged stage and outputs, on data of that digest."""
    try:
        summary = Summary.from_json(release.metrics)
    except InputError:
        # Metrics of another format say nothing here, and its model can be scored all the same.
        return False
    stage = summary.stages.get(settings.stage)
    return (
        stage is not None
        and set(stage.outputs) == set(settings.output_names)
        and summary.digest == digest
    )


def predicts(release: Release, settings: GateSettings) -> bool:
    """Whether the released model predicts everything that is judged; a classifier never does.

    Raises:
        InputError: its model cannot be read.
    """
    if release.recipe.get("gate", {}).get("outputs") == "none":
        return False
    return set(settings.output_names) <= set(served_labels(release.models["serving"]))


def other_faces(release: Release, faces: str) -> str:
    """The face settings in which the release's recipe and the frames differ, in words.

    Args:
        faces: the frames' settings as JSON; "" = not known.

    Returns:
        such as ``size 96, here 112``; "" when all are equal, or one side's are not known.
    """
    here = json.loads(faces) if faces else {}
    there = release.recipe.get("faces", {})
    return "; ".join(
        f"{name} {there[name]}, here {here[name]}"
        for name in sorted(here.keys() & there.keys())
        if there[name] != here[name]
    )
