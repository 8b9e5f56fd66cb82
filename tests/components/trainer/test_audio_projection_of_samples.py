"""What the projection of sound is fitted to."""

from __future__ import annotations

import numpy as np

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.training.samples import SampleKey, Samples
from components.trainer.class_executor import _projection


def samples(audio: np.ndarray, expression: list[int], gender: list[int]) -> Samples:
    count = len(audio)
    return Samples(
        images=np.zeros((1, 8, 8, 3), np.uint8),
        rows=np.zeros((count, 2), np.int64),
        labels={"expression": np.int32(expression), "gender": np.int32(gender)},
        keys=[SampleKey("made", f"s{n}", f"v{n}", 0) for n in range(count)],
        audio=audio.astype(np.float32),
    )


def test_a_clip_whose_expression_is_not_known_is_of_no_class():
    # It has a gender, so it is a sample where all tasks are learnt. Taken for the last class, joy,
    # it would turn the direction that parts the two.
    rng = np.random.default_rng(0)
    settings = ClassifierSettings(network="audio_video", tasks="all", expressions="fear,joy")
    known = np.concatenate([rng.normal(0, 1, (20, 3)), rng.normal((5, 0, 0), 1, (20, 3))])
    other = rng.normal((0, 50, 0), 1, (10, 3))
    expression = [0] * 20 + [1] * 20
    alone = _projection(samples(known, expression, [0] * 40), settings)
    both = _projection(
        samples(np.concatenate([known, other]), expression + [-1] * 10, [0] * 50), settings
    )
    # The last step scales by all samples; the direction is that of the known ones.
    for found in (alone.matrix, both.matrix):
        found /= np.linalg.norm(found)
    np.testing.assert_allclose(both.matrix, alone.matrix, atol=1e-5)
    np.testing.assert_allclose(both.mean, known.mean(axis=0), rtol=1e-5)
