"""Settings of the predictions."""

from __future__ import annotations

from dataclasses import dataclass

from affectflow.models.settings import STATES
from affectflow.settings import check_fields, number, one_of


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

    smooth_radius: int = number(0, 0, 10_000)
    state: str = one_of("windowed", STATES)

    def __post_init__(self) -> None:
        check_fields(self)
