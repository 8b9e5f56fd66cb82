"""Frames from TFRecords: all of them, each with its label, in an order that can be had again."""

from __future__ import annotations

import errno
import os
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from affectflow.errors import InputError
from affectflow.models.settings import CnnSettings
from affectflow.room import no_room
from affectflow.training.frame_data import FrameData

SETTINGS = CnnSettings(image_size=32, batch_size=8, steps_per_epoch=0, augment="none", seed=3)
MAPPED = replace(SETTINGS, cache_mib=0)
both_ways = pytest.mark.parametrize("settings", [SETTINGS, MAPPED], ids=["cached", "mapped"])


def numbers(dataset, count: int) -> np.ndarray:
    """Which frames came, by label; checks that each image is the one of its label."""
    seen = []
    for image, label in dataset.as_numpy_iterator():
        assert image.dtype == label.dtype == np.float32
        frame = np.rint(label[:, 0] * count).astype(int)
        np.testing.assert_allclose(image[:, 5, 5, 0], frame % 256 / 255, atol=1e-6)
        np.testing.assert_allclose(image[:, 0, 0, 0], 1.0)
        np.testing.assert_allclose(label[:, 1], -label[:, 0])
        seen.append(frame)
    return np.concatenate(seen)


@both_ways
def test_validation_is_every_frame_once_in_order(frames, settings):
    data = FrameData(frames(30), settings)
    assert data.count == 30
    assert data.cached == (settings.cache_mib > 0)
    np.testing.assert_array_equal(numbers(data.in_order(), 30), np.arange(30))


@both_ways
def test_frames_of_some_subjects_alone(frames, settings):
    data = FrameData(frames(30), settings, subjects=["subject0", "subject2"])
    # The frames whose number is 0 or 2 modulo 3, by the fixture.
    wanted = [i for i in range(30) if i % 3 != 1]
    assert data.count == len(wanted)
    np.testing.assert_array_equal(numbers(data.in_order(), 30), wanted)
    assert set(numbers(data.train(0), 30)) <= set(wanted)
    with pytest.raises(InputError, match="hold no frame of subjects nobody"):
        FrameData(frames(30), settings, subjects=["nobody"])


@both_ways
def test_an_epoch_is_whole_batches_of_different_frames(frames, settings):
    data = FrameData(frames(30), settings)
    assert data.steps == len(data.train(0)) == 3
    seen = numbers(data.train(0), 30)
    assert len(seen) == len(set(seen)) == 24
    assert not np.array_equal(seen, np.sort(seen))


@both_ways
def test_epochs_differ_and_can_be_had_again(frames, settings):
    files = frames(40)
    data, later = FrameData(files, settings), FrameData(files[::-1], settings)
    first, second = (numbers(data.train(e), 40) for e in (0, 1))
    assert not np.array_equal(first, second)
    # A fresh process that begins at epoch 1 sees epoch 1, however the files were listed.
    np.testing.assert_array_equal(numbers(later.train(1), 40), second)
    other = FrameData(files, replace(settings, seed=4))
    assert not np.array_equal(numbers(other.train(0), 40), first)


@both_ways
def test_no_matter_how_the_frames_lie_in_shards(frames, settings):
    """As Transform's workers end: the last shard first, fewer shards, frames in any order."""
    first = FrameData(frames(45), settings)
    epoch, order = numbers(first.train(0), 45), numbers(first.in_order(), 45)
    backwards = [*range(30, 45), *range(15, 30), *range(15)]
    shuffled = np.random.default_rng(0).permutation(45).tolist()
    for shards, lie in ((3, backwards), (2, None), (4, shuffled)):
        other = FrameData(frames(45, shards=shards, order=lie), settings)
        np.testing.assert_array_equal(numbers(other.train(0), 45), epoch)
        np.testing.assert_array_equal(numbers(other.in_order(), 45), order)


def test_a_set_in_a_file_is_the_set_in_memory(frames, tmp_path):
    files = frames(40)
    cached, mapped = FrameData(files, SETTINGS), FrameData(files, MAPPED, scratch=tmp_path)
    for epoch in range(2):
        ours, theirs = (list(d.train(epoch).as_numpy_iterator()) for d in (cached, mapped))
        for (image, label), (other_image, other_label) in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(image, other_image)
            np.testing.assert_array_equal(label, other_label)
    # The file has lost its name.
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_no_room_for_the_file(frames, tmp_path, monkeypatch):
    files, asked = frames(4), []

    def full(file, offset, size):
        asked.append((offset, size))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        FrameData(files, MAPPED, scratch=tmp_path)
    # Before a page is written: a page without room would end the process.
    assert asked == [(0, 4 * 32 * 32)]
    assert str(tmp_path) in no_room(caught.value)


@both_ways
def test_more_steps_than_frames_go_round_again(frames, settings):
    data = FrameData(frames(10), replace(settings, steps_per_epoch=4))
    seen = Counter(numbers(data.train(0), 10))
    assert sum(seen.values()) == 32
    assert set(seen.values()) == {3, 4}


@both_ways
def test_fewer_steps_take_another_sample_each_epoch(frames, settings):
    data = FrameData(frames(60), replace(settings, steps_per_epoch=2))
    samples = [numbers(data.train(e), 60) for e in range(2)]
    assert [len(set(s)) for s in samples] == [16, 16]
    assert set(samples[0]) != set(samples[1])


@both_ways
def test_fewer_frames_than_a_batch(frames, settings):
    data = FrameData(frames(5, shards=1), settings)
    assert sorted(numbers(data.train(0), 5)) == [0, 1, 2, 3, 4]


@both_ways
def test_gzip(frames, settings):
    data = FrameData(frames(9, gzip=True), settings)
    np.testing.assert_array_equal(numbers(data.in_order(), 9), np.arange(9))


@both_ways
def test_one_output(frames, settings):
    data = FrameData(frames(9), replace(settings, outputs="arousal"))
    label = next(data.in_order().as_numpy_iterator())[1]
    np.testing.assert_allclose(label, -np.arange(8)[:, None] / 9, atol=1e-6)


@both_ways
def test_augmentation_is_for_training_and_changes_with_the_epoch(frames, settings):
    data = FrameData(frames(8, shards=1), replace(settings, augment="paper"))
    numbers(data.in_order(), 8)  # unchanged
    first, again, second = (next(data.train(e).as_numpy_iterator()) for e in (0, 0, 1))
    np.testing.assert_array_equal(first[0], again[0])

    def of(batch, frame):
        return batch[0][np.rint(batch[1][:, 0] * 8).astype(int) == frame][0]

    assert np.abs(of(first, 7) - of(second, 7)).max() > 1e-3
    assert first[0].min() >= 0
    assert first[0].max() <= 1


def test_kept_in_memory_only_within_the_budget(frames):
    # 1 MiB holds 1024 images of 32×32 bytes.
    assert FrameData(frames(1024, shards=1), replace(SETTINGS, cache_mib=1)).cached
    assert not FrameData(frames(1025, shards=1), replace(SETTINGS, cache_mib=1)).cached


def test_refuses(frames, tmp_path):
    with pytest.raises(InputError, match="files is empty"):
        FrameData([], SETTINGS)
    with pytest.raises(InputError, match="hold no frame"):
        FrameData(frames(0), SETTINGS)
    with pytest.raises(InputError, match="image_size is 64, but the images are 32x32"):
        FrameData(frames(4), replace(SETTINGS, image_size=64))
    with pytest.raises(InputError, match="the frame model takes grey images, of 1 channel, but"):
        FrameData(frames(4, channels=3), SETTINGS)
