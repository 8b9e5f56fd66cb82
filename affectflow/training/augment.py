"""Random changes to training images, drawn anew for every image of every epoch.

On Aff-Wild2 paper 0 seeded its augmentation anew for each image, which made it one constant
transform; on CK+ it drew anew. Here each row of a batch has a draw of its own, a function of (seed,
batch number) alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Ranges:
    """What is drawn uniformly for an image; the defaults are paper 0's configuration.

    Its Keras ``ImageDataGenerator``: rotation_range 15, width/height_shift_range 0.1, shear_range
    0.01, zoom_range (0.9, 1.25), horizontal_flip, fill_mode reflect, brightness_range (0.5, 1.5).
    As there, a zoom above 1 shows more around the face and the two axes are drawn apart.
    """

    rotation_degrees: float = 15.0
    shift: float = 0.1
    shear_degrees: float = 0.01
    zoom: tuple[float, float] = (0.9, 1.25)
    flip_probability: float = 0.5
    brightness: tuple[float, float] = (0.5, 1.5)


PAPER = Ranges()
IDENTITY = Ranges(0.0, 0.0, 0.0, (1.0, 1.0), 0.0, (1.0, 1.0))


def augment(images: tf.Tensor, seed: tf.Tensor, ranges: Ranges = PAPER) -> tf.Tensor:
    """Rotates, shifts, shears, zooms, flips and brightens each image by its own draw.

    Args:
        images: float32 [B, H, W, 1] in [0, 1].
        seed: int [2]: (of the epoch, of the batch in it). Equal seeds give equal draws.
        ranges: what to draw from.

    Returns:
        float32 [B, H, W, 1] in [0, 1]. Beyond the edge the image is mirrored.
    """
    shape = tf.shape(images)
    draws = tf.random.stateless_uniform([8, shape[0]], seed, dtype=tf.float32)
    transforms = _transforms(
        draws, tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32), ranges
    )
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=shape[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )
    brightness = _between(draws[7], *ranges.brightness)
    return tf.ensure_shape(
        tf.clip_by_value(moved * brightness[:, None, None, None], 0.0, 1.0), images.shape
    )


def _transforms(draws: tf.Tensor, height: tf.Tensor, width: tf.Tensor, r: Ranges) -> tf.Tensor:
    """Draws [8, B] in [0, 1) -> [B, 8] rows (a0 a1 a2 b0 b1 b2 0 0): output pixel -> input pixel.

    The linear part is rotation · shear · zoom about the centre of the image, as Keras composes it.
    """
    angle = _between(draws[0], -r.rotation_degrees, r.rotation_degrees) * (math.pi / 180.0)
    shear = _between(draws[1], -r.shear_degrees, r.shear_degrees) * (math.pi / 180.0)
    zoom_y, zoom_x = _between(draws[2], *r.zoom), _between(draws[3], *r.zoom)
    shift_y = _between(draws[4], -r.shift, r.shift) * height
    shift_x = _between(draws[5], -r.shift, r.shift) * width
    mirror = tf.where(draws[6] < r.flip_probability, -1.0, 1.0)

    a0 = tf.cos(angle) * zoom_x * mirror
    a1 = -tf.sin(angle + shear) * zoom_y
    b0 = tf.sin(angle) * zoom_x * mirror
    b1 = tf.cos(angle + shear) * zoom_y
    centre_x, centre_y = (width - 1.0) / 2.0, (height - 1.0) / 2.0
    a2 = centre_x + shift_x - a0 * centre_x - a1 * centre_y
    b2 = centre_y + shift_y - b0 * centre_x - b1 * centre_y
    nothing = tf.zeros_like(a0)
    return tf.stack([a0, a1, a2, b0, b1, b2, nothing, nothing], axis=1)


def _between(draw: tf.Tensor, low: float, high: float) -> tf.Tensor:
    return low + draw * (high - low)
