"""Describes frames by TensorFlow Data Validation, and counts what it described."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.components.statistics_gen import executor
from tfx.types import artifact_utils

from affectflow.records.clips import load_clips
from components.statistics_gen.described import check_described, features_of

STATISTICS_FILE = "FeatureStats.pb"


class Executor(executor.Executor):
    """TFX's executor, and a look at what it left."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``statistics``.

        Raises:
            LostRecords: those of a split are not of all that its frames hold.
        """
        super().Do(input_dict, output_dict, exec_properties)
        statistics = artifact_utils.get_single_uri(output_dict["statistics"])
        examples = artifact_utils.get_single_instance(input_dict["examples"])
        clips = load_clips(examples.uri)
        for split in artifact_utils.decode_split_names(examples.split_names):
            of_split = [clip for clip in clips if clip.split == split]
            check_described(
                _read(Path(statistics, f"Split-{split}", STATISTICS_FILE)),
                split,
                of_split,
                features_of(examples.uri, split, of_split),
            )


def _read(path: Path) -> statistics_pb2.DatasetFeatureStatisticsList:
    """What is there of a split; nothing where it was lost as a whole."""
    found = path.read_bytes() if path.exists() else b""
    return statistics_pb2.DatasetFeatureStatisticsList.FromString(found)
