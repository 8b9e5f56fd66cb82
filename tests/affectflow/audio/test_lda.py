"""LDA finds the directions that part the classes, also where a vector is longer than the list."""

from __future__ import annotations

import numpy as np
import pytest

from affectflow.audio.lda import Projection, fit_projection
from affectflow.errors import InputError


def blobs(means: np.ndarray, per_class: int, seed: int, spread=1.0) -> tuple[np.ndarray, list[str]]:
    """Normal vectors [C * per_class, D] about ``means`` [C, D], and their labels."""
    rng = np.random.default_rng(seed)
    labels = [f"class {c}" for c in range(len(means)) for _ in range(per_class)]
    noise = rng.normal(0, 1, (len(labels), means.shape[1])) * spread
    return np.repeat(means, per_class, axis=0) + noise, labels


def nearest(projection: Projection, x, labels, others) -> np.ndarray:
    """The class whose mean is nearest to each of ``others``, once projected."""
    z, classes = projection.project(x), sorted(set(labels))
    centres = np.stack([z[np.array(labels) == name].mean(axis=0) for name in classes])
    apart = projection.project(others)[:, np.newaxis] - centres
    return np.array(classes)[(apart**2).sum(axis=2).argmin(axis=1)]


def test_the_direction_is_fisher_s():
    # Of two classes: S_W^-1 (m1 - m0); the first element differs and is noisy, the second tells.
    spread = np.array([5.0, 0.5, 1.0])
    x, labels = blobs(np.array([[0, 0, 0], [2, 1, 0]]), 4000, 0, spread)
    projection = fit_projection(x, labels)
    found = (projection.matrix / projection.scale[:, np.newaxis])[:, 0]
    expected = np.array([2, 1, 0]) / spread**2
    cosine = found @ expected / np.linalg.norm(found) / np.linalg.norm(expected)
    assert cosine > 0.995
    within = projection.project(x)[:4000]
    assert within.std() == pytest.approx(1, abs=0.03)


def test_the_best_direction_is_first():
    means = np.zeros((3, 6))
    means[1, 4], means[2, 2] = 6, 2
    projection = fit_projection(*blobs(means, 500, 1))
    assert np.abs(projection.matrix).argmax(axis=0).tolist() == [4, 2]


@pytest.mark.parametrize(("classes", "features", "wanted"), [(2, 5, 1), (7, 40, 6), (7, 3, 3)])
def test_there_is_a_direction_less_than_classes(classes, features, wanted):
    means = np.random.default_rng(2).normal(0, 3, (classes, features))
    x, labels = blobs(means, 20, 3)
    projection = fit_projection(x, labels)
    assert projection.matrix.shape == (features, wanted)
    assert projection.project(x).shape == (len(x), wanted)
    assert {part.dtype for part in projection} == {np.dtype(np.float32)}


def test_vectors_longer_than_the_list():
    means = np.zeros((7, 400))
    means[:, :40] = np.random.default_rng(4).normal(0, 0.8, (7, 40))
    x, labels = blobs(means, 20, 5)
    others, truth = blobs(means, 20, 6)
    projection = fit_projection(x, labels)
    assert np.isfinite(projection.matrix).all()
    assert (nearest(projection, x, labels, others) == truth).mean() > 0.85


def test_it_tells_as_much_as_scikit_learn_s_classifier():
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    means = np.random.default_rng(7).normal(0, 0.3, (5, 60))
    x, labels = blobs(means, 40, 8)
    others, truth = blobs(means, 200, 9)
    projection = fit_projection(x, labels)
    # Of classes of one size the nearest mean is what the whole of LDA decides.
    full = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    full.fit((x - projection.mean) / projection.scale, labels)
    expected = full.predict((others - projection.mean) / projection.scale)
    assert (nearest(projection, x, labels, others) == expected).mean() > 0.995
    assert (expected == truth).mean() > 0.5, "a classifier that guesses would prove nothing"


def test_an_element_s_scale_and_offset_change_nothing():
    x, labels = blobs(np.eye(3, 10) * 3, 30, 10)
    factor, offset = np.geomspace(1e-3, 1e4, 10), np.linspace(-5, 50, 10)
    before, after = fit_projection(x, labels), fit_projection(x * factor + offset, labels)
    np.testing.assert_allclose(
        after.project(x * factor + offset), before.project(x), rtol=1e-2, atol=1e-3
    )
    np.testing.assert_array_equal(fit_projection(x, labels).matrix, before.matrix)


def test_an_element_that_is_always_the_same_counts_for_nothing():
    x, labels = blobs(np.eye(3, 5) * 3, 30, 11)
    same = np.insert(x, 2, np.float32(0.1), axis=1)
    projection = fit_projection(same.astype(np.float32), labels)
    assert projection.scale[2] == 1
    assert not projection.matrix[2].any()
    without = fit_projection(x.astype(np.float32), labels)
    np.testing.assert_allclose(np.delete(projection.matrix, 2, axis=0), without.matrix, rtol=1e-4)


def test_a_sum_among_the_elements_is_no_trouble():
    # As a range, which is the maximum less the minimum.
    x, labels = blobs(np.eye(2, 4) * 3, 3000, 12)
    projection = fit_projection(np.column_stack([x, x[:, 0] - x[:, 1]]), labels)
    assert np.isfinite(projection.matrix).all()


X, LABELS = blobs(np.eye(2, 3), 4, 13)


@pytest.mark.parametrize(
    ("vectors", "labels", "message"),
    [
        (X, LABELS[1:], r"vectors are \[8, 3\] and labels \[7\]"),
        (X[0], LABELS, r"vectors are \[3\]"),
        (X, ["joy"] * 8, "the clips are of 1 class"),
        (X[:2], ["joy", "fear"], "2 clips of 2 classes; LDA needs more clips than classes"),
        (np.where(X[3, 1] == X, np.nan, X), LABELS, "vector 3 holds values that are not finite"),
        (np.ones((8, 3)), LABELS, "all 8 vectors are the same"),
        # A clip a class, and its mirrored copy, which sounds the same.
        (np.repeat(X[:4], 2, axis=0), [*"aabbccdd"], "no two clips of one class differ in these 8"),
    ],
)
def test_what_is_refused(vectors, labels, message):
    with pytest.raises(InputError, match=message):
        fit_projection(vectors, labels)
