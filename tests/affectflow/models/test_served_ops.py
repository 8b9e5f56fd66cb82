"""A served graph computes, or is refused before anything of it runs."""

import importlib
import inspect
from itertools import product
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from affectflow.errors import InputError
from affectflow.images.ops import model_images
from affectflow.images.settings import EQUALISE, GREY, RESIZE, ImageSettings
from affectflow.models.cnn import build_cnn
from affectflow.models.released import ReleasedModel
from affectflow.models.rnn import build_rnn
from affectflow.models.sequence_serving import SequenceServing
from affectflow.models.served_ops import ALLOWED, CHECKPOINT, check_ops
from affectflow.models.serving import FrameServing, Served
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.settings import schemas

CELLS = schemas(RnnSettings)["cell"]["enum"]
IMAGES = [
    ImageSettings(image_size=32, grey=grey, resize=resize, equalise=equalise)
    for grey, resize, equalise in product(GREY, RESIZE, EQUALISE)
    if grey != "none"
]


def graph_of(folder):
    (graph,) = SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs
    return graph


def export(folder, image, cell, label, state):
    cnn = CnnSettings(image_size=32, outputs="both", seed=1)
    rnn = RnnSettings(cell=cell, outputs="both", label=label, window=10, seed=2)
    Served(
        FrameServing(build_cnn(cnn, 0.5, 0.1), lambda faces: model_images(faces, image)),
        SequenceServing(build_rnn(rnn), label, state),
        cnn.label_names,
    ).export(folder)


@pytest.mark.parametrize("number", range(max(len(IMAGES), len(CELLS))))
def test_what_is_exported_is_allowed(tmp_path, number):
    # Every way of making images and every cell, each once at least.
    export(
        tmp_path,
        IMAGES[number % len(IMAGES)],
        CELLS[number % len(CELLS)],
        ("next", "last")[number % 2],
        ("windowed", "carried")[number // 2 % 2],
    )
    check_ops(graph_of(tmp_path), tmp_path)


def test_nothing_allowed_has_to_do_with_files_machines_or_python():
    # TensorFlow says of each operation in which of its modules it is, and these are those that
    # touch more than tensors.
    kinds = "collective", "data_flow", "dataset", "debug", "io", "logging", "script", "sendrecv"
    modules = [importlib.import_module(f"tensorflow.python.ops.gen_{kind}_ops") for kind in kinds]
    outside = {
        "".join(part.capitalize() for part in name.split("_"))
        for module in modules
        for name, _ in inspect.getmembers(module, inspect.isfunction)
    }
    assert {"ReadFile", "WriteFile", "MatchingFiles", "EagerPyFunc"} <= outside
    assert not outside & ALLOWED
    assert not ALLOWED & CHECKPOINT


class Reader(tf.Module):
    """A model that looks honest; ``how`` it comes to a file is what the tests vary."""

    def __init__(self, how, path):
        super().__init__()
        self.how, self.path = how, path

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="face")])
    def features(self, face):
        length = tf.cast(tf.shape(face), tf.float32)[0] * tf.ones_like(face, tf.float32)
        with tf.control_dependencies([self.act()]):
            length = tf.identity(length)
        return {"features": length[:, tf.newaxis], "valence": length, "arousal": -length}

    @tf.function(input_signature=[tf.TensorSpec([None, None, None], tf.float32, name="features")])
    def sequence(self, features):
        return {"valence": features[..., 0], "arousal": features[..., 0]}

    def act(self):
        path = tf.constant(self.path)
        if self.how == "read":
            return tf.io.read_file(path)
        if self.how == "write":
            return tf.io.write_file(path, "here")
        if self.how == "loop":
            return tf.while_loop(
                lambda n: n < 1, lambda n: n + tf.strings.length(tf.io.read_file(path)), [0]
            )[0]
        if self.how == "checkpoint":
            return tf.raw_ops.SaveV2(
                prefix=path, tensor_names=["a"], shape_and_slices=[""], tensors=[tf.constant(1.0)]
            )
        if self.how == "python":
            return tf.py_function(lambda: 1, [], tf.int32)
        assert self.how == "print"
        return tf.print("here", output_stream=f"file://{self.path}")


@pytest.mark.parametrize(
    ("how", "operation"),
    [
        ("read", "ReadFile"),
        ("write", "WriteFile"),
        ("loop", "ReadFile"),
        # Honest where a SavedModel restores its variables, and nowhere else.
        ("checkpoint", "SaveV2"),
        ("python", "EagerPyFunc"),
        ("print", "PrintV2"),
    ],
)
def test_a_model_that_does_more_is_refused_unless_it_is_trusted(tmp_path, how, operation):
    target = tmp_path / "target"
    target.write_text("1")
    model = Reader(how, str(target))
    folder = tmp_path / "model"
    signatures = {"features": model.features, "sequence": model.sequence}
    tf.saved_model.save(model, str(folder), signatures=signatures)
    with pytest.raises(InputError, match=f"operations .* needs: .*{operation}.*--trust-release"):
        ReleasedModel(folder)
    assert target.read_text() == "1"
    assert ReleasedModel(folder, trusted=True).labels == ("valence", "arousal")


def test_a_file_that_is_read_while_a_model_is_loaded_is_refused(tmp_path):
    # A table's values come from a file of the model's, or of anybody's.
    words = tmp_path / "words"
    words.write_text("a\nb\n")
    model = Reader("read", str(words))
    model.act = lambda: tf.constant(0)
    model.table = tf.lookup.StaticVocabularyTable(
        tf.lookup.TextFileInitializer(
            str(words), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER,
        ),
        1,
    )  # fmt: skip
    signatures = {"features": model.features, "sequence": model.sequence}
    tf.saved_model.save(model, str(tmp_path / "model"), signatures=signatures)
    with pytest.raises(InputError, match="InitializeTableFromTextFileV2"):
        ReleasedModel(tmp_path / "model")
    assert Path(words).exists()
