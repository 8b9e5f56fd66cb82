"""What a training run is told: flat, typed, checked when built.

Every field is an int, a float or a str, because the same fields travel as TFX execution
properties and as ``--set cnn.loss=mse``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from affectflow.plane import LABELS
from affectflow.settings import check_fields, number, one_of, seed_field

STATES = ("windowed", "carried")
"""How a sequence model is run over whole videos (see ``models/sequence_serving.py``)."""

MOST_EPOCHS, MOST_STEPS, LARGEST_BATCH = 100_000, 1_000_000, 65_536
MOST_CACHE_MIB = 1 << 20
"""A TiB."""


@dataclass(frozen=True)
class FitSettings:
    """How any model is fitted: optimiser, batches, epochs, precision, seed.

    Early stopping is this project's: paper 0 ran on, which ``patience=0`` does too. So is
    ``tune_fraction``: the papers picked their epochs on the split that they report, which
    ``tune_fraction=0`` does too. Who is held out follows from the seed of the split and not from
    this one (see ``training/holdout.py``).

    Raises:
        InputError: a field has the wrong type or a value that is not allowed.
    """

    optimizer: Literal["sgd", "adam"] = one_of("sgd", ("sgd", "adam"), "the optimiser")
    learning_rate: float = number(0.01, 1e-12, 100.0, "learning rate at step 0")
    momentum: float = number(0.9, 0.0, 0.9999, "momentum of sgd (adam: its beta 1)")
    decay: float = number(1e-5, 0.0, 100.0, "learning rate is divided by 1 + decay · step")
    batch_size: int = number(128, 1, LARGEST_BATCH, "examples a step, over all devices")
    epochs: int = number(100, 1, MOST_EPOCHS, "epochs at most")
    steps_per_epoch: int = number(0, 0, MOST_STEPS, "steps an epoch; 0 = the whole set once")
    patience: int = number(10, 0, MOST_EPOCHS, "epochs without a better validation; 0 = never stop")
    tune_fraction: float = number(
        0.1,
        0.0,
        0.9,
        "share of the training subjects on whom epochs are judged; 0 = the eval split",
    )
    mixed_precision: Literal["none", "float16", "bfloat16"] = one_of(
        "none", ("none", "float16", "bfloat16"), "type of the computations inside the network"
    )
    devices: Literal["one", "all"] = one_of(
        "one", ("one", "all"), "one device, or a replica on every GPU of the machine"
    )
    seed: int = seed_field("of initial weights, order of examples, augmentation")

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def dtype_policy(self) -> str:
        """The Keras dtype policy that ``mixed_precision`` stands for."""
        return "float32" if self.mixed_precision == "none" else f"mixed_{self.mixed_precision}"


@dataclass(frozen=True)
class TrainSettings(FitSettings):
    """What the stages that predict valence and arousal share; the defaults are paper 0's.

    Provenance (Rangulov & Fahim 2020, the published code): SGD with learning rate 0.01, momentum
    0.9 and no Nesterov; the paper's "weight decay 1e-5" is Keras' learning-rate decay
    lr / (1 + decay · step), not L2; loss 1 − (CCC_v + CCC_a)/2 per batch; 100 epochs asked for,
    the weights of the best validation loss kept.
    """

    loss: Literal["ccc", "mse"] = one_of("ccc", ("ccc", "mse"), "what training minimises")
    outputs: Literal["both", "valence", "arousal"] = one_of(
        "both", ("both", *LABELS), "the labels that the model predicts"
    )

    @property
    def label_names(self) -> tuple[str, ...]:
        """The predicted labels in the order of the model's output columns."""
        return LABELS if self.outputs == "both" else (self.outputs,)

    @property
    def label_columns(self) -> tuple[int, ...]:
        """Where the predicted labels stand in an array of (valence, arousal)."""
        return tuple(LABELS.index(name) for name in self.label_names)


@dataclass(frozen=True)
class CnnSettings(TrainSettings):
    """The frame model (paper 0, section on the CNN; figures from the published code).

    Provenance: 96×96 grey images, batch 128, epochs of 1 000 steps, dropout 0.5, and the
    augmentation by ``paper`` (see ``training/augment.py``) are paper 0's. ``norm_momentum`` 0.99
    is Keras' default, which the paper used; on a corpus of a few thousand steps start the moving
    statistics from the data (``build_cnn``) or lower it.
    """

    steps_per_epoch: int = number(1000, 0, MOST_STEPS, "steps an epoch; 0 = the whole set once")
    image_size: int = number(
        96, 32, 512, "height and width of the image; a multiple of 8", multiple=8
    )
    augment: Literal["paper", "none"] = one_of(
        "paper", ("paper", "none"), "random changes to training images"
    )
    dropout: float = number(0.5, 0.0, 0.95, "share of the features dropped while training")
    norm_momentum: float = number(0.99, 0.0, 0.9999, "inertia of the batch norm's statistics")
    cache_mib: int = number(
        1024, 0, MOST_CACHE_MIB, "decoded images up to this size are kept in memory, more in a file"
    )


@dataclass(frozen=True)
class RnnSettings(TrainSettings):
    """The sequence model on the frame model's features (paper 0, section on the RNN).

    Provenance: windows of 100 frames at stride 1, batch 256 and the label of the frame *after* the
    window (``next``) are paper 0's; its best model is ``gru3`` (100-100-50). ``last`` labels a
    window by its own last frame, which is what a per-frame evaluation asks for. ``normalize`` is
    this project's: ``none`` is the paper's form.
    """

    batch_size: int = number(256, 1, LARGEST_BATCH, "windows a step, over all devices")
    cell: Literal["gru3", "gru1", "simple1", "gru10", "gru10_10_5"] = one_of(
        "gru3",
        ("gru3", "gru1", "simple1", "gru10", "gru10_10_5"),
        "GRU 100-100-50, GRU 100, SimpleRNN 100, GRU 10 or GRU 10-10-5",
    )
    window: int = number(100, 1, 10_000, "frames a window")
    label: Literal["next", "last"] = one_of(
        "next", ("next", "last"), "a window's label: of the frame after it, or of its last frame"
    )
    stride: int = number(1, 1, 10_000, "frames between the starts of two training windows")
    normalize: Literal["none", "features"] = one_of(
        "none", ("none", "features"), "scale the features by the training set's mean and variance"
    )
