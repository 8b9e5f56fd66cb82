"""Images, and rows of a table, go the way of a video of one frame."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from affectflow.corpora.clip import Clip
from affectflow.errors import RejectedClip, TransientReject
from affectflow.faces.codec import decode_image
from affectflow.faces.extract import extract_faces
from affectflow.faces.settings import FaceSettings
from affectflow.faces.still import read_still
from affectflow.faces.store import FaceStore
from affectflow.video import machine
from tests.portraits import blank, paste, png_of


def still(source: Path, item: str = "") -> Clip:
    return Clip("test", "v", "s", "train", source, item=item)


@pytest.mark.parametrize("ending", [".png", ".tiff", ".bmp", ".jpg"])
def test_a_face_in_an_image_is_found_and_stored(tmp_path, ending):
    source = tmp_path / f"portrait{ending}"
    Image.fromarray(paste(40, 20)).save(source)
    stored = extract_faces(still(source), FaceSettings(), FaceStore(tmp_path / "store"), "digest")
    assert stored.frames_decoded == len(stored) == 1
    assert np.isnan(stored.index["timestamp_s"]).all()
    (crop,) = stored.images()
    assert decode_image(crop).shape == (112, 112, 3)


def test_grey_sixteen_bit_and_turned_images(tmp_path):
    Image.fromarray(paste(40, 20)).convert("L").save(tmp_path / "grey.png")
    grey = read_still(still(tmp_path / "grey.png"), FaceSettings()).rgb
    assert grey.shape == (240, 320, 3)
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter: shown upright it is 240 wide
    Image.fromarray(paste(40, 20)).save(tmp_path / "turned.jpg", exif=exif)
    assert read_still(still(tmp_path / "turned.jpg"), FaceSettings()).rgb.shape == (320, 240, 3)


def test_a_large_image_is_brought_down_and_a_huge_one_refused(tmp_path):
    Image.fromarray(blank()).save(tmp_path / "a.png")
    small = read_still(still(tmp_path / "a.png"), FaceSettings(max_side=160))
    assert small.rgb.shape == (120, 160, 3)
    with pytest.raises(RejectedClip, match=r"bad_size.*320x240; the limit is 100"):
        read_still(still(tmp_path / "a.png"), FaceSettings(limit_side=100))


def test_what_is_no_image_is_rejected(tmp_path):
    (tmp_path / "notes.png").write_text("no image")
    Image.fromarray(paste(40, 20)).save(tmp_path / "whole.png")
    data = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    (tmp_path / "empty.png").write_bytes(b"")
    for name, words in (("notes", "no image"), ("cut", "truncated"), ("empty", "0 bytes"),
                        ("gone", "No such file")):  # fmt: skip
        with pytest.raises(RejectedClip, match=f"unreadable.*{words}"):
            read_still(still(tmp_path / f"{name}.png"), FaceSettings())


@pytest.mark.parametrize("ending", ["png", "tiff", "jpg", "bmp"])
def test_an_image_that_cannot_be_read_whole_is_not_called_damaged(tmp_path, monkeypatch, ending):
    path = tmp_path / f"cut.{ending}"
    Image.fromarray(paste(40, 20)).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(RejectedClip, match="no image that can be read") as caught:
        read_still(still(path), FaceSettings())
    assert type(caught.value) is RejectedClip

    def failing(*_, **__):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    # Where Pillow's own reading fails, and where libtiff has taken that for damage.
    for module, name in ((Image, "open"), (machine, "open")):
        with monkeypatch.context() as night:
            night.setattr(module, name, failing, raising=False)
            with pytest.raises(TransientReject, match="Input/output error"):
                read_still(still(path), FaceSettings())


def test_a_jpeg_2000_by_another_name_and_a_bomb_are_rejected(tmp_path):
    Image.fromarray(paste(40, 20)).save(tmp_path / "a.jp2")
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a.jp2").read_bytes())
    with pytest.raises(RejectedClip, match=r"unreadable.*a\.jpg"):
        read_still(still(tmp_path / "a.jpg"), FaceSettings())
    (tmp_path / "bomb.png").write_bytes(png_of(60_000, 60_000))
    with pytest.raises(RejectedClip, match="bad_size"):
        read_still(still(tmp_path / "bomb.png"), FaceSettings(limit_side=32768))


def test_no_face_in_an_image(tmp_path):
    Image.fromarray(blank()).save(tmp_path / "blank.png")
    with pytest.raises(RejectedClip, match="no face in the image; another detector"):
        extract_faces(
            still(tmp_path / "blank.png"), FaceSettings(), FaceStore(tmp_path / "store"), "digest"
        )


def test_an_image_that_was_cropped_before_is_taken_whole(tmp_path):
    grey = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (48, 48), np.uint8)
    cv2.imwrite(str(tmp_path / "crop.png"), grey)
    settings = FaceSettings(crop="whole", size=48, image_format="png")
    stored = extract_faces(
        still(tmp_path / "crop.png"), settings, FaceStore(tmp_path / "store"), "digest"
    )
    (crop,) = stored.images()
    np.testing.assert_array_equal(decode_image(crop)[..., 0], grey)
    assert stored.index["box"].tolist() == [[0, 0, 1, 1]]


def test_rows_of_a_table_are_kept_apart(tmp_path):
    table = tmp_path / "fer2013.csv"
    table.write_text("emotion,pixels,Usage\n3,0 10 20 30,Training\n4,90 80 70 60,PublicTest\n")
    settings = FaceSettings(crop="whole", size=16, image_format="png")
    store = FaceStore(tmp_path / "store")
    crops = []
    for item in ("0", "1"):
        stored = extract_faces(still(table, item), settings, store, "one digest for both")
        crops.append(decode_image(next(stored.images())))
    # 2x2 pixels brought to 16x16: the corners keep their levels.
    assert [crop[0, 0, 0] for crop in crops] == [0, 90]
    assert [crop[-1, -1, 0] for crop in crops] == [30, 60]
