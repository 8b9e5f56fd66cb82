"""Keras 2's files are read layer by layer, and fit into our networks or are refused."""

from __future__ import annotations

import os

import h5py
import numpy as np
import pytest

from affectflow.errors import InputError
from affectflow.models.checkpoints import read_checkpoints
from affectflow.models.keras2 import assign, read_layers
from tests import keras2_files as files
from tests.damage import nicked
from tests.realdata import CHECKPOINT
from tests.torture import cases, rng


@pytest.fixture(scope="module")
def cnn(tmp_path_factory):
    return files.write_cnn(tmp_path_factory.mktemp("cnn") / "cnn.h5")


@pytest.fixture(scope="module")
def rnn(tmp_path_factory):
    return files.write_rnn(tmp_path_factory.mktemp("rnn") / "rnn.h5")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("text", [bytes, str])
@pytest.mark.parametrize("parts", [1, 3])
def test_layers_are_read_in_order_with_all_their_weights(tmp_path, whole, text, parts):
    written = files.cnn_layers()
    config = files.CNN_CONFIG if whole else None
    layers = read_layers(files.write(tmp_path / "a.h5", written, config, text, parts))
    assert [layer.name for layer in layers] == list(written)
    for layer in layers:
        arrays = {path.split("/")[-1]: array for path, array in written[layer.name].items()}
        assert list(layer.weights) == list(arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(layer.weights[name], array)
        assert layer.config.get("activation") == (
            files.CNN_CONFIG.get(layer.name, {}).get("activation") if whole else None
        )
    assert sum(layer.parameters for layer in layers) == files.CNN_PARAMETERS


def test_weights_are_found_however_deep_they_lie(tmp_path):
    array = np.ones((2, 3), np.float32)
    for path in ("kernel", "dense/kernel", "dense/dense/kernel", "gru/gru_cell_7/kernel"):
        (layer,) = read_layers(files.write(tmp_path / "a.h5", {"d": {path: array}}))
        assert list(layer.weights) == ["kernel"]


@pytest.mark.skipif(not CHECKPOINT.exists(), reason=f"no {CHECKPOINT} (AFFECTFLOW_REALDATA)")
def test_the_published_gru_is_read():
    layers = read_layers(CHECKPOINT)
    assert [layer.name for layer in layers] == ["gru", "gru_1", "gru_2", "dense"]
    assert sum(layer.parameters for layer in layers) == files.GRU3_PARAMETERS
    assert layers[0].config["reset_after"] is True
    with h5py.File(CHECKPOINT) as file:
        stored = file["model_weights/gru_2/gru_2/gru_cell_2/bias:0"][()]
    np.testing.assert_array_equal(layers[2].weights["bias"], stored)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.unlink(), "cannot be read: No such file"),
        (lambda path: path.unlink() or path.mkdir(), "cannot be read: Is a directory"),
        (lambda path: path.write_bytes(b""), r"is not HDF5 \(it begins with b''\)"),
        (lambda path: path.write_text("version https://"), "is not HDF5 .*b'version '"),
        (lambda path: os.truncate(path, path.stat().st_size // 2), "is cut short or damaged"),
        (lambda path: os.truncate(path, 200), "is cut short or damaged"),
    ],
)
def test_a_file_that_is_none(tmp_path, spoil, message):
    path = files.write_rnn(tmp_path / "a.h5", files.rnn_layers((5,)))
    spoil(path)
    with pytest.raises(InputError, match=message):
        read_layers(path)


def test_hdf5_without_weights(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["numbers"] = [1, 2]
    with pytest.raises(InputError, match=r"lists no layers of Keras 2 \(it holds numbers\)"):
        read_layers(tmp_path / "a.h5")
    path = files.write(tmp_path / "a.h5", {"dense": {}, "dense_1": {}})
    with pytest.raises(InputError, match="has 2 layers and no weights"):
        read_layers(path)


def test_weights_that_are_listed_but_absent_or_no_numbers(tmp_path):
    path = files.write(tmp_path / "a.h5", {"d": {"kernel": np.array([1.0, np.nan])}})
    with pytest.raises(InputError, match="layer 'd': kernel is not of finite numbers"):
        read_layers(path)
    with h5py.File(path, "a") as file:
        del file["d/kernel:0"]
    with pytest.raises(InputError, match=r"damaged: .*kernel:0"):
        read_layers(path)
    files.write(path, {"b": {"forward/kernel": np.ones(2), "backward/kernel": np.ones(2)}})
    with pytest.raises(InputError, match="more than one kernel"):
        read_layers(path)
    config = files.write(path, {"d": {"kernel": np.ones(2)}}, {})
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = "{"
    with pytest.raises(InputError, match="damaged"):
        read_layers(config)


def _soft_link(file, secret):
    file["d/kernel:0"] = h5py.SoftLink("/elsewhere")


def _external_link(file, secret):
    with h5py.File(secret.with_suffix(".h5"), "w") as other:
        other["x"] = np.ones(2)
    file["d/kernel:0"] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "x")


def _external_layer(file, secret):
    del file["d"]
    with h5py.File(secret.with_suffix(".h5"), "w") as other:
        other["d/kernel:0"] = np.ones(2)
    file["d"] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "d")


def _external_storage(file, secret):
    whole = [(str(secret), 0, h5py.h5f.UNLIMITED)]
    file.create_dataset("d/kernel:0", (2,), np.float32, external=whole)


def _virtual(file, secret):
    layout = h5py.VirtualLayout((2,), np.float32)
    layout[:] = h5py.VirtualSource(str(secret.with_suffix(".h5")), "x", (2,))
    file.create_virtual_dataset("d/kernel:0", layout)


@pytest.mark.parametrize(
    ("point", "message"),
    [
        (_soft_link, r"'kernel:0' in /d is a link to elsewhere \(SoftLink\)"),
        (_external_link, r"'kernel:0' in /d is a link to elsewhere \(ExternalLink\)"),
        (_external_layer, r"'d' in / is a link to elsewhere \(ExternalLink\)"),
        (_external_storage, "/d/kernel:0 keeps its numbers in other files"),
        (_virtual, "/d/kernel:0 keeps its numbers in other files"),
    ],
)
def test_no_other_file_is_read(tmp_path, point, message):
    secret = tmp_path / "secret"
    secret.write_bytes(np.ones(2, np.float32).tobytes())
    path = files.write(tmp_path / "a.h5", {"d": {"kernel": np.ones(2)}})
    with h5py.File(path, "a") as file:
        del file["d/kernel:0"]
        point(file, secret)
    with pytest.raises(InputError, match=message):
        read_layers(path)


@pytest.mark.parametrize("whole", [True, False])
def test_a_cnn_gets_its_weights_by_order_and_name(tmp_path, rnn, whole):
    # Another order within the layer, as another version of Keras might have it, changes nothing.
    written = files.cnn_layers()
    norm = written["batch_normalization_1"]
    written["batch_normalization_1"] = dict(reversed(norm.items()))
    path = files.write(tmp_path / "a.h5", written, files.CNN_CONFIG if whole else None)
    found = read_checkpoints(path, rnn).cnn
    assert found.parameters == found.model.count_params() == files.CNN_PARAMETERS
    pairs = {
        "norm": "batch_normalization_1",
        **{f"conv_{n}": f"conv2d_{n}" for n in (1, 2, 3)},
        "features": "dense_1",
        "head": "dense_2",
    }
    for ours, theirs in pairs.items():
        for variable in found.model.get_layer(ours).weights:
            array = written[theirs][f"{theirs}/{variable.name}"]
            np.testing.assert_array_equal(variable, array)


@pytest.mark.parametrize(
    ("cell", "gates", "units"),
    [("gru3", 3, (100, 100, 50)), ("gru1", 3, (100,)), ("simple1", 1, (100,))],
)
def test_the_rnn_is_told_by_its_shapes(tmp_path, cnn, cell, gates, units):
    layers = files.rnn_layers(units, gates=gates)
    found = read_checkpoints(cnn, files.write_rnn(tmp_path / "a.h5", layers)).rnn
    assert (found.settings.cell, found.settings.window) == (cell, 100)
    written = [array for weights in layers.values() for array in weights.values()]
    for variable, array in zip(found.model.weights, written):
        np.testing.assert_array_equal(variable, array)
    assert found.settings.normalize == "none"


def test_a_window_that_the_file_tells_is_kept(tmp_path, cnn):
    for window, expected in ((40, 40), (None, 100)):
        config = {"gru": {"batch_input_shape": [None, window, 300]}}
        path = files.write(tmp_path / "a.h5", files.rnn_layers(), config)
        assert read_checkpoints(cnn, path).rnn.settings.window == expected


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            files.rnn_layers(reset_after=False),
            r"'gru' is a GRU with reset_after=False .*\[2, 300\]",
        ),
        (files.rnn_layers((100,), gates=4), "is LSTM 100; GRU 100 → GRU 100 → GRU 50, GRU 100, "),
        (files.rnn_layers((100, 50)), "is GRU 100 → GRU 50; GRU 100"),
        (files.rnn_layers(features=2048), r"'gru': kernel is \[2048, 300\]; \[300, 300\] would"),
        (files.rnn_layers(outputs=8), "ends in 8 outputs: the paper's classification head"),
        (files.rnn_layers(outputs=3), "ends in 3 outputs; 2, or 1, would do"),
        (files.rnn_layers(outputs=1), "ends in 2 outputs and .* in 1; a CNN and an RNN"),
        (dict(list(files.rnn_layers().items())[:3]), "ends in layer 'gru_2', which is not Dense"),
        ({"dense": {"kernel": np.ones((3, 2))}}, r"as the RNN: none of its layers \(dense\)"),
        (files.cnn_layers(), "was given as the RNN but looks like the CNN"),
    ],
)
def test_an_rnn_of_another_kind(tmp_path, cnn, layers, message):
    path = files.write_rnn(tmp_path / "a.h5", layers)
    with pytest.raises(InputError, match=message):
        read_checkpoints(cnn, path)


def without(layer, name):
    layers = files.cnn_layers()
    layers[layer] = {k: v for k, v in layers[layer].items() if not k.endswith(name)}
    return layers


def with_array(layer, name, array):
    layers = files.cnn_layers()
    layers[layer][f"{layer}/{name}"] = array
    return layers


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (without("dense_1", "bias"), "layer 'dense_1' lacks bias and has kernel; kernel, bias of"),
        (without("batch_normalization_1", "gamma"), "lacks gamma and has beta"),
        (with_array("conv2d_2", "bias", np.ones(128)), "'conv2d_2' has bias, too; kernel of a Co"),
        (
            with_array("conv2d_3", "kernel", np.ones((3, 3, 128, 256))),
            r"'conv2d_3': kernel is \[3, 3, 128, 256\]; \[5, 5, 128, 256\] would do",
        ),
        (without("conv2d_1", "kernel"), r"has 5 layers with weights .*; 6 would do: BatchNorm"),
        (files.rnn_layers(), "was given as the CNN but looks like the RNN"),
        (files.cnn_layers(outputs=8), "paper's classification head"),
    ],
)
def test_a_cnn_of_another_kind(tmp_path, rnn, layers, message):
    path = files.write(tmp_path / "a.h5", layers)
    with pytest.raises(InputError, match=message):
        read_checkpoints(path, rnn)


@pytest.mark.parametrize(
    ("layer", "setting", "message"),
    [
        ("conv2d_2", {"activation": "elu"}, "'conv2d_2': activation is 'elu'; 'relu' would do"),
        ("conv2d_1", {"padding": "valid"}, "padding is 'valid'; 'same' would do"),
        ("conv2d_1", {"strides": [2, 2]}, r"strides is \[2, 2\]; \[1, 1\] would do"),
        ("dense_1", {"activation": "relu"}, "'dense_1': activation is 'relu'; 'linear' would"),
        (
            "batch_normalization_1",
            {"batch_input_shape": [None, 112, 112, 1]},
            r"takes images of \[112, 112, 1\]; \[96, 96, 1\] would do",
        ),
    ],
)
def test_what_no_shape_shows_is_read_where_the_file_tells_it(
    tmp_path, rnn, layer, setting, message
):
    config = {**files.CNN_CONFIG, layer: {**files.CNN_CONFIG[layer], **setting}}
    path = files.write(tmp_path / "a.h5", files.cnn_layers(), config)
    with pytest.raises(InputError, match=message):
        read_checkpoints(path, rnn)


def test_a_hard_sigmoid_is_no_sigmoid(tmp_path, cnn):
    config = {"gru": {"recurrent_activation": "hard_sigmoid"}}
    path = files.write(tmp_path / "a.h5", files.rnn_layers(), config)
    with pytest.raises(InputError, match="recurrent_activation is 'hard_sigmoid'; 'sigmoid' wou"):
        read_checkpoints(cnn, path)


def test_one_output_is_what_the_caller_says(tmp_path, cnn, rnn):
    frame = files.write_cnn(tmp_path / "cnn.h5", outputs=1)
    sequence = files.write_rnn(tmp_path / "rnn.h5", files.rnn_layers(outputs=1))
    found = read_checkpoints(frame, sequence, "arousal")
    assert found.cnn.settings.label_names == found.rnn.settings.label_names == ("arousal",)
    with pytest.raises(InputError, match="has one output and does not say which; valence or aro"):
        read_checkpoints(frame, sequence)
    with pytest.raises(InputError, match=r"outputs is 'valence' but .* predicts valence and arous"):
        read_checkpoints(cnn, rnn, "valence")
    with pytest.raises(InputError, match="outputs is 'joy'; both, valence or arousal would do"):
        read_checkpoints(cnn, rnn, "joy")


def test_a_model_gets_all_weights_or_none(tmp_path, cnn, rnn):
    model = read_checkpoints(cnn, rnn).cnn.model
    before = [np.array(weight) for weight in model.weights]
    other = files.cnn_layers(seed=1)
    other["dense_2"]["dense_2/bias"] = np.ones(7, np.float32)
    path = files.write(tmp_path / "a.h5", other)
    with pytest.raises(InputError, match=r"'dense_2': bias is \[7\]; \[2\] would do"):
        assign(model, read_layers(path), path)
    for weight, value in zip(model.weights, before):
        np.testing.assert_array_equal(weight, value)


@pytest.mark.torture
def test_a_mutated_file_is_refused_by_name_or_read(tmp_path):
    """HDF5 has no checksums here: numbers may be others, but no other error, and no other file."""
    draw = rng("weights files")
    whole = files.write_rnn(tmp_path / "whole.h5", files.rnn_layers((5,))).read_bytes()
    path = tmp_path / "a.h5"
    said = []
    for _ in range(cases(small=60, large=5000)):
        # What describes the arrays stands at the beginning, among them.
        at = int(draw.integers(min(len(whole), 8192 if draw.random() < 0.7 else len(whole))))
        path.write_bytes(nicked(whole, draw, at))
        try:
            layers = read_layers(path)
        except InputError as error:
            said.append(str(error))
        else:
            assert all(np.isfinite(a).all() for layer in layers for a in layer.weights.values())
    assert said
    assert all(str(path) in words and len(words) < 2000 for words in said)
