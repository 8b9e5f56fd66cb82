"""The image ops against OpenCV and scikit-image, which compute the same by other code."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from skimage.data import astronaut
from skimage.transform import resize

from affectflow.images.ops import (
    encode_images,
    equalise_histogram,
    model_images,
    square_image,
    unit_range,
)
from affectflow.images.settings import ImageSettings

# A graph that is built once; a shape of its own for every example would be traced each time.
_equalise = tf.function(
    equalise_histogram, input_signature=[tf.TensorSpec([None, None, 1], tf.uint8)]
)


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """scikit-image's astronaut's head, uint8 [160, 160, 3]."""
    return np.ascontiguousarray(astronaut()[20:180, 130:290])


def equalised(image: np.ndarray) -> np.ndarray:
    return _equalise(image[..., np.newaxis]).numpy()[..., 0]


@settings(deadline=None)
@example(np.array([[1] * 6 + [2] * 7 + [3] * 7], np.uint8))  # 7 of 14 is half of 255: a tie
@given(arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_equalisation_is_opencv_s(image):
    np.testing.assert_array_equal(equalised(image), cv2.equalizeHist(image))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [1, 3, 20, 120])
def test_equalisation_of_photograph_sized_images_is_opencv_s(seed, spread):
    # Narrow histograms are what equalisation is for; the widest is a full one.
    rng = np.random.Generator(np.random.PCG64(seed))
    image = np.clip(rng.normal(110, spread, (96, 96)), 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(equalised(image), cv2.equalizeHist(image))


def test_an_image_of_one_level_stays():
    np.testing.assert_array_equal(equalised(np.full((8, 9), 77, np.uint8)), 77)


def test_grey_is_opencv_s_to_a_level(face):
    # No resizing: only the luma weights (ITU-R 601) and the rounding of the two can differ. OpenCV
    # works in fixed point, hence one level.
    ours = square_image(tf.constant(face), ImageSettings(160)).numpy()[..., 0].astype(int)
    theirs = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY).astype(int)
    assert np.abs(ours - theirs).max() <= 1
    assert (ours == theirs).mean() > 0.95


@pytest.mark.parametrize("size", [96, 80, 48, 32])
def test_shrinking_is_pillow_s_to_a_level(face, size):
    # Pillow's BILINEAR is the same triangle filter, widened when it shrinks. One level covers our
    # rounding and OpenCV's grey.
    ours = square_image(tf.constant(face), ImageSettings(size)).numpy()[..., 0].astype(float)
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY).astype(np.float32)
    theirs = Image.fromarray(grey).resize((size, size), Image.Resampling.BILINEAR)
    assert np.abs(ours - np.asarray(theirs)).max() <= 1.1


# At sizes where no middle falls between two pixels: either is as near there.
@pytest.mark.parametrize("size", [96, 53])
def test_the_nearest_pixel_is_pillow_s(face, size):
    # Pillow takes the pixel under the middle of the new one, too.
    ours = square_image(tf.constant(face), ImageSettings(size, resize="nearest")).numpy()[..., 0]
    whole = square_image(tf.constant(face), ImageSettings(160)).numpy()[..., 0]
    theirs = Image.fromarray(whole).resize((size, size), Image.Resampling.NEAREST)
    np.testing.assert_array_equal(ours, np.asarray(theirs))


def test_grey_by_the_mean_of_the_colours(face):
    # Paper 1: "the average value of RGB".
    ours = square_image(tf.constant(face), ImageSettings(160, grey="mean")).numpy()[..., 0]
    np.testing.assert_allclose(ours, face.mean(axis=2), atol=0.501)


@pytest.mark.parametrize("size", [160, 96, 28])
def test_colours_are_kept_and_shrunk_as_pillow_does(face, size):
    # Paper 4: 28x28, RGB.
    ours = square_image(tf.constant(face), ImageSettings(size, grey="none")).numpy()
    assert ours.shape == (size, size, 3)
    for channel in range(3):
        plane = Image.fromarray(face[..., channel].astype(np.float32))
        theirs = np.asarray(plane.resize((size, size), Image.Resampling.BILINEAR))
        assert np.abs(ours[..., channel] - theirs).max() <= 0.6


def test_a_batch_of_colour_goes_through_png(face):
    crop = cv2.imencode(".png", cv2.cvtColor(face, cv2.COLOR_RGB2BGR))[1].tobytes()
    images = model_images(tf.constant([crop] * 2), ImageSettings(160, grey="none"))
    np.testing.assert_array_equal(images.numpy(), [face, face])
    (png, _) = encode_images(images).numpy()
    decoded = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(decoded[..., ::-1], face)


def test_enlarging_is_scikit_image_s_bilinear(face):
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)
    ours = square_image(tf.constant(face), ImageSettings(240)).numpy()[..., 0].astype(float)
    theirs = resize(grey.astype(float), (240, 240), order=1, mode="edge", anti_aliasing=False)
    # Both align pixel centres; one level for OpenCV's grey, half a level for our rounding.
    assert np.abs(ours - theirs).max() <= 1.5


def test_crops_of_any_size_and_format_in_one_batch(face):
    small = cv2.resize(face, (61, 50))
    crops = [
        cv2.imencode(".png", cv2.cvtColor(face, cv2.COLOR_RGB2BGR))[1].tobytes(),
        cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))[1].tobytes(),
    ]
    images = model_images(tf.constant(crops), ImageSettings(image_size=48)).numpy()
    assert images.shape == (2, 48, 48, 1)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(
        images[0], square_image(tf.constant(face), ImageSettings(48)).numpy()
    )
    # The same face, squeezed and through JPEG: close to the first, and not a copy of it.
    assert 0 < np.abs(images[1].astype(int) - images[0]).mean() < 12


def test_equalisation_is_of_each_image_alone(face):
    dark = (face // 4).astype(np.uint8)
    crops = [cv2.imencode(".png", image)[1].tobytes() for image in (face, dark)]
    plain = model_images(tf.constant(crops), ImageSettings(image_size=40)).numpy()
    spread = model_images(
        tf.constant(crops), ImageSettings(image_size=40, equalise="histogram")
    ).numpy()
    for before, after in zip(plain, spread):
        np.testing.assert_array_equal(after[..., 0], cv2.equalizeHist(before[..., 0]))


def test_an_empty_batch_stays_one():
    assert model_images(tf.zeros([0], tf.string), ImageSettings()).shape == (0, 96, 96, 1)


def test_encoding_loses_nothing(face):
    images = face[np.newaxis, ..., :1]
    (png,) = encode_images(tf.constant(images)).numpy()
    np.testing.assert_array_equal(
        cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED), images[0, ..., 0]
    )


def test_pixels_become_numbers_from_0_to_1():
    scaled = unit_range(tf.constant([0, 51, 255], tf.uint8))
    assert scaled.dtype == tf.float32
    np.testing.assert_allclose(scaled.numpy(), [0.0, 0.2, 1.0], rtol=1e-7)
