"""Samples of a classifier, read from records as Transform writes them."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from affectflow.errors import InputError
from affectflow.models.class_losses import UNKNOWN
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.records.shards import write_shard
from affectflow.training.class_data import ClassData, pixel_statistics
from affectflow.training.samples import SampleKey, read_samples

STILLS = ClassifierSettings(network="deep_cnn", image_size=16, expressions="joy,fear", batch_size=2)
CLIPS = ClassifierSettings(
    network="conv3d_lstm", image_size=16, expressions="joy,fear", clip_frames=4, channels=3
)


def record(video: str, frame: int, level: int, expression: str = "joy", gender: str = "", **more):
    from tensorflow.core.example.example_pb2 import Example

    size, channels = more.get("size", 16), more.get("channels", 1)
    picture = np.full((size, size) if channels == 1 else (size, size, 3), level, np.uint8)
    png = io.BytesIO()
    Image.fromarray(picture).save(png, "PNG")
    example = Example()
    feature = example.features.feature
    texts = {
        "corpus": "c", "subject_id": video[0], "video_id": video, "expression": expression,
        "gender": gender, "race": "", "age": "",
    }  # fmt: skip
    for name, text in texts.items():
        feature[name].bytes_list.value.append(text.encode())
    feature["image"].bytes_list.value.append(png.getvalue())
    feature["frame_index"].int64_list.value.append(frame)
    return example.SerializeToString()


def clip(video: str, frames: int, **more) -> list[bytes]:
    return [record(video, i, 10 * i, channels=3, **more) for i in range(frames)]


@pytest.fixture
def shard(tmp_path):
    def write(records, name: str = "data-0.tfrecord"):
        write_shard(tmp_path / name, records)
        return [tmp_path / name]

    return write


def test_a_still_is_a_sample_with_the_classes_that_are_known(shard):
    files = shard([
        record("b1", 0, 20, "fear"), record("a1", 0, 10, "joy", "male"),
        record("a2", 0, 30, "anger"), record("a3", 0, 40, ""),
    ])  # fmt: skip
    found = read_samples(files, STILLS)
    # Sorted by video; anger is none of the two classes, and "" is no label.
    assert found.keys == [SampleKey("c", "a", "a1", 0), SampleKey("c", "b", "b1", 0)]
    assert found.labels["expression"].tolist() == [0, 1]
    assert [int(image[0, 0, 0]) for image in found.images[found.rows]] == [10, 20]
    assert found.audio is None


def test_a_sample_of_another_task_alone_is_kept(shard):
    settings = replace(STILLS, tasks="all")
    found = read_samples(shard([record("a1", 0, 10, "anger", "male")]), settings)
    assert found.labels["expression"].tolist() == [UNKNOWN]
    # TASKS: female, male, unsure.
    assert found.labels["gender"].tolist() == [1]
    assert found.labels["race"].tolist() == [UNKNOWN]


def test_only_some_subjects(shard):
    files = shard([record("a1", 0, 10), record("b1", 0, 20)])
    assert [key.video_id for key in read_samples(files, STILLS, {"b"}).keys] == ["b1"]
    with pytest.raises(InputError, match="hold no sample of subjects nobody with one of"):
        read_samples(files, STILLS, {"nobody"})


def test_frames_of_a_clip_are_in_order_whatever_the_shard(shard):
    files = shard(clip("a1", 4)[::-1])
    found = read_samples(files, CLIPS)
    assert found.rows.shape == (1, 4)
    assert found.images[found.rows[0]][:, 0, 0, 0].tolist() == [0, 10, 20, 30]


def test_a_clip_is_padded_and_a_long_one_is_two_samples(shard):
    # Paper 4's rules at 4 instead of 75 frames: 3 are padded by the last, 8 give two samples.
    found = read_samples(shard(clip("a1", 3) + clip("b1", 8, expression="fear")), CLIPS)
    levels = found.images[found.rows][..., 0, 0, 0].tolist()
    assert levels == [[0, 10, 20, 20], [0, 10, 20, 30], [40, 50, 60, 70]]
    assert found.labels["expression"].tolist() == [0, 1, 1]
    assert [key.frame_index for key in found.keys] == [0, 0, 4]


def test_frames_that_no_sample_uses_are_not_kept(shard):
    settings = ClassifierSettings(
        network="audio_video", image_size=16, expressions="joy,fear", clip_frames=2, channels=3
    )
    sound = {("c", "a1"): np.array([1.0, 2.0])}
    found = read_samples(shard(clip("a1", 6) + clip("b1", 6)), settings, audio=sound)
    # Evenly spaced: frames 0 and 3; b1 has no sound.
    assert found.images.shape == (2, 16, 16, 3)
    assert found.images[found.rows[0]][:, 0, 0, 0].tolist() == [0, 30]
    assert found.audio.tolist() == [[1.0, 2.0]]


def test_images_of_another_size(shard):
    with pytest.raises(InputError, match="image_size is 16, but the images are 8x8"):
        read_samples(shard([record("a1", 0, 10, size=8)]), STILLS)


def test_more_images_than_there_is_room_for(shard):
    settings = replace(STILLS, cache_mib=0)
    told = r"1 images of 16x16x1 take 1 MiB, and classifier\.cache_mib is 0"
    with pytest.raises(InputError, match=told):
        read_samples(shard([record("a1", 0, 10)]), settings)


def test_statistics_are_of_all_pixels(shard):
    found = read_samples(shard([record("a1", 0, 0), record("a2", 0, 255)]), STILLS)
    # Half of the pixels 0 and half 1.
    assert pixel_statistics(found) == pytest.approx((0.5, 0.25))


def test_an_epoch_is_shuffled_by_seed_and_epoch(shard):
    records = [record(f"a{i}", 0, 10 * i, "joy" if i % 2 else "fear") for i in range(6)]
    data = ClassData(read_samples(shard(records), STILLS), STILLS)
    assert (data.count, data.steps) == (6, 3)

    def levels(epoch):
        return [x[:, 0, 0, 0].numpy().round(3).tolist() for x, _ in data.train(epoch)]

    assert levels(0) == levels(0) != levels(1)
    assert sorted([x for batch in levels(0) for x in batch]) == pytest.approx(
        [10 * i / 255 for i in range(6)], abs=1e-3
    )
    for x, labels in data.train(0):
        # A label stays with its image.
        odd = (x[:, 0, 0, 0].numpy() * 25.5).round().astype(int) % 2
        assert (labels["expression"].numpy() == 1 - odd).all()


def test_in_order_gives_every_sample_once(shard):
    data = ClassData(read_samples(shard([record(f"a{i}", 0, i) for i in range(3)]), STILLS), STILLS)
    assert [len(x) for x, _ in data.in_order()] == [2, 1]


def test_all_frames_of_a_clip_are_changed_alike(shard):

    settings = replace(CLIPS, augment="paper", batch_size=1)
    still = [record("a1", i, 100, channels=3) for i in range(4)]
    data = ClassData(read_samples(shard(still), settings), settings)
    ((x, _),) = data.train(0)
    assert x.shape == (1, 4, 16, 16, 3)
    # Four equal frames stay equal, by one draw of brightness.
    assert np.ptp(x.numpy(), axis=1).max() == 0
    assert abs(float(x[0, 0, 8, 8, 0]) - 100 / 255) > 1e-3
