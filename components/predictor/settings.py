"""Settings of the predictions."""

from __future__ import annotations

from dataclasses import dataclass, field

from affectflow.errors import InputError
from affectflow.models.settings import STATES


@dataclass(frozen=True)
class PredictSettings:
    """What happens to the model's output before it counts.

    Attributes:
        smooth_radius: predictions are averaged over this many frames on either side, within a
            gap-free run; 0 leaves them. Published work reports about +.05 mean CCC for 25.
        state: ``windowed`` = the sequence model sees each frame's own window of ``rnn.window``
            frames, from a state of zeros, as it was trained; ``carried`` = its state is carried
            over a whole gap-free run, which is that many times cheaper. Epochs are judged the same
            way, and releases serve it.
    """

    smooth_radius: int = 0
    state: str = field(default="windowed", metadata={"choices": STATES})

    def __post_init__(self) -> None:
        if self.smooth_radius < 0:
            raise InputError(f"smooth_radius is {self.smooth_radius}; it must be 0 or more")
        if self.state not in STATES:
            raise InputError(f"state is {self.state!r}; it must be one of {', '.join(STATES)}")
