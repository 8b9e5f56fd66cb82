"""The digest of what a clip shows: the same for the same pictures, however they are stored."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import zipfile

import numpy as np
import pytest

from affectflow.faces.extract import extract_faces
from affectflow.faces.face import Face
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.video.ffmpeg import find_ffmpeg


def stored(store: FaceStore, key: str, images: dict[int, bytes], decoded: int = 9):
    with store.put(key, "jpg") as entry:
        for frame, image in images.items():
            entry.add(frame, image, Face((0, 0, 1, 1), np.zeros((5, 2), np.float32), 1.0))
        entry.finish(np.arange(decoded) / 25, 64, 48)
    return store.get(key)


def test_crops_their_places_and_the_length_decide(tmp_path):
    store = FaceStore(tmp_path)
    one = stored(store, "aa1", {0: b"A", 3: b"B"}).content
    assert stored(store, "aa2", {0: b"A", 3: b"B"}).content == one
    others = [
        stored(store, "aa3", {0: b"A", 3: b"C"}),
        stored(store, "aa4", {0: b"A", 4: b"B"}),
        stored(store, "aa5", {0: b"A"}),
        stored(store, "aa6", {0: b"A", 3: b"B"}, decoded=10),
        stored(store, "aa7", {0: b"AB", 3: b""}),
    ]
    assert len({one, *(other.content for other in others)}) == 6


def test_an_entry_that_was_written_before_is_read_for_it(tmp_path):
    store = FaceStore(tmp_path)
    entry = stored(store, "aa1", {0: b"A", 3: b"B"})
    with zipfile.ZipFile(entry.path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    summary = json.loads(members["summary.json"])
    kept = summary.pop("content")
    members["summary.json"] = json.dumps(summary).encode()
    with zipfile.ZipFile(entry.path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert store.get("aa1").content == kept == entry.content


@pytest.fixture
def content(tmp_path, detector, clip):
    def of(source, digest, **more):
        made = dataclasses.replace(clip(source), **more)
        store = FaceStore(tmp_path / "store")
        return extract_faces(made, FaceSettings(), store, digest, detector=detector).content

    return of


def test_another_container_shows_the_same(tmp_path, wandering, content):
    copy = tmp_path / "copy.mkv"
    argv = [find_ffmpeg(), "-v", "error", "-i", str(wandering), "-c", "copy", str(copy)]
    subprocess.run(argv, check=True, timeout=60)
    assert copy.read_bytes() != wandering.read_bytes()
    assert content(wandering, "first") == content(copy, "second")
    assert content(wandering, "first", mirrored=True) != content(wandering, "first")


def test_the_two_people_of_a_video_show_something_else(pair, content):
    left, right = (content(pair, "pair", person=side) for side in ("left", "right"))
    assert left != right
