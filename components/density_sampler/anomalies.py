"""Stops a run whose frames do not keep to their schema."""

from __future__ import annotations

from pathlib import Path

from tensorflow_metadata.proto.v0 import anomalies_pb2

from affectflow.errors import AffectflowError

ANOMALIES_FILE = "SchemaDiff.pb"


class AnomalousData(AffectflowError):
    """ExampleValidator found something in the frames that schemas/frames.pbtxt forbids."""

    retry = False


def refuse_anomalies(uri: str) -> None:
    """Raises AnomalousData naming split, feature and finding, if there is an anomaly.

    Args:
        uri: of an ExampleAnomalies artifact: one ``SchemaDiff.pb`` a split.
    """
    found = []
    for path in sorted(Path(uri).glob(f"Split-*/{ANOMALIES_FILE}")):
        anomalies = anomalies_pb2.Anomalies.FromString(path.read_bytes())
        split = path.parent.name.removeprefix("Split-")
        if anomalies.HasField("dataset_anomaly_info"):
            found.append(f"{split}: {anomalies.dataset_anomaly_info.description}")
        found += [
            f"{split}: {name}: {info.description}"
            for name, info in sorted(anomalies.anomaly_info.items())
        ]
    if found:
        raise AnomalousData(
            "the frames do not keep to schemas/frames.pbtxt: "
            + "; ".join(found)
            + ". Mend the corpus or, when the change is meant, the schema"
        )
