"""affectflow: from annotated face video to a gated valence-arousal release.

import affectflow

affectflow.load_release("workspace/releases/0001").predict("clip.mp4")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affectflow.predict.predictor import ReleasePredictor

__version__ = "0.1.0"


def load_release(folder: str | Path, trusted: bool = False) -> ReleasePredictor:
    """A release, ready to predict.

    Args:
        folder: a release, or the latest of a folder of releases, or of a workspace.
        trusted: run its model whatever operations it holds, as one would a program.

    Raises:
        InputError: there is none, or it is incomplete, damaged or of another version. A model that
            does more than compute is refused when the first video needs it.
    """
    # Every part of the library imports this file: what predicts is loaded by those who ask.
    from affectflow.predict.predictor import ReleasePredictor
    from affectflow.release.find import find_release

    return ReleasePredictor(find_release(folder), trusted)
