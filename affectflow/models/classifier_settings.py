"""What a classifier is told: its network, its classes, and how it is trained."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from affectflow.corpora.classes import EXPRESSION, TASKS
from affectflow.errors import InputError
from affectflow.models.settings import MOST_CACHE_MIB, MOST_EPOCHS, FitSettings
from affectflow.settings import settings

Network = Literal["cnn", "deep_cnn", "conv3d_lstm", "audio_video"]
NETWORKS: tuple[str, ...] = get_args(Network)
CLIP_NETWORKS = ("conv3d_lstm", "audio_video")
BASIC_SEVEN = "neutral,anger,disgust,fear,joy,sadness,surprise"


@settings
class ClassifierSettings(FitSettings):
    """A model that names the class of an image or of a clip, by one softmax a task.

    ``network`` says which paper's: ``cnn`` is paper 0's CNN with a softmax for its head (Fig. 4),
    ``deep_cnn`` paper 2's CNN with a head a task, ``conv3d_lstm`` paper 4's, ``audio_video``
    paper 3's. The first two see single images, the others the frames of a clip.

    The recipes set what their papers say. ``judge`` is what epochs are compared by: the accuracy
    on the expression, as papers 2 and 4 do, or its cross-entropy.
    """

    network: Network = Field(
        default="cnn",
        description="paper 0's CNN, paper 2's, paper 4's Conv3D + LSTM, paper 3's two streams",
    )
    tasks: Literal["expression", "all"] = Field(
        default="expression", description="one head, or those of gender, race and age beside it"
    )
    expressions: str = Field(
        default=BASIC_SEVEN, description="classes of the expression, by comma; others are left out"
    )
    weight_expression: float = Field(
        default=1.0, ge=0.0, le=1000.0, description="of the expression's loss"
    )
    weight_gender: float = Field(default=0.0, ge=0.0, le=1000.0, description="of the gender's loss")
    weight_race: float = Field(default=0.0, ge=0.0, le=1000.0, description="of the race's loss")
    weight_age: float = Field(default=0.0, ge=0.0, le=1000.0, description="of the age's loss")
    judge: Literal["accuracy", "loss"] = Field(
        default="accuracy", description="what epochs are compared by, of the expression"
    )
    image_size: int = Field(default=96, ge=16, le=512, description="height and width of the image")
    channels: int = Field(default=1, ge=1, le=3, description="1 = grey, 3 = colour")
    clip_frames: int = Field(
        default=75, ge=1, le=10_000, description="frames of a clip that a clip's network sees"
    )
    layers: int = Field(
        default=6, ge=5, le=7, description="of conv3d_lstm: 5 has one Conv3D block, 7 three"
    )
    width: float = Field(
        default=1.0, ge=0.01, le=4.0, description="filters and units, as a share of the paper's"
    )
    dropout: float = Field(
        default=0.5,
        ge=0.0,
        le=0.95,
        description="share of the last features dropped while training",
    )
    l2: float = Field(default=0.0, ge=0.0, le=10.0, description="of the convolutions' kernels")
    norm_momentum: float = Field(
        default=0.99, ge=0.0, le=0.9999, description="inertia of the batch norm's statistics"
    )
    augment: Literal["paper", "none"] = Field(
        default="none", description="random changes to training images, by paper 0"
    )
    plateau_patience: int = Field(
        default=0,
        ge=0,
        le=MOST_EPOCHS,
        description="epochs without a better validation until the rate is cut; 0 = never",
    )
    plateau_factor: float = Field(
        default=0.2, ge=1e-6, le=1.0, description="what the learning rate is multiplied by then"
    )
    min_learning_rate: float = Field(
        default=1e-6, ge=0.0, le=100.0, description="training ends when the rate is below"
    )
    cache_mib: int = Field(
        default=4096,
        ge=0,
        le=MOST_CACHE_MIB,
        description="decoded images are kept in memory up to this size",
    )

    def __post_init__(self) -> None:
        names = self.expressions.split(",")
        unknown = [name for name in names if name not in TASKS[EXPRESSION]]
        if unknown or len(set(names)) != len(names) or len(names) < 2:
            raise InputError(
                f"expressions is {self.expressions!r}; two or more different ones of "
                f"{', '.join(TASKS[EXPRESSION])}, joined by commas, would do"
            )
        if self.channels == 2:
            raise InputError("channels is 2; 1 (grey) or 3 (colour) would do")
        if self.network == "cnn" and (self.image_size < 32 or self.image_size % 8):
            raise InputError(
                f"image_size is {self.image_size}; a multiple of 8 from 32 on, such as "
                f"{max(32, self.image_size // 8 * 8)}, would do for the cnn"
            )
        if self.plateau_patience and self.decay:
            raise InputError(
                f"plateau_patience is {self.plateau_patience} and decay {self.decay}; one of the"
                " two must be 0, as both change the learning rate"
            )

    @property
    def classes(self) -> dict[str, tuple[str, ...]]:
        """Task -> its classes, in the order of the head's outputs."""
        heads = {EXPRESSION: tuple(self.expressions.split(","))}
        if self.tasks == "all":
            heads |= {task: names for task, names in TASKS.items() if task != EXPRESSION}
        return heads

    @property
    def loss_weights(self) -> dict[str, float]:
        """Task -> weight of its loss."""
        return {task: getattr(self, f"weight_{task}") for task in self.classes}

    @property
    def of_clips(self) -> bool:
        """Whether the network sees the frames of a clip, and not single images."""
        return self.network in CLIP_NETWORKS
