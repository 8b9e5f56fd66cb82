from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import RejectedClip, TransientReject
from affectflow.faces.align import TEMPLATE_112
from affectflow.faces.codec import decode_image, encode_image
from affectflow.faces.extract import extract_faces
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from tests.portraits import png_of


@pytest.fixture
def folder(tmp_path, portrait) -> Path:
    """Images 1, 2 and 5 of 112x112."""
    path = tmp_path / "clip_left"
    path.mkdir()
    crop = portrait[:112, :112]
    for number in (5, 1, 2):
        data = encode_image(np.roll(crop, number, axis=0), FaceSettings())
        (path / f"{number:05d}.jpg").write_bytes(data)
    (path / "notes.txt").write_text("not an image")
    (path / "._00003.jpg").write_bytes(b"what other systems leave behind")
    return path


@pytest.fixture
def store(tmp_path) -> FaceStore:
    return FaceStore(tmp_path / "store")


def test_images_are_taken_as_they_are(folder, clip, store):
    seen = []
    stored = extract_faces(clip(folder, "left"), FaceSettings(), store, "d", on_frame=seen.append)
    index = stored.index
    # Image n is frame n - 1; the highest number is the number of frames.
    assert index["frame_index"].tolist() == [0, 1, 4]
    assert stored.frames_decoded == 5
    assert seen == [1, 2, 5]
    assert (stored.width, stored.height) == (112, 112)
    assert list(stored.images()) == [
        (folder / name).read_bytes() for name in ("00001.jpg", "00002.jpg", "00005.jpg")
    ]
    assert index["box"].tolist() == [[0, 0, 1, 1]] * 3
    np.testing.assert_allclose(index["landmarks"][0] * 112, TEMPLATE_112, atol=1e-4)
    assert index["score"].tolist() == [1, 1, 1]
    assert np.isnan(index["timestamp_s"]).all()
    assert len(index["timestamp_s"]) == 5


def test_a_mirrored_clip_s_images_are_flipped(folder, clip, store):
    settings = FaceSettings(image_format="png")
    plain, mirrored = (
        [decode_image(data) for data in extract_faces(one, settings, store, "d").images()]
        for one in (clip(folder), replace(clip(folder), mirrored=True))
    )
    np.testing.assert_array_equal([image[:, ::-1] for image in plain], mirrored)
    # JPEGs of the right size as well, which would else be kept as they are.
    again = extract_faces(replace(clip(folder), mirrored=True), FaceSettings(), store, "d")
    difference = decode_image(next(again.images())).astype(int) - mirrored[0]
    assert np.abs(difference).mean() < 3


def test_images_are_masked_where_crops_are(folder, clip, store):
    settings = FaceSettings(crop="masked", image_format="png")
    stored = extract_faces(clip(folder), settings, store, "d")
    for image in map(decode_image, stored.images()):
        assert not image[[0, 0, -1, -1], [0, -1, 0, -1]].any()
        assert image[56, 56].any()


@pytest.mark.parametrize("size", [96, 160])
def test_another_size_is_resized(folder, clip, store, size):
    settings = FaceSettings(size=size, image_format="png")
    stored = extract_faces(clip(folder), settings, store, "d")
    crops = [decode_image(data) for data in stored.images()]
    assert {crop.shape for crop in crops} == {(size, size, 3)}
    source = decode_image((folder / "00001.jpg").read_bytes())
    assert crops[0].mean() == pytest.approx(source.mean(), abs=2)


def test_an_image_that_cannot_be_read(folder, clip, store):
    (folder / "00003.jpg").write_bytes(b"\xff\xd8 cut")
    with pytest.raises(RejectedClip, match=r"00003\.jpg") as caught:
        extract_faces(clip(folder), FaceSettings(), store, "d")
    assert caught.value.cause == "corrupt"
    kept = extract_faces(clip(folder), FaceSettings(on_corrupt="keep"), store, "d")
    assert kept.index["frame_index"].tolist() == [0, 1, 4]
    assert kept.summary["decode_errors"] == 1


def test_pointers_in_the_place_of_images_are_named(folder, clip, store):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 117132\n"
    (folder / "00002.jpg").write_bytes(pointer)
    with pytest.raises(RejectedClip, match=r"unreadable: .*00002\.jpg: .*'git lfs pull'"):
        extract_faces(clip(folder), FaceSettings(), store, "d")
    (folder / "00002.jpg").write_bytes(b"")
    with pytest.raises(RejectedClip, match=r"00002\.jpg: the file is empty"):
        extract_faces(clip(folder), FaceSettings(), store, "empty")
    # Kept, one is a frame without a face; all are no clip.
    kept = FaceSettings(on_corrupt="keep")
    assert extract_faces(clip(folder), kept, store, "d").index["frame_index"].tolist() == [0, 4]
    for name in ("00001.jpg", "00002.jpg", "00005.jpg"):
        (folder / name).write_bytes(pointer)
    with pytest.raises(RejectedClip, match="git lfs pull"):
        extract_faces(clip(folder), kept, store, "all")


@pytest.mark.parametrize("on_corrupt", ["reject", "keep"])
@pytest.mark.parametrize("what", ["read_bytes", "iterdir"])
def test_images_that_cannot_be_read_now_are_not_held_against_the_clip(
    folder, clip, store, monkeypatch, what, on_corrupt
):
    def failing(_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    settings = FaceSettings(on_corrupt=on_corrupt)
    with monkeypatch.context() as night:
        night.setattr(Path, what, failing)
        with pytest.raises(TransientReject, match="Input/output error"):
            extract_faces(clip(folder), settings, store, "d")
    assert extract_faces(clip(folder), settings, store, "d").frames_decoded == 5


@pytest.mark.parametrize(
    ("name", "side", "cause", "words"),
    [
        # 20261128203015 timestamps would be 147 TiB.
        ("20261128203015.jpg", 112, "too_long", "stands for frame 20261128203014; the limit is"),
        ("00003.png", 60_000, "bad_size", r"00003.png: .*3600000000 pixels"),
        ("00003.png", 9_000, "bad_size", "an image of 9000x9000; the limit is 8192"),
    ],
)
def test_what_would_take_all_memory_is_rejected(folder, clip, store, name, side, cause, words):
    (folder / name).write_bytes(png_of(side, side))
    with pytest.raises(RejectedClip, match=words) as caught:
        extract_faces(clip(folder), FaceSettings(), store, "d")
    assert caught.value.cause == cause


def test_no_images_is_no_face(tmp_path, clip, store):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RejectedClip) as caught:
        extract_faces(clip(tmp_path / "empty"), FaceSettings(), store, "d")
    assert caught.value.cause == "no_face"


@pytest.mark.parametrize("name", ["1.jpg", "00000.jpg"])
def test_numbers_that_clash_or_begin_at_zero(folder, clip, store, name):
    (folder / name).write_bytes((folder / "00001.jpg").read_bytes())
    with pytest.raises(RejectedClip, match="numbered from 1"):
        extract_faces(clip(folder), FaceSettings(), store, "d")
