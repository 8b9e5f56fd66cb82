"""Anomalies as TensorFlow Data Validation finds them in real records."""

from __future__ import annotations

import dataclasses

import pytest
import tensorflow_data_validation as tfdv

from affectflow.records.shards import split_dir, write_shard
from components.density_sampler.anomalies import ANOMALIES_FILE, AnomalousData, refuse_anomalies
from pipelines.beam import IN_PROCESS
from schemas import schema_path


@pytest.fixture
def validated(tmp_path):
    """validated(records by split) -> URI of anomalies, as ExampleValidator leaves them"""

    def run(records):
        schema = tfdv.load_schema_text(str(schema_path("frames")))
        for split, frames in records.items():
            path = split_dir(tmp_path / "examples", split) / "data"
            write_shard(path, (frame.serialize() for frame in frames))
            from apache_beam.options.pipeline_options import PipelineOptions

            statistics = tfdv.generate_statistics_from_tfrecord(
                str(path),
                stats_options=tfdv.StatsOptions(schema=schema),
                pipeline_options=PipelineOptions([f"--runner={IN_PROCESS}"]),
            )
            anomalies = tfdv.validate_statistics(statistics, schema)
            target = split_dir(tmp_path / "anomalies", split) / ANOMALIES_FILE
            target.parent.mkdir(parents=True)
            target.write_bytes(anomalies.SerializeToString())
        return tmp_path / "anomalies"

    return run


def test_good_frames_pass(validated, make_clip):
    # Unlabelled frames are no anomaly: labels may be absent.
    clip = make_clip("anna", "anna", "train", range(6), unlabelled=[2, 3])
    refuse_anomalies(validated({"train": clip.records()}))


def test_every_violation_is_named_with_its_split(validated, make_clip):
    good = make_clip("anna", "anna", "train", range(4)).records()
    loud = [dataclasses.replace(record, valence=1.5) for record in good]
    early = [dataclasses.replace(record, frame_index=-1) for record in good]
    uri = validated({"train": loud, "eval": early})
    with pytest.raises(AnomalousData) as raised:
        refuse_anomalies(uri)
    message = str(raised.value)
    assert "train: valence: " in message
    assert "eval: frame_index: " in message
    assert "arousal" not in message
    assert "Mend the corpus or, when the change is meant, the schema" in message


def test_a_feature_that_the_schema_does_not_know(validated, make_clip):
    class Extra:
        def serialize(self):
            from tensorflow.core.example.example_pb2 import Example

            example = Example.FromString(record.serialize())
            example.features.feature["mood"].float_list.value.append(1)
            return example.SerializeToString()

    (record,) = make_clip("anna", "anna", "train", [0]).records()
    with pytest.raises(AnomalousData, match="train: mood: "):
        refuse_anomalies(validated({"train": [Extra()]}))


def test_without_findings_nothing_is_refused(tmp_path):
    refuse_anomalies(tmp_path)
