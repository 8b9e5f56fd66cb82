"""What is read of a split, by who trains on it and by who predicts with what was trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tfx.types import artifact_utils

from affectflow.errors import AffectflowError
from affectflow.records.audio import parse_audio
from affectflow.records.shards import read_shard, shards

Sounds = Mapping[tuple[str, str], np.ndarray]


class NothingToTrainOn(AffectflowError):
    """A split that training needs holds no records."""

    retry = False


def split_files(examples_uri: str, split: str) -> list[Path]:
    """The shards of a split.

    Raises:
        NothingToTrainOn: there are none.
    """
    found = shards(examples_uri, split)
    if not found:
        raise NothingToTrainOn(
            f"split {split} of {examples_uri} has no shards; a corpus needs labelled clips of at"
            " least one subject in train and one in eval"
        )
    return found


def clip_sound(input_dict: Mapping[str, list[Any]], split: str) -> Sounds | None:
    """(corpus, video_id) -> functionals of the clips of a split that have sound.

    None where the recipe has no such input.
    """
    if not input_dict.get("audio"):
        return None
    files: list[Path] = split_files(artifact_utils.get_single_uri(input_dict["audio"]), split)
    records = (parse_audio(record) for path in files for record in read_shard(path))
    return {(r.corpus, r.video_id): r.functionals for r in records if r.functionals is not None}
