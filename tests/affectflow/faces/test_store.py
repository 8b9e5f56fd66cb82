from __future__ import annotations

import contextlib
import errno
import json
import os
import pickle
import time
import zipfile

import numpy as np
import pytest

from affectflow.errors import InputError, RejectedClip, TransientReject
from affectflow.faces import entry as entry_module
from affectflow.faces import store as store_module
from affectflow.faces.entry import DamagedEntry
from affectflow.faces.face import Face
from affectflow.faces.store import FaceStore

KEY = FaceStore.key("content", "settings", "")


def a_face(i: int) -> Face:
    points = np.arange(10, dtype=np.float32).reshape(5, 2) / 100 + i
    return Face((0.1 * i, 0.2, 0.3, 0.4), points, 0.5 + 0.1 * i)


def fill(store: FaceStore, key: str = KEY, count: int = 3) -> None:
    with store.put(key, "jpg") as entry:
        for i in range(count):
            entry.add(2 * i, bytes([i % 256]) * 50, a_face(i))
        entry.finish(np.arange(2 * count) / 25, 640, 360, decode_errors=0)


def everything(store: FaceStore) -> list[str]:
    return sorted(p.name for p in store.root.rglob("*") if p.is_file())


def test_what_goes_in_comes_out(tmp_path):
    store = FaceStore(tmp_path / "deep" / "store")
    assert store.get(KEY) is None
    fill(store)
    stored = store.get(KEY)
    assert (len(stored), stored.frames_decoded, stored.width, stored.height) == (3, 6, 640, 360)
    index = stored.index
    assert index["frame_index"].tolist() == [0, 2, 4]
    assert index["frame_index"].dtype == np.int64
    np.testing.assert_array_equal(index["box"], np.float32([a_face(i).box for i in range(3)]))
    np.testing.assert_array_equal(index["landmarks"], [a_face(i).landmarks for i in range(3)])
    np.testing.assert_array_equal(index["score"], np.float32([0.5, 0.6, 0.7]))
    np.testing.assert_array_equal(index["timestamp_s"], np.arange(6) / 25)
    assert list(stored.images()) == [bytes([i]) * 50 for i in range(3)]
    assert list(stored.images(1, 2)) == [b"\x01" * 50]
    assert list(stored.images(2)) == [b"\x02" * 50]


def test_an_entry_is_one_plain_zip_in_a_folder_of_two_digits(tmp_path):
    store = FaceStore(tmp_path)
    fill(store)
    path = tmp_path / KEY[:2] / f"{KEY}.zip"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [
            "000000.jpg", "000002.jpg", "000004.jpg", "index.npz", "summary.json",
        ]  # fmt: skip
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        summary = json.loads(archive.read("summary.json"))
    assert summary["faces"] == 3
    assert summary["decode_errors"] == 0


def test_the_same_faces_give_the_same_bytes(tmp_path):
    first, second = FaceStore(tmp_path / "1"), FaceStore(tmp_path / "2")
    fill(first)
    fill(second)
    name = f"{KEY[:2]}/{KEY}.zip"
    assert (first.root / name).read_bytes() == (second.root / name).read_bytes()


def test_the_key_depends_on_each_part_and_their_order():
    keys = [
        FaceStore.key(*parts)
        for parts in [("a", "b", ""), ("b", "a", ""), ("a", "b", "left"), ("ab", "", ""),
                      ("a", "b", "right")]
    ]  # fmt: skip
    assert len(set(keys)) == 5
    assert all(len(key) == 64 for key in keys)


def test_pickled_it_is_small_and_reads_again(tmp_path):
    store = FaceStore(tmp_path)
    fill(store, count=500)
    stored = store.get(KEY)
    packed = pickle.dumps(stored)
    assert len(packed) < 1000
    again = pickle.loads(packed)
    np.testing.assert_array_equal(again.index["box"], stored.index["box"])
    assert list(again.images(499)) == list(stored.images(499))


def test_a_failed_or_unfinished_block_leaves_nothing(tmp_path):
    store = FaceStore(tmp_path)
    with contextlib.suppress(KeyError), store.put(KEY, "jpg") as entry:
        entry.add(0, b"x", a_face(0))
        raise KeyError("elsewhere")
    with store.put(KEY, "jpg") as entry:
        entry.add(0, b"x", a_face(0))
    assert everything(store) == []


def test_a_full_disk_passes_through_and_leaves_nothing(tmp_path, monkeypatch):
    store = FaceStore(tmp_path)
    real = zipfile.ZipFile.writestr

    def full(self, name, data):
        if name.filename == "000004.jpg":
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, name, data)

    monkeypatch.setattr(entry_module.zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space left"):
        fill(store)
    assert everything(store) == []
    assert store.rejection(KEY) is None


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_disk_that_is_full_when_closing(tmp_path, monkeypatch):
    store = FaceStore(tmp_path)
    temporary = tmp_path / "tmp" / "full"
    temporary.symlink_to("/dev/full")
    monkeypatch.setattr(store, "_temporary_path", lambda key: temporary)
    with pytest.raises(OSError, match="No space left"):
        fill(store)
    assert everything(store) == []


def test_frames_come_in_order(tmp_path):
    with FaceStore(tmp_path).put(KEY, "jpg") as entry:
        entry.add(3, b"x", a_face(0))
        with pytest.raises(ValueError, match="frame 3 after frame 3"):
            entry.add(3, b"x", a_face(0))


@pytest.mark.parametrize("damage", ["empty", "cut", "words", "index"])
def test_a_damaged_entry_counts_as_absent_and_is_removed(tmp_path, damage):
    store = FaceStore(tmp_path)
    fill(store)
    path = store.get(KEY).path
    data = bytearray(path.read_bytes())
    if damage == "empty":
        data.clear()
    elif damage == "cut":
        del data[len(data) // 2 :]
    elif damage == "words":
        data[:] = b"not a zip at all" * 100
    else:
        at = data.index(b"index.npz") + 200
        data[at : at + 50] = bytes(50)
    path.write_bytes(data)
    assert store.get(KEY) is None
    assert not path.exists()
    fill(store)
    assert len(store.get(KEY)) == 3


def test_a_damaged_crop_is_noticed_when_read(tmp_path):
    store = FaceStore(tmp_path)
    fill(store)
    stored = store.get(KEY)
    data = bytearray(stored.path.read_bytes())
    data[data.index(b"\x01" * 50)] ^= 255
    stored.path.write_bytes(data)
    images = stored.images()
    assert next(images) == b"\x00" * 50
    with pytest.raises(DamagedEntry, match="run again"):
        next(images)
    assert store.get(KEY) is None


def test_rejections_are_remembered(tmp_path):
    store = FaceStore(tmp_path)
    assert store.rejection(KEY) is None
    store.reject(KEY, RejectedClip("corrupt", "near frame 7 ü"))
    again = FaceStore(tmp_path).rejection(KEY)
    assert (again.cause, again.detail) == ("corrupt", "near frame 7 ü")
    assert everything(store) == [f"{KEY}.reject.json"]


def test_another_judge_is_not_bound_by_a_rejection(tmp_path, monkeypatch):
    store = FaceStore(tmp_path)
    store.reject(KEY, RejectedClip("unreadable", "Decoder not found"))
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "judge", lambda: {"ffmpeg": "99.0"})
        assert store.rejection(KEY) is None
    assert store.rejection(KEY) is not None


def test_a_rejection_can_be_forgotten(tmp_path):
    store = FaceStore(tmp_path)
    store.forget_rejection(KEY)
    store.reject(KEY, RejectedClip("corrupt", ""))
    store.forget_rejection(KEY)
    assert store.rejection(KEY) is None


def test_transient_rejections_are_not(tmp_path):
    store = FaceStore(tmp_path)
    store.reject(KEY, TransientReject("unreadable", "stalled"))
    assert store.rejection(KEY) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cause": "gone", "detail": ""}'])
def test_a_damaged_rejection_is_forgotten(tmp_path, text):
    store = FaceStore(tmp_path)
    store.reject(KEY, RejectedClip("corrupt", ""))
    path = tmp_path / KEY[:2] / f"{KEY}.reject.json"
    path.write_text(text)
    assert store.rejection(KEY) is None
    assert not path.exists()


def test_two_writers_of_one_entry_do_no_harm(tmp_path):
    first, second = FaceStore(tmp_path), FaceStore(tmp_path)
    with first.put(KEY, "jpg") as a, second.put(KEY, "jpg") as b:
        for writer in (a, b):
            writer.add(0, b"crop", a_face(0))
            writer.finish(np.zeros(1), 8, 8)
    assert list(first.get(KEY).images()) == [b"crop"]
    assert everything(first) == [f"{KEY}.zip"]


def test_what_a_killed_writer_left_goes_when_the_entry_is_made_again(tmp_path):
    store = FaceStore(tmp_path)
    # As a process of another number leaves them, of this entry, of its rejection, and another's.
    for name in (f"{KEY}.7.a", f"{KEY}.8.b", "other.7.c"):
        (tmp_path / "tmp" / name).touch()
    with store.put(KEY, "jpg") as writer:
        writer.add(0, b"crop", a_face(0))
        writer.finish(np.zeros(1), 8, 8)
    assert everything(store) == [f"{KEY}.zip", "other.7.c"]
    store.reject("other", RejectedClip("unreadable", "no frame"))
    assert everything(store) == [f"{KEY}.zip", "other.reject.json"]


def test_stale_temporary_files_are_swept_and_fresh_ones_stay(tmp_path):
    FaceStore(tmp_path)
    old, fresh = tmp_path / "tmp" / "old", tmp_path / "tmp" / "fresh"
    old.touch()
    fresh.touch()
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    FaceStore(tmp_path)
    assert everything(FaceStore(tmp_path)) == ["fresh"]


def test_a_root_that_cannot_be(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="face store"):
        FaceStore(tmp_path / "file")
