"""Settings of the predictions."""

from __future__ import annotations

from pydantic import Field

from affectflow.models.settings import State
from affectflow.settings import settings


@settings
class PredictSettings:
    """What happens to the model's output before it counts."""

    smooth_radius: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="predictions are averaged over this many frames on either side, within a"
        " gap-free run; 0 leaves them. Published work reports about +.05 mean CCC for 25",
    )
    state: State = Field(
        default="windowed",
        description="windowed: the sequence model sees each frame's own window of rnn.window"
        " frames, from a state of zeros, as it was trained; carried: its state is carried over a"
        " whole gap-free run, which is that many times cheaper. Epochs are judged the same way, and"
        " releases serve it",
    )
