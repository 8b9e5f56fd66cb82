from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from affectflow.video import digest
from affectflow.video.digest import DigestCache, content_digest


def test_a_file_has_the_sha256_of_its_bytes(tmp_path):
    path = tmp_path / "v.mp4"
    data = bytes(range(256)) * 10_000  # more than one chunk
    path.write_bytes(data)
    assert content_digest(path) == hashlib.sha256(data).hexdigest()


def test_a_folder_is_named_by_its_names_and_contents(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "00002.jpg").write_bytes(b"two")
    (folder / "00001.jpg").write_bytes(b"one")
    first = content_digest(folder)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "00001.jpg").write_bytes(b"one")
    (copy / "00002.jpg").write_bytes(b"two")
    (copy / ".DS_Store").write_bytes(b"hidden")
    assert content_digest(copy) == first
    (copy / "00002.jpg").rename(copy / "00003.jpg")
    assert content_digest(copy) != first
    (copy / "00003.jpg").write_bytes(b"other")
    assert content_digest(copy) != first


@pytest.fixture
def reads(monkeypatch) -> list:
    """Paths whose content was read."""
    seen = []
    real = digest.content_digest

    def recorded(path):
        seen.append(path)
        return real(path)

    monkeypatch.setattr(digest, "content_digest", recorded)
    return seen


def test_unchanged_files_are_not_read_again_even_by_another_process(tmp_path, reads):
    path = tmp_path / "v.mp4"
    path.write_bytes(b"frames")
    with DigestCache(tmp_path / "cache" / "digests.json") as cache:
        first = cache.digest(path)
        assert cache.digest(path) == first
    assert DigestCache(tmp_path / "cache" / "digests.json").digest(path) == first
    assert len(reads) == 1


@pytest.mark.parametrize("change", ["content", "time", "inode"])
def test_a_changed_file_is_read_again(tmp_path, reads, change):
    path = tmp_path / "v.mp4"
    path.write_bytes(b"frames")
    cache = DigestCache(tmp_path / "digests.json")
    cache.digest(path)
    if change == "content":
        path.write_bytes(b"other frames")
    elif change == "time":
        os.utime(path, ns=(1, 1))
    else:
        state = path.stat()
        other = tmp_path / "other"
        other.write_bytes(b"sframe")
        os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
        os.replace(other, path)
    assert cache.digest(path) == content_digest(path)
    assert len(reads) == 2


def test_a_folder_is_remembered_by_its_files(tmp_path, reads):
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "00001.jpg").write_bytes(b"one")
    cache = DigestCache(tmp_path / "digests.json")
    first = cache.digest(folder)
    assert cache.digest(folder) == first
    (folder / "00002.jpg").write_bytes(b"two")
    assert cache.digest(folder) != first
    assert len(reads) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "\x00\x01", '{"a": ["x"]}'])
def test_a_damaged_cache_costs_reading_only(tmp_path, text):
    file = tmp_path / "digests.json"
    file.write_text(text)
    path = tmp_path / "v.mp4"
    path.write_bytes(b"frames")
    with DigestCache(file) as cache:
        assert cache.digest(path) == hashlib.sha256(b"frames").hexdigest()
    assert str(path) in file.read_text()


def test_two_processes_that_save_keep_both(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"a")
    b.write_bytes(b"b")
    first, second = DigestCache(tmp_path / "c.json"), DigestCache(tmp_path / "c.json")
    first.digest(a)
    second.digest(b)
    first.save()
    second.save()
    saved = (tmp_path / "c.json").read_text()
    assert str(a) in saved
    assert str(b) in saved
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "c.json"]


def test_threads_share_one(tmp_path):
    paths = [tmp_path / str(i) for i in range(40)]
    for path in paths:
        path.write_bytes(path.name.encode())
    cache = DigestCache(tmp_path / "c.json")
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(cache.digest, paths * 3))
        list(pool.map(lambda _: cache.save(), range(8)))
    assert got == [hashlib.sha256(p.name.encode()).hexdigest() for p in paths] * 3


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        DigestCache(tmp_path / "c.json").digest(tmp_path / "absent")
