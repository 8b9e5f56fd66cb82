"""The contracts between nodes, as curated TensorFlow Metadata schemas, one a record kind.

``frames.pbtxt``       a face crop with its labels (tf.train.Example)
``features.pbtxt``     a gap-free run of feature vectors (tf.train.SequenceExample)
``predictions.pbtxt``  one prediction for every frame with a face (tf.train.Example)
``audio.pbtxt``        the sound of a clip as one vector of functionals (tf.train.Example)
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
RECORD_KINDS = ("frames", "features", "predictions", "audio")


def schema_path(kind: str) -> Path:
    """The schema file of a record kind.

    Raises:
        ValueError: the kind is not one of ``RECORD_KINDS``.
    """
    if kind not in RECORD_KINDS:
        raise ValueError(f"record kind {kind!r} is not one of {', '.join(RECORD_KINDS)}")
    return FOLDER / f"{kind}.pbtxt"
