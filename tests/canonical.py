"""What files say, where equal work need not give equal bytes.

Libraries write maps in whatever order they lie, call what they trace by counters, what they save by
its address in memory, and note times.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py

from affectflow.release.tree import FileEntry, json_digest, tree_entries

# When something was made, how long it took, whether it was begun anew, its address in memory.
_BY_CHANCE = re.compile(r"created|[a-z_]*seconds|resumed_from|date_saved|shared_object_id")
# Of files whose bytes differ; what they say is compared beside this.
_DIGEST = re.compile(r"[0-9a-f]{64}")
# For TensorBoard: named by time and process, begun anew by each try.
EVENTS = re.compile(r"events\.out\.tfevents\.[^/]*")
_COUNTERS = re.compile(r"_\d+")


def contents(folder: Path) -> dict[str, FileEntry | str]:
    """File → content: its digest, or that of what it says; events of trainings are left out."""
    return {
        name: _said(folder / name) or entry
        for name, entry in tree_entries(folder).items()
        if not EVENTS.search(name)
    }


def _said(path: Path) -> str | None:
    if path.suffix in (".json", ".jsonl"):
        text = path.read_text("utf-8")
        return _json([text] if path.suffix == ".json" else text.splitlines())
    if path.name == "FeatureStats.pb":
        return _lines(_statistics(path))
    if path.name == "saved_model.pb":
        # Beside it variables.data has all that was learnt.
        return _lines(_COUNTERS.sub("", _saved_model(path)))
    if path.name == "fingerprint.pb":
        return "of the bytes of saved_model.pb"
    if path.name.startswith("transformed_examples") and path.suffix == ".gz":
        return _examples(path)
    if path.suffix == ".keras":
        return _keras(path)
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).hex()
    return None


def _json(texts: Sequence[str | bytes]) -> str:
    return json.dumps([_settled(json.loads(text)) for text in texts], sort_keys=True)


def _settled(value: Any) -> Any:
    """Without what differs from run to run."""
    if isinstance(value, dict):
        kept = {key: _settled(v) for key, v in value.items() if not _BY_CHANCE.fullmatch(key)}
        if "digest" in kept:
            kept.pop("id", None)  # an artifact's, given in the order in which a node has them
        return None if kept.keys() == {"bytes", "sha256"} else kept
    if isinstance(value, list):
        return [_settled(one) for one in value]
    return "" if isinstance(value, str) and _DIGEST.fullmatch(value) else value


def _keras(path: Path) -> str:
    """The parts of a model's archive, which dates each, and says when it was saved."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    said: dict[str, str] = {}

    def visit(name: str, found: h5py.Group | h5py.Dataset) -> None:
        if isinstance(found, h5py.Dataset):
            said[name] = found[()].tobytes().hex()

    with h5py.File(io.BytesIO(parts.pop("model.weights.h5"))) as weights:
        weights.visititems(visit)
    return json_digest({**said, **{name: _json([part]) for name, part in parts.items()}})


def _lines(text: str) -> str:
    """The same in whatever order the lines stand."""
    return json_digest({"lines": sorted(text.splitlines())})


def _statistics(path: Path) -> str:
    from tensorflow_metadata.proto.v0 import statistics_pb2

    return str(statistics_pb2.DatasetFeatureStatisticsList.FromString(path.read_bytes()))


def _saved_model(path: Path) -> str:
    from tensorflow.core.protobuf import saved_model_pb2

    return str(saved_model_pb2.SavedModel.FromString(path.read_bytes()))


def _examples(path: Path) -> str:
    """Records in their order, features in any."""
    import tensorflow as tf

    found = [
        tf.train.Example.FromString(record).SerializeToString(deterministic=True).hex()
        for record in tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator()
    ]
    return json_digest({"records": found})
