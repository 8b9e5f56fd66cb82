"""Augmentation: a draw of its own for each image and epoch, within its ranges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from affectflow.training.augment import IDENTITY, PAPER, augment


def images(count: int, size: int = 24) -> tf.Tensor:
    return tf.constant(np.random.default_rng(0).random((count, size, size, 1), dtype=np.float32))


def seed(epoch: int, batch: int) -> tf.Tensor:
    return tf.constant([epoch, batch], tf.int64)


def test_identity_without_ranges():
    x = images(3)
    np.testing.assert_allclose(augment(x, seed(0, 0), IDENTITY), x, atol=1e-6)


def test_the_papers_ranges():
    assert (PAPER.rotation_degrees, PAPER.shift, PAPER.shear_degrees) == (15.0, 0.1, 0.01)
    assert (PAPER.zoom, PAPER.flip_probability, PAPER.brightness) == ((0.9, 1.25), 0.5, (0.5, 1.5))


def test_another_draw_for_each_image_batch_and_epoch():
    same = tf.repeat(images(1), 6, axis=0)
    drawn = [augment(same, seed(e, b)).numpy() for e, b in [(0, 0), (0, 1), (1, 0)]]
    every = np.concatenate(drawn).reshape(18, -1)
    gaps = np.abs(every[:, None] - every[None]).max(axis=2)
    assert gaps[~np.eye(18, dtype=bool)].min() > 1e-3
    np.testing.assert_array_equal(drawn[0], augment(same, seed(0, 0)))


def test_flip_is_exact_and_as_often_as_asked():
    x = images(400)
    flipped = augment(x, seed(0, 0), replace(IDENTITY, flip_probability=1.0))
    np.testing.assert_allclose(flipped, x[:, :, ::-1], atol=1e-6)
    half = augment(x, seed(0, 0), replace(IDENTITY, flip_probability=0.5)).numpy()
    mirrored = np.abs(half - x[:, :, ::-1]).max(axis=(1, 2, 3)) < 1e-5
    kept = np.abs(half - x).max(axis=(1, 2, 3)) < 1e-5
    assert np.all(mirrored ^ kept)
    # Binomial(400, .5) has a standard deviation of 10: five of them on either side.
    assert 150 < mirrored.sum() < 250


def test_brightness_stays_in_its_range():
    grey = tf.fill([500, 4, 4, 1], 0.4)
    out = augment(grey, seed(0, 0), replace(IDENTITY, brightness=(0.5, 1.5))).numpy()[:, 0, 0, 0]
    assert 0.2 <= out.min() < 0.22
    assert 0.58 < out.max() <= 0.6
    bright = augment(tf.fill([50, 4, 4, 1], 0.9), seed(0, 0)).numpy()
    assert bright.max() == 1.0


def spot(size: int, y: float, x: float) -> np.ndarray:
    """A soft spot, whose centre of mass is measured to a fraction of a pixel."""
    rows, columns = np.mgrid[:size, :size]
    return np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 8).astype(np.float32)[..., None]


def centres(stack: np.ndarray) -> np.ndarray:
    """Centre of mass (y, x) of each image relative to the middle: [B, 2]."""
    size = stack.shape[1]
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    weight = stack[..., 0] / stack[..., 0].sum(axis=(1, 2), keepdims=True)
    return np.stack([(weight * rows).sum((1, 2)), (weight * columns).sum((1, 2))], axis=1)


SIZE = 61


@pytest.fixture
def off_centre() -> tf.Tensor:
    return tf.constant(np.repeat(spot(SIZE, 30, 42)[None], 300, axis=0))  # 12 to the right


def test_rotation_stays_in_its_range(off_centre):
    out = centres(augment(off_centre, seed(0, 0), replace(IDENTITY, rotation_degrees=15.0)).numpy())
    angles = np.degrees(np.arctan2(out[:, 0], out[:, 1]))
    assert np.abs(np.hypot(*out.T) - 12).max() < 0.1
    assert 14 < angles.max() < 15.2
    assert -15.2 < angles.min() < -14


def test_shift_stays_in_its_range():
    middle = tf.constant(np.repeat(spot(SIZE, 30, 30)[None], 300, axis=0))
    out = centres(augment(middle, seed(0, 0), replace(IDENTITY, shift=0.1)).numpy())
    assert 0.95 * 6.1 < np.abs(out).max() < 1.01 * 6.1
    assert abs(np.corrcoef(out.T)[0, 1]) < 0.3  # the axes are drawn apart


def test_zoom_above_one_shows_more(off_centre):
    out = centres(augment(off_centre, seed(0, 0), replace(IDENTITY, zoom=(0.9, 1.25))).numpy())
    # Output pixel 12/z looks at input pixel 12.
    assert 12 / 1.25 * 0.99 < out[:, 1].min() < 12 / 1.23
    assert 12 / 0.91 < out[:, 1].max() < 12 / 0.9 * 1.01


def test_the_edge_is_mirrored():
    # Half black, half white: a shift brings in mirrored columns, never a fill value.
    x = np.zeros((40, 20, 20, 1), np.float32)
    x[:, :, 10:] = 1.0
    out = augment(tf.constant(x), seed(0, 0), replace(IDENTITY, shift=0.3)).numpy()
    assert np.all(out[:, :, 0] == 0.0)
    assert np.all(out[:, :, -1] == 1.0)


def test_runs_in_a_graph_with_unknown_batch():
    traced = tf.function(
        augment,
        input_signature=[
            tf.TensorSpec([None, 24, 24, 1], tf.float32),
            tf.TensorSpec([2], tf.int64),
        ],
    )
    x = images(5)
    found = traced(x, seed(2, 3))
    np.testing.assert_allclose(found, augment(x, seed(2, 3)), atol=1e-5)
    assert found.shape == (5, 24, 24, 1)
