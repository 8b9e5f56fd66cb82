"""The digest of what a clip shows: the same for the same pictures, however they are stored."""

from __future__ import annotations

import dataclasses
import subprocess

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


def test_clips_whose_faces_were_exchanged_are_looked_at_again(tmp_path, wandering, detector, clip):
    store, settings = FaceStore(tmp_path / "store"), FaceSettings()
    clips = [dataclasses.replace(clip(wandering), mirrored=mirrored) for mirrored in (False, True)]

    def contents() -> list[str]:
        return [extract_faces(c, settings, store, "d", detector=detector).content for c in clips]

    before = contents()
    one, other = (store.get(store.key("d", settings.digest(), c.part)).path for c in clips)
    one.rename(tmp_path / "aside")
    other.rename(one)
    (tmp_path / "aside").rename(other)
    # Taken for what they lay under they would be told the other way round.
    assert contents() == before != before[::-1]
