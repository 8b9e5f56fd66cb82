from __future__ import annotations

from pathlib import Path

import pytest

from affectflow.corpora.classes import TASKS, as_classes
from affectflow.corpora.clip import Clip
from affectflow.corpora.manifest import Manifest, ManifestEntry
from affectflow.emotions import EMOTIONS


def test_labels_come_in_the_order_of_the_tasks():
    assert as_classes({"age": "70+", "expression": "joy", "race": ""}) == (
        ("expression", "joy"),
        ("age", "70+"),
    )


def test_what_is_no_class_is_named():
    with pytest.raises(ValueError, match="expression 'happy' is not one of neutral, anger"):
        as_classes({"expression": "happy"})
    with pytest.raises(ValueError, match="task 'mood' is not one of expression, gender"):
        as_classes({"mood": "good"})
    with pytest.raises(ValueError, match="not in order"):
        Clip("c", "v", "s", "train", Path("x"), classes=(("age", "0-3"), ("gender", "male")))


def test_every_emotion_of_the_plane_is_an_expression():
    assert set(EMOTIONS) == set(TASKS["expression"]) - {"calm"}


def test_a_manifest_keeps_them_and_its_digest_sees_them():
    clip = Clip("c", "v", "s", "train", Path("x.png"), classes=(("expression", "joy"),), item="3")
    manifest = Manifest((ManifestEntry(clip, "a", ""),))
    assert Manifest.from_json(manifest.to_json()) == manifest
    plain = Manifest((ManifestEntry(Clip("c", "v", "s", "train", Path("x.png")), "a", ""),))
    assert plain.digest() != manifest.digest()
