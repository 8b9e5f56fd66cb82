"""What a training run is told: flat, typed, checked when built.

Every field is an int, a float or a str, because the same fields travel as TFX execution
properties and as ``--set cnn.loss=mse``.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from affectflow.plane import LABELS
from affectflow.settings import Seed, settings

State = Literal["windowed", "carried"]
STATES: tuple[str, ...] = get_args(State)
"""How a sequence model is run over whole videos (see ``models/sequence_serving.py``)."""

MOST_EPOCHS, MOST_STEPS, LARGEST_BATCH = 100_000, 1_000_000, 65_536
MOST_CACHE_MIB = 1 << 20
"""A TiB."""


@settings
class FitSettings:
    """How any model is fitted: optimiser, batches, epochs, precision, seed.

    Early stopping is this project's: paper 0 ran on, which ``patience=0`` does too. So is
    ``tune_fraction``: the papers picked their epochs on the split that they report, which
    ``tune_fraction=0`` does too. Who is held out follows from the seed of the split and not from
    this one (see ``training/holdout.py``).

    Raises:
        InputError: a field has the wrong type or a value that is not allowed.
    """

    optimizer: Literal["sgd", "adam"] = Field(default="sgd", description="the optimiser")
    learning_rate: float = Field(
        default=0.01, ge=1e-12, le=100.0, description="learning rate at step 0"
    )
    momentum: float = Field(
        default=0.9, ge=0.0, le=0.9999, description="momentum of sgd (adam: its beta 1)"
    )
    decay: float = Field(
        default=1e-5, ge=0.0, le=100.0, description="learning rate is divided by 1 + decay · step"
    )
    batch_size: int = Field(
        default=128, ge=1, le=LARGEST_BATCH, description="examples a step, over all devices"
    )
    epochs: int = Field(default=100, ge=1, le=MOST_EPOCHS, description="epochs at most")
    steps_per_epoch: int = Field(
        default=0, ge=0, le=MOST_STEPS, description="steps an epoch; 0 = the whole set once"
    )
    patience: int = Field(
        default=10,
        ge=0,
        le=MOST_EPOCHS,
        description="epochs without a better validation; 0 = never stop",
    )
    tune_fraction: float = Field(
        default=0.1,
        ge=0.0,
        le=0.9,
        description="share of the training subjects on whom epochs are judged; 0 = the eval split",
    )
    mixed_precision: Literal["none", "float16", "bfloat16"] = Field(
        default="none", description="type of the computations inside the network"
    )
    devices: Literal["one", "all"] = Field(
        default="one", description="one device, or a replica on every GPU of the machine"
    )
    seed: Seed = Field(default=0, description="of initial weights, order of examples, augmentation")

    @property
    def dtype_policy(self) -> str:
        """The Keras dtype policy that ``mixed_precision`` stands for."""
        return "float32" if self.mixed_precision == "none" else f"mixed_{self.mixed_precision}"


@settings
class TrainSettings(FitSettings):
    """What the stages that predict valence and arousal share; the defaults are paper 0's.

    Provenance (Rangulov & Fahim 2020, the published code): SGD with learning rate 0.01, momentum
    0.9 and no Nesterov; the paper's "weight decay 1e-5" is Keras' learning-rate decay
    lr / (1 + decay · step), not L2; loss 1 − (CCC_v + CCC_a)/2 per batch; 100 epochs asked for,
    the weights of the best validation loss kept.
    """

    loss: Literal["ccc", "mse"] = Field(default="ccc", description="what training minimises")
    outputs: Literal["both", "valence", "arousal"] = Field(
        default="both", description="the labels that the model predicts"
    )

    @property
    def label_names(self) -> tuple[str, ...]:
        """The predicted labels in the order of the model's output columns."""
        return LABELS if self.outputs == "both" else (self.outputs,)

    @property
    def label_columns(self) -> tuple[int, ...]:
        """Where the predicted labels stand in an array of (valence, arousal)."""
        return tuple(LABELS.index(name) for name in self.label_names)


@settings
class CnnSettings(TrainSettings):
    """The frame model (paper 0, section on the CNN; figures from the published code).

    Provenance: 96×96 grey images, batch 128, epochs of 1 000 steps, dropout 0.5, and the
    augmentation by ``paper`` (see ``training/augment.py``) are paper 0's. ``norm_momentum`` 0.99
    is Keras' default, which the paper used; on a corpus of a few thousand steps start the moving
    statistics from the data (``build_cnn``) or lower it.
    """

    steps_per_epoch: int = Field(
        default=1000, ge=0, le=MOST_STEPS, description="steps an epoch; 0 = the whole set once"
    )
    image_size: int = Field(
        default=96,
        ge=32,
        le=512,
        multiple_of=8,
        description="height and width of the image; a multiple of 8",
    )
    augment: Literal["paper", "none"] = Field(
        default="paper", description="random changes to training images"
    )
    dropout: float = Field(
        default=0.5, ge=0.0, le=0.95, description="share of the features dropped while training"
    )
    norm_momentum: float = Field(
        default=0.99, ge=0.0, le=0.9999, description="inertia of the batch norm's statistics"
    )
    cache_mib: int = Field(
        default=1024,
        ge=0,
        le=MOST_CACHE_MIB,
        description="decoded images up to this size are kept in memory, more in a file",
    )


@settings
class RnnSettings(TrainSettings):
    """The sequence model on the frame model's features (paper 0, section on the RNN).

    Provenance: windows of 100 frames at stride 1, batch 256 and the label of the frame *after* the
    window (``next``) are paper 0's; its best model is ``gru3`` (100-100-50). ``last`` labels a
    window by its own last frame, which is what a per-frame evaluation asks for. ``normalize`` is
    this project's: ``none`` is the paper's form.
    """

    batch_size: int = Field(
        default=256, ge=1, le=LARGEST_BATCH, description="windows a step, over all devices"
    )
    cell: Literal["gru3", "gru1", "simple1", "gru10", "gru10_10_5"] = Field(
        default="gru3", description="GRU 100-100-50, GRU 100, SimpleRNN 100, GRU 10 or GRU 10-10-5"
    )
    window: int = Field(default=100, ge=1, le=10_000, description="frames a window")
    label: Literal["next", "last"] = Field(
        default="next", description="a window's label: of the frame after it, or of its last frame"
    )
    stride: int = Field(
        default=1, ge=1, le=10_000, description="frames between the starts of two training windows"
    )
    normalize: Literal["none", "features"] = Field(
        default="none", description="scale the features by the training set's mean and variance"
    )
