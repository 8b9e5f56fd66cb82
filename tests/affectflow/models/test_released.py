"""A served model run by its signatures alone: here one whose outputs follow from its inputs."""

import numpy as np
import pytest
import tensorflow as tf

from affectflow.errors import InputError
from affectflow.models.released import ReleasedModel, served_labels


class LengthModel(tf.Module):
    """A crop's features are the length of its bytes; a frame's are summed up over its run."""

    def __init__(self):
        super().__init__()
        # What a SavedModel may not lose when only its signatures are kept.
        self.one = tf.Variable(1.0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="face")])
    def features(self, face):
        length = self.one * tf.cast(tf.strings.length(face), tf.float32)
        return {"features": length[:, tf.newaxis], "valence": length, "arousal": -length}

    @tf.function(input_signature=[tf.TensorSpec([None, None, None], tf.float32, name="features")])
    def sequence(self, features):
        total = self.one * tf.cumsum(features[..., 0], axis=1)
        return {"arousal": -total, "valence": total}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    model = LengthModel()
    signatures = {"features": model.features, "sequence": model.sequence}
    tf.saved_model.save(model, str(folder), signatures=signatures)
    return folder


def test_outputs_have_a_row_a_frame_and_a_column_a_label(folder):
    model = ReleasedModel(folder, trusted=True)
    # In the order of the contract, whatever order the graph has them in.
    assert model.labels == served_labels(folder) == ("valence", "arousal")
    # Bytes that end in zeros are not text: they must keep their length.
    faces = np.array([b"a", b"bb\0", b"", b"\0\0"], object)
    features = model.features(faces)
    assert features.tolist() == [[1], [3], [0], [2]]
    assert model.frame_outputs(faces).tolist() == [[1, -1], [3, -3], [0, 0], [2, -2]]
    assert model.sequence_outputs(features).tolist() == [[1, -1], [4, -4], [4, -4], [6, -6]]


def test_no_model_is_named(tmp_path):
    with pytest.raises(InputError, match=r"saved_model\.pb' is no SavedModel"):
        served_labels(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"graph")
    with pytest.raises(InputError, match=r"saved_model\.pb' is no SavedModel"):
        ReleasedModel(tmp_path)


def test_a_model_without_the_signatures_is_named(tmp_path):
    model = LengthModel()
    tf.saved_model.save(model, str(tmp_path), signatures={"features": model.features})
    with pytest.raises(InputError, match="has no signature sequence"):
        served_labels(tmp_path)
