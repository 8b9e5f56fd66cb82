from __future__ import annotations

from dataclasses import fields, replace

import pytest

from affectflow.errors import InputError
from affectflow.faces import settings as module
from affectflow.faces.settings import CROPS, FaceSettings

OTHER = {
    "detector": "haar", "crop": "box", "min_score": 0.6, "size": 96, "image_format": "png",
    "jpeg_quality": 90,
    "max_side": 640, "max_gap_s": 0.5, "cuts": "off", "on_corrupt": "keep", "hdr": "reject",
    "limit_side": 4096,
    "limit_seconds": 60.0, "limit_frames": 1000,
}  # fmt: skip


@pytest.mark.parametrize("name", [field.name for field in fields(FaceSettings)])
def test_every_field_changes_the_digest(name):
    assert replace(FaceSettings(), **{name: OTHER[name]}).digest() != FaceSettings().digest()


def test_the_digest_is_stable_and_takes_equal_numbers_as_equal():
    assert FaceSettings().digest() == FaceSettings().digest()
    whole, real = FaceSettings(limit_seconds=60), FaceSettings(limit_seconds=60.0)
    assert whole.digest() == real.digest()


def test_crops_are_told_apart():
    assert len({FaceSettings(crop=crop).digest() for crop in CROPS}) == len(CROPS) == 5


def test_the_format_version_changes_the_digest(monkeypatch):
    before = FaceSettings().digest()
    monkeypatch.setattr(module, "FORMAT_VERSION", module.FORMAT_VERSION + 1)
    assert FaceSettings().digest() != before


def test_all_fields_can_be_properties_of_a_component():
    assert {type(getattr(FaceSettings(), field.name)) for field in fields(FaceSettings)} <= {
        int, float, str,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("detector", "mtcnn"), ("min_score", 1.1), ("size", 8), ("image_format", "gif"),
        ("jpeg_quality", 0), ("max_side", 10), ("max_gap_s", -1.0), ("cuts", "on"),
        ("on_corrupt", "ignore"), ("hdr", "ignore"),
        ("limit_side", 0), ("limit_seconds", 0.0), ("limit_frames", 0), ("size", "112"),
        ("min_score", float("nan")), ("size", True),
    ],
)  # fmt: skip
def test_an_error_names_the_field_and_the_value(name, value):
    with pytest.raises(InputError, match=f"faces.{name} is {value!r}; .* would do"):
        FaceSettings(**{name: value})
