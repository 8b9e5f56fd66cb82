"""A release's served SavedModel, run by its signatures: none of the code that made it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from affectflow.corpora.classes import TASKS
from affectflow.errors import InputError
from affectflow.models.served_ops import check_ops
from affectflow.plane import LABELS

SERVING = "serving_default"
FEATURES = "features"
SEQUENCE = "sequence"
STREAM = "stream"
STATE = "state"


def served_labels(folder: str | Path) -> tuple[str, ...]:
    """What a served model predicts, in the order of LABELS; reads the graph, loads no weights.

    Raises:
        InputError: no SavedModel, one of a classifier, or one without the signatures of
            affectflow.models.serving.
    """
    return _labels(_graph(folder), folder)


def _graph(folder: str | Path) -> Any:
    """The ``MetaGraphDef`` of a SavedModel."""
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    path = Path(folder, "saved_model.pb")
    try:
        (graph,) = SavedModel.FromString(path.read_bytes()).meta_graphs
    except (OSError, DecodeError, ValueError) as error:
        raise InputError(f"{str(path)!r} is no SavedModel: {error}; publish it again") from error
    return graph


def _labels(graph: Any, folder: str | Path) -> tuple[str, ...]:
    from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

    found = graph.signature_def
    absent = [name for name in (FEATURES, SEQUENCE) if name not in found]
    if named := sorted(set(found.get(SERVING, SignatureDef()).outputs) & set(TASKS)):
        raise InputError(
            f"model {str(folder)!r} predicts {', '.join(named)}, not valence and arousal; its"
            f" signature {SERVING} takes the crops (see README, 'Using a release')"
        )
    if absent:
        raise InputError(
            f"model {str(folder)!r} has no signature {' and '.join(absent)};"
            " one that affectflow exported would do"
        )
    return tuple(label for label in LABELS if label in found[SEQUENCE].outputs)


class ReleasedModel:
    """Encoded face crops to features, and features to valence and arousal.

    Args:
        folder: the SavedModel, as ``affectflow.models.serving.Served.export`` writes it.
        trusted: load it whatever operations it holds (see ``affectflow.models.served_ops``).

    Attributes:
        labels: what it predicts; the columns of all its outputs.

    Raises:
        InputError: as :func:`served_labels`, or a model that does more than compute.
    """

    def __init__(self, folder: str | Path, trusted: bool = False):
        import tensorflow as tf

        graph = _graph(folder)
        self.labels = _labels(graph, folder)
        if not trusted:
            check_ops(graph, folder)
        # Signatures do not keep the variables alive: the loaded module does.
        try:
            self._module = tf.saved_model.load(str(folder))
        except tf.errors.OpError as error:
            raise InputError(
                f"model {str(folder)!r} is damaged: {error.message.splitlines()[0]}; publish it"
                " again"
            ) from error
        self._features = self._module.signatures[FEATURES]
        self._sequence = self._module.signatures[SEQUENCE]
        self._stream = self._module.signatures.get(STREAM)
        self._folder = folder

    def features(self, faces: np.ndarray) -> np.ndarray:
        """Features of single frames: encoded crops of any size, object [B] → float32 [B, D]."""
        return self._frames(faces)[FEATURES].numpy()

    def frame_outputs(self, faces: np.ndarray) -> np.ndarray:
        """The frame model's own labels: encoded crops, object [B] → float32 [B, outputs]."""
        outputs = self._frames(faces)
        return np.stack([outputs[label].numpy() for label in self.labels], axis=-1)

    def sequence_outputs(self, features: np.ndarray) -> np.ndarray:
        """Labels of every frame of a gap-free run: float32 [T, D] → float32 [T, outputs]."""
        import tensorflow as tf

        outputs = self._sequence(features=tf.constant(features[np.newaxis], tf.float32))
        return np.stack([outputs[label].numpy()[0] for label in self.labels], axis=-1)

    def begin_run(self) -> np.ndarray:
        """The state of a run before its first frame: float32 [1, S] of zeros.

        Raises:
            InputError: the model was exported before there was a signature ``stream``.
        """
        if self._stream is None:
            raise InputError(
                f"model {str(self._folder)!r} has no signature {STREAM}: an earlier version of"
                " affectflow exported it; 'affectflow release' makes one that has"
            )
        _, inputs = self._stream.structured_input_signature
        return np.zeros((1, int(inputs[STATE].shape[1])), np.float32)

    def stream_outputs(
        self, features: np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Labels of the next frames of a run, and the state for those that follow.

        Args:
            features: float32 [T, D], T ≥ 1.
            state: float32 [1, S], by :meth:`begin_run` or from the frames before.

        Returns:
            float32 [T, outputs] and float32 [1, S].
        """
        import tensorflow as tf

        assert self._stream is not None, "begin_run() says what is missing"
        found = self._stream(
            features=tf.constant(features[np.newaxis], tf.float32), state=tf.constant(state)
        )
        labels = np.stack([found[label].numpy()[0] for label in self.labels], axis=-1)
        return labels, found[STATE].numpy()

    def _frames(self, faces: np.ndarray) -> dict:
        import tensorflow as tf

        return self._features(face=tf.constant(faces, tf.string))
