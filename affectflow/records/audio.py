"""`audio`: the sound of a clip as one vector (contract: schemas/audio.pbtxt)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FUNCTIONALS = "functionals"


@dataclass(frozen=True)
class AudioRecord:
    """What is heard in one clip.

    Attributes:
        video_id, subject_id, corpus: which clip it is.
        functionals: float32 [D], see affectflow.audio.functionals; None = the clip has no sound.
    """

    video_id: str
    subject_id: str
    corpus: str
    functionals: np.ndarray | None

    def serialize(self) -> bytes:
        """A serialized tf.train.Example; without sound it has no vector."""
        from tensorflow.core.example.example_pb2 import Example

        example = Example()
        feature = example.features.feature
        for name in ("video_id", "subject_id", "corpus"):
            feature[name].bytes_list.value.append(getattr(self, name).encode())
        if self.functionals is not None:
            feature[FUNCTIONALS].float_list.value.extend(self.functionals)
        return example.SerializeToString(deterministic=True)


def parse_audio(serialized: bytes) -> AudioRecord:
    """The inverse of :meth:`AudioRecord.serialize`."""
    from tensorflow.core.example.example_pb2 import Example

    feature = Example.FromString(serialized).features.feature

    def text(name: str) -> str:
        return feature[name].bytes_list.value[0].decode()

    # A map field creates what it is asked for, so look before reading.
    heard = FUNCTIONALS in feature
    return AudioRecord(
        video_id=text("video_id"),
        subject_id=text("subject_id"),
        corpus=text("corpus"),
        functionals=np.array(feature[FUNCTIONALS].float_list.value, np.float32) if heard else None,
    )
