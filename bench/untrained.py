"""A release of networks that have learnt nothing, in seconds: for the bench and for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

SIZE = 32


def write_release(
    releases: Path,
    folder: Path,
    outputs: Literal["both", "valence", "arousal"] = "both",
    label: Literal["next", "last"] = "next",
    smooth_radius: int = 0,
    image_size: int = SIZE,
    state: str = "windowed",
    window: int = 100,
) -> Path:
    """Exports untrained networks below ``folder`` and publishes them; gives the release."""
    from affectflow.images.ops import model_images
    from affectflow.images.settings import ImageSettings
    from affectflow.models.cnn import build_cnn
    from affectflow.models.rnn import build_rnn
    from affectflow.models.sequence_serving import SequenceServing
    from affectflow.models.serving import FrameServing, Served
    from affectflow.models.settings import CnnSettings, RnnSettings
    from affectflow.release import publish

    cnn_settings = CnnSettings(image_size=image_size, outputs=outputs, seed=1)
    rnn_settings = RnnSettings(outputs=outputs, label=label, window=window, seed=2)
    image = ImageSettings(image_size=image_size)
    Served(
        FrameServing(build_cnn(cnn_settings, 0.5, 0.1), lambda faces: model_images(faces, image)),
        SequenceServing(build_rnn(rnn_settings), label, state),
        cnn_settings.label_names,
    ).export(folder)
    recipe = {
        "predict": {"smooth_radius": smooth_radius, "state": state},
        "faces": {"max_gap_s": 0.4},
    }
    return publish(
        releases, {"serving": folder}, {}, {}, recipe, f"{outputs} {label} {state} {window}"
    )
