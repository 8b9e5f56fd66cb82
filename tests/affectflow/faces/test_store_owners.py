"""Entries of the store that lie under another's key: noticed, named, and made anew."""

from __future__ import annotations

import json
import logging
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import RejectedClip
from affectflow.faces.entry import DamagedEntry, StoredFaces
from affectflow.faces.face import Face
from affectflow.faces.store import FaceStore
from tests.damage import nicked
from tests.torture import cases, rng

ONE, OTHER = (FaceStore.key(content, "settings", "") for content in ("one", "other"))


def fill(store: FaceStore, key: str, image: bytes, count: int = 2) -> StoredFaces:
    with store.put(key, "jpg") as entry:
        for frame in range(count):
            face = Face((0, 0, 1, 1), np.zeros((5, 2), np.float32), 1.0)
            entry.add(frame, image, face)
        entry.finish(np.arange(count) / 25, 64, 48)
    return store.get(key)


@pytest.fixture
def store(tmp_path) -> FaceStore:
    store = FaceStore(tmp_path / "store")
    fill(store, ONE, b"one" * 50)
    fill(store, OTHER, b"other" * 50)
    return store


def place(store: FaceStore, key: str, extension: str = "zip") -> Path:
    return store.root / key[:2] / f"{key}.{extension}"


def exchange(first: Path, second: Path) -> None:
    aside = first.with_name("aside")
    os.rename(first, aside)
    os.rename(second, first)
    os.rename(aside, second)


def test_two_entries_that_were_exchanged_are_named_and_gone(store, caplog):
    exchange(place(store, ONE), place(store, OTHER))
    with caplog.at_level(logging.WARNING):
        assert store.get(ONE) is None
        assert store.get(OTHER) is None
    said = [record.getMessage() for record in caplog.records]
    for message, key, owner in zip(said, (ONE, OTHER), (OTHER, ONE), strict=True):
        assert str(place(store, key)) in message
        assert f"made for {owner!r}" in message
    assert not list(store.root.glob("??/*"))


@pytest.mark.parametrize("move", [shutil.copyfile, os.rename, os.link])
def test_a_copy_of_one_entry_is_not_another(store, move):
    place(store, OTHER).unlink()
    move(place(store, ONE), place(store, OTHER))
    assert store.get(OTHER) is None
    # What was copied is not to blame.
    assert (store.get(ONE) is None) == (move is os.rename)


def test_an_exchange_after_the_entry_was_opened(store):
    stored = store.get(ONE)
    sent = pickle.loads(pickle.dumps(stored))
    shutil.copyfile(place(store, OTHER), place(store, ONE))
    with pytest.raises(DamagedEntry, match=f"made for '{OTHER}'.*run again"):
        next(stored.images())
    assert not place(store, ONE).exists()
    shutil.copyfile(place(store, OTHER), place(store, ONE))
    with pytest.raises(DamagedEntry, match="run again"):
        _ = sent.index


def test_a_rejection_of_another_clip_is_not_heeded(store, caplog):
    store.reject(ONE, RejectedClip("corrupt", "frame 7"))
    shutil.copyfile(place(store, ONE, "reject.json"), place(store, OTHER, "reject.json"))
    with caplog.at_level(logging.WARNING):
        assert store.rejection(OTHER) is None
    assert ONE in caplog.text
    assert store.rejection(ONE).detail == "frame 7"


def test_what_an_earlier_version_wrote_does_not_say_whose_it_is(store, caplog):
    _rewrite_summary(place(store, ONE), lambda told: told.pop("key") and told.pop("format"))
    text = '{"cause": "unreadable", "detail": "Decoder not found", "judge": {}}'
    place(store, ONE, "reject.json").write_text(text)
    with caplog.at_level(logging.WARNING):
        assert store.get(ONE) is None
        assert store.rejection(ONE) is None
    assert caplog.text.count("format 1, not 2") == 2
    assert fill(store, ONE, b"one").content


def _rewrite_summary(path: Path, change) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    summary = json.loads(members["summary.json"])
    change(summary)
    members["summary.json"] = json.dumps(summary).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.torture
def test_a_mutated_entry_is_read_as_it_was_or_made_anew(store):
    """Bytes changed, cut or exchanged: never other crops, and no error but the one for users."""
    draw = rng("store entries")
    path = place(store, ONE)
    whole, wanted = path.read_bytes(), [b"one" * 50] * 2
    other = place(store, OTHER).read_bytes()
    noticed = 0
    for _ in range(cases(small=150, large=20_000)):
        path.write_bytes(nicked(whole, draw, other=other))
        stored = store.get(ONE)
        try:
            images = list(stored.images()) if stored is not None else None
        except DamagedEntry:
            images = None
        if images is None:
            noticed += 1
            assert not path.exists()
        else:
            assert images == wanted
    assert noticed
