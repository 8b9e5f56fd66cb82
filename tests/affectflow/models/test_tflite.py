"""The TFLite file, a frame at a time, against what is served of the whole run."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf

from affectflow.errors import InputError
from affectflow.images.ops import model_images
from affectflow.images.settings import ImageSettings
from affectflow.models.cnn import build_cnn
from affectflow.models.rnn import build_rnn
from affectflow.models.sequence_serving import SequenceServing
from affectflow.models.serving import FrameServing
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.models.tflite import export_tflite

FRAMES, CROP, SIZE = 36, 64, 48
TOLERANCE = 1e-3
# A real phone's interpreter has these operations and no others.
BUILTINS = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES

# Between them every cell's kind, both labels, every way to an image, with and without a scale.
CASES = {
    "gru3": (
        RnnSettings(cell="gru3", label="next", normalize="features"), "windowed",
        ImageSettings(SIZE),
    ),
    "simple1": (
        RnnSettings(cell="simple1", label="last"), "carried",
        ImageSettings(SIZE, grey="mean", resize="nearest", equalise="histogram"),
    ),
    "gru1": (RnnSettings(cell="gru1", label="last"), "windowed", ImageSettings(SIZE)),
}  # fmt: skip


class Stages:
    """Both stages, untrained."""

    def __init__(self, rnn: RnnSettings, state: str, image: ImageSettings):
        self.state = state
        rng = np.random.Generator(np.random.PCG64(1))
        self.rnn_settings = replace(rnn, window=5, seed=2)
        self.cnn_settings = CnnSettings(
            image_size=SIZE, outputs=rnn.outputs, mixed_precision=rnn.mixed_precision, seed=1
        )
        self.image = image
        self.cnn = build_cnn(self.cnn_settings, image_mean=0.5, image_variance=0.1)
        self.rnn = build_rnn(
            self.rnn_settings, 300, rng.normal(0, 0.1, 300), rng.uniform(0.01, 0.1, 300)
        )
        for layer in self.rnn.layers:
            # Biases begin at zero, where leaving one out would show in nothing.
            for variable in layer.weights:
                if variable.name == "bias":
                    variable.assign(rng.normal(0, 0.3, variable.shape))

        self.frames = FrameServing(self.cnn, functools.partial(model_images, settings=self.image))
        self.sequence = SequenceServing(self.rnn, rnn.label, state)

    def served(self, crops: list[bytes]) -> np.ndarray:
        """What is served of a whole run: encoded crops → float32 [T, outputs]."""
        features = self.frames.features(tf.constant(crops))
        return self.sequence.outputs(features[tf.newaxis])[0].numpy()

    def export(self, path: Path, crop_size: int = CROP) -> Path:
        export_tflite(
            self.cnn,
            self.cnn_settings,
            self.rnn,
            self.rnn_settings,
            self.state,
            self.image,
            crop_size,
            path,
        )
        return path


class Run:
    """A TFLite file, run as a phone would."""

    def __init__(self, path: Path, labels: tuple[str, ...]):
        self.interpreter = tf.lite.Interpreter(str(path), experimental_op_resolver_type=BUILTINS)
        self.interpreter.allocate_tensors()
        self.step = self.interpreter.get_signature_runner("step")
        self.labels = labels
        self.begin()

    def begin(self) -> None:
        self.state = np.zeros(self.step.get_input_details()["state"]["shape"], np.float32)

    def __call__(self, crops: list[bytes]) -> np.ndarray:
        """Labels of the next frames: float32 [T, outputs]."""
        rows = []
        for crop in crops:
            found = self.step(face=tf.io.decode_image(crop)[tf.newaxis], state=self.state)
            self.state = found["state"]
            rows.append([found[label].item() for label in self.labels])
        return np.array(rows)


@pytest.fixture(scope="module")
def crops() -> list[bytes]:
    """JPEGs of a pattern that turns, grows and brightens, so that each frame says another thing."""
    rng = np.random.Generator(np.random.PCG64(3))
    pattern = cv2.resize(
        rng.integers(0, 256, (7, 7, 3), np.uint8), (CROP, CROP), interpolation=cv2.INTER_CUBIC
    )
    made = []
    for number in range(FRAMES):
        turn = cv2.getRotationMatrix2D((CROP / 2, CROP / 2), 9 * number, 1 + number / FRAMES)
        frame = cv2.warpAffine(pattern, turn, (CROP, CROP), borderMode=cv2.BORDER_REFLECT)
        frame = cv2.convertScaleAbs(frame, alpha=0.4 + 0.6 * number / FRAMES)
        made.append(cv2.imencode(".jpg", frame)[1].tobytes())
    return made


@pytest.fixture(scope="module", params=CASES)
def exported(request, tmp_path_factory) -> tuple[Stages, Path]:
    stages = Stages(*CASES[request.param])
    return stages, stages.export(tmp_path_factory.mktemp("tflite") / "new" / "model.tflite")


def test_a_frame_at_a_time_is_the_whole_run(exported, crops):
    stages, path = exported
    expected = stages.served(crops)
    assert expected.std(axis=0).min() > 0.02, "outputs that do not differ would prove nothing"
    found = Run(path, stages.rnn_settings.label_names)(crops)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def test_the_state_is_what_came_before(exported, crops):
    stages, path = exported
    run = Run(path, stages.rnn_settings.label_names)
    whole = run(crops[:12])
    assert run.state.shape == (1, stages.sequence.state_size)
    run.begin()
    np.testing.assert_array_equal(run(crops[:12]), whole)
    run.begin()
    # Without what came before, the same frames say something else, and what their own run says.
    tail = run(crops[4:12])
    assert np.abs(tail[1:] - whole[5:]).max() > 10 * TOLERANCE
    np.testing.assert_allclose(tail, stages.served(crops[4:12]), atol=TOLERANCE)


def test_only_tflite_s_own_operations(exported):
    stages, path = exported
    interpreter = Run(path, stages.rnn_settings.label_names).interpreter
    names = {operation["op_name"] for operation in interpreter._get_ops_details()}
    assert "CONV_2D" in names
    foreign = {name for name in names if name.startswith(("Flex", "CUSTOM"))}
    # Nor loops and branches, behind which phones' accelerators are of no use; a window alone is
    # gone through by a loop, after the CNN.
    loop = {"WHILE"} if stages.state == "windowed" else set()
    assert foreign | (names & {"WHILE", "IF"}) == loop


def test_the_signature(exported):
    stages, path = exported
    interpreter = tf.lite.Interpreter(str(path))
    assert set(interpreter.get_signature_list()) == {"step"}
    # The only one is the default.
    step = interpreter.get_signature_runner()
    state = {"shape": [1, stages.sequence.state_size], "dtype": np.float32}
    label = {"shape": [1], "dtype": np.float32}
    for details, expected in (
        (
            step.get_input_details(),
            {"face": {"shape": [1, CROP, CROP, 3], "dtype": np.uint8}, "state": state},
        ),
        (step.get_output_details(), {"valence": label, "arousal": label, "state": state}),
    ):
        found = {
            name: {"shape": list(told["shape"]), "dtype": told["dtype"]}
            for name, told in details.items()
        }
        assert found == expected


def test_mixed_precision_and_one_label(tmp_path, crops):
    settings = RnnSettings(
        cell="gru1", normalize="features", outputs="arousal", mixed_precision="float16"
    )
    stages, twin = (
        Stages(replace(settings, mixed_precision=kind), "windowed", ImageSettings(SIZE))
        for kind in ("float16", "none")
    )
    assert stages.rnn.get_layer("gru").compute_dtype == "float16"
    # Other weights than a new twin would have.
    for model, own in ((stages.cnn, twin.cnn), (stages.rnn, twin.rnn)):
        weights = [weight * 1.05 for weight in model.get_weights()]
        model.set_weights(weights)
        own.set_weights(weights)
    run = Run(stages.export(tmp_path / "model.tflite"), ("arousal",))
    assert set(run.step.get_output_details()) == {"arousal", "state"}
    found = run(crops)
    np.testing.assert_allclose(found, twin.served(crops), atol=TOLERANCE)
    # The model itself, at half precision.
    np.testing.assert_allclose(found, stages.served(crops), atol=0.02)


def test_a_crop_of_one_grey_is_not_equalised(tmp_path):
    # Of one level there is nothing to spread, and its span would divide by zero.
    stages = Stages(
        RnnSettings(cell="simple1", label="last"),
        "windowed",
        ImageSettings(SIZE, equalise="histogram"),
    )
    grey = cv2.imencode(".png", np.full((SIZE, SIZE, 3), 77, np.uint8))[1].tobytes()
    black = cv2.imencode(".png", np.zeros((SIZE, SIZE, 3), np.uint8))[1].tobytes()
    # Crops as large as the image: resizing changes nothing.
    run = Run(stages.export(tmp_path / "model.tflite", SIZE), ("valence", "arousal"))
    np.testing.assert_allclose(run([grey, black]), stages.served([grey, black]), atol=TOLERANCE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"image": ImageSettings(SIZE * 2)},
            "image_size of the images is 96 but the CNN's is 48; equal ones would do",
        ),
        (
            {"rnn_settings": RnnSettings(outputs="valence")},
            "outputs of the RNN is 'valence' but the CNN's is 'both'; equal ones would do",
        ),
        (
            {"image": ImageSettings(SIZE, grey="none")},
            "the TFLite file takes grey images, of 1 channel, but these have 3;"
            " image.grey=luma or image.grey=mean would do",
        ),
        ({"crop_size": 0}, "crop_size is 0; the crops' side in pixels would do, 1 or more"),
    ],
)
def test_what_does_not_fit(tmp_path, changes, message):
    stages = Stages(RnnSettings(cell="simple1"), "windowed", ImageSettings(SIZE))
    given = {
        name: getattr(stages, name)
        for name in ("cnn", "cnn_settings", "rnn", "rnn_settings", "state", "image")
    }
    path = tmp_path / "model.tflite"
    with pytest.raises(InputError) as raised:
        export_tflite(**{**given, "crop_size": CROP, "path": path, **changes})
    assert str(raised.value) == message
    assert not path.exists()
