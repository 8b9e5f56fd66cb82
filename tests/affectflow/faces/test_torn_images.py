"""Damaged images: rejected with a cause that names them, or read, and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from affectflow.corpora.clip import Clip
from affectflow.errors import RejectedClip
from affectflow.faces.cropped import store_cropped
from affectflow.faces.cropper import create_cropper
from affectflow.faces.settings import FaceSettings
from affectflow.faces.still import read_still
from affectflow.faces.store import FaceStore
from tests.damage import damaged
from tests.portraits import paste
from tests.torture import cases, rng

SETTINGS = FaceSettings()


@pytest.fixture(scope="module")
def image() -> Image.Image:
    return Image.fromarray(paste(40, 20)).resize((112, 112))


def torn(path: Path, image: Image.Image, form: str, campaign: str, number: int):
    """So many damaged files, one after the other at the same path: a half of them in the head."""
    options = {"tiff": {"compression": "tiff_deflate"}, "jpg": {"exif": b"Exif\0\0II*\0" * 20}}
    image.save(path, **options.get(form, {}))
    data, draws = path.read_bytes(), rng(f"{campaign} {form}")
    for case in range(number):
        path.write_bytes(damaged(data, draws, 0, 0.05 if case % 2 else 1))
        yield case


@pytest.mark.torture
@pytest.mark.parametrize("form", ["jpg", "png", "bmp", "tiff"])
def test_stills(tmp_path, image, form):
    path, came = tmp_path / f"a.{form}", Counter[str]()
    clip = Clip("test", "v", "s", "train", path)
    for _ in torn(path, image, form, "stills", cases(small=30, large=3000)):
        try:
            frame = read_still(clip, SETTINGS)
            assert frame.rgb.dtype == np.uint8
            assert max(frame.size) <= SETTINGS.limit_side
            came["read"] += 1
        except RejectedClip as rejection:
            came[rejection.cause] += 1
            said = rejection.detail
            assert said.startswith(f"{path}: ")
    print(form, dict(came))


@pytest.mark.torture
@pytest.mark.parametrize("form", ["jpg", "png"])
@pytest.mark.parametrize("on_corrupt", ["reject", "keep"])
def test_cropped_faces(tmp_path, image, form, on_corrupt):
    settings = FaceSettings(on_corrupt=on_corrupt)
    store, cropper, came = FaceStore(tmp_path / "store"), create_cropper(settings), Counter[str]()
    folder = tmp_path / "clip"
    folder.mkdir()
    image.save(folder / f"00001.{form}")
    clip = Clip("test", "v", "s", "train", folder)
    path = folder / f"00002.{form}"
    for case in torn(path, image, form, f"cropped {on_corrupt}", cases(small=10, large=1000)):
        try:
            store_cropped(clip, settings, store, f"{case:064d}", cropper)
            came["read"] += 1
        except RejectedClip as rejection:
            came[rejection.cause] += 1
            said = rejection.detail
            assert str(folder) in said
    print(form, on_corrupt, dict(came))
