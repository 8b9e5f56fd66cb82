"""From an encoded face crop to the image that a model sees, as TensorFlow ops.

tensorflow-transform puts these ops into the graph that both training and serving run.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from affectflow.images.settings import ImageSettings

Resize = Callable[[tf.Tensor, tuple[int, int]], tf.Tensor]
Cumulate = Callable[[tf.Tensor], tf.Tensor]


def model_images(faces: tf.Tensor, settings: ImageSettings) -> tf.Tensor:
    """Decodes, makes grey unless colours are kept, resizes and, where asked, equalises.

    Args:
        faces: string [B], JPEG or PNG, RGB, any size.

    Returns:
        uint8 [B, image_size, image_size, settings.channels].
    """

    def one(face: tf.Tensor) -> tf.Tensor:
        image = tf.io.decode_image(face, channels=3, expand_animations=False)
        image.set_shape([None, None, 3])
        return square_image(image, settings)

    shape = (settings.image_size, settings.image_size, settings.channels)
    images = tf.map_fn(one, faces, fn_output_signature=tf.TensorSpec(shape, tf.uint8))
    if settings.equalise == "histogram":
        images = tf.map_fn(equalise_histogram, images)
    return images


def antialiased(image: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """float32 [h, w, c] → float32 [*size, c], bilinear, by a wider triangle where it shrinks."""
    return tf.image.resize(image, size, antialias=True)


def nearest(image: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """float32 [h, w, c] → float32 [*size, c], the pixel under the middle of each new one."""
    return tf.image.resize(image, size, method="nearest")


RESIZES: dict[str, Resize] = {"antialias": antialiased, "nearest": nearest}
"""By the name that ``ImageSettings.resize`` takes."""


def square_image(
    image: tf.Tensor, settings: ImageSettings, resize: Resize | None = None
) -> tf.Tensor:
    """RGB uint8 [h, w, 3] as uint8 [image_size, image_size, settings.channels].

    Args:
        resize: what stands for the settings' own, where that cannot run.
    """
    colours = tf.cast(image, tf.float32)
    if settings.grey == "mean":
        kept = tf.reduce_mean(colours, axis=-1, keepdims=True)
    elif settings.grey == "luma":
        kept = tf.image.rgb_to_grayscale(colours)
    else:
        kept = colours
    resized = (resize or RESIZES[settings.resize])(kept, (settings.image_size,) * 2)
    return tf.cast(tf.clip_by_value(tf.round(resized), 0.0, 255.0), tf.uint8)


def cumulative_counts(levels: tf.Tensor) -> tf.Tensor:
    """How many of the levels, int32 [N] in [0, 255], are g or less: int32 [256]."""
    return tf.cumsum(tf.math.bincount(levels, minlength=256, maxlength=256))


def equalise_histogram(image: tf.Tensor, cumulate: Cumulate = cumulative_counts) -> tf.Tensor:
    """Histogram equalisation of a uint8 [h, w, 1] image, by OpenCV's equalizeHist formula.

    Level g becomes round(255 (cdf(g) - cdf_min) / (pixels - cdf_min)), cdf_min being the count of
    the darkest level that occurs; an image of one level stays as it is.

    Args:
        cumulate: what stands for :func:`cumulative_counts`, where that cannot run.
    """
    levels = tf.cast(tf.reshape(image, [-1]), tf.int32)
    cdf = cumulate(levels)
    darkest = tf.gather(cdf, tf.reduce_min(levels))
    span = tf.size(levels) - darkest
    # OpenCV's own order of operations: a quotient taken last rounds halves to other levels.
    scale = 255.0 / tf.cast(tf.maximum(span, 1), tf.float32)
    spread = tf.cast(cdf - darkest, tf.float32) * scale
    # A choice of tables, where a branch would do: behind one, TFLite's fast kernels are not used.
    wanted = tf.where(span > 0, spread, tf.range(256.0))
    table = tf.cast(tf.clip_by_value(tf.round(wanted), 0.0, 255.0), tf.uint8)
    return tf.gather(table, tf.cast(image, tf.int32))


def encode_images(images: tf.Tensor) -> tf.Tensor:
    """uint8 [B, h, w, 1 or 3] as PNG, string [B]: lossless, a file a person can open.

    Stored, not deflated: Transform's files are gzipped as a whole, and where the image goes
    straight on into a network, deflating it costs half as much as the network.
    """
    return tf.map_fn(
        lambda image: tf.io.encode_png(image, compression=0),
        images,
        fn_output_signature=tf.TensorSpec((), tf.string),
    )


def unit_range(images: tf.Tensor) -> tf.Tensor:
    """uint8 images as float32 in [0, 1], the CNN's input (paper 0)."""
    return tf.cast(images, tf.float32) / 255.0
