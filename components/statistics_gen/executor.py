"""Describes frames by TensorFlow Data Validation, and counts what it described."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.components.statistics_gen import executor
from tfx.types import artifact_utils

from affectflow.records.clip_counts import LostRecords, counts_of, of_split
from affectflow.records.clips import load_clips

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
            LostRecords: those of a split are not of as many frames as it has.
        """
        super().Do(input_dict, output_dict, exec_properties)
        statistics = artifact_utils.get_single_uri(output_dict["statistics"])
        frames = counts_of(load_clips(artifact_utils.get_single_uri(input_dict["examples"])))
        for path in sorted(Path(statistics).glob(f"Split-*/{STATISTICS_FILE}")):
            split = path.parent.name.removeprefix("Split-")
            found = statistics_pb2.DatasetFeatureStatisticsList.FromString(path.read_bytes())
            described = int(sum(dataset.num_examples for dataset in found.datasets))
            expected = of_split(frames, split).total()
            if described != expected:
                raise LostRecords(
                    f"the statistics of split {split} are of {described} of {expected}"
                    " frames; run again, and if it happens again with another --runner"
                )
